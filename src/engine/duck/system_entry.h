// A system table (ops.runs ...): read-only rows that the directory gives anew for each scan.
#pragma once

#include <memory>
#include <optional>

#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "engine/duck/arrow_input.h"
#include "engine/duck/instance.h"

namespace tarn::engine::duck {

class SystemEntry final : public duckdb::TableCatalogEntry,
                          public std::enable_shared_from_this<SystemEntry> {
public:
    static std::shared_ptr<SystemEntry> Make(duckdb::ClientContext& client, Core& core,
                                             duckdb::SchemaCatalogEntry& in_schema,
                                             const DirectoryEntry& row);
    // Of the table that a scan of ours reads; nothing when its rows are a caller's.
    static std::optional<TableName> NameOf(const duckdb::FunctionData& arrow_scan);
    SystemEntry(duckdb::SchemaCatalogEntry& in_schema, duckdb::CreateTableInfo& info,
                std::unique_ptr<ArrowInput> rows);

    duckdb::unique_ptr<duckdb::BaseStatistics> GetStatistics(duckdb::ClientContext&,
                                                             duckdb::column_t) override {
        return nullptr;
    }
    duckdb::TableFunction GetScanFunction(
        duckdb::ClientContext& client,
        duckdb::unique_ptr<duckdb::FunctionData>& bind_data) override;
    duckdb::TableStorageInfo GetStorageInfo(duckdb::ClientContext& client) override;
    duckdb::virtual_column_map_t GetVirtualColumns() const override { return {}; }
    duckdb::vector<duckdb::column_t> GetRowIdColumns() const override { return {}; }

private:
    std::unique_ptr<ArrowInput> rows_;
};

}  // namespace tarn::engine::duck
