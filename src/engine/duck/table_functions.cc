#include "engine/duck/table_functions.h"

#include <algorithm>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "duckdb/catalog/default/default_functions.hpp"
#include "duckdb/parser/keyword_helper.hpp"
#include "duckdb/parser/qualified_name.hpp"
#include "duckdb/planner/operator/logical_get.hpp"
#include "engine/duck/change_functions.h"
#include "engine/duck/client_state.h"
#include "engine/duck/errors.h"
#include "engine/duck/fixed_rows.h"
#include "engine/duck/show_function.h"
#include "engine/duck/upkeep_function.h"
#include "engine/own_functions.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::Value;
using Row = FixedRow;

constexpr int64_t kMillis = 1000;
constexpr size_t kDefaultHistory = 1000;

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

std::shared_ptr<TableEntry> ArgumentTable(duckdb::ClientContext& client,
                                          const duckdb::TableFunctionBindInput& input) {
    if (input.inputs[0].IsNull())
        throw Error(ErrorKind::kInvalidInput, "expected the name of a table, found NULL");
    auto entry = FindTable(client, duckdb::StringValue::Get(input.inputs[0]));
    entry->core().parts.policy.Authorize(ClientState::Of(client).principal, Action::kRead,
                                         entry->row().name);
    return entry;
}

// Delta's columns, and in commitInfo what they leave.
std::vector<OutputColumn> HistoryColumns() {
    return {{"version", LogicalType::BIGINT},         {"timestamp", LogicalType::TIMESTAMP_TZ},
            {"userId", LogicalType::VARCHAR},         {"userName", LogicalType::VARCHAR},
            {"operation", LogicalType::VARCHAR},      {"operationParameters", TextMap()},
            {"clusterId", LogicalType::VARCHAR},      {"readVersion", LogicalType::BIGINT},
            {"isolationLevel", LogicalType::VARCHAR}, {"isBlindAppend", LogicalType::BOOLEAN},
            {"operationMetrics", TextMap()},          {"userMetadata", LogicalType::VARCHAR},
            {"engineInfo", LogicalType::VARCHAR},     {"commitInfo", TextMap()}};
}

// They are JSON; a text is shown without its quotes, as Delta shows it.
std::map<std::string, std::string> Shown(std::map<std::string, std::string> parameters) {
    for (auto& [name, value] : parameters) {
        const auto text = nlohmann::json::parse(value, nullptr, false);
        if (text.is_string()) value = text.get<std::string>();
    }
    return parameters;
}

Row HistoryRow(table::HistoryEntry commit) {
    // NULL when a commit does not say, or says what is no value of the type.
    const auto take = [&](const char* key, const LogicalType& type) {
        const auto found = commit.commit_info.find(key);
        if (found == commit.commit_info.end()) return Value(type);
        Value value(found->second);
        if (!value.DefaultTryCastAs(type)) return Value(type);
        commit.commit_info.erase(found);
        return value;
    };
    const LogicalType text = LogicalType::VARCHAR;
    Row row = {Value::BIGINT(commit.version.number),
               ToInstant(commit.timestamp_ms),
               take("userId", text),
               take("userName", text),
               Value(commit.operation),
               ToMap(Shown(std::move(commit.parameters))),
               take("clusterId", text),
               take("readVersion", LogicalType::BIGINT),
               take("isolationLevel", text),
               take("isBlindAppend", LogicalType::BOOLEAN),
               ToMap(commit.metrics),
               take("userMetadata", text),
               take("engineInfo", text)};
    row.push_back(ToMap(commit.commit_info));
    return row;
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
        auto data = DeclareFixed(HistoryColumns(), types, names);
        for (auto& commit :
             entry->core().FormatNamed(entry->row().format).History(entry->row().location, limit)) {
            data->rows.push_back(HistoryRow(std::move(commit)));
        }
        return data;
    });
}

// Delta's columns, and behind them the version. Nothing here reads statistics: rows are counted by
// COUNT(*).
std::vector<OutputColumn> DetailColumns() {
    return {{"format", LogicalType::VARCHAR},
            {"id", LogicalType::VARCHAR},
            {"name", LogicalType::VARCHAR},
            {"description", LogicalType::VARCHAR},
            {"location", LogicalType::VARCHAR},
            {"createdAt", LogicalType::TIMESTAMP_TZ},
            {"lastModified", LogicalType::TIMESTAMP_TZ},
            {"partitionColumns", LogicalType::LIST(LogicalType::VARCHAR)},
            {"clusteringColumns", LogicalType::LIST(LogicalType::VARCHAR)},
            {"numFiles", LogicalType::BIGINT},
            {"sizeInBytes", LogicalType::BIGINT},
            {"properties", TextMap()},
            {"minReaderVersion", LogicalType::INTEGER},
            {"minWriterVersion", LogicalType::INTEGER},
            {"tableFeatures", LogicalType::LIST(LogicalType::VARCHAR)},
            {"version", LogicalType::BIGINT}};
}

// Each feature once, by name.
std::vector<std::string> FeaturesOf(const std::map<std::string, std::string>& protocol) {
    std::set<std::string> features;
    for (const char* part : {"readerFeatures", "writerFeatures"}) {
        const auto listed = protocol.find(part);
        if (listed == protocol.end()) continue;
        for (const std::string& feature : duckdb::StringUtil::Split(listed->second, ','))
            features.insert(feature);
    }
    return {features.begin(), features.end()};
}

Row DetailRow(TableEntry& entry) {
    const table::Snapshot& snapshot = *entry.snapshot();
    const table::TableMetadata& metadata = entry.metadata();
    const table::TableTotals totals = snapshot.Totals();
    const auto parts = snapshot.Protocol();
    const std::map<std::string, std::string> protocol(parts.begin(), parts.end());
    const auto level = [&](const char* part) {
        const auto found = protocol.find(part);
        return found == protocol.end() ? Value(LogicalType::INTEGER)
                                       : Value(found->second).DefaultCastAs(LogicalType::INTEGER);
    };
    return {
        Value(entry.row().format),
        Value(metadata.id),
        Value(entry.row().name.ToString()),
        metadata.description.empty() ? Value(LogicalType::VARCHAR) : Value(metadata.description),
        Value(entry.row().location),
        ToInstant(metadata.created_ms),
        ToInstant(snapshot.CommittedMs()),
        ToList(metadata.partition_columns),
        ToList(metadata.clustering_columns),
        Value::BIGINT(static_cast<int64_t>(totals.files)),
        Value::BIGINT(static_cast<int64_t>(totals.size_bytes)),
        ToMap(metadata.properties),
        level("minReaderVersion"),
        level("minWriterVersion"),
        ToList(FeaturesOf(protocol)),
        Value::BIGINT(snapshot.AtVersion().number)};
}

duckdb::unique_ptr<duckdb::FunctionData> BindDetail(duckdb::ClientContext& client,
                                                    duckdb::TableFunctionBindInput& input,
                                                    duckdb::vector<LogicalType>& types,
                                                    duckdb::vector<std::string>& names) {
    return Guarded([&]() -> duckdb::unique_ptr<duckdb::FunctionData> {
        auto entry = ArgumentTable(client, input);
        auto data = DeclareFixed(DetailColumns(), types, names);
        data->rows.push_back(DetailRow(*entry));
        return data;
    });
}

// Numbers of characters that are none count as 0, and none is so large that it could overflow.
constexpr const char* kPartial = R"(
CASE WHEN value IS NULL THEN NULL
     WHEN length(CAST(value AS VARCHAR)) < greatest(
         coalesce(TRY_CAST(least_length AS BIGINT), 8),
         2 * (least(greatest(coalesce(TRY_CAST(head AS BIGINT), 0), 0), 1000) +
              least(greatest(coalesce(TRY_CAST(tail AS BIGINT), 0), 0), 1000)))
     THEN '***'
     ELSE left(CAST(value AS VARCHAR),
               least(greatest(coalesce(TRY_CAST(head AS BIGINT), 0), 0), 1000)) ||
          '***' ||
          right(CAST(value AS VARCHAR),
                least(greatest(coalesce(TRY_CAST(tail AS BIGINT), 0), 0), 1000))
END)";

void Register(duckdb::ExtensionLoader& loader, OwnFunctionId id, const std::string& name) {
    switch (id) {
        case OwnFunctionId::kTableHistory:
            return loader.RegisterFunction(FixedFunction(
                name, {{LogicalType::VARCHAR}, {LogicalType::VARCHAR, LogicalType::BIGINT}},
                BindHistory));
        case OwnFunctionId::kTableDetail:
            return loader.RegisterFunction(
                FixedFunction(name, {{LogicalType::VARCHAR}}, BindDetail));
        case OwnFunctionId::kTableChanges:
            return loader.RegisterFunction(ChangeFunction(name, ChangesOf::kNamedTable));
        case OwnFunctionId::kTableChangesByPath:
            return loader.RegisterFunction(ChangeFunction(name, ChangesOf::kTableByPath));
        case OwnFunctionId::kTableAppends:
            return loader.RegisterFunction(ChangeFunction(name, ChangesOf::kAppendsOfNamedTable));
        case OwnFunctionId::kCurrentTimestamp: {
            const duckdb::DefaultMacro now = {
                DEFAULT_SCHEMA, name.c_str(), {nullptr}, {{nullptr, nullptr}}, "now()"};
            return loader.RegisterFunction(
                *duckdb::DefaultFunctionGenerator::CreateInternalMacroInfo(now));
        }
        case OwnFunctionId::kPiiPartial: {
            const duckdb::DefaultMacro partial = {DEFAULT_SCHEMA,
                                                  name.c_str(),
                                                  {"value", "head", "tail", nullptr},
                                                  {{"least_length", "8"}, {nullptr, nullptr}},
                                                  kPartial};
            return loader.RegisterFunction(
                *duckdb::DefaultFunctionGenerator::CreateInternalMacroInfo(partial));
        }
        case OwnFunctionId::kPiiHash:
        case OwnFunctionId::kPiiToken:
            return;  // by RegisterPiiFunctions
    }
}

}  // namespace

void RegisterTableFunctions(Core&, duckdb::DatabaseInstance& database) {
    duckdb::ExtensionLoader loader(database, "tarn");
    for (const OwnFunction& function : OwnFunctions())
        Register(loader, function.id, std::string(function.name));
    RegisterUpkeepFunction(loader);
    RegisterShowFunction(loader);
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
