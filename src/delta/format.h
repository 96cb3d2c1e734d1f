// Delta Lake as a table::TableFormat: loads snapshots, creates tables, commits changes, tells the
// history. Writes checkpoints after commits when they are due, aside if it may; a failed checkpoint
// never fails the commit. Refuses tables whose features Tarn lacks, by name. Thread-safe; holds no
// state of tables but who waits for a commit.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/executor.h"
#include "base/random.h"
#include "delta/commit_queue.h"
#include "delta/log_cleanup.h"
#include "storage/object_store.h"
#include "table/rows.h"
#include "table/table_format.h"

namespace tarn::delta {

class Snapshot;
struct CommitFile;
struct Metadata;

struct FormatOptions {
    // Checkpoints whose Parquet files are larger together stay on the store and are read by column
    // when they are needed (checkpoint_chunk.h).
    uint64_t stored_from_bytes = 4ULL << 20;
    // Where what is due behind a commit runs: checksum, checkpoint, clean-up of the log; null: on
    // the thread of the commit, before it ends. It must end before what the format uses does.
    Executor* executor = nullptr;
};

class Format final : public table::TableFormat {
public:
    // All of them must outlive the format and its snapshots.
    Format(storage::ObjectStore& store, table::ParquetFiles& parquet, Clock& clock, Random& random,
           FormatOptions options = {})
        : store_(store),
          parquet_(parquet),
          clock_(clock),
          random_(random),
          options_(options),
          queue_(store, clock, random) {}

    std::string_view Name() const override { return "delta"; }
    bool Exists(const std::string& location) override;
    // A time is held against the commits' times (commit_times.h). A time before the first commit is
    // NotFound; one after the last is the latest version. A version checksum file that disagrees
    // with what the log says makes the version Corrupt.
    table::SnapshotPtr Load(const std::string& location, const table::AsOf& as_of,
                            const table::SnapshotPtr& cached = nullptr) override;
    std::shared_ptr<const table::TableMetadata> Define(const table::TableMetadata& wanted,
                                                       const table::SnapshotPtr& base,
                                                       table::Definition definition) override;
    std::optional<std::string> PropertyMeant(const std::string& name) const override;
    table::CommitOutcome Create(const std::string& location, const table::TableMetadata& metadata,
                                const table::Change& change) override;
    // `base` must come from this format and carry nothing staged.
    table::CommitOutcome Commit(const table::SnapshotPtr& base,
                                const table::Change& change) override;
    table::Version Checkpoint(const table::SnapshotPtr& latest) override;
    table::FeatureTrace TraceOf(const table::SnapshotPtr& latest, const std::string& feature,
                                bool truncates_history) override;
    void ForgetVersions(const table::SnapshotPtr& latest, const table::FeatureDrop& drop) override;
    int64_t FileRetentionMs(const table::Snapshot& snapshot) override;
    table::FilesInUse InUseSince(const table::SnapshotPtr& latest, int64_t since_ms) override;
    std::vector<std::string> RemovedFiles(const table::SnapshotPtr& latest) override;
    std::vector<table::HistoryEntry> History(const std::string& location, size_t limit) override;
    // The columns are those of the table at `last`; a file's column that it lacks is NULL. Whether
    // the change data feed was switched on does not matter: what no writer recorded is derived.
    // Unsupported, naming the column, when the range holds a version whose rows do not fit those
    // columns (change_feed.h).
    std::vector<table::ChangedFile> Changes(const std::string& location, table::Version first,
                                            table::Version last, table::ChangeScope scope) override;

private:
    table::SnapshotPtr LoadVersion(const std::string& root, std::optional<table::Version> version);
    // Reads only what came after a snapshot; nothing when the log is not the one it came from.
    table::SnapshotPtr Advance(const std::shared_ptr<const Snapshot>& cached,
                               std::optional<table::Version> version);
    // The version that was the latest at a time, or the latest of all itself.
    std::variant<table::Version, table::SnapshotPtr> FindAt(
        const std::string& root, int64_t unix_ms, const std::shared_ptr<const Snapshot>& cached);
    // The table as the first of these commits left it; without files where the log before is gone.
    std::shared_ptr<const Snapshot> FirstOf(const std::string& root,
                                            const std::vector<CommitFile>& commits);
    // Does what is due then (checksum, compaction, checkpoint, clean-up), or has it done.
    void AfterCommit(const std::shared_ptr<const Snapshot>& base, table::Version version,
                     const Metadata& metadata);
    // Never fails the commit.
    void DoDue(const std::shared_ptr<const Snapshot>& base, table::Version version,
               const Metadata& metadata);
    void WriteCheckpoint(const Snapshot& snapshot);
    int64_t NowMs() { return ToUnixMs(clock_.Now()); }

    storage::ObjectStore& store_;
    table::ParquetFiles& parquet_;
    Clock& clock_;
    Random& random_;
    const FormatOptions options_;
    CommitQueue queue_;
    OldestCommits oldest_commits_;
};

}  // namespace tarn::delta
