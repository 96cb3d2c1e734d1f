// CONVERT TO DELTA: which files below a folder are a table's data, and what the folders that they
// lie in say of its partition columns (key=value, as Hive and Spark lay them).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/object_store.h"

namespace tarn::upkeep {

struct ForeignFile {
    storage::ObjectInfo info;
    // One for each partition column, in their order, decoded; nothing: NULL.
    std::vector<std::optional<std::string>> partition_texts;
};

// Files and folders whose names begin with "_" or "." are not data, but for folders key=value.
// InvalidInput, naming a file, where folders say other columns than `partition_columns` (compared
// as SQL does) or in another order; Corrupt for a folder that cannot be decoded.
std::vector<ForeignFile> FindForeignFiles(storage::ObjectStore& store, const std::string& folder,
                                          const std::vector<std::string>& partition_columns);

}  // namespace tarn::upkeep
