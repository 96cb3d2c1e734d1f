#include "storage/local_store.h"

#include <atomic>
#include <cerrno>
#include <cstdio>

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "storage/local_listing.h"
#include "storage/posix_file.h"

namespace tarn::storage {
namespace {

constexpr std::string_view kScheme = "file:";

std::optional<ObjectInfo> StatPath(const std::string& path, const std::string& location) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return std::nullopt;
        throw PosixError(errno, "look at", path);
    }
    if (!S_ISREG(status.st_mode)) return std::nullopt;
    return LocalObjectInfo(location, status);
}

// A synced temporary file that takes its final name at the end, or vanishes.
class TemporaryFile {
public:
    explicit TemporaryFile(std::string target) : target_(std::move(target)) {
        static std::atomic<uint64_t> counter{0};
        const std::string folder = ParentFolder(target_);
        bool made_folder = false;
        while (true) {
            path_ = fmt::format("{}/{}{}-{}", folder == "/" ? "" : folder, kTemporaryPrefix,
                                ::getpid(), counter.fetch_add(1));
            fd_ = FileDescriptor(
                ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
            if (fd_.IsOpen()) return;
            if (errno == EEXIST) continue;  // left behind by a crashed process of the same id
            if (errno != ENOENT || made_folder) throw PosixError(errno, "create", target_);
            MakeFolders(folder);
            made_folder = true;
        }
    }
    ~TemporaryFile() {
        if (!path_.empty()) ::unlink(path_.c_str());
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    void Write(std::string_view bytes) { WriteFully(fd_.get(), bytes, target_); }

    void Sync() {
        SyncFile(fd_.get(), target_);
        fd_.Close();
    }

    // Replaces what stands under the name.
    void Replace() {
        if (::rename(path_.c_str(), target_.c_str()) != 0) throw PosixError(errno, "name", target_);
        path_.clear();
    }

    // false: the name is taken.
    bool NameIfAbsent() {
        if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, target_.c_str(), RENAME_NOREPLACE) ==
            0) {
            path_.clear();
            return true;
        }
        if (errno == EEXIST) return false;
        if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP) {
            throw PosixError(errno, "name", target_);
        }
        if (::link(path_.c_str(), target_.c_str()) == 0)
            return true;  // the destructor drops the other name
        if (errno == EEXIST) return false;
        throw PosixError(errno, "name", target_);
    }

private:
    std::string target_;
    std::string path_;
    FileDescriptor fd_;
};

// Shared by plain writers, exclusive for PutIfMatch, so that its check and its rename are one step.
FileDescriptor LockFolder(const std::string& folder, int mode) {
    FileDescriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd.IsOpen()) throw PosixError(errno, "open folder", folder);
    while (::flock(fd.get(), mode) != 0) {
        // A file system without locks still has atomic renames; only PutIfMatch needs the lock.
        if (errno == EINTR) continue;
        if (mode == LOCK_SH) break;
        throw PosixError(errno, "lock folder", folder);
    }
    return fd;
}

void ReplaceDurably(TemporaryFile& file, const std::string& path) {
    const std::string folder = ParentFolder(path);
    const FileDescriptor lock = LockFolder(folder, LOCK_SH);
    file.Replace();
    SyncFile(lock.get(), folder);
}

class LocalReader final : public ObjectReader {
public:
    LocalReader(const std::string& location, const std::string& path)
        : path_(path), fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
        if (!fd_.IsOpen()) throw PosixError(errno, "open", path);
        struct stat status {};
        if (::fstat(fd_.get(), &status) != 0) throw PosixError(errno, "look at", path);
        if (!S_ISREG(status.st_mode)) throw Error(ErrorKind::kNotFound, "{} is not a file", path);
        info_ = LocalObjectInfo(location, status);
    }

    const ObjectInfo& Info() const override { return info_; }

    void ReadAt(uint64_t offset, char* buffer, uint64_t size_bytes) override {
        if (offset > info_.size_bytes || size_bytes > info_.size_bytes - offset) {
            throw Error(ErrorKind::kInvalidInput,
                        "bytes {} to {} lie beyond the end of {} ({} bytes)", offset,
                        offset + size_bytes, path_, info_.size_bytes);
        }
        while (size_bytes > 0) {
            const ssize_t got = ::pread(fd_.get(), buffer, size_bytes, static_cast<off_t>(offset));
            if (got < 0) {
                if (errno == EINTR) continue;
                throw PosixError(errno, "read", path_);
            }
            if (got == 0)
                throw Error(ErrorKind::kUnavailable, "{} became shorter while it was read", path_);
            buffer += got;
            offset += static_cast<uint64_t>(got);
            size_bytes -= static_cast<uint64_t>(got);
        }
    }

private:
    std::string path_;
    FileDescriptor fd_;
    ObjectInfo info_;
};

class LocalWriter final : public ObjectWriter {
public:
    explicit LocalWriter(const std::string& path)
        : path_(path), file_(std::make_unique<TemporaryFile>(path)) {}

    void Write(std::string_view bytes) override {
        Check(file_ != nullptr, "a finished ObjectWriter takes no bytes");
        written_ += bytes.size();
        if (buffer_.size() + bytes.size() > kBufferBytes) Flush();
        if (bytes.size() >= kBufferBytes) {
            file_->Write(bytes);
        } else {
            buffer_.append(bytes);
        }
    }
    uint64_t BytesWritten() const override { return written_; }

    void Commit() override {
        Check(file_ != nullptr, "an ObjectWriter commits once");
        Flush();
        file_->Sync();
        ReplaceDurably(*file_, path_);
        file_.reset();
    }
    void Abort() override { file_.reset(); }

private:
    static constexpr size_t kBufferBytes = 256 * 1024;

    void Flush() {
        file_->Write(buffer_);
        buffer_.clear();
    }

    std::string path_;
    std::unique_ptr<TemporaryFile> file_;
    std::string buffer_;
    uint64_t written_ = 0;
};

}  // namespace

std::string LocalStore::PathOf(std::string_view location) {
    std::string_view path = location;
    if (path.substr(0, kScheme.size()) == kScheme) {
        path.remove_prefix(kScheme.size());
        if (path.substr(0, 3) == "///") path.remove_prefix(2);
    }
    if (path.empty() || path.front() != '/' || path.substr(0, 2) == "//") {
        throw Error(ErrorKind::kInvalidInput,
                    "'{}' is no local location; write /absolute/path or file:///absolute/path",
                    location);
    }
    if (path.find('\0') != std::string_view::npos) {
        throw Error(ErrorKind::kInvalidInput, "a local location may not hold a zero byte");
    }
    while (path.size() > 1 && path.back() == '/') path.remove_suffix(1);
    return std::string(path);
}

bool LocalStore::Handles(std::string_view location) const {
    return location.substr(0, 1) == "/" || location.substr(0, kScheme.size()) == kScheme;
}

std::optional<ObjectInfo> LocalStore::Stat(const std::string& location) {
    return StatPath(PathOf(location), location);
}

std::string LocalStore::Get(const std::string& location, uint64_t max_bytes) {
    LocalReader reader(location, PathOf(location));
    const uint64_t size = reader.Info().size_bytes;
    if (size > max_bytes) {
        throw Error(ErrorKind::kLimitExceeded,
                    "{} has {} bytes, more than the {} that are read at once", location, size,
                    max_bytes);
    }
    std::string bytes(size, '\0');
    reader.ReadAt(0, bytes.data(), size);
    return bytes;
}

std::unique_ptr<ObjectReader> LocalStore::OpenReader(const std::string& location) {
    return std::make_unique<LocalReader>(location, PathOf(location));
}

std::unique_ptr<ObjectWriter> LocalStore::OpenWriter(const std::string& location) {
    return std::make_unique<LocalWriter>(PathOf(location));
}

std::vector<ObjectInfo> LocalStore::List(const std::string& folder, const ListOptions& options) {
    return ListLocalFolder(folder, PathOf(folder), options);
}

PutOutcome LocalStore::Put(const std::string& location, std::string_view bytes) {
    const std::string path = PathOf(location);
    TemporaryFile file(path);
    file.Write(bytes);
    file.Sync();
    ReplaceDurably(file, path);
    return PutOutcome::kDone;
}

PutOutcome LocalStore::PutIfAbsent(const std::string& location, std::string_view bytes) {
    const std::string path = PathOf(location);
    // Spares a loser the two syncs; the decision is made by the naming below.
    if (::access(path.c_str(), F_OK) == 0) return PutOutcome::kExists;
    TemporaryFile file(path);
    file.Write(bytes);
    file.Sync();
    if (!file.NameIfAbsent()) return PutOutcome::kExists;
    try {
        SyncFolder(ParentFolder(path));
    } catch (const Error&) {
        return PutOutcome::kUnknown;  // visible to others already, yet perhaps not after a crash
    }
    return PutOutcome::kDone;
}

PutOutcome LocalStore::PutIfMatch(const std::string& location, std::string_view bytes,
                                  const std::string& etag) {
    const std::string path = PathOf(location);
    if (!StatPath(path, location)) return PutOutcome::kStale;
    TemporaryFile file(path);
    file.Write(bytes);
    file.Sync();
    const std::string folder = ParentFolder(path);
    const FileDescriptor lock = LockFolder(folder, LOCK_EX);
    const auto now = StatPath(path, location);
    if (!now || now->etag != etag) return PutOutcome::kStale;
    file.Replace();
    SyncFile(lock.get(), folder);
    return PutOutcome::kDone;
}

void LocalStore::Persist(const std::string& location) {
    const std::string path = PathOf(location);
    const FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.IsOpen()) throw PosixError(errno, "open", path);
    SyncFile(file.get(), path);
    SyncFolder(ParentFolder(path));
}

void LocalStore::Delete(const std::string& location) {
    const std::string path = PathOf(location);
    const std::string folder = ParentFolder(path);
    struct stat status {};
    if (::lstat(path.c_str(), &status) != 0) {
        if (errno == ENOENT || errno == ENOTDIR) return;
        throw PosixError(errno, "look at", path);
    }
    if (S_ISDIR(status.st_mode)) return;  // a folder is no object
    const FileDescriptor lock = LockFolder(folder, LOCK_SH);
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) throw PosixError(errno, "delete", path);
    SyncFile(lock.get(), folder);
}

}  // namespace tarn::storage
