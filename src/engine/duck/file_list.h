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
#include "engine/duck/table_entry.h"
#include "table/predicate.h"
#include "table/table_format.h"

namespace tarn::engine::duck {

// One bound scan of one table. Thread-safe.
class ScanInfo final : public duckdb::TableFunctionInfo {
public:
    ScanInfo(std::shared_ptr<TableEntry> entry, std::shared_ptr<Meter> meter)
        : entry_(std::move(entry)), meter_(std::move(meter)) {}

    TableEntry& entry() const { return *entry_; }
    Meter& meter() const { return *meter_; }
    const table::Schema& schema() const { return entry_->metadata().schema; }
    // The rows it read, as known when it was planned.
    table::Predicate ReadPredicate() const;
    void SetReadPredicate(const table::Predicate& predicate);
    // Rows of a file that this scan leaves out beside those of its deletion vector; before it
    // starts.
    void Hide(const table::DataFile& file, std::shared_ptr<const table::DeletedRows> rows) {
        hidden_[file.location] = std::move(rows);
    }
    std::shared_ptr<const table::DeletedRows> HiddenIn(const table::DataFile& file) const {
        auto found = hidden_.find(file.location);
        return found == hidden_.end() ? nullptr : found->second;
    }
    // The scan is of changes, file by file in the order of its list: it has the columns
    // _change_type, _commit_version and _commit_timestamp behind the table's own.
    struct Change {
        table::ChangeType type = table::ChangeType::kInsert;
        std::shared_ptr<const table::DeletedRows> unchanged;  // null: every row changed
        table::Version version;
        int64_t committed_ms = 0;
    };
    void ShowChanges(std::vector<Change> changes) { changes_ = std::move(changes); }
    bool shows_changes() const { return changes_.has_value(); }
    const Change& ChangeAt(size_t index) const { return changes_->at(index); }

private:
    std::map<std::string, std::shared_ptr<const table::DeletedRows>> hidden_;  // by location
    std::optional<std::vector<Change>> changes_;
    const std::shared_ptr<TableEntry> entry_;
    const std::shared_ptr<Meter> meter_;
    mutable std::mutex mutex_;
    table::Predicate predicate_;
};

class FileList final : public duckdb::MultiFileList {
public:
    FileList(std::shared_ptr<ScanInfo> scan, table::Predicate predicate)
        : scan_(std::move(scan)), predicate_(std::move(predicate)) {}
    // Exactly these files.
    FileList(std::shared_ptr<ScanInfo> scan, std::vector<table::DataFile> files);

    ScanInfo& scan() const { return *scan_; }
    const std::vector<table::DataFile>& Files() const;
    // The data file that an opened file stands for.
    static const table::DataFile& FileOf(const duckdb::OpenFileInfo& opened);

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
    FileList(const FileList& other, std::shared_ptr<const std::vector<table::DataFile>> files)
        : scan_(other.scan_),
          predicate_(other.predicate_),
          is_given_(other.is_given_),
          files_(std::move(files)) {}

    const std::shared_ptr<ScanInfo> scan_;
    const table::Predicate predicate_;
    const bool is_given_ = false;  // the files were given: a filter plans no others
    mutable std::mutex mutex_;
    mutable std::shared_ptr<const std::vector<table::DataFile>> files_;  // null: not planned yet
};

}  // namespace tarn::engine::duck
