// What writers do to a table of rows (id, value), as pure functions: the row engine does it to
// files, the model to the whole table, and both must come to the same.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "table/change.h"

namespace tarn::simulation {

struct Row {
    int64_t id = 0;
    int64_t value = 0;
    auto operator<=>(const Row&) const = default;
};
using Rows = std::vector<Row>;  // ascending where it stands for a table

enum class OperationKind {
    kAppend,       // new rows, nothing read
    kAppendBatch,  // the same by an idempotent writer: its next batch
    kDelete,       // rows of a range go
    kUpdate,       // rows of a range get another value
    kMerge,        // rows of these ids get another value; odd ids that are not there come
    kOverwrite,    // all rows go, new ones come
    kCount,        // a new row holds how many rows a range has
    kProperty,     // a counter in the table's properties is one higher
    kCompact,      // files are written together, no row changes
    kOptimize,     // the same by upkeep's OPTIMIZE, in as many commits as it likes
    kVacuum,       // what VACUUM writes into the history
    kRestore,      // the table is again what it was at a version
    kDropFeature,  // one of the commits that take a feature out of it; no row changes
};
inline constexpr int kOperationKinds = 13;
std::string_view NameOf(OperationKind kind);

struct Operation {
    OperationKind kind = OperationKind::kAppend;
    int64_t low = 0;  // the range of kDelete, kUpdate, kCount
    int64_t high = -1;
    std::vector<int64_t> keys;  // of kMerge, ascending
    int64_t amount = 0;         // what kUpdate and kMerge add to values
    Rows fresh;                 // rows that come whatever is there
    std::string app_id;         // of kAppendBatch
    int64_t batch = 0;
    int64_t version = 0;      // of kRestore
    bool hides_rows = false;  // kProperty lets the table hide rows, too
    bool by_copy = false;     // files are written again even where rows could be hidden

    // Does it look at this row.
    bool Reads(int64_t id) const;
    bool ReadsNothing() const;
    table::ReadSet Reads() const;
    // What stands in the place of the rows that it looks at, ascending.
    Rows Apply(const Rows& read) const;
};

// The rows of a table that the operation looks at, and the others.
struct SplitRows {
    Rows read;
    Rows others;
};
SplitRows SplitBy(const Operation& operation, const Rows& rows);

}  // namespace tarn::simulation
