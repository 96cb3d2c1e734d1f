#include "storage/local_listing.h"

#include <algorithm>
#include <cerrno>
#include <memory>

#include <dirent.h>
#include <fcntl.h>

#include "storage/posix_file.h"

namespace tarn::storage {
namespace {

struct CloseFolder {
    void operator()(DIR* dir) const { ::closedir(dir); }
};

struct Entry {
    std::string name;  // a folder's ends in "/", so that names order as locations below them do
    bool IsFolder() const { return name.back() == '/'; }
};

class Lister {
public:
    Lister(std::string prefix, const ListOptions& options)
        : prefix_(std::move(prefix)), options_(options) {}

    std::vector<ObjectInfo> Take() { return std::move(found_); }

    // `below`: the location of the folder after prefix_, empty or ending in "/".
    void Walk(const std::string& path, const std::string& below) {
        const std::unique_ptr<DIR, CloseFolder> dir(::opendir(path.c_str()));
        if (!dir) {
            if (errno == ENOENT || errno == ENOTDIR) return;
            throw PosixError(errno, "list", path);
        }
        for (const Entry& entry : ReadEntries(dir.get(), path, prefix_ + below)) {
            if (found_.size() >= options_.limit) return;
            if (entry.IsFolder()) {
                Walk(path + "/" + entry.name.substr(0, entry.name.size() - 1), below + entry.name);
                continue;
            }
            struct stat status {};
            if (::fstatat(::dirfd(dir.get()), entry.name.c_str(), &status, 0) != 0)
                continue;  // gone by now
            if (!S_ISREG(status.st_mode)) continue;
            found_.push_back(LocalObjectInfo(prefix_ + below + entry.name, status));
        }
    }

private:
    bool Wanted(const std::string& location, bool is_folder) const {
        const std::string& after = options_.start_after;
        if (after.empty() || location > after) return true;
        // A folder's objects all begin with its location; some may still come after.
        return is_folder && after.compare(0, location.size(), location) == 0;
    }

    std::vector<Entry> ReadEntries(DIR* dir, const std::string& path,
                                   const std::string& location) const {
        std::vector<Entry> entries;
        while (true) {
            errno = 0;
            const dirent* item = ::readdir(dir);
            if (item == nullptr) {
                if (errno != 0) throw PosixError(errno, "list", path);
                break;
            }
            std::string name = item->d_name;
            if (name == "." || name == ".." || name.starts_with(kTemporaryPrefix)) continue;
            bool is_folder = item->d_type == DT_DIR;
            if (item->d_type == DT_UNKNOWN) {
                struct stat status {};
                is_folder =
                    ::fstatat(::dirfd(dir), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 &&
                    S_ISDIR(status.st_mode);
            }
            if (is_folder && !options_.recursive) continue;
            if (is_folder) name += '/';
            if (Wanted(location + name, is_folder)) entries.push_back({std::move(name)});
        }
        const auto by_name = [](const Entry& a, const Entry& b) { return a.name < b.name; };
        std::sort(entries.begin(), entries.end(), by_name);
        return entries;
    }

    std::string prefix_;
    const ListOptions& options_;
    std::vector<ObjectInfo> found_;
};

}  // namespace

ObjectInfo LocalObjectInfo(const std::string& location, const struct stat& status) {
    const int64_t seconds = status.st_mtim.tv_sec;
    const int64_t nanos = status.st_mtim.tv_nsec;
    return {location, static_cast<uint64_t>(status.st_size), seconds * 1000 + nanos / 1'000'000,
            fmt::format("{:x}-{:x}-{:x}", status.st_ino, seconds * 1'000'000'000 + nanos,
                        status.st_size)};
}

std::vector<ObjectInfo> ListLocalFolder(const std::string& folder, const std::string& path,
                                        const ListOptions& options) {
    std::string prefix = folder;
    while (prefix.size() > 1 && prefix.back() == '/') prefix.pop_back();
    if (prefix.back() != '/') prefix += '/';
    Lister lister(std::move(prefix), options);
    lister.Walk(path, "");
    return lister.Take();
}

}  // namespace tarn::storage
