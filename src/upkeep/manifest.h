// GENERATE symlink_format_manifest: lists of a table's files for engines that read lists (Presto,
// Athena), one in each partition's folder below `_symlink_format_manifest`.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "storage/object_store.h"
#include "table/snapshot.h"

namespace tarn::upkeep {

struct Manifests {
    std::map<std::string, std::string> texts;  // by their locations
    uint64_t files = 0;                        // that stand in them
};

// Pure. `folder_of` gives a partition's folder ("day=1"; "" without partitions). Unsupported,
// naming the remedy: files with deletion vectors.
Manifests PlanManifests(const table::Snapshot& latest,
                        const std::function<std::string(const table::DataFile&)>& folder_of);

// Lists of partitions that have no files any more are deleted.
void WriteManifests(storage::ObjectStore& store, const table::Snapshot& latest,
                    const Manifests& manifests);

}  // namespace tarn::upkeep
