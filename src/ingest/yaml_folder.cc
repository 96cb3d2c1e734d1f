#include "ingest/yaml_folder.h"

#include <fmt/format.h>

namespace tarn::ingest {

std::vector<YamlFile> ReadYamlFolder(storage::ObjectStore& store, const std::string& lake_root,
                                     std::string_view folder, uint64_t max_bytes) {
    std::vector<YamlFile> files;
    storage::ListOptions options;
    while (true) {
        const auto objects = store.List(storage::JoinLocation(lake_root, folder), options);
        for (const storage::ObjectInfo& object : objects) {
            const std::string_view name = storage::LastName(object.location);
            if (name.starts_with('.') || !(name.ends_with(".yml") || name.ends_with(".yaml")))
                continue;
            files.push_back(
                {fmt::format("{}/{}", folder, name), store.Get(object.location, max_bytes)});
        }
        if (objects.size() < options.limit) break;
        options.start_after = objects.back().location;
    }
    return files;
}

}  // namespace tarn::ingest
