// Reads apis/*.yml. Every mistake is InvalidInput at file, line and column; unknown keys name the
// nearest known one. What the tables themselves say is checked later (endpoint_check.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "serve/endpoint.h"

namespace tarn::serve {

constexpr int64_t kDefaultPageRows = 50;
constexpr int64_t kDefaultLargestPageRows = 1'000;
constexpr int64_t kLargestPageRows = 10'000;  // no file may ask for more
constexpr size_t kMaxEndpointFiles = 1'000;

// One file's text; `file` is for messages.
Endpoint ParseEndpoint(std::string_view text, const std::string& file);

// All *.yml of the folder, by name; none when there is no such folder. Two endpoints of one path,
// or of one name and version, are refused at the second.
std::vector<Endpoint> LoadEndpoints(const std::string& folder);

// Names that a door itself understands or keeps for later: no endpoint may declare them as
// parameters.
const std::vector<std::string>& ReservedParameters();

}  // namespace tarn::serve
