// A disk of a few megabytes that a test can fill up and make room on. Needs root, as it mounts a
// tmpfs; WhyNot() says why there is none. For tests only.
#pragma once

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/mount.h>

#include "catalog/scratch_folder.h"

namespace tarn::catalog {

class TinyDisk {
public:
    TinyDisk() {
        if (mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=4m") != 0) {
            why_not_ = std::string("a tmpfs cannot be mounted (run as root): ") + strerror(errno);
        }
    }
    ~TinyDisk() {
        if (why_not_.empty()) umount2(folder_.path().c_str(), MNT_DETACH);
    }
    TinyDisk(const TinyDisk&) = delete;
    TinyDisk& operator=(const TinyDisk&) = delete;

    const std::string& WhyNot() const { return why_not_; }
    const ScratchFolder& Folder() const { return folder_; }

    void Fill() const {
        const std::string block(4096, 'x');
        std::ofstream file(Filler(), std::ios::binary | std::ios::app);
        while (file.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {
        }
    }
    void MakeRoom() const { std::filesystem::remove(Filler()); }

private:
    std::string Filler() const { return folder_.path() + "/filler"; }

    ScratchFolder folder_;
    std::string why_not_;
};

}  // namespace tarn::catalog
