// A Delta table at one version, as table::Snapshot. Shares its files with other versions (FileSet);
// statistics stay JSON until a plan needs them. Immutable, thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "delta/log_state.h"
#include "delta/table_shape.h"
#include "storage/object_store.h"
#include "table/snapshot.h"

namespace tarn::delta {

class Snapshot final : public table::Snapshot {
public:
    // The version's commit file as it was seen, to recognize the same log later.
    struct Origin {
        int64_t file_time_ms = 0;  // behind those of the commits listed before it
        std::string commit_etag;   // empty: only a checkpoint was seen
        bool is_staged = false;    // carries a change that is not committed
    };

    // Unsupported for a reader feature that Tarn lacks (named). The store must outlive the
    // snapshot.
    Snapshot(std::string root, LogState state, Origin origin, storage::ObjectStore& store);

    const std::string& Location() const override { return shape_.root; }
    table::Version AtVersion() const override { return state_.version; }
    // By the commit's own time where that counts, else by its file's time (commit_times.h).
    int64_t CommittedMs() const override { return committed_ms_; }
    const table::TableMetadata& Metadata() const override { return description_; }
    std::vector<std::pair<std::string, std::string>> Protocol() const override;
    table::WriteRules Rules() const override;
    void CheckWritable(table::RowsThere rows) const override;
    table::TableTotals Totals() const override;
    std::optional<uint64_t> LiveRows() const override;
    std::optional<uint64_t> EstimatedRows() const override;
    // Statistics of the files have their row count and the columns that the predicate names.
    table::ScanPlan Plan(const table::Predicate& predicate) const override;
    std::optional<int64_t> TransactionVersion(const std::string& app_id) const override;
    std::optional<std::string> DeletedRowsLocation(const table::DataFile& file) const override;
    std::shared_ptr<const table::DeletedRows> LoadDeletedRows(
        const table::DataFile& file) const override;
    std::shared_ptr<const table::Snapshot> WithStaged(const table::Change& change) const override;

    const LogState& State() const { return state_; }
    const TableShape& Shape() const { return shape_; }
    const Origin& GetOrigin() const { return origin_; }

    // May the file hold rows that satisfy the predicate, as a plan judges it.
    bool MayHold(const FileView& file, const table::Predicate& predicate) const;

private:
    LogState state_;
    TableShape shape_;
    table::TableMetadata description_;
    Origin origin_;
    int64_t committed_ms_;
    storage::ObjectStore& store_;
    mutable std::once_flag live_rows_once_;
    mutable std::optional<uint64_t> live_rows_;
};

}  // namespace tarn::delta
