#include "engine/duck/system_entry.h"

#include "duckdb/function/table/arrow.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/parser/tableref/table_function_ref.hpp"
#include "duckdb/storage/table_storage_info.hpp"
#include "engine/duck/errors.h"

namespace tarn::engine::duck {
namespace {

// A plan may outlive the transaction that bound it: its scan keeps the entry.
struct KeepEntry final : public duckdb::DependencyItem {
    explicit KeepEntry(std::shared_ptr<SystemEntry> kept) : entry(std::move(kept)) {}
    std::shared_ptr<SystemEntry> entry;
};

}  // namespace

std::shared_ptr<SystemEntry> SystemEntry::Make(duckdb::ClientContext& client, Core& core,
                                               duckdb::SchemaCatalogEntry& in_schema,
                                               const DirectoryEntry& row) {
    auto rows = std::make_unique<ArrowInput>(row.name.ToString());
    rows->SetFactory(
        [&core, name = row.name] { return core.parts.directory.OpenSystemTable(name); });
    duckdb::ArrowSchemaWrapper schema_root;
    rows->GetSchema(&schema_root.arrow_schema);
    duckdb::ArrowTableSchema arrow_schema;
    duckdb::ArrowTableFunction::PopulateArrowTableSchema(client, arrow_schema,
                                                         schema_root.arrow_schema);
    duckdb::CreateTableInfo info(in_schema, row.name.name);
    const auto& names = arrow_schema.GetNames();
    const auto& types = arrow_schema.GetTypes();
    for (size_t i = 0; i < names.size(); i++) {
        info.columns.AddColumn(duckdb::ColumnDefinition(names[i], types[i]));
    }
    return std::make_shared<SystemEntry>(in_schema, info, std::move(rows));
}

SystemEntry::SystemEntry(duckdb::SchemaCatalogEntry& in_schema, duckdb::CreateTableInfo& info,
                         std::unique_ptr<ArrowInput> rows)
    : TableCatalogEntry(in_schema.ParentCatalog(), in_schema, info), rows_(std::move(rows)) {}

duckdb::TableFunction SystemEntry::GetScanFunction(
    duckdb::ClientContext& client, duckdb::unique_ptr<duckdb::FunctionData>& bind_data) {
    duckdb::ExtensionLoader loader(*client.db, "tarn");
    auto function = loader.GetTableFunction(kArrowScan).functions.GetFunctionByOffset(0);
    duckdb::vector<duckdb::Value> arguments = rows_->ScanArguments();
    duckdb::named_parameter_map_t parameters;
    duckdb::vector<duckdb::LogicalType> input_types;
    duckdb::vector<std::string> input_names;
    duckdb::TableFunctionRef reference;
    duckdb::TableFunctionBindInput input(arguments, parameters, input_types, input_names, nullptr,
                                         nullptr, function, reference);
    duckdb::vector<duckdb::LogicalType> types;
    duckdb::vector<std::string> names;
    bind_data = function.bind(client, input, types, names);
    bind_data->Cast<duckdb::ArrowScanFunctionData>().dependency =
        duckdb::make_shared_ptr<KeepEntry>(shared_from_this());
    return function;
}

std::optional<TableName> SystemEntry::NameOf(const duckdb::FunctionData& arrow_scan) {
    const auto* kept = dynamic_cast<const KeepEntry*>(
        arrow_scan.Cast<duckdb::ArrowScanFunctionData>().dependency.get());
    if (kept == nullptr) return std::nullopt;
    return TableName{kept->entry->ParentSchema().name, kept->entry->name};
}

duckdb::TableStorageInfo SystemEntry::GetStorageInfo(duckdb::ClientContext&) { return {}; }

}  // namespace tarn::engine::duck
