#include "pipeline/file_text.h"

#include <fstream>
#include <sstream>

namespace tarn::pipeline {

std::optional<std::string> TextOfFile(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return std::nullopt;
    std::ostringstream text;
    text << file.rdbuf();
    if (file.bad()) return std::nullopt;
    return text.str();
}

}  // namespace tarn::pipeline
