#include "ingest/discovery.h"

#include <map>

#include "base/check.h"
#include "base/error.h"
#include "base/text.h"
#include "ingest/path_pattern.h"

namespace tarn::ingest {

namespace {

std::string Spell(std::string path) {
    if (!FirstInvalidUtf8(path)) return path;
    std::string spelled;
    for (const char c : path) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x80 && c != '%') {
            spelled += c;
        } else {
            spelled += fmt::format("%{:02X}", byte);
        }
    }
    return spelled;
}

FoundFile FileOf(const storage::ObjectInfo& object, std::string path) {
    return {std::move(path), object.location, object.size_bytes, object.modified_ms, object.etag};
}

void AddMatches(storage::ObjectStore& store, const std::string& root, const PathPattern& pattern,
                std::map<std::string, FoundFile>& found) {
    const std::string folder =
        pattern.Folder().empty() ? root : storage::JoinLocation(root, pattern.Folder());
    storage::ListOptions options;
    options.recursive = pattern.IsDeep();
    const std::string prefix = root.ends_with('/') ? root : root + "/";
    while (true) {
        const auto objects = store.List(folder, options);
        for (const storage::ObjectInfo& object : objects) {
            Check(object.location.starts_with(prefix), "a listing left its folder");
            std::string path = object.location.substr(prefix.size());
            if (!pattern.Matches(path)) continue;
            path = Spell(std::move(path));
            found.emplace(path, FileOf(object, path));
            if (found.size() > kMaxFoundFiles) {
                throw Error(ErrorKind::kLimitExceeded,
                            "more than {} files match under {}: split the source's paths",
                            kMaxFoundFiles, folder);
            }
        }
        if (objects.size() < options.limit) return;
        options.start_after = objects.back().location;
    }
}

}  // namespace

std::vector<FoundFile> Discover(storage::ObjectStore& store, const std::string& root,
                                const std::vector<std::string>& patterns) {
    std::map<std::string, FoundFile> found;
    for (const std::string& text : patterns) {
        const PathPattern pattern(text);
        if (pattern.HasWildcard()) {
            AddMatches(store, root, pattern, found);
        } else if (const auto object = store.Stat(storage::JoinLocation(root, text))) {
            found.emplace(text, FileOf(*object, text));
        }
    }
    std::vector<FoundFile> files;
    files.reserve(found.size());
    for (auto& [path, file] : found) files.push_back(std::move(file));
    return files;
}

}  // namespace tarn::ingest
