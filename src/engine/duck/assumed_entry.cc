#include "engine/duck/assumed_entry.h"

#include <utility>

#include "duckdb/common/types.hpp"
#include "duckdb/parser/column_list.hpp"
#include "duckdb/parser/parsed_data/create_table_info.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/planner/binder.hpp"
#include "duckdb/storage/table_storage_info.hpp"
#include "engine/duck/errors.h"

namespace tarn::engine::duck {
namespace {

struct AssumedScanData final : public duckdb::FunctionData {
    explicit AssumedScanData(LineageDataset assumed) : dataset(std::move(assumed)) {}
    duckdb::unique_ptr<duckdb::FunctionData> Copy() const override {
        return duckdb::make_uniq<AssumedScanData>(dataset);
    }
    bool Equals(const duckdb::FunctionData& other) const override { return this == &other; }

    LineageDataset dataset;
};

// Most types have one word, which the parser need not be asked for.
duckdb::LogicalType TypeOf(duckdb::ClientContext& client, const std::string& text) {
    using duckdb::LogicalTypeId;
    const LogicalTypeId id = duckdb::TransformStringToLogicalTypeId(text);
    const duckdb::LogicalType type(id);
    const bool is_whole = id != LogicalTypeId::UNBOUND && id != LogicalTypeId::INVALID &&
                          id != LogicalTypeId::DECIMAL && id != LogicalTypeId::ENUM &&
                          !type.IsNested();
    return is_whole ? type : duckdb::TransformStringToLogicalType(text, client);
}

void RefuseToRead(duckdb::ClientContext&, duckdb::TableFunctionInput&, duckdb::DataChunk&) {
    ThrowIntoDuck(Error(ErrorKind::kInternal, "a table that is only assumed is not read"));
}

}  // namespace

std::shared_ptr<AssumedEntry> AssumedEntry::Make(duckdb::ClientContext& client,
                                                 duckdb::SchemaCatalogEntry& in_schema,
                                                 const AssumedTables::Table& table) {
    duckdb::CreateTableInfo info(in_schema, table.name.name);
    for (const ColumnInfo& column : table.columns) {
        info.columns.AddColumn(duckdb::ColumnDefinition(column.name, TypeOf(client, column.type)));
    }
    LineageDataset dataset;
    dataset.kind = table.is_view ? DatasetKind::kView : DatasetKind::kTable;
    dataset.name = table.name;
    return std::make_shared<AssumedEntry>(in_schema, info, std::move(dataset));
}

AssumedEntry::AssumedEntry(duckdb::SchemaCatalogEntry& in_schema, duckdb::CreateTableInfo& info,
                           LineageDataset dataset)
    : TableCatalogEntry(in_schema.ParentCatalog(), in_schema, info), dataset_(std::move(dataset)) {}

duckdb::TableFunction AssumedEntry::GetScanFunction(
    duckdb::ClientContext&, duckdb::unique_ptr<duckdb::FunctionData>& bind_data) {
    bind_data = duckdb::make_uniq<AssumedScanData>(dataset_);
    duckdb::TableFunction function(kAssumedScan, {}, RefuseToRead);
    function.projection_pushdown = true;
    return function;
}

duckdb::TableStorageInfo AssumedEntry::GetStorageInfo(duckdb::ClientContext&) { return {}; }

LineageDataset AssumedDataset(const duckdb::FunctionData& bind_data) {
    return bind_data.Cast<AssumedScanData>().dataset;
}

}  // namespace tarn::engine::duck
