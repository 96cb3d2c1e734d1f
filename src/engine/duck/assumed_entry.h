// A table that a plan is to take for there (AssumedTables): it has columns, and no rows that could
// be read.
#pragma once

#include <memory>
#include <optional>

#include "duckdb/catalog/catalog_entry/table_catalog_entry.hpp"
#include "duckdb/main/client_context.hpp"
#include "engine/lineage.h"

namespace tarn::engine::duck {

// What plans call a scan of one.
inline constexpr const char* kAssumedScan = "tarn_assumed_scan";

class AssumedEntry final : public duckdb::TableCatalogEntry {
public:
    // InvalidInput for a type that is none.
    static std::shared_ptr<AssumedEntry> Make(duckdb::ClientContext& client,
                                              duckdb::SchemaCatalogEntry& in_schema,
                                              const AssumedTables::Table& table);
    AssumedEntry(duckdb::SchemaCatalogEntry& in_schema, duckdb::CreateTableInfo& info,
                 LineageDataset dataset);

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
    const LineageDataset dataset_;
};

// Of a scan of kAssumedScan.
LineageDataset AssumedDataset(const duckdb::FunctionData& bind_data);

}  // namespace tarn::engine::duck
