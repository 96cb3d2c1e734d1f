// Which files of the log make up a version of a table (PROTOCOL.md, "Checkpoints", "Log Compaction
// Files", "Last Checkpoint File"): the newest whole checkpoint at or below it, and after that every
// commit, or a compaction in place of several. `_last_checkpoint` is a hint where to begin listing,
// never a truth. Strangers in the folder are ignored.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "storage/object_store.h"
#include "table/version.h"

namespace tarn::delta {

struct CommitFile {
    table::Version version;
    storage::ObjectInfo info;
};

// Actions of several versions, reconciled.
struct CompactionFile {
    table::Version first;
    table::Version last;
    storage::ObjectInfo info;
};

struct LogSegment {
    table::Version version;
    std::optional<table::Version> checkpoint_version;
    std::vector<storage::ObjectInfo> checkpoint_files;  // parts in order
    std::vector<CommitFile> commits;                    // after the checkpoint, oldest first
    std::vector<CompactionFile> compactions;  // each may stand for commits; oldest first, apart
    // The commit file of `version` when the listing showed it (a checkpoint may stand for it).
    std::optional<CommitFile> last_commit;
    std::optional<storage::ObjectInfo> checksum;  // the version checksum file of `version`
    // The time of the last commit's file, behind those of the commits listed before it
    // (commit_times.h), else that of the checkpoint.
    int64_t file_time_ms = 0;
};

// The files of a log as one listing saw them. A checkpoint that turns out to be unreadable can be
// put aside; then an older one, another of the same version, or the commits alone take its place.
class LogListing {
public:
    // For the version asked for, or the latest. NotFound: no table here.
    LogListing(storage::ObjectStore& store, std::string root, std::optional<table::Version> wanted);

    // NotFound: no such version, or its log is cleaned up. Corrupt: a commit is missing (named).
    LogSegment Segment() const;
    // The segment must stand on a checkpoint.
    void PutAsideCheckpoint(const LogSegment& segment);

private:
    // The checkpoints of one version.
    struct Checkpoint {
        std::optional<storage::ObjectInfo> classic;
        std::vector<storage::ObjectInfo> uuid_named;
        // By the number of parts: one part a slot.
        std::map<uint32_t, std::vector<std::optional<storage::ObjectInfo>>> multi_part;
    };

    void List(table::Version from);
    void Take(storage::ObjectInfo&& info);
    void TakeCheckpointFile(storage::ObjectInfo&& info);
    // The files of one whole checkpoint that is not put aside; empty when there is none.
    std::vector<storage::ObjectInfo> WholeCheckpoint(const Checkpoint& checkpoint) const;
    // The segment, if the listing has what it takes.
    std::optional<LogSegment> Find() const;
    void Check(const LogSegment& segment) const;

    storage::ObjectStore& store_;
    const std::string root_;
    const std::optional<table::Version> wanted_;
    table::Version from_;
    std::map<int64_t, Checkpoint> checkpoints_;
    std::vector<CommitFile> commits_;
    std::vector<CompactionFile> compactions_;
    std::map<int64_t, storage::ObjectInfo> checksums_;
    std::set<std::string> aside_;  // the first file of each checkpoint put aside
    table::Version reached_;       // by one of them: what stands in must reach it, too
};

// Shorthand for a listing's segment.
LogSegment ListSegment(storage::ObjectStore& store, const std::string& root,
                       std::optional<table::Version> version);

// All commits from a version on that the folder still holds, oldest first; no check for gaps.
std::vector<CommitFile> ListCommits(storage::ObjectStore& store, const std::string& root,
                                    table::Version from);

// The same from a commit on that is thought to be the last or nearly so: each is asked for by name
// while they are few, for a list of a folder on disk reads all names of a long log.
std::vector<CommitFile> CommitsBehind(storage::ObjectStore& store, const std::string& root,
                                      table::Version known);

// The versions from `from` on of which the folder holds a checkpoint or parts of one, oldest first.
std::set<table::Version> ListCheckpoints(storage::ObjectStore& store, const std::string& root,
                                         table::Version from);

// Corrupt, naming the version, when the commits do not follow on one another.
void CheckContiguous(const std::string& root, const std::vector<CommitFile>& commits);

// The version that `_last_checkpoint` names; nothing when there is none or it is not understood.
std::optional<table::Version> ReadLastCheckpointHint(storage::ObjectStore& store,
                                                     const std::string& root);
// The same of the file's text.
std::optional<table::Version> ParseLastCheckpoint(std::string_view text);

}  // namespace tarn::delta
