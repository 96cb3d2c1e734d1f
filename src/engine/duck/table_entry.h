// A table as DuckDB's binder finds it: one row of the directory at one snapshot. Immutable but for
// the register of files whose rows were given out by row id; thread-safe.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "engine/duck/instance.h"
#include "engine/duck/scan_statistics.h"
#include "engine/table_directory.h"
#include "table/snapshot.h"

namespace tarn::engine::duck {

// Row id = file number << kRowBits | position in the file.
inline constexpr int kRowBits = 40;
inline constexpr int64_t kRowMask = (int64_t{1} << kRowBits) - 1;

class TableEntry final : public duckdb::TableCatalogEntry,
                         public std::enable_shared_from_this<TableEntry> {
public:
    static std::shared_ptr<TableEntry> Make(Core& core, duckdb::SchemaCatalogEntry& in_schema,
                                            DirectoryEntry row, table::SnapshotPtr snapshot,
                                            bool is_latest);
    TableEntry(Core& core, duckdb::SchemaCatalogEntry& in_schema, duckdb::CreateTableInfo& info,
               DirectoryEntry row, table::SnapshotPtr snapshot, bool is_latest);

    // Another snapshot of the same table.
    std::shared_ptr<TableEntry> WithSnapshot(table::SnapshotPtr snapshot) const;
    // InvalidInput when this is not one of the lake's tables.
    static TableEntry& Of(duckdb::TableCatalogEntry& entry);

    Core& core() const { return core_; }
    const DirectoryEntry& row() const { return row_; }
    const table::SnapshotPtr& snapshot() const { return snapshot_; }
    const table::TableMetadata& metadata() const { return snapshot_->Metadata(); }
    // false for a table read at an older version: it is not written.
    bool is_latest() const { return is_latest_; }
    // Position among the partition columns, or -1.
    int PartitionIndex(size_t column) const { return partition_index_[column]; }

    // The number under which rows of the file are named in row ids.
    int64_t NumberOf(const table::DataFile& file);
    table::DataFile FileNumbered(int64_t number);

    // What the optimizer may know; read from the files' statistics once.
    duckdb::unique_ptr<duckdb::BaseStatistics> StatisticsOf(size_t column);

    duckdb::unique_ptr<duckdb::BaseStatistics> GetStatistics(duckdb::ClientContext& client,
                                                             duckdb::column_t column) override;
    duckdb::TableFunction GetScanFunction(
        duckdb::ClientContext& client,
        duckdb::unique_ptr<duckdb::FunctionData>& bind_data) override;
    duckdb::TableFunction GetScanFunction(duckdb::ClientContext& client,
                                          duckdb::unique_ptr<duckdb::FunctionData>& bind_data,
                                          const duckdb::EntryLookupInfo& lookup) override;
    duckdb::TableStorageInfo GetStorageInfo(duckdb::ClientContext& client) override;
    duckdb::virtual_column_map_t GetVirtualColumns() const override;
    duckdb::vector<duckdb::column_t> GetRowIdColumns() const override;
    void BindUpdateConstraints(duckdb::Binder& binder, duckdb::LogicalGet& get,
                               duckdb::LogicalProjection& projection, duckdb::LogicalUpdate& update,
                               duckdb::ClientContext& client) override;

private:
    Core& core_;
    const DirectoryEntry row_;
    const table::SnapshotPtr snapshot_;
    const bool is_latest_;
    std::vector<int> partition_index_;  // by column

    std::once_flag bounds_once_;
    std::vector<ColumnBounds> bounds_;  // by column, or empty

    std::mutex mutex_;
    std::vector<table::DataFile> numbered_;
    std::map<std::pair<std::string, std::string>, int64_t>
        numbers_;  // by location and deletion vector
};

}  // namespace tarn::engine::duck
