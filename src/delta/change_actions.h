// A table::Change as the actions of one commit. Pure; time and place are given.
#pragma once

#include <string>
#include <vector>

#include "delta/actions.h"
#include "delta/row_tracking.h"
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
    // The commit after which commits carry their own times; its place goes into the metadata.
    bool starts_commit_times = false;
    // Live files are added again as they are but for the numbers of their rows, so that what others
    // do to files meanwhile would be undone or would lack it.
    bool adds_files_again = false;
    // It is allowed by what the live files of its base are, which nothing says of later ones.
    bool judges_files = false;
    // Versions before this one need a feature that it drops (feature_drop.h).
    bool guards_history = false;
};

// Where in the log a commit goes, and what that place decides of it.
struct CommitPlace {
    table::Version version;
    int64_t previous_ms = INT64_MIN / 2;  // time of the commit before
    int64_t row_id_high_water = kNoRowId;
};

// The commit of a change on top of a snapshot, but for its revisions. InvalidInput (a file to
// remove is not live, append-only, values that do not fit), Unsupported (a feature Tarn cannot
// write).
PreparedChange PrepareChange(const Snapshot& base, const table::Change& change, int64_t now_ms);

// The first commit of a new table; `table_id` is used when the description has none.
PreparedChange PrepareTable(const std::string& root, const table::TableMetadata& description,
                            const table::Change& change, const std::string& table_id,
                            int64_t now_ms);

// The bytes of the commit of one change, or of several under one protocol; `info` has the id. With
// in-commit timestamps in force it gets one later than that of the commit before; where the table
// tracks its rows, new ones get their ids.
std::string RenderCommit(const std::vector<const PreparedChange*>& changes, CommitInfo info,
                         const CommitPlace& place, int64_t now_ms);

}  // namespace tarn::delta
