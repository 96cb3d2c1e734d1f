// A folder of its own for one test, gone with the object. For tests only.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include <stdlib.h>

#include "base/check.h"

namespace tarn::catalog {

class ScratchFolder {
public:
    ScratchFolder() {
        std::string made = (std::filesystem::temp_directory_path() / "tarn-test-XXXXXX").string();
        Check(mkdtemp(made.data()) != nullptr, "no folder for a test could be made");
        path_ = made;
    }
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    const std::string& path() const { return path_; }
    std::string Write(const std::string& name, std::string_view text) const {
        const std::filesystem::path file = std::filesystem::path(path_) / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream(file, std::ios::binary) << text;
        return file.string();
    }

private:
    std::string path_;
};

}  // namespace tarn::catalog
