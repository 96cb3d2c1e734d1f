// What vacuum must leave: the files that versions reachable since a time name.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "delta/snapshot.h"
#include "storage/object_store.h"
#include "table/files_in_use.h"
#include "table/rows.h"

namespace tarn::delta {

// The live files; those removed since then, by the time that the remove tells or by that of its
// commit, whichever is later; and all that commits since then name, recorded changes too. Each with
// its deletion vector's file. A remove that tells no time counts as old.
table::FilesInUse FindFilesInUse(storage::ObjectStore& store, table::ParquetFiles& parquet,
                                 const Snapshot& latest, int64_t since_ms);

// What table::TableFormat::RemovedFiles gives: of the tombstones, and of the commits that are
// there.
std::vector<std::string> FindRemovedFiles(storage::ObjectStore& store, table::ParquetFiles& parquet,
                                          const Snapshot& latest);

}  // namespace tarn::delta
