#include "pipeline/clean_targets.h"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/error.h"

namespace tarn::pipeline {
namespace {

namespace fs = std::filesystem;

// Links and dots on the way are followed.
fs::path RealPath(const fs::path& path) {
    const std::string real = fs::weakly_canonical(path).string();
    return real.size() > 1 && real.ends_with('/') ? fs::path(real.substr(0, real.size() - 1))
                                                  : fs::path(real);
}

// Is `path` the folder or below it.
bool IsWithin(const fs::path& path, const fs::path& folder) {
    const auto [of_folder, of_path] =
        std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
    return of_folder == folder.end();
}

// What must stay: the project's own files and the lake's.
std::vector<fs::path> Kept(const catalog::LakeConfig& lake, const DbtProject& layout) {
    std::vector<fs::path> kept = {RealPath(lake.state), RealPath(lake.warehouse)};
    for (const auto* paths : {&layout.model_paths, &layout.seed_paths, &layout.test_paths,
                              &layout.macro_paths, &layout.snapshot_paths}) {
        for (const std::string& path : *paths) kept.push_back(RealPath(fs::path(lake.root) / path));
    }
    return kept;
}

void CheckTarget(const std::string& target, const fs::path& root,
                 const std::vector<fs::path>& kept) {
    const fs::path path = RealPath(root / target);
    const auto refuse = [&](const std::string& why) {
        throw Error(ErrorKind::kInvalidInput, "clean-targets: `{}` {}: nothing is removed", target,
                    why)
            .At({kDbtProjectFile, 0, 0});
    };
    if (path == root || !IsWithin(path, root)) refuse("is not below the project's folder");
    for (const fs::path& other : kept) {
        if (IsWithin(other, path) || IsWithin(path, other))
            refuse("holds files of the project or of the lake");
    }
}

}  // namespace

std::vector<std::string> RemoveCleanTargets(const catalog::LakeConfig& lake,
                                            const DbtProject& layout) {
    const fs::path root = RealPath(lake.root);
    const std::vector<fs::path> kept = Kept(lake, layout);
    for (const std::string& target : layout.clean_targets) CheckTarget(target, root, kept);
    std::vector<std::string> removed;
    for (const std::string& target : layout.clean_targets) {
        std::error_code failed;
        const uintmax_t files = fs::remove_all(root / target, failed);
        if (failed) {
            throw Error(ErrorKind::kUnavailable, "{} cannot be removed: {}", target,
                        failed.message());
        }
        if (files > 0) removed.push_back(target);
    }
    return removed;
}

}  // namespace tarn::pipeline
