// Which files of the log make up a version of a table (PROTOCOL.md, "Checkpoints", "Last Checkpoint
// File"): the newest whole checkpoint at or below it and every commit after that.
// `_last_checkpoint` is a hint where to begin listing, never a truth. Strangers in the folder are
// ignored.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "storage/object_store.h"
#include "table/version.h"

namespace tarn::delta {

struct CommitFile {
    table::Version version;
    storage::ObjectInfo info;
};

struct LogSegment {
    table::Version version;
    std::optional<table::Version> checkpoint_version;
    std::vector<storage::ObjectInfo> checkpoint_files;  // parts in order
    std::vector<CommitFile> commits;                    // after the checkpoint, oldest first
    // The commit file of `version` when the listing showed it (a checkpoint may stand for it).
    std::optional<CommitFile> last_commit;

    // Time of the last commit, else of the checkpoint.
    int64_t ModifiedMs() const;
};

// Of the version asked for, or the latest. NotFound: no table here, no such version, or its log is
// cleaned up. Corrupt: a commit is missing (named).
LogSegment ListSegment(storage::ObjectStore& store, const std::string& root,
                       std::optional<table::Version> version);

// All commits from a version on that the folder still holds, oldest first; no check for gaps.
std::vector<CommitFile> ListCommits(storage::ObjectStore& store, const std::string& root,
                                    table::Version from);

// Corrupt, naming the version, when the commits do not follow on one another.
void CheckContiguous(const std::string& root, const std::vector<CommitFile>& commits);

// The version that `_last_checkpoint` names; nothing when there is none or it is not understood.
std::optional<table::Version> ReadLastCheckpointHint(storage::ObjectStore& store,
                                                     const std::string& root);

}  // namespace tarn::delta
