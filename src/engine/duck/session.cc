#include "engine/duck/session.h"

#include <algorithm>

#include "base/text.h"
#include "duckdb/catalog/catalog_search_path.hpp"
#include "duckdb/main/client_data.hpp"
#include "duckdb/main/database_manager.hpp"
#include "duckdb/parallel/task_scheduler.hpp"
#include "duckdb/parser/expression/constant_expression.hpp"
#include "duckdb/parser/parser.hpp"
#include "duckdb/parser/statement/explain_statement.hpp"
#include "duckdb/parser/statement/set_statement.hpp"
#include "engine/duck/described_table.h"
#include "engine/duck/dialect_setting.h"
#include "engine/duck/field_assignments.h"
#include "engine/duck/merge_columns.h"
#include "engine/duck/named_table.h"
#include "engine/duck/operation_parameters.h"
#include "engine/duck/own_transaction.h"
#include "engine/duck/refused_rows.h"
#include "engine/duck/replacing_insert.h"
#include "engine/duck/run_to_end.h"
#include "engine/duck/schema_evolution.h"
#include "engine/duck/table_functions.h"
#include "engine/duck/values.h"
#include "sql/dialect_translation.h"
#include "sql/quote.h"

namespace tarn::engine::duck {
namespace {

constexpr double kPercent = 100.0;

duckdb::case_insensitive_map_t<duckdb::BoundParameterData> BindParameters(
    const std::vector<table::Value>& values) {
    duckdb::case_insensitive_map_t<duckdb::BoundParameterData> bound;
    for (size_t i = 0; i < values.size(); i++) {
        bound[std::to_string(i + 1)] = duckdb::BoundParameterData(ToDuck(values[i]));
    }
    return bound;
}

// The statement that EXPLAIN explains, else the statement itself.
duckdb::SQLStatement& Explained(duckdb::SQLStatement& statement) {
    if (statement.type != duckdb::StatementType::EXPLAIN_STATEMENT) return statement;
    return *statement.Cast<duckdb::ExplainStatement>().stmt;
}

// EXPLAIN ANALYZE, which runs what it explains.
bool IsAnalyzed(const duckdb::SQLStatement& statement) {
    return statement.type == duckdb::StatementType::EXPLAIN_STATEMENT &&
           statement.Cast<duckdb::ExplainStatement>().explain_type ==
               duckdb::ExplainType::EXPLAIN_ANALYZE;
}

// Says for one statement whether it drops, also when it fails.
class Dropping {
public:
    Dropping(ClientState& state, bool drops) : state_(state) { state_.drops = drops; }
    ~Dropping() { state_.drops = false; }
    Dropping(const Dropping&) = delete;
    Dropping& operator=(const Dropping&) = delete;

private:
    ClientState& state_;
};

}  // namespace

void Inputs::Release(uint64_t of_statement) {
    if (of_statement != statement) return;
    for (auto& [name, input] : by_name) input->SetOnce(nullptr);
}

DuckSession::DuckSession(Core& core, duckdb::DatabaseInstance& database, const Principal& principal)
    : core_(core),
      connection_(database),
      state_(duckdb::make_shared_ptr<ClientState>(principal)),
      variables_(connection_) {
    ClientState::Attach(*connection_.context, state_);
    duckdb::ClientConfig& config = duckdb::ClientConfig::GetConfig(*connection_.context);
    config.enable_progress_bar = true;
    config.print_progress_bar = false;
    config.wait_time = 0;
}

DuckSession::~DuckSession() = default;

void DuckSession::Begin(const ExecuteOptions& options) {
    options_ = options;
    state_->Begin(&options_);
    state_->meter->reruns = reruns_;
}

std::unique_ptr<Result> DuckSession::ExecuteOnce(const sql::Statement& statement,
                                                 const ExecuteOptions& options) {
    try {
        return ExecuteParsed(statement, options);
    } catch (const Error& error) {
        // The engine says where it stumbled, the parser of queries also what it expected there.
        if (error.kind() != ErrorKind::kInvalidInput || error.spot().line == 0) throw;
        const auto mistake = sql::MistakeIn(statement, Speaks());
        const bool is_same = mistake && mistake->spot().line == error.spot().line &&
                             mistake->spot().column == error.spot().column;
        if (!is_same) throw;
        throw Error(*mistake);
    }
}

std::unique_ptr<Result> DuckSession::ExecuteParsed(const sql::Statement& statement,
                                                   const ExecuteOptions& options) {
    state_->conflict.reset();
    Begin(options);
    if (const auto variable = sql::ReadVariableStatement(statement, Speaks()))
        return DoVariable(*variable, options);
    if (const auto flow = sql::ReadChangeFlow(statement, Speaks()))
        return RunFlow(statement, *flow, options);
    const auto resolved = variables_.Resolve(statement, Speaks());
    return ExecuteResolved(resolved ? *resolved : statement, options);
}

std::unique_ptr<Result> DuckSession::DoVariable(const sql::VariableStatement& statement,
                                                const ExecuteOptions& options) {
    const sql::Dialect dialect = Speaks();
    if (const auto* execute = std::get_if<sql::ExecuteImmediate>(&statement)) {
        const std::string text = variables_.TextOf(*execute, dialect);
        if (execute->into.empty()) return ExecuteParsed(sql::Statement{text}, options);
        variables_.Do(sql::SetVariables{execute->into, {}, "(" + text + ")"}, dialect);
    } else if (const auto* declare = std::get_if<sql::DeclareVariable>(&statement)) {
        variables_.Do(*declare, dialect);
    } else if (const auto* set = std::get_if<sql::SetVariables>(&statement)) {
        variables_.Do(*set, dialect);
    } else {
        variables_.Do(std::get<sql::DropVariable>(statement));
    }
    return std::make_unique<EmptyResult>(std::vector<std::string>{});
}

std::unique_ptr<Result> DuckSession::Run(const sql::EngineStatement& statement,
                                         const ExecuteOptions& options, StandsFor stands_for) {
    if (statement.clauses) CheckClauses(*statement.clauses);
    if (statement.replaces) CheckIsThere(*statement.replaces);
    clauses_ = statement.clauses;
    stands_for_ = std::move(stands_for);
    Begin(options);
    state_->clauses = clauses_ ? &*clauses_ : nullptr;
    state_->upkeep = stands_for_.upkeep ? &*stands_for_.upkeep : nullptr;
    state_->explains = stands_for_.explains;
    state_->show = stands_for_.show ? &*stands_for_.show : nullptr;
    state_->entry = statement.entry;
    std::shared_ptr<Deadline> deadline;
    if (options.timeout_ms > 0)
        deadline = std::make_shared<Deadline>(connection_.context, options.timeout_ms);
    auto errors = std::make_shared<ErrorContext>(statement.source_map, deadline, state_);
    inputs_->Release(inputs_->statement++);
    try {
        return Start(statement, options, errors, deadline);
    } catch (const std::exception& exception) {
        inputs_->Release(inputs_->statement);
        errors->Throw(exception);
    }
}

std::unique_ptr<Result> DuckSession::Start(const sql::EngineStatement& statement,
                                           const ExecuteOptions& options,
                                           std::shared_ptr<ErrorContext> errors,
                                           std::shared_ptr<Deadline> deadline) {
    auto parsed = ParseOne(statement.text);
    if (statement.statement_class == sql::StatementClass::kDescribe) {
        if (Speaks() == sql::Dialect::kSpark) DescribeAsSpark(*connection_.context, parsed);
        AddComments(*connection_.context, parsed);
    }
    if (statement.statement_class == sql::StatementClass::kUse) CheckUsed(*parsed);
    const Dropping dropping(*state_, parsed->type == duckdb::StatementType::DROP_STATEMENT);
    BindInputs(options);
    auto parameters = BindParameters(options.parameters);
    duckdb::SQLStatement& told = Explained(*parsed);
    const bool runs = &told == parsed.get() || IsAnalyzed(*parsed);
    const bool is_insert = runs && told.type == duckdb::StatementType::INSERT_STATEMENT;
    const bool may_evolve = statement.evolves_schema || MergesSchema(*connection_.context);
    const bool evolves = runs && WritesRows(told) && may_evolve;
    std::optional<OwnTransaction> transaction;
    if ((statement.insert && is_insert) || evolves) transaction.emplace(connection_);
    duckdb::ClientContext& client = *connection_.context;
    const StatementRows rows(client, parameters, statement.insert);
    state_->evolves = evolves;
    if (evolves) SchemaEvolver(client, rows).Evolve(told);
    SpellOutStars(client, told, rows, may_evolve);
    SpellOutFields(client, told);
    state_->parameters = OperationParameters(told, statement.insert);
    std::optional<ReplacingInsert> replacing;
    if (statement.insert && is_insert) {
        replacing.emplace(connection_, *state_, *statement.insert);
        replacing->Prepare(told, options_.insert_mode);
    }
    std::optional<LineageCapture> lineage;
    if (runs && WantsLineage(told)) {
        lineage.emplace(state_->temp_lineage);
        ReadView(told, *lineage);
    }
    state_->lineage = lineage ? &*lineage : nullptr;
    auto pending = connection_.context->PendingQuery(
        std::move(parsed), parameters, duckdb::QueryResultOutputType::ALLOW_STREAMING);
    state_->lineage = nullptr;
    if (pending->HasError()) {
        if (auto reason = WhyRefused(client, *ParseOne(statement.text), rows))
            throw *std::move(reason);
        errors->Throw(pending->GetErrorObject());
    }
    auto* const helped =
        stands_for_.upkeep ? &duckdb::TaskScheduler::GetScheduler(*connection_.context) : nullptr;
    auto result = RunToEnd(*pending, helped);
    if (result->HasError()) errors->Throw(result->GetErrorObject());
    replacing.reset();
    if (transaction) {
        // Between its queries a cancel is heard by none of them.
        if (is_cancelled_ || client.IsInterrupted()) throw duckdb::InterruptException();
        transaction->Commit();
    }
    if (lineage) KeepLineage(*lineage, ColumnInfosOf(result->names, result->types));
    return std::make_unique<DuckResult>(ResultParts{
        connection_.context, std::move(result), state_->meter, std::move(errors),
        std::move(deadline), core_.parts.clock, started_, Speaks(),
        [inputs = inputs_, statement = inputs_->statement] { inputs->Release(statement); }});
}

// The engine calls a schema that is not there a mistake in the statement.
void DuckSession::CheckUsed(const duckdb::SQLStatement& parsed) {
    if (parsed.type != duckdb::StatementType::SET_STATEMENT) return;
    const auto& set = parsed.Cast<duckdb::SetVariableStatement>();
    if (set.value->GetExpressionClass() != duckdb::ExpressionClass::CONSTANT) return;
    const std::string named = set.value->Cast<duckdb::ConstantExpression>().value.ToString();
    const auto path = duckdb::CatalogSearchEntry::Parse(named);
    duckdb::ClientContext& client = *connection_.context;
    client.RunFunctionInTransaction([&] {
        const bool is_there =
            duckdb::Catalog::GetSchema(client, path.catalog, path.schema,
                                       duckdb::OnEntryNotFound::RETURN_NULL) ||
            (path.catalog.empty() &&
             duckdb::DatabaseManager::Get(client).GetDatabase(client, path.schema));
        if (!is_there) throw Error(ErrorKind::kNotFound, "there is no schema {} to use", named);
    });
}

// DuckDB makes several statements of some (PIVOT): all but the last are run, the last answers.
duckdb::unique_ptr<duckdb::SQLStatement> DuckSession::ParseOne(const std::string& text) {
    duckdb::Parser parser(connection_.context->GetParserOptions());
    parser.ParseQuery(text);
    if (parser.statements.size() != 1) {
        throw Error(ErrorKind::kInvalidInput, "the text holds {} statements, expected one",
                    parser.statements.size());
    }
    auto statements = std::move(parser.statements);
    connection_.context->PreprocessStatements(statements);
    if (statements.empty()) {
        throw Error(ErrorKind::kInvalidInput, "there is no statement in the text");
    }
    for (size_t i = 0; i + 1 < statements.size(); i++) {
        auto result = connection_.context->Query(std::move(statements[i]),
                                                 duckdb::QueryResultOutputType::FORCE_MATERIALIZED);
        if (result->HasError()) result->GetErrorObject().Throw();
    }
    return std::move(statements.back());
}

// The views stay in the temporary catalog; each use of a name replaces its own.
void DuckSession::BindInputs(const ExecuteOptions& options) {
    for (const auto& [name, source] : options.inputs) {
        auto& input = inputs_->by_name[AsciiLower(name)];
        if (!input) input = std::make_unique<ArrowInput>(name);
        input->SetOnce(source);
        connection_.TableFunction(kArrowScan, input->ScanArguments())->CreateView(name, true, true);
    }
}

table::SnapshotPtr DuckSession::Snapshot(const TableName& name) {
    table::SnapshotPtr snapshot;
    try {
        connection_.context->RunFunctionInTransaction(
            [&] { snapshot = FindTable(*connection_.context, name)->snapshot(); });
    } catch (const std::exception& exception) {
        throw FromException(exception);
    }
    return snapshot;
}

TableName DuckSession::ResolveName(std::string_view text) {
    const auto parts = duckdb::QualifiedName::ParseComponents(std::string(text));
    if (parts.empty() || parts.size() > 3) {
        throw Error(ErrorKind::kInvalidInput,
                    "{} is not the name of a table: expected [[lake.]schema.]name", text);
    }
    TableName name;
    name.name = parts.back();
    name.schema = parts.size() > 1 ? parts[parts.size() - 2]
                                   : duckdb::ClientData::Get(*connection_.context)
                                         .catalog_search_path->GetDefault()
                                         .schema;
    return name;
}

sql::Dialect DuckSession::Speaks() { return DialectOf(*connection_.context); }

void DuckSession::Cancel() {
    is_cancelled_ = true;
    connection_.Interrupt();
}

double DuckSession::Progress() {
    const double percentage = connection_.GetQueryProgress();
    return percentage < 0 ? -1 : percentage / kPercent;
}

}  // namespace tarn::engine::duck
