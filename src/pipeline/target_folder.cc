#include "pipeline/target_folder.h"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>

#include "pipeline/file_text.h"
#include "storage/posix_file.h"

namespace tarn::pipeline {

namespace fs = std::filesystem;

namespace {

void WriteAnew(const std::string& path, const std::string& text) {
    constexpr mode_t kReadByAll = 0644;
    const storage::FileDescriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kReadByAll));
    if (!file.IsOpen()) throw storage::PosixError(errno, "open", path);
    storage::WriteFully(file.get(), text, path);
}

}  // namespace

void TargetFolder::Write(const std::string& name, const std::string& text) const {
    const fs::path file = fs::path(path_) / name;
    const fs::path made = file.string() + ".new";
    std::error_code failure;
    fs::create_directories(file.parent_path(), failure);
    if (failure) throw storage::PosixError(failure.value(), "make the folder of", file.string());
    WriteAnew(made.string(), text);
    fs::rename(made, file, failure);
    if (failure) throw storage::PosixError(failure.value(), "rename", made.string());
}

void TargetFolder::WriteJson(const std::string& name, const nlohmann::ordered_json& json) const {
    using Handler = nlohmann::ordered_json::error_handler_t;
    Write(name, json.dump(-1, ' ', false, Handler::replace));
}

std::optional<std::string> TargetFolder::Read(const std::string& name) const {
    return TextOfFile(fs::path(path_) / name);
}

}  // namespace tarn::pipeline
