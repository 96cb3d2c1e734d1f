// Delta Lake as a table::TableFormat: loads snapshots, creates tables, commits changes, tells the
// history. Writes checkpoints after commits when they are due; a failed checkpoint never fails the
// commit. Refuses tables whose features Tarn lacks, by name. Thread-safe; holds no state of tables.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/random.h"
#include "storage/object_store.h"
#include "table/rows.h"
#include "table/table_format.h"

namespace tarn::delta {

class Snapshot;
struct Metadata;

class Format final : public table::TableFormat {
public:
    // All of them must outlive the format and its snapshots.
    Format(storage::ObjectStore& store, table::ParquetFiles& parquet, Clock& clock, Random& random)
        : store_(store), parquet_(parquet), clock_(clock), random_(random) {}

    std::string_view Name() const override { return "delta"; }
    bool Exists(const std::string& location) override;
    // A time is held against the commits' times as PROTOCOL.md's readers see them: in-commit
    // timestamps where the table has them, else the files' times, made to grow with the version. A
    // time before the first commit is NotFound; one after the last is the latest version.
    table::SnapshotPtr Load(const std::string& location, const table::AsOf& as_of,
                            const table::SnapshotPtr& cached = nullptr) override;
    table::CommitOutcome Create(const std::string& location, const table::TableMetadata& metadata,
                                const table::Change& change) override;
    // `base` must come from this format and carry nothing staged.
    table::CommitOutcome Commit(const table::SnapshotPtr& base,
                                const table::Change& change) override;
    std::vector<table::HistoryEntry> History(const std::string& location, size_t limit) override;
    // The columns are those of the table at `last`; a file's column that it lacks is NULL.
    std::vector<table::ChangedFile> Changes(const std::string& location, table::Version first,
                                            table::Version last, table::ChangeScope scope) override;

private:
    table::SnapshotPtr LoadVersion(const std::string& root, std::optional<table::Version> version);
    // Reads only what came after a snapshot; nothing when the log is not the one it came from.
    table::SnapshotPtr Advance(const std::shared_ptr<const Snapshot>& cached,
                               std::optional<table::Version> version);
    table::Version VersionAt(const std::string& root, int64_t unix_ms);
    void CheckpointIfDue(const std::string& root, table::Version version, const Metadata& metadata);
    int64_t NowMs() { return ToUnixMs(clock_.Now()); }

    storage::ObjectStore& store_;
    table::ParquetFiles& parquet_;
    Clock& clock_;
    Random& random_;
};

}  // namespace tarn::delta
