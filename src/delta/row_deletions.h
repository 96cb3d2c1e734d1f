// Rows that a change hides in files which stay (table::RowDeletion), as the actions that give those
// files another deletion vector.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "delta/actions.h"
#include "delta/snapshot.h"
#include "format/roaring_bitmap.h"
#include "storage/object_store.h"
#include "table/change.h"

namespace tarn::delta {

// Rows of one live file.
struct HiddenRows {
    Add file;                      // as it stands; data_change is the change's
    uint64_t record_count = 0;     // physical rows of the file
    format::RoaringBitmap64 rows;  // those that the change hides
    format::RoaringBitmap64 all;   // and those that are hidden already, smallest form
    bool HidesFile() const { return all.Cardinality() == record_count; }
};

// Files of which nothing is asked are left out. Reads the vectors that stand. InvalidInput when a
// file is not live in `base`, stands twice or is added or removed as well, its rows are not
// counted, a position is out of order, beyond the file's end or hidden already, or the table does
// not hide rows.
std::vector<HiddenRows> FindHiddenRows(storage::ObjectStore& store, const Snapshot& base,
                                       const table::Change& change);

// A file under another vector.
struct FileRevision {
    Remove remove;
    std::optional<Add> add;  // nothing: no row is left
};
FileRevision ReviseFile(const HiddenRows& hidden, const DeletionVector& vector, int64_t now_ms);

// The actions of them all; stores the vectors first (StoreVectors).
std::vector<Action> MakeRevisions(storage::ObjectStore& store, const std::string& root,
                                  const std::string& uuid, const std::vector<HiddenRows>& hidden,
                                  int64_t now_ms);

}  // namespace tarn::delta
