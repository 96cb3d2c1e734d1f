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
#include "engine/duck/alter_table.h"
#include "engine/duck/bare_table.h"
#include "engine/duck/convert_table.h"
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
#include "engine/duck/show_function.h"
#include "engine/duck/spark_settings.h"
#include "engine/duck/table_functions.h"
#include "engine/duck/upkeep_function.h"
#include "engine/duck/upkeep_rows.h"
#include "engine/duck/values.h"
#include "engine/query_record.h"
#include "sql/dialect_translation.h"
#include "sql/parser.h"
#include "sql/quote.h"
#include "sql/shown_statement.h"

namespace tarn::engine::duck {
namespace {

constexpr double kPercent = 100.0;
// So much of a statement's text is kept in the history.
constexpr size_t kShownBytes = 4096;
constexpr std::string_view kOwnApp = "tarn:";

// A statement that lost to another writer is run again so often, and not once it took so long.
constexpr uint64_t kMostReruns = 30;
constexpr DurationUs kLongestTrying = std::chrono::minutes(10);
constexpr DurationUs kFirstPause = std::chrono::milliseconds(2);
constexpr DurationUs kLongestPause = std::chrono::milliseconds(250);

DurationUs PauseBefore(uint64_t rerun, Random& random) {
    const auto longest =
        std::min(DurationUs(kFirstPause * (1 << std::min<uint64_t>(rerun, 10))), kLongestPause);
    return DurationUs(
        static_cast<int64_t>(random.Below(static_cast<uint64_t>(longest.count()) + 1)));
}

duckdb::case_insensitive_map_t<duckdb::BoundParameterData> BindParameters(
    const std::vector<table::Value>& values) {
    duckdb::case_insensitive_map_t<duckdb::BoundParameterData> bound;
    for (size_t i = 0; i < values.size(); i++) {
        bound[std::to_string(i + 1)] = duckdb::BoundParameterData(ToDuck(values[i]));
    }
    return bound;
}

// A statement of ours that the engine answers by a query; mistakes in it point to the statement's
// begin.
sql::EngineStatement InPlaceOf(const sql::Statement& statement, std::string query) {
    sql::Rewriter rewriter(statement.text, statement.position());
    rewriter.Replace(0, statement.text.size(), query);
    sql::Rewritten rewritten = rewriter.Build();
    return {sql::StatementClass::kDescribe,
            std::move(rewritten.text),
            std::move(rewritten.source_map),
            std::nullopt,
            std::nullopt,
            false,
            std::nullopt,
            std::nullopt};
}

// Ingest and models write with their node in the transaction's name.
std::string NodeOf(const ExecuteOptions& options) {
    if (!options.node.empty() || !options.transaction) return options.node;
    const std::string& app = options.transaction->app_id;
    return app.starts_with(kOwnApp) ? app.substr(kOwnApp.size()) : app;
}

bool ChangesRows(sql::StatementClass statement_class) {
    return statement_class == sql::StatementClass::kInsert ||
           statement_class == sql::StatementClass::kUpdate ||
           statement_class == sql::StatementClass::kDelete ||
           statement_class == sql::StatementClass::kMerge;
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

std::unique_ptr<Result> DuckSession::Execute(const sql::Statement& statement,
                                             const ExecuteOptions& options) {
    started_ = core_.parts.clock.Monotonic();
    is_cancelled_ = false;
    return WithHistory(statement.text, NodeOf(options), options.queue_ms,
                       [&] { return ExecuteAgain(statement, options); });
}

std::unique_ptr<Result> DuckSession::WithHistory(std::string_view text, const std::string& node,
                                                 double queue_ms, const Work& work) {
    if (core_.parts.history == nullptr) return work();
    state_->meter = std::make_shared<Meter>();
    const sql::StatementKind kind = sql::KindOf(text, Speaks());
    const std::string shown = sql::WithoutSecrets(text, kShownBytes, Speaks());
    auto record = std::make_unique<QueryRecord>(
        *core_.parts.history,
        QueryStart{state_->principal.name, node, kind.name, shown, kind.only_reads, queue_ms});
    try {
        auto result = work();
        return Recorded(std::move(result), std::move(record));
    } catch (const Error& error) {
        StatementStats stats;
        state_->meter->CopyTo(stats);
        record->Fail(error, std::move(stats));
        throw;
    }
}

// Nothing of a statement that met a conflict was committed: it is as if it had never run.
std::unique_ptr<Result> DuckSession::ExecuteAgain(const sql::Statement& statement,
                                                  const ExecuteOptions& options) {
    Clock& clock = core_.parts.clock;
    const bool may_run_again = connection_.IsAutoCommit() && options.inputs.empty();
    ExecuteOptions left = options;
    for (reruns_ = 0;; ++reruns_) {
        try {
            return ExecuteOnce(statement, left);
        } catch (const Error&) {
            if (!may_run_again || !MayRunAgain()) throw;
        }
        clock.Sleep(PauseBefore(reruns_, core_.parts.random));
        if (options.timeout_ms == 0) continue;
        const auto taken =
            std::chrono::duration_cast<std::chrono::milliseconds>(clock.Monotonic() - started_);
        left.timeout_ms = std::max<int64_t>(options.timeout_ms - taken.count(), 1);
    }
}

bool DuckSession::MayRunAgain() const {
    using Reason = table::ConflictReason;
    const auto& conflict = state_->conflict;
    // The others of these would only say the same again.
    const bool is_passing = conflict && *conflict != Reason::kTransaction &&
                            *conflict != Reason::kTooManyAttempts &&
                            *conflict != Reason::kTableExists;
    return is_passing && reruns_ < kMostReruns && !is_cancelled_ &&
           core_.parts.clock.Monotonic() - started_ < kLongestTrying;
}

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

std::unique_ptr<Result> DuckSession::ExecuteResolved(const sql::Statement& statement,
                                                     const ExecuteOptions& options) {
    const sql::ParsedStatement parsed = sql::Parse(statement, Speaks());
    if (const auto* engine = std::get_if<sql::EngineStatement>(&parsed))
        return RunMarked(*engine, options);
    if (const auto* history = std::get_if<sql::DescribeHistory>(&parsed)) {
        return Run(InPlaceOf(statement, HistoryQuery(history->table, history->limit)), options);
    }
    if (const auto* detail = std::get_if<sql::DescribeDetail>(&parsed)) {
        return Run(InPlaceOf(statement, DetailQuery(detail->table)), options);
    }
    if (const auto* upkeep = std::get_if<sql::UpkeepStatement>(&parsed))
        return Tend(statement, *upkeep, options);
    if (const auto* explain = std::get_if<sql::ExplainUpkeep>(&parsed))
        return Explain(statement, *explain, options);
    if (const auto* show = std::get_if<sql::Show>(&parsed)) {
        return Run(InPlaceOf(statement, ShowQuery()), options, {std::nullopt, *show});
    }
    if (const auto* bare = std::get_if<sql::CreateBareTable>(&parsed))
        return DoAlone(options, [&] { CreateBareTable(*connection_.context, *bare); });
    if (const auto* convert = std::get_if<sql::ConvertTable>(&parsed))
        return DoAlone(options, [&] { ConvertTable(*connection_.context, *convert); });
    if (const auto* comment = std::get_if<sql::CommentOnSchema>(&parsed)) {
        return DoAlone(options, [&] { CommentOnSchema(*connection_.context, *comment); });
    }
    if (const auto* setting = std::get_if<sql::SparkSetting>(&parsed))
        return Set(statement, *setting, options);
    if (const auto* nothing = std::get_if<sql::NothingToDo>(&parsed))
        return std::make_unique<EmptyResult>(std::vector<std::string>{nothing->notice});
    if (const auto* alter = std::get_if<sql::AlterTable>(&parsed)) return Alter(*alter, options);
    if (const auto* unsupported = std::get_if<sql::KnownButUnsupported>(&parsed))
        throw sql::Refusal(*unsupported);
    const auto& load = std::get<sql::LoadExtension>(parsed);
    if (!load.is_built_in) throw sql::Refusal(load);
    return std::make_unique<EmptyResult>(
        std::vector<std::string>{load.name + " is part of Tarn: nothing to load"});
}

std::unique_ptr<Result> DuckSession::RunMarked(const sql::EngineStatement& statement,
                                               const ExecuteOptions& options) {
    const auto named = TransactionNamed(*state_);
    const bool is_marked = named && !options.transaction && connection_.IsAutoCommit() &&
                           ChangesRows(statement.statement_class);
    ExecuteOptions marked = options;
    if (is_marked) marked.transaction = named;
    std::unique_ptr<Result> result;
    try {
        result = Run(statement, marked);
    } catch (const Error&) {
        if (!is_marked || state_->conflict != table::ConflictReason::kTransaction) throw;
        result = std::make_unique<EmptyResult>(std::vector<std::string>{
            fmt::format("nothing was written: {} has committed its version {} before",
                        named->app_id, named->version)});
    }
    if (is_marked) ForgetTransaction(*state_);
    if (connection_.IsAutoCommit()) CompactBehind();
    return result;
}

std::unique_ptr<Result> DuckSession::Tend(const sql::Statement& statement,
                                          const sql::UpkeepStatement& upkeep,
                                          const ExecuteOptions& options, bool explains) {
    const auto* vacuum = std::get_if<sql::Vacuum>(&upkeep);
    if (vacuum != nullptr && vacuum->inventory) {
        auto listed = connection_.Query("SELECT path FROM (" + *vacuum->inventory + ")");
        if (listed->HasError()) listed->GetErrorObject().Throw("VACUUM ... USING INVENTORY: ");
        state_->inventory.clear();
        for (const auto& row : *listed) state_->inventory.push_back(row.GetValue<std::string>(0));
    }
    return Run(InPlaceOf(statement, UpkeepQuery(upkeep)), options,
               {upkeep, std::nullopt, explains});
}

std::unique_ptr<Result> DuckSession::Explain(const sql::Statement& statement,
                                             const sql::ExplainUpkeep& explain,
                                             const ExecuteOptions& options) {
    if (const auto* upkeep = std::get_if<sql::UpkeepStatement>(&explain.statement))
        return Tend(statement, *upkeep, options, true);
    upkeep::PlannedSteps steps;
    try {
        connection_.context->RunFunctionInTransaction([&] {
            steps = StepsOfConversion(*connection_.context,
                                      std::get<sql::ConvertTable>(explain.statement));
        });
    } catch (const Error&) {
        throw;
    } catch (const std::exception& exception) {
        throw FromException(exception);
    }
    return Run(InPlaceOf(statement, PlanQuery(steps)), options);
}

std::unique_ptr<Result> DuckSession::Set(const sql::Statement& statement,
                                         const sql::SparkSetting& setting,
                                         const ExecuteOptions& options) {
    Begin(options);
    if (setting.value || setting.is_reset) {
        SetSparkSetting(*state_, setting);
        return std::make_unique<EmptyResult>(state_->meter->Notices());
    }
    return Run(
        InPlaceOf(statement, "SELECT " + sql::QuoteLiteral(setting.name) + " AS key, " +
                                 sql::QuoteLiteral(SparkSettingNamed(*state_, setting.name)) +
                                 " AS value"),
        options);
}

std::unique_ptr<Result> DuckSession::DoAlone(const ExecuteOptions& options,
                                             const std::function<void()>& work) {
    Begin(options);
    const std::shared_ptr<Meter> meter = state_->meter;
    try {
        connection_.context->RunFunctionInTransaction(work);
    } catch (const Error&) {
        throw;
    } catch (const std::exception& exception) {
        if (state_->commit_error) throw *std::exchange(state_->commit_error, std::nullopt);
        throw FromException(exception);
    }
    return std::make_unique<EmptyResult>(meter->Notices());
}

std::unique_ptr<Result> DuckSession::Alter(const sql::AlterTable& statement,
                                           const ExecuteOptions& options) {
    Begin(options);
    const ErrorContext errors(statement.engine.source_map, nullptr, state_);
    try {
        if (!IsLakeTable(connection_, statement.table)) return Run(statement.engine, options);
        const std::shared_ptr<Meter> meter = state_->meter;
        RunAlterTable(connection_, statement);
        return std::make_unique<EmptyResult>(meter->Notices());
    } catch (const Error&) {
        throw;
    } catch (const std::exception& exception) {
        errors.Throw(exception);
    }
}

// What fails here is no failure of the statement, which is done.
void DuckSession::CompactBehind() {
    for (const TableName& table : std::exchange(state_->to_compact, {})) {
        try {
            sql::Optimize optimize;
            optimize.table.parts = {table.schema, table.name};
            optimize.is_automatic = true;
            DuckSession other(core_, *core_.database, state_->principal);
            other.started_ = core_.parts.clock.Monotonic();
            const auto result = other.WithHistory(
                "OPTIMIZE " + optimize.table.ToSql(), "auto compaction", 0,
                [&] { return other.Tend(sql::Statement{"OPTIMIZE"}, optimize, {}); });
            std::vector<TextRow> rows;
            while (result->NextText(rows)) rows.clear();
        } catch (const Error& error) {
            state_->meter->AddNotice("the small files of " + table.ToString() +
                                     " were not put together: " + error.message());
        }
    }
}

// The engine would make a table elsewhere without the clauses that were cut out of its text.
void DuckSession::CheckClauses(const sql::TableClauses& clauses) {
    if (clauses.column_rules.empty() && clauses.checks.empty()) return;
    if (IsInLake(connection_, clauses.table)) return;
    throw Error(
        ErrorKind::kUnsupported,
        "DEFAULT, GENERATED and CHECK are for tables of the lake and for temporary ones; {} "
        "would be neither",
        clauses.table.ToSql())
        .At(SpotOf(clauses.table.position));
}

void DuckSession::CheckIsThere(const sql::QualifiedName& name) {
    duckdb::ClientContext& client = *connection_.context;
    client.RunFunctionInTransaction([&] {
        if (FindEntry(client, NamedTable::Of(client, name))) return;
        throw Error(ErrorKind::kNotFound, "there is no {} to replace", name.ToSql())
            .At(SpotOf(name.position));
    });
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
    state_->comment = statement.comment;
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
    auto pending = connection_.context->PendingQuery(
        std::move(parsed), parameters, duckdb::QueryResultOutputType::ALLOW_STREAMING);
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
