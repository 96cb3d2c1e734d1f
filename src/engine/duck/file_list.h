// The files of a scan: those of a snapshot that may hold matching rows, planned when first asked
// for.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "duckdb/common/multi_file/multi_file_list.hpp"
#include "duckdb/function/table_function.hpp"
#include "engine/duck/meter.h"
#include "engine/duck/predicates.h"
#include "engine/duck/table_entry.h"
#include "table/predicate.h"
#include "table/table_format.h"

namespace tarn::engine::duck {

// One bound scan of one table. Thread-safe.
class ScanInfo final : public duckdb::TableFunctionInfo {
public:
    ScanInfo(std::shared_ptr<TableEntry> entry, std::shared_ptr<Meter> meter,
             bool shows_changes = false);

    TableEntry& entry() const { return *entry_; }
    Meter& meter() const { return *meter_; }
    ScanMeter& counts() const { return *counts_; }
    const table::Schema& schema() const { return entry_->metadata().schema; }
    // The table's columns, and behind them those of a scan of changes: _change_type,
    // _commit_version and _commit_timestamp.
    const std::shared_ptr<const ScanColumns>& columns() const { return columns_; }
    bool shows_changes() const { return shows_changes_; }
    // The rows it read: as known when it was planned, until it starts. A plan may start it more
    // than once, and a start may know more (the keys of a join's other side): then all that its
    // starts read.
    table::Predicate ReadPredicate() const;
    void SetReadPredicate(const table::Predicate& predicate);
    void Start(const table::Predicate& predicate);
    // Rows of a file that this scan leaves out beside those of its deletion vector; before it
    // starts.
    void Hide(const table::DataFile& file, std::shared_ptr<const table::DeletedRows> rows) {
        hidden_[file.location] = std::move(rows);
    }
    std::shared_ptr<const table::DeletedRows> HiddenIn(const table::DataFile& file) const {
        auto found = hidden_.find(file.location);
        return found == hidden_.end() ? nullptr : found->second;
    }

private:
    std::map<std::string, std::shared_ptr<const table::DeletedRows>> hidden_;  // by location
    const std::shared_ptr<TableEntry> entry_;
    const std::shared_ptr<Meter> meter_;
    const std::shared_ptr<ScanMeter> counts_;
    const bool shows_changes_;
    std::shared_ptr<const ScanColumns> columns_;
    mutable std::mutex mutex_;
    table::Predicate predicate_;
    bool has_started_ = false;
};

// What a version did to a file of a scan of changes.
struct ListedChange {
    table::ChangeType type = table::ChangeType::kInsert;
    std::shared_ptr<const table::DeletedRows> unchanged;  // null: every row changed
    table::Version version;
    int64_t committed_ms = 0;
};

// The value of a column of changes (_change_type, _commit_version, _commit_timestamp) in all rows
// of the file; nothing for the type in a file that records it row by row.
std::optional<table::Value> ChangeValue(const ListedChange& change, size_t column);

// A file of a scan as its reader finds it.
struct ListedFile {
    const table::DataFile* file = nullptr;
    const ListedChange* change = nullptr;  // null: the scan is not of changes
};

// The files of a list, immutable.
struct PlannedFiles {
    std::vector<table::DataFile> files;
    std::vector<ListedChange> changes;  // by file, or empty

    ListedFile At(size_t index) const {
        return {&files[index], changes.empty() ? nullptr : &changes[index]};
    }
};

class FileList final : public duckdb::MultiFileList {
public:
    FileList(std::shared_ptr<ScanInfo> scan, table::Predicate predicate)
        : scan_(std::move(scan)), predicate_(std::move(predicate)) {}
    // These files, but for those in which a filter finds nothing.
    FileList(std::shared_ptr<ScanInfo> scan, PlannedFiles files);

    ScanInfo& scan() const { return *scan_; }
    // False: the files were given, and are not the table's.
    bool IsPlanned() const { return !is_given_; }
    const table::Predicate& predicate() const { return predicate_; }
    const std::vector<table::DataFile>& Files() const { return Planned().files; }
    // What an opened file stands for.
    static ListedFile FileOf(const duckdb::OpenFileInfo& opened);
    // May the file hold rows that satisfy the filters, as far as they are known now.
    bool MayMatch(const ListedFile& file, const duckdb::vector<duckdb::ColumnIndex>& columns,
                  const duckdb::TableFilterSet& filters) const;

    duckdb::unique_ptr<duckdb::MultiFileList> ComplexFilterPushdown(
        duckdb::ClientContext& client, const duckdb::MultiFileOptions& options,
        duckdb::MultiFilePushdownInfo& info,
        duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters) const override;
    duckdb::unique_ptr<duckdb::MultiFileList> DynamicFilterPushdown(
        duckdb::ClientContext& client, const duckdb::MultiFileOptions& options,
        const duckdb::vector<std::string>& names, const duckdb::vector<duckdb::LogicalType>& types,
        const duckdb::vector<duckdb::column_t>& column_ids,
        duckdb::TableFilterSet& filters) const override;
    duckdb::vector<duckdb::OpenFileInfo> GetAllFiles() const override;
    duckdb::FileExpandResult GetExpandResult() const override;
    duckdb::idx_t GetTotalFileCount() const override { return Files().size(); }
    duckdb::vector<duckdb::OpenFileInfo> GetDisplayFileList(
        duckdb::optional_idx max_files) const override;
    duckdb::unique_ptr<duckdb::NodeStatistics> GetCardinality(
        duckdb::ClientContext& client) const override;
    duckdb::unique_ptr<duckdb::MultiFileList> Copy() const override;

protected:
    duckdb::OpenFileInfo GetFile(duckdb::idx_t index) const override;

private:
    FileList(std::shared_ptr<ScanInfo> scan, table::Predicate predicate, bool is_given,
             std::shared_ptr<const PlannedFiles> files)
        : scan_(std::move(scan)),
          predicate_(std::move(predicate)),
          is_given_(is_given),
          files_(std::move(files)) {}

    const PlannedFiles& Planned() const;
    // The list of those that may satisfy a further predicate too.
    duckdb::unique_ptr<FileList> Narrowed(table::Predicate further) const;

    const std::shared_ptr<ScanInfo> scan_;
    const table::Predicate predicate_;
    const bool is_given_ = false;
    mutable std::mutex mutex_;
    mutable std::shared_ptr<const PlannedFiles> files_;  // null: not planned yet
};

}  // namespace tarn::engine::duck
