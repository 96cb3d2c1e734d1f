// Which files of a log are too old to keep (PROTOCOL.md, "Metadata Cleanup"), and their deletion.
// A log is cut only behind a checkpoint that was read to its end just before, by whole days, and
// never further than `_last_checkpoint` allows. What is cut were versions beyond the retention.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "delta/actions.h"
#include "storage/object_store.h"
#include "table/rows.h"
#include "table/version.h"

namespace tarn::delta {

// Commits from this time on stay: midnight UTC of the day "delta.logRetentionDuration" (default 30
// days) ago. Nothing when the log is never cut ("delta.enableExpiredLogCleanup" is false, or the
// duration is not understood).
std::optional<int64_t> LogCutoffMs(const Metadata& metadata, int64_t now_ms);

// May the log be cut at this version: a table under "checkpointProtection" keeps its history whole
// up to a version, or loses all of it.
bool MayCutAt(const Protocol& protocol, const Metadata& metadata, table::Version checkpoint);

// What stands before the checkpoint, oldest first; its own commit stays. Strangers stay. Pure.
std::vector<storage::ObjectInfo> FilesBefore(const std::vector<storage::ObjectInfo>& log,
                                             table::Version checkpoint);

// When the oldest commit of each log was written, as far as it was seen: a log only ever loses its
// oldest ones, so that one whose oldest is young has not to be listed again to know that nothing
// may go. Thread-safe, bounded.
class OldestCommits {
public:
    std::optional<int64_t> TimeMs(const std::string& root) const;
    void Saw(const std::string& root, int64_t modified_ms);

private:
    static constexpr size_t kMostLogs = 10'000;  // more begin anew

    mutable std::mutex mutex_;
    std::map<std::string, int64_t> times_ms_;
};

class LogCleaner {
public:
    // `oldest` may be null; all outlive the cleaner.
    LogCleaner(storage::ObjectStore& store, table::ParquetFiles& parquet, std::string root,
               OldestCommits* oldest = nullptr)
        : store_(store), parquet_(parquet), root_(std::move(root)), oldest_(oldest) {}

    // Deletes what may go; gives how many files went. Protocol and metadata are the latest ones.
    size_t CleanUp(const Protocol& protocol, const Metadata& metadata, int64_t now_ms);
    // The same by a cutoff of the caller's.
    size_t CleanUpBefore(int64_t cutoff_ms, const Protocol& protocol, const Metadata& metadata,
                         int64_t now_ms);

private:
    // The newest checkpoint that every version younger than the cutoff can stand on; proven.
    std::optional<table::Version> CutFor(const Metadata& metadata, int64_t cutoff_ms) const;
    // By all checkpoints that are there; nothing when one of them does not tell, for it is broken.
    std::optional<std::set<std::string>> NamedSidecars() const;
    // Sidecars that no checkpoint names, but for those of a checkpoint that is just being written.
    size_t DeleteSidecars(int64_t now_ms);

    storage::ObjectStore& store_;
    table::ParquetFiles& parquet_;
    const std::string root_;
    OldestCommits* const oldest_;
};

}  // namespace tarn::delta
