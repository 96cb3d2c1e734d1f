#include "pipeline/target_folder.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "base/error.h"

namespace tarn::pipeline {

namespace fs = std::filesystem;

void TargetFolder::Write(const std::string& name, const std::string& text) const {
    const fs::path file = fs::path(path_) / name;
    const fs::path made = file.string() + ".new";
    std::error_code failure;
    fs::create_directories(file.parent_path(), failure);
    std::ofstream out(made, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    if (out) fs::rename(made, file, failure);
    if (!out || failure) {
        throw Error(ErrorKind::kUnavailable, "{} cannot be written", file.string());
    }
}

void TargetFolder::WriteJson(const std::string& name, const nlohmann::ordered_json& json) const {
    using Handler = nlohmann::ordered_json::error_handler_t;
    Write(name, json.dump(-1, ' ', false, Handler::replace));
}

std::optional<std::string> TargetFolder::Read(const std::string& name) const {
    std::ifstream file(fs::path(path_) / name, std::ios::binary);
    if (!file) return std::nullopt;
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace tarn::pipeline
