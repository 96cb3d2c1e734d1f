// The YAML files of a folder of the lake, as sources/ and contracts/ are read. Reading changes
// nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "storage/object_store.h"

namespace tarn::ingest {

struct YamlFile {
    std::string name;  // for messages: "sources/nyc.yml"
    std::string text;
};

// All *.yml and *.yaml below the lake's folder of that name, but hidden ones, by name; none when it
// is not there. LimitExceeded: one of them is larger than `max_bytes`.
std::vector<YamlFile> ReadYamlFolder(storage::ObjectStore& store, const std::string& lake_root,
                                     std::string_view folder, uint64_t max_bytes);

}  // namespace tarn::ingest
