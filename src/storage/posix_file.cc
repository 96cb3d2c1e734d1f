#include "storage/posix_file.h"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace tarn::storage {
namespace {

ErrorKind KindOf(int error_number) {
    switch (error_number) {
        case ENOSPC:
        case EDQUOT:
        case EFBIG:
            return ErrorKind::kLimitExceeded;
        case EACCES:
        case EPERM:
        case EROFS:
            return ErrorKind::kPermissionDenied;
        case ENOENT:
        case ENOTDIR:
            return ErrorKind::kNotFound;
        case ENAMETOOLONG:
        case EISDIR:
        case ELOOP:
        case EINVAL:
            return ErrorKind::kInvalidInput;
        default:
            return ErrorKind::kUnavailable;
    }
}

}  // namespace

FileDescriptor& FileDescriptor::operator=(FileDescriptor&& other) noexcept {
    if (this != &other) {
        Close();
        fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
}

void FileDescriptor::Close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

Error PosixError(int error_number, std::string_view doing, const std::string& path) {
    const bool is_full = error_number == ENOSPC || error_number == EDQUOT;
    return Error(KindOf(error_number), "cannot {} {}: {}{}", doing, path,
                 std::generic_category().message(error_number),
                 is_full ? "; make room and run it again: all that was committed is there" : "");
}

void WriteFully(int fd, std::string_view bytes, const std::string& path) {
    while (!bytes.empty()) {
        const ssize_t written = ::write(fd, bytes.data(), bytes.size());
        if (written < 0) {
            if (errno == EINTR) continue;
            throw PosixError(errno, "write", path);
        }
        bytes.remove_prefix(static_cast<size_t>(written));
    }
}

void SyncFile(int fd, const std::string& path) {
    if (::fsync(fd) != 0) throw PosixError(errno, "sync", path);
}

void SyncFolder(const std::string& folder) {
    const FileDescriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.IsOpen()) throw PosixError(errno, "open folder", folder);
    SyncFile(fd.get(), folder);
}

std::string ParentFolder(const std::string& path) {
    const size_t at = path.rfind('/');
    return at == std::string::npos || at == 0 ? "/" : path.substr(0, at);
}

void MakeFolders(const std::string& folder) {
    if (folder.empty() || folder == "/") return;
    if (::mkdir(folder.c_str(), 0777) != 0) {
        if (errno == ENOENT) {
            MakeFolders(ParentFolder(folder));
            if (::mkdir(folder.c_str(), 0777) != 0 && errno != EEXIST) {
                throw PosixError(errno, "make folder", folder);
            }
        } else if (errno != EEXIST) {
            throw PosixError(errno, "make folder", folder);
        }
    }
    // Also when a racing process made it: it may not have synced the name yet.
    try {
        SyncFolder(ParentFolder(folder));
    } catch (const Error& error) {
        // A parent that may be passed but not read (mode 0711) cannot be opened to sync it.
        if (error.kind() != ErrorKind::kPermissionDenied) throw;
    }
}

}  // namespace tarn::storage
