// Thin RAII and error mapping over the POSIX calls that LocalStore makes. Knows nothing of stores.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace tarn::storage {

// An open file descriptor, closed once. Movable, not copyable.
class FileDescriptor {
public:
    FileDescriptor() = default;
    explicit FileDescriptor(int fd) : fd_(fd) {}
    ~FileDescriptor() { Close(); }
    FileDescriptor(FileDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    FileDescriptor& operator=(FileDescriptor&& other) noexcept;
    FileDescriptor(const FileDescriptor&) = delete;
    FileDescriptor& operator=(const FileDescriptor&) = delete;

    bool IsOpen() const { return fd_ >= 0; }
    int get() const { return fd_; }
    void Close();

private:
    int fd_ = -1;
};

// The Error for a failed call: ENOSPC and EDQUOT are LimitExceeded, EACCES, EPERM and EROFS
// PermissionDenied, ENOENT and ENOTDIR NotFound, bad names InvalidInput, the rest Unavailable.
Error PosixError(int error_number, std::string_view doing, const std::string& path);

// Writes all bytes to the descriptor, or throws.
void WriteFully(int fd, std::string_view bytes, const std::string& path);
// Flushes data and metadata of the file to the device, or throws.
void SyncFile(int fd, const std::string& path);
// Flushes the names in a folder, or throws.
void SyncFolder(const std::string& folder);
// Makes the folder and its missing parents, each name durable.
void MakeFolders(const std::string& folder);
// The folder a path lies in; "/" for a name in the root.
std::string ParentFolder(const std::string& path);

}  // namespace tarn::storage
