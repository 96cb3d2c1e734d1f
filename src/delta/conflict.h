// May a change go on top of a commit that landed since it was prepared. What it read must be what
// it would read now: a winner must not have added rows among those, nor taken any away. Pure
// appends and changes that only move rows meet schema, protocol, the same writer's transactions and
// the files they replace, nothing else.
//
// The property delta.isolationLevel of the table says how rows that a winner added count:
// "Serializable": all of them; "WriteSerializable", and where nothing is said: not those of blind
// appends, before which the change then stands in the order of things (Delta's own levels).
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "delta/actions.h"
#include "delta/snapshot.h"
#include "delta/winning_commit.h"
#include "format/roaring_bitmap.h"
#include "table/change.h"

namespace tarn::delta {

enum class Isolation { kSerializable, kWriteSerializable };
// Of a table's properties; a level that is not known is the strictest.
Isolation IsolationOf(const std::map<std::string, std::string>& properties);

// A change that waits for its place in the log.
struct PendingChange {
    const Snapshot& base;  // what it was decided on
    const table::Change& change;
    const std::vector<Action>& actions;  // what it will write, but for revisions of files
    // Files, by PathKey, into which winners moved rows that may be of the base.
    const std::map<std::string, Add>& moved;
};

// The rows of a deletion vector; `path` is its data file's.
using LoadVector =
    std::function<format::RoaringBitmap64(const std::string& path, const DeletionVector& vector)>;

// Judges everything but the rows that the change itself hides (rebase.h).
std::optional<table::Conflict> FindConflict(const PendingChange& pending,
                                            const WinningCommit& winner, const LoadVector& load);

}  // namespace tarn::delta
