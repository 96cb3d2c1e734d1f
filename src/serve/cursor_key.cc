#include "serve/cursor_key.h"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "serve/cursor.h"

namespace tarn::serve {

namespace {

constexpr mode_t kOwnerOnly = 0600;
constexpr mode_t kOthersBits = 0077;

Error FileError(const std::string& path, const char* what) {
    return Error(ErrorKind::kUnavailable, "cannot {} the cursor key {}: {}", what, path,
                 std::strerror(errno));
}

class OpenFile {
public:
    explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
    ~OpenFile() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    int get() const { return descriptor_; }

private:
    const int descriptor_;
};

// Writes a new key beside the path and gives it the name, unless another process was first.
void CreateKey(const std::string& path) {
    std::array<unsigned char, kCursorKeyBytes> key{};
    if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1) {
        throw Error(ErrorKind::kUnavailable, "no random bytes for the cursor key");
    }
    std::string temporary = path + ".XXXXXX";
    const OpenFile file(::mkstemp(temporary.data()));  // mode 0600
    if (file.get() < 0) throw FileError(path, "create");
    const bool written =
        ::write(file.get(), key.data(), key.size()) == static_cast<ssize_t>(key.size()) &&
        ::fsync(file.get()) == 0;
    const bool named = written && (::link(temporary.c_str(), path.c_str()) == 0 || errno == EEXIST);
    const int reason = errno;
    ::unlink(temporary.c_str());
    errno = reason;
    if (!named) throw FileError(path, "write");
}

}  // namespace

std::string LoadOrCreateCursorKey(const std::string& path) {
    OpenFile probe(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (probe.get() < 0 && errno != ENOENT) throw FileError(path, "open");
    if (probe.get() < 0) CreateKey(path);
    const OpenFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (file.get() < 0) throw FileError(path, "open");
    struct stat state {};
    if (::fstat(file.get(), &state) != 0) throw FileError(path, "inspect");
    if ((state.st_mode & kOthersBits) != 0) {
        throw Error(ErrorKind::kPermissionDenied,
                    "others may read the cursor key {}: chmod {:o} it", path, kOwnerOnly);
    }
    std::array<char, kCursorKeyBytes + 1> bytes{};
    const ssize_t size = ::read(file.get(), bytes.data(), bytes.size());
    if (size != static_cast<ssize_t>(kCursorKeyBytes)) {
        throw Error(
            ErrorKind::kCorrupt,
            "{} is no cursor key of {} bytes: remove it; cursors given out before stop working",
            path, kCursorKeyBytes);
    }
    return {bytes.data(), kCursorKeyBytes};
}

}  // namespace tarn::serve
