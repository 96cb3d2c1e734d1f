// What `tarn build` prints: a line a node, a summary, or the whole report as JSON. Pure.
#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include "pipeline/build.h"

namespace tarn::cli {

// The node's line, padded for names of `name_width`, and below it what it has to say.
std::string NodeText(const pipeline::NodeReport& node, size_t index, size_t count,
                     size_t name_width);
std::string BuildSummaryText(const pipeline::BuildReport& report);
nlohmann::ordered_json BuildJson(const pipeline::BuildReport& report);

}  // namespace tarn::cli
