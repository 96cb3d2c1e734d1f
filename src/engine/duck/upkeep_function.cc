#include "engine/duck/upkeep_function.h"

#include <atomic>

#include "duckdb/transaction/transaction_context.hpp"
#include "engine/duck/about_table.h"
#include "engine/duck/client_state.h"
#include "engine/duck/errors.h"
#include "engine/duck/table_functions.h"
#include "engine/duck/upkeep_rows.h"
#include "engine/duck/upkeep_run.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::Value;
using Row = duckdb::vector<Value>;

struct UpkeepData final : public duckdb::TableFunctionData {
    sql::UpkeepStatement statement;
    bool explains = false;
    std::shared_ptr<TableEntry> entry;
    Value version;  // a statement's VersionClause, evaluated
};

struct UpkeepState final : public duckdb::GlobalTableFunctionState {
    bool is_done = false;
    std::vector<Row> rows;
    size_t next = 0;
    std::atomic<double> progress = 0;
};

const sql::QualifiedName& TableOf(const sql::UpkeepStatement& statement) {
    return std::visit([](const auto& one) -> const sql::QualifiedName& { return one.table; },
                      statement);
}

duckdb::unique_ptr<duckdb::FunctionData> Bind(duckdb::ClientContext& client,
                                              duckdb::TableFunctionBindInput& input,
                                              duckdb::vector<LogicalType>& types,
                                              duckdb::vector<std::string>& names) {
    return Guarded([&]() -> duckdb::unique_ptr<duckdb::FunctionData> {
        const ClientState& state = ClientState::Of(client);
        if (state.upkeep == nullptr) {
            throw Error(ErrorKind::kInvalidInput,
                        "this function is the engine's own: use OPTIMIZE, VACUUM, CHECKPOINT, "
                        "ALTER TABLE ... DROP FEATURE, RESTORE or CLONE");
        }
        if (!client.transaction.IsAutoCommit()) {
            throw Error(ErrorKind::kUnsupported,
                        "statements that tend a table (OPTIMIZE, VACUUM, RESTORE, CLONE ...) "
                        "commit by themselves: run them outside BEGIN ... COMMIT");
        }
        auto data = duckdb::make_uniq<UpkeepData>();
        data->statement = *state.upkeep;
        data->explains = state.explains;
        if (!input.inputs.empty()) data->version = input.inputs.front();
        data->entry = FindTable(client, TableOf(data->statement).ToSql());
        const TableEntry& entry = *data->entry;
        const bool only_reads =
            data->explains || std::holds_alternative<sql::Clone>(data->statement);
        entry.core().parts.policy.Authorize(
            state.principal, only_reads ? Action::kRead : Action::kWrite, entry.row().name);
        if (data->explains) {
            DeclarePlanColumns(types, names);
        } else {
            DeclareUpkeepColumns(data->statement, types, names);
        }
        return data;
    });
}

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> Start(duckdb::ClientContext&,
                                                           duckdb::TableFunctionInitInput&) {
    return duckdb::make_uniq<UpkeepState>();
}

void Give(duckdb::ClientContext& client, duckdb::TableFunctionInput& input,
          duckdb::DataChunk& chunk) {
    const auto& data = input.bind_data->Cast<UpkeepData>();
    auto& state = input.global_state->Cast<UpkeepState>();
    if (!std::exchange(state.is_done, true)) {
        Guarded([&] {
            NamingTable(data.entry->row().name, [&] {
                state.rows = RunUpkeep(
                    client, {data.statement, data.entry, data.version,
                             [&state](double share) { state.progress = share; }, data.explains});
            });
        });
    }
    duckdb::idx_t count = 0;
    for (; state.next < state.rows.size() && count < STANDARD_VECTOR_SIZE; state.next++, count++) {
        const Row& row = state.rows[state.next];
        for (size_t column = 0; column < row.size(); column++)
            chunk.SetValue(column, count, row[column]);
    }
    chunk.SetCardinality(count);
}

double Progress(duckdb::ClientContext&, const duckdb::FunctionData*,
                const duckdb::GlobalTableFunctionState* state) {
    constexpr double kPercent = 100;
    return state->Cast<UpkeepState>().progress * kPercent;
}

}  // namespace

void RegisterUpkeepFunction(duckdb::ExtensionLoader& loader) {
    duckdb::TableFunctionSet functions("tarn_upkeep");
    duckdb::TableFunction function({}, Give, Bind, Start);
    function.table_scan_progress = Progress;
    functions.AddFunction(function);
    function.arguments = {LogicalType::ANY};
    functions.AddFunction(function);
    loader.RegisterFunction(functions);
}

std::string UpkeepQuery(const sql::UpkeepStatement& statement) {
    std::string version;
    if (const auto* restore = std::get_if<sql::Restore>(&statement))
        version = restore->version.value;
    const auto* clone = std::get_if<sql::Clone>(&statement);
    if (clone != nullptr && clone->version) version = clone->version->value;
    return fmt::format("SELECT * FROM tarn_upkeep({})", version);
}

}  // namespace tarn::engine::duck
