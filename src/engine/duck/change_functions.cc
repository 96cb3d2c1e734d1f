#include "engine/duck/change_functions.h"

#include <algorithm>

#include "base/text.h"
#include "duckdb/planner/operator/logical_get.hpp"
#include "engine/duck/change_scan.h"
#include "engine/duck/client_state.h"
#include "engine/duck/errors.h"
#include "engine/duck/table_functions.h"
#include "engine/duck/version_values.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;

constexpr const char* kPathSchema = "delta";

// The version that is latest at a time; nothing when the table is younger.
table::SnapshotPtr SnapshotAt(TableEntry& entry, int64_t unix_ms) {
    try {
        return entry.core()
            .FormatNamed(entry.row().format)
            .Load(entry.row().location, table::AtTime{unix_ms});
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::kNotFound) throw;
        return nullptr;
    }
}

// A number is a version, in quotes too; anything else is a time.
std::optional<table::Version> AsVersion(const duckdb::Value& value) {
    if (value.IsNull()) {
        throw Error(ErrorKind::kInvalidInput, "expected a version or a time, found NULL");
    }
    if (value.type().IsIntegral()) {
        return table::Version{value.DefaultCastAs(LogicalType::BIGINT).GetValue<int64_t>()};
    }
    if (value.type().id() == duckdb::LogicalTypeId::VARCHAR) {
        if (const auto number = ParseInt(duckdb::StringValue::Get(value))) {
            return table::Version{*number};
        }
    }
    return std::nullopt;
}

// The first version of the range: at a time, the first one committed then or later.
table::Version FirstVersion(duckdb::ClientContext& client, TableEntry& entry,
                            const duckdb::Value& value) {
    if (const auto version = AsVersion(value)) return *version;
    const int64_t unix_ms = TimeIn(client, value).unix_ms;
    const auto before = SnapshotAt(entry, unix_ms - 1);
    return before ? before->AtVersion().Next() : table::Version{0};
}

// The last version of the range: at a time, the last one committed until then; of versions that are
// not there yet the latest, if the range begins before them.
table::Version LastVersion(duckdb::ClientContext& client, TableEntry& entry, table::Version first,
                           const duckdb::Value& value) {
    if (const auto version = AsVersion(value)) {
        const table::Version latest = entry.snapshot()->AtVersion();
        return first > latest ? *version : std::min(*version, latest);
    }
    const auto at = SnapshotAt(entry, TimeIn(client, value).unix_ms);
    if (!at) throw Error(ErrorKind::kNotFound, "the table is younger than {}", value.ToString());
    return at->AtVersion();
}

std::shared_ptr<TableEntry> NamedTable(duckdb::ClientContext& client, const duckdb::Value& name,
                                       bool by_path) {
    if (name.IsNull()) {
        throw Error(ErrorKind::kInvalidInput, "expected the name of a table, found NULL");
    }
    const std::string& text = duckdb::StringValue::Get(name);
    auto entry =
        by_path ? FindTable(client, TableName{kPathSchema, text}) : FindTable(client, text);
    entry->core().parts.policy.Authorize(ClientState::Of(client).principal, Action::kRead,
                                         entry->row().name);
    return entry;
}

// A scan of its own, put into the plan.
template <bool kByPath, table::ChangeScope kScope>
duckdb::unique_ptr<duckdb::LogicalOperator> Bind(duckdb::ClientContext& client,
                                                 duckdb::TableFunctionBindInput& input,
                                                 duckdb::idx_t bind_index,
                                                 duckdb::vector<std::string>& return_names) {
    return Guarded([&]() -> duckdb::unique_ptr<duckdb::LogicalOperator> {
        auto entry = NamedTable(client, input.inputs[0], kByPath);
        const table::Version first = FirstVersion(client, *entry, input.inputs[1]);
        const table::Version last = input.inputs.size() > 2
                                        ? LastVersion(client, *entry, first, input.inputs[2])
                                        : entry->snapshot()->AtVersion();
        duckdb::unique_ptr<duckdb::FunctionData> bind_data;
        duckdb::vector<LogicalType> types;
        auto function =
            BindChangeScan(client, entry, first, last, kScope, bind_data, types, return_names);
        auto get = duckdb::make_uniq<duckdb::LogicalGet>(bind_index, std::move(function),
                                                         std::move(bind_data), types, return_names,
                                                         ScanVirtualColumns(*entry->snapshot()));
        for (size_t i = 0; i < types.size(); i++) get->AddColumnId(i);
        return get;
    });
}

void UseAsOperator(duckdb::ClientContext&, duckdb::TableFunctionInput&, duckdb::DataChunk&) {
    throw duckdb::InternalException("a scan of changes is bound as an operator");
}

duckdb::table_function_bind_operator_t BindOf(ChangesOf what) {
    switch (what) {
        case ChangesOf::kNamedTable:
            return Bind<false, table::ChangeScope::kAll>;
        case ChangesOf::kTableByPath:
            return Bind<true, table::ChangeScope::kAll>;
        case ChangesOf::kAppendsOfNamedTable:
            return Bind<false, table::ChangeScope::kAppends>;
    }
    throw Error(ErrorKind::kInternal, "no such changes");
}

}  // namespace

duckdb::TableFunctionSet ChangeFunction(const std::string& name, ChangesOf what) {
    duckdb::TableFunctionSet functions(name);
    for (const size_t ends : {1, 2}) {
        duckdb::vector<LogicalType> arguments(1 + ends, LogicalType::ANY);
        arguments[0] = LogicalType::VARCHAR;
        duckdb::TableFunction function(name, arguments, UseAsOperator);
        function.bind_operator = BindOf(what);
        functions.AddFunction(std::move(function));
    }
    return functions;
}

}  // namespace tarn::engine::duck
