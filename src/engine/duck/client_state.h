// What the engine keeps beside each of DuckDB's connections: who it is, and what the statement that
// runs now was given. Operators find it through the client context. One thread at a time, but for
// the meter.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "duckdb/main/client_context_state.hpp"
#include "engine/duck/meter.h"
#include "engine/duck/temp_lineage.h"
#include "engine/session.h"
#include "sql/statement.h"
#include "table/change.h"

namespace tarn::engine::duck {

class LineageCapture;

class ClientState final : public duckdb::ClientContextState {
public:
    explicit ClientState(Principal who) : principal(std::move(who)) {}

    // Every context in which our code runs has one; a missing one is a defect (Internal).
    static ClientState& Of(duckdb::ClientContext& context);
    static ClientState* TryOf(duckdb::ClientContext& context);
    static void Attach(duckdb::ClientContext& context, duckdb::shared_ptr<ClientState> state);

    // A new statement begins: its own meter and options.
    void Begin(const ExecuteOptions* statement_options);
    // What EXPLAIN ANALYZE says beside the plan. All threads have reported by then, as they have
    // not when the plan's operators are asked.
    void WriteProfilingInformation(std::ostream& out) override { meter->WriteScans(out); }

    const Principal principal;
    std::shared_ptr<Meter> meter = std::make_shared<Meter>();
    // Of the running statement; null between statements.
    const ExecuteOptions* options = nullptr;
    // The clauses that were cut out of the running CREATE TABLE; null when there are none.
    const sql::TableClauses* clauses = nullptr;
    // The running statement tends a table; null when it does not.
    const sql::UpkeepStatement* upkeep = nullptr;
    // The same is not to be done, but told of (EXPLAIN).
    bool explains = false;
    // The running statement shows what the catalog has; null when it does not.
    const sql::Show* show = nullptr;
    // The rows of the running statement bring new columns along, and need not give all fields.
    bool evolves = false;
    // The running statement takes a name away: what stands under it is not read, it may be broken.
    bool drops = false;
    // The running statement is a part of another, whose change takes up what this one did.
    bool is_part = false;
    // For the history, what the running statement says, as JSON text (operation_parameters.h).
    std::map<std::string, std::string> parameters;
    // What was SET of Spark's settings, by their names in lower case.
    std::map<std::string, std::string> spark_settings;
    // The files that a running VACUUM ... USING INVENTORY may look at.
    std::vector<std::string> inventory;
    // What was cut out of the running CREATE SCHEMA or CREATE VIEW.
    sql::EntryClauses entry;
    // Tables that were written and want small files put together, once the transaction is over.
    std::vector<TableName> to_compact;
    // Reads the lineage of the statement that is planned now; null when nobody asks.
    LineageCapture* lineage = nullptr;
    // What the session's temporary tables were made of.
    TempLineage temp_lineage;
    // Tables that the plan of now takes for there; null: only those that are.
    const AssumedTables* assumed = nullptr;
    // Why the commit of the lake's transaction failed: DuckDB hands on only its words.
    std::optional<Error> commit_error;
    // Of that failure, when another commit won; the statement itself did nothing then.
    std::optional<table::ConflictReason> conflict;
};

}  // namespace tarn::engine::duck
