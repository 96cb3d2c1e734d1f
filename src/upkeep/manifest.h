// GENERATE symlink_format_manifest: lists of a table's files for engines that read lists (Presto,
// Athena), one in each partition's folder below `_symlink_format_manifest`.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "storage/object_store.h"
#include "table/snapshot.h"

namespace tarn::upkeep {

struct ManifestReport {
    uint64_t manifests = 0;
    uint64_t files = 0;
};

// `folder_of` gives a partition's folder ("day=1"; "" without partitions). Lists of partitions that
// have no files any more are deleted. Unsupported, naming the remedy: files with deletion vectors.
ManifestReport GenerateManifest(
    storage::ObjectStore& store, const table::Snapshot& latest,
    const std::function<std::string(const table::DataFile&)>& folder_of);

}  // namespace tarn::upkeep
