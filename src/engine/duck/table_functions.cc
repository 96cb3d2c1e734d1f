#include "engine/duck/table_functions.h"

#include <algorithm>

#include "duckdb/parser/keyword_helper.hpp"
#include "duckdb/parser/qualified_name.hpp"
#include "duckdb/planner/operator/logical_get.hpp"
#include "engine/duck/change_functions.h"
#include "engine/duck/client_state.h"
#include "engine/duck/errors.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::Value;
using Row = duckdb::vector<Value>;

constexpr int64_t kMillis = 1000;
constexpr size_t kDefaultHistory = 1000;

// Rows that are known once the function is bound.
struct FixedRows final : public duckdb::TableFunctionData {
    std::vector<Row> rows;
    duckdb::vector<LogicalType> types;
};

struct FixedRowsState final : public duckdb::GlobalTableFunctionState {
    size_t next = 0;
};

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> StartFixedRows(
    duckdb::ClientContext&, duckdb::TableFunctionInitInput&) {
    return duckdb::make_uniq<FixedRowsState>();
}

void GiveFixedRows(duckdb::ClientContext&, duckdb::TableFunctionInput& input,
                   duckdb::DataChunk& chunk) {
    const auto& data = input.bind_data->Cast<FixedRows>();
    auto& state = input.global_state->Cast<FixedRowsState>();
    duckdb::idx_t count = 0;
    for (; state.next < data.rows.size() && count < STANDARD_VECTOR_SIZE; state.next++, count++) {
        const Row& row = data.rows[state.next];
        for (size_t column = 0; column < row.size(); column++)
            chunk.SetValue(column, count, row[column]);
    }
    chunk.SetCardinality(count);
}

LogicalType TextMap() { return LogicalType::MAP(LogicalType::VARCHAR, LogicalType::VARCHAR); }

template <typename Pairs>
Value ToMap(const Pairs& pairs) {
    duckdb::vector<Value> keys;
    duckdb::vector<Value> values;
    for (const auto& [key, value] : pairs) {
        keys.emplace_back(key);
        values.emplace_back(value);
    }
    return Value::MAP(LogicalType::VARCHAR, LogicalType::VARCHAR, std::move(keys),
                      std::move(values));
}

Value ToList(const std::vector<std::string>& texts) {
    duckdb::vector<Value> values;
    for (const std::string& text : texts) values.emplace_back(text);
    return Value::LIST(LogicalType::VARCHAR, std::move(values));
}

Value ToInstant(int64_t unix_ms) {
    return Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(unix_ms * kMillis));
}

struct OutputColumn {
    const char* name;
    LogicalType type;
};

duckdb::unique_ptr<FixedRows> Declare(const std::vector<OutputColumn>& columns,
                                      duckdb::vector<LogicalType>& types,
                                      duckdb::vector<std::string>& names) {
    auto data = duckdb::make_uniq<FixedRows>();
    for (const OutputColumn& column : columns) {
        types.push_back(column.type);
        names.emplace_back(column.name);
    }
    data->types = types;
    return data;
}

std::shared_ptr<TableEntry> ArgumentTable(duckdb::ClientContext& client,
                                          const duckdb::TableFunctionBindInput& input) {
    if (input.inputs[0].IsNull())
        throw Error(ErrorKind::kInvalidInput, "expected the name of a table, found NULL");
    auto entry = FindTable(client, duckdb::StringValue::Get(input.inputs[0]));
    entry->core().parts.policy.Authorize(ClientState::Of(client).principal, Action::kRead,
                                         entry->row().name);
    return entry;
}

duckdb::unique_ptr<duckdb::FunctionData> BindHistory(duckdb::ClientContext& client,
                                                     duckdb::TableFunctionBindInput& input,
                                                     duckdb::vector<LogicalType>& types,
                                                     duckdb::vector<std::string>& names) {
    return Guarded([&]() -> duckdb::unique_ptr<duckdb::FunctionData> {
        auto entry = ArgumentTable(client, input);
        size_t limit = kDefaultHistory;
        if (input.inputs.size() > 1 && !input.inputs[1].IsNull()) {
            limit = static_cast<size_t>(std::max<int64_t>(input.inputs[1].GetValue<int64_t>(), 0));
        }
        auto data = Declare({{"version", LogicalType::BIGINT},
                             {"timestamp", LogicalType::TIMESTAMP_TZ},
                             {"operation", LogicalType::VARCHAR},
                             {"operationParameters", TextMap()},
                             {"operationMetrics", TextMap()},
                             {"commitInfo", TextMap()}},
                            types, names);
        for (const auto& commit :
             entry->core().FormatNamed(entry->row().format).History(entry->row().location, limit)) {
            data->rows.push_back({Value::BIGINT(commit.version.number),
                                  ToInstant(commit.timestamp_ms), Value(commit.operation),
                                  ToMap(commit.parameters), ToMap(commit.metrics),
                                  ToMap(commit.commit_info)});
        }
        return data;
    });
}

duckdb::unique_ptr<duckdb::FunctionData> BindDetail(duckdb::ClientContext& client,
                                                    duckdb::TableFunctionBindInput& input,
                                                    duckdb::vector<LogicalType>& types,
                                                    duckdb::vector<std::string>& names) {
    return Guarded([&]() -> duckdb::unique_ptr<duckdb::FunctionData> {
        auto entry = ArgumentTable(client, input);
        auto data = Declare({{"format", LogicalType::VARCHAR},
                             {"id", LogicalType::VARCHAR},
                             {"name", LogicalType::VARCHAR},
                             {"description", LogicalType::VARCHAR},
                             {"location", LogicalType::VARCHAR},
                             {"createdAt", LogicalType::TIMESTAMP_TZ},
                             {"lastModified", LogicalType::TIMESTAMP_TZ},
                             {"version", LogicalType::BIGINT},
                             {"partitionColumns", LogicalType::LIST(LogicalType::VARCHAR)},
                             {"clusteringColumns", LogicalType::LIST(LogicalType::VARCHAR)},
                             {"numFiles", LogicalType::BIGINT},
                             {"sizeInBytes", LogicalType::BIGINT},
                             {"numRecords", LogicalType::BIGINT},
                             {"properties", TextMap()},
                             {"protocol", TextMap()}},
                            types, names);
        const table::TableMetadata& metadata = entry->metadata();
        const table::TableTotals totals = entry->snapshot()->Totals();
        const Value records = totals.live_rows
                                  ? Value::BIGINT(static_cast<int64_t>(*totals.live_rows))
                                  : Value(LogicalType::BIGINT);
        data->rows.push_back(
            {Value(entry->row().format), Value(metadata.id), Value(entry->row().name.ToString()),
             metadata.description.empty() ? Value(LogicalType::VARCHAR)
                                          : Value(metadata.description),
             Value(entry->row().location), ToInstant(metadata.created_ms),
             ToInstant(entry->snapshot()->CommittedMs()),
             Value::BIGINT(entry->snapshot()->AtVersion().number),
             ToList(metadata.partition_columns), ToList(metadata.clustering_columns),
             Value::BIGINT(static_cast<int64_t>(totals.files)),
             Value::BIGINT(static_cast<int64_t>(totals.size_bytes)), records,
             ToMap(metadata.properties), ToMap(entry->snapshot()->Protocol())});
        return data;
    });
}

duckdb::TableFunction FixedFunction(const char* name, duckdb::vector<LogicalType> arguments,
                                    duckdb::table_function_bind_t bind) {
    return duckdb::TableFunction(name, std::move(arguments), GiveFixedRows, bind, StartFixedRows);
}

}  // namespace

void RegisterTableFunctions(Core&, duckdb::DatabaseInstance& database) {
    duckdb::ExtensionLoader loader(database, "tarn");
    duckdb::TableFunctionSet history("table_history");
    history.AddFunction(FixedFunction("table_history", {LogicalType::VARCHAR}, BindHistory));
    history.AddFunction(
        FixedFunction("table_history", {LogicalType::VARCHAR, LogicalType::BIGINT}, BindHistory));
    loader.RegisterFunction(std::move(history));
    loader.RegisterFunction(FixedFunction("table_detail", {LogicalType::VARCHAR}, BindDetail));
    RegisterChangeFunctions(loader);
}

std::string HistoryQuery(const sql::QualifiedName& table, std::optional<int64_t> limit) {
    const std::string name = duckdb::KeywordHelper::WriteQuoted(table.ToSql(), '\'');
    return "SELECT * FROM table_history(" + name + (limit ? ", " + std::to_string(*limit) : "") +
           ")";
}

std::string DetailQuery(const sql::QualifiedName& table) {
    return "SELECT * FROM table_detail(" + duckdb::KeywordHelper::WriteQuoted(table.ToSql(), '\'') +
           ")";
}

std::shared_ptr<TableEntry> FindTable(duckdb::ClientContext& client, const TableName& name) {
    const duckdb::EntryLookupInfo lookup(duckdb::CatalogType::TABLE_ENTRY, name.name);
    auto& entry = duckdb::Catalog::GetEntry(client, INVALID_CATALOG, name.schema, lookup);
    if (entry.type != duckdb::CatalogType::TABLE_ENTRY) {
        throw Error(ErrorKind::kInvalidInput, "{} is not a table", name.ToString());
    }
    return TableEntry::Of(entry.Cast<duckdb::TableCatalogEntry>()).shared_from_this();
}

std::shared_ptr<TableEntry> FindTable(duckdb::ClientContext& client,
                                      const std::string& qualified_name) {
    const auto parts = duckdb::QualifiedName::ParseComponents(qualified_name);
    if (parts.empty() || parts.size() > 3) {
        throw Error(ErrorKind::kInvalidInput, "{} is not the name of a table", qualified_name);
    }
    return FindTable(client, TableName{parts.size() > 1 ? parts[parts.size() - 2] : std::string(),
                                       parts.back()});
}

}  // namespace tarn::engine::duck
