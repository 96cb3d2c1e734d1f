#include "pipeline/event_file.h"

#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>

#include "storage/posix_file.h"

namespace tarn::pipeline {

void EventFile::Send(std::string event) {
    event += '\n';
    const std::lock_guard lock(mutex_);
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), ignored);
    constexpr mode_t kReadByAll = 0644;
    try {
        const storage::FileDescriptor file(
            ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kReadByAll));
        if (!file.IsOpen()) throw storage::PosixError(errno, "open", path_);
        storage::WriteFully(file.get(), event, path_);
    } catch (const Error& error) {
        trouble_ = error.message();
    }
}

std::string EventFile::Trouble() const {
    const std::lock_guard lock(mutex_);
    return trouble_;
}

}  // namespace tarn::pipeline
