// Files of a project as text.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace tarn::pipeline {

// The whole file; nothing when it is not there or cannot be read.
std::optional<std::string> TextOfFile(const std::filesystem::path& path);

}  // namespace tarn::pipeline
