#include "engine/duck/scan.h"

#include "duckdb/common/multi_file/multi_file_reader.hpp"
#include "duckdb/common/multi_file/multi_file_states.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/parser/tableref/table_function_ref.hpp"
#include "engine/duck/client_state.h"
#include "engine/duck/errors.h"
#include "engine/duck/metadata_column.h"
#include "engine/duck/table_reader.h"
#include "engine/duck/transaction.h"
#include "engine/duck/types.h"

namespace tarn::engine::duck {
namespace {

duckdb::virtual_column_map_t BoundVirtualColumns(duckdb::ClientContext&,
                                                 duckdb::optional_ptr<duckdb::FunctionData> data) {
    auto& bind_data = data->Cast<duckdb::MultiFileBindData>();
    const ScanInfo& scan = static_cast<FileList&>(*bind_data.file_list).scan();
    bind_data.virtual_columns = ScanVirtualColumns(*scan.entry().snapshot());
    return bind_data.virtual_columns;
}

// Without the table in it, LogicalGet has no table, and DELETE and UPDATE find nothing to change.
duckdb::BindInfo BoundTable(const duckdb::optional_ptr<duckdb::FunctionData> data) {
    auto& bind_data = data->Cast<duckdb::MultiFileBindData>();
    return duckdb::BindInfo(static_cast<FileList&>(*bind_data.file_list).scan().entry());
}

duckdb::unique_ptr<duckdb::BaseStatistics> ColumnStatistics(duckdb::ClientContext&,
                                                            const duckdb::FunctionData* data,
                                                            duckdb::column_t column) {
    const auto& bind_data = data->Cast<duckdb::MultiFileBindData>();
    TableEntry& entry = static_cast<const FileList&>(*bind_data.file_list).scan().entry();
    return Guarded([&] { return entry.StatisticsOf(column); });
}

duckdb::vector<duckdb::column_t> RowIdColumns(duckdb::ClientContext&,
                                              duckdb::optional_ptr<duckdb::FunctionData>) {
    return {duckdb::COLUMN_IDENTIFIER_ROW_ID};
}

duckdb::TableFunction BindFiles(duckdb::ClientContext& client, std::shared_ptr<ScanInfo> scan,
                                std::shared_ptr<FileList> files,
                                duckdb::unique_ptr<duckdb::FunctionData>& bind_data) {
    duckdb::ExtensionLoader loader(*client.db, "tarn");
    auto function = loader.GetTableFunction("parquet_scan").functions.GetFunctionByOffset(0);
    function.name = kScanFunction;
    function.get_virtual_columns = BoundVirtualColumns;
    function.get_row_id_columns = RowIdColumns;
    function.get_bind_info = BoundTable;
    // Parquet's own statistics would need a file opened while binding; a plan of ours is never
    // serialized.
    function.statistics = ColumnStatistics;
    function.get_partition_stats = nullptr;
    function.serialize = nullptr;
    function.deserialize = nullptr;
    if (scan->shows_changes()) function.statistics = nullptr;  // files of other versions
    ReadThroughTable(function, std::move(scan), std::move(files));

    duckdb::vector<duckdb::Value> arguments{duckdb::Value("")};
    duckdb::named_parameter_map_t parameters;
    duckdb::vector<duckdb::LogicalType> input_types;
    duckdb::vector<std::string> input_names;
    duckdb::TableFunctionRef reference;
    duckdb::TableFunctionBindInput input(arguments, parameters, input_types, input_names,
                                         function.function_info.get(), nullptr, function,
                                         reference);
    duckdb::vector<duckdb::LogicalType> types;
    duckdb::vector<std::string> names;
    bind_data = function.bind(client, input, types, names);
    return function;
}

// Types that have no name of their own in SQL.
void TellNamedTypes(Meter& meter, const std::vector<table::Field>& fields,
                    const std::string& prefix) {
    for (const table::Field& field : fields) {
        const std::string path = prefix + field.name;
        if (!field.type.name().empty()) {
            meter.AddNotice(fmt::format("column {}: {} is read as {}", path, field.type.ToString(),
                                        ToLogicalType(field.type).ToString()));
        }
        TellNamedTypes(meter, field.type.children(), path + ".");
    }
}

}  // namespace

duckdb::virtual_column_map_t ScanVirtualColumns(const table::Snapshot& snapshot) {
    using duckdb::LogicalType;
    using duckdb::TableColumn;
    duckdb::virtual_column_map_t columns;
    columns.emplace(duckdb::COLUMN_IDENTIFIER_ROW_ID, TableColumn("rowid", LogicalType::BIGINT));
    columns.emplace(duckdb::MultiFileReader::COLUMN_IDENTIFIER_FILENAME,
                    TableColumn("filename", LogicalType::VARCHAR));
    columns.emplace(duckdb::MultiFileReader::COLUMN_IDENTIFIER_FILE_ROW_NUMBER,
                    TableColumn("file_row_number", LogicalType::BIGINT));
    columns.emplace(duckdb::MultiFileReader::COLUMN_IDENTIFIER_FILE_INDEX,
                    TableColumn("file_index", LogicalType::UBIGINT));
    columns.emplace(duckdb::COLUMN_IDENTIFIER_EMPTY, TableColumn("", LogicalType::BOOLEAN));
    AddMetadataColumns(snapshot, columns);
    return columns;
}

duckdb::TableFunction BindScan(duckdb::ClientContext& client, std::shared_ptr<TableEntry> entry,
                               duckdb::unique_ptr<duckdb::FunctionData>& bind_data) {
    ClientState& state = ClientState::Of(client);
    Core& core = entry->core();
    core.parts.policy.Authorize(state.principal, Action::kRead, entry->row().name);
    state.meter->AddRead(
        {entry->row().name, entry->snapshot()->AtVersion(), entry->snapshot()->CommittedMs()});
    TellNamedTypes(*state.meter, entry->metadata().schema.fields, "");
    const bool is_latest = entry->is_latest();
    auto& lake = entry->ParentCatalog();
    auto scan = std::make_shared<ScanInfo>(std::move(entry), state.meter);
    if (is_latest) LakeTransaction::Of(client, lake).AddScan(scan);
    return BindFiles(client, scan, std::make_shared<FileList>(scan, table::Predicate::True()),
                     bind_data);
}

duckdb::TableFunction BindFileScan(duckdb::ClientContext& client, std::shared_ptr<ScanInfo> scan,
                                   PlannedFiles files,
                                   duckdb::unique_ptr<duckdb::FunctionData>& bind_data) {
    auto list = std::make_shared<FileList>(scan, std::move(files));
    const table::Snapshot& snapshot = *scan->entry().snapshot();
    auto function = BindFiles(client, std::move(scan), std::move(list), bind_data);
    // The binder asks for them where a table is named; this scan is made without it.
    bind_data->Cast<duckdb::MultiFileBindData>().virtual_columns = ScanVirtualColumns(snapshot);
    return function;
}

}  // namespace tarn::engine::duck
