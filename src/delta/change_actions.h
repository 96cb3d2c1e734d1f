// A table::Change as the actions of one commit. Pure; the time and the id are given.
#pragma once

#include <string>
#include <vector>

#include "delta/actions.h"
#include "delta/snapshot.h"
#include "table/change.h"

namespace tarn::delta {

// A commit without its commitInfo, which depends on the attempt.
struct PreparedChange {
    std::vector<Action> actions;    // protocol, metaData, txn, remove, add, cdc
    std::vector<Action> revisions;  // of files that get another vector (row_deletions.h)
    CommitInfo info;
    Protocol protocol;  // in force after the commit
    Metadata metadata;
};

// The commit of a change on top of a snapshot, but for its revisions. InvalidInput (a file to
// remove is not live, append-only, values that do not fit), Unsupported (a feature Tarn cannot
// write).
PreparedChange PrepareChange(const Snapshot& base, const table::Change& change,
                             const std::string& commit_id, int64_t now_ms);

// The first commit of a new table; `table_id` is used when the description has none.
PreparedChange PrepareTable(const std::string& root, const table::TableMetadata& description,
                            const table::Change& change, const std::string& table_id,
                            const std::string& commit_id, int64_t now_ms);

// The bytes of the commit. With in-commit timestamps in force it gets one later than `previous_ms`.
std::string RenderCommit(const PreparedChange& prepared, int64_t now_ms, int64_t previous_ms);

}  // namespace tarn::delta
