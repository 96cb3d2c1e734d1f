#include <algorithm>
#include <utility>

#include "base/text.h"
#include "engine/duck/alter_entry.h"
#include "engine/duck/alter_table.h"
#include "engine/duck/bare_table.h"
#include "engine/duck/convert_table.h"
#include "engine/duck/create_table.h"
#include "engine/duck/named_table.h"
#include "engine/duck/session.h"
#include "engine/duck/show_function.h"
#include "engine/duck/spark_settings.h"
#include "engine/duck/table_functions.h"
#include "engine/duck/upkeep_function.h"
#include "engine/duck/upkeep_rows.h"
#include "engine/flow_runner.h"
#include "sql/parser.h"
#include "sql/quote.h"

namespace tarn::engine::duck {
namespace {

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
            {},
            std::nullopt};
}

bool ChangesRows(sql::StatementClass statement_class) {
    return statement_class == sql::StatementClass::kInsert ||
           statement_class == sql::StatementClass::kUpdate ||
           statement_class == sql::StatementClass::kDelete ||
           statement_class == sql::StatementClass::kMerge;
}

}  // namespace

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
    if (const auto* entry = std::get_if<sql::AlterEntry>(&parsed))
        return DoAlone(options, [&] { RunAlterEntry(*connection_.context, *entry); });
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
    std::vector<std::string> notices;
    if (setting.value || setting.is_reset) {
        SetSparkSetting(*state_, setting);
        notices = state_->meter->Notices();
        if (setting.is_reset || Speaks() != sql::Dialect::kSpark)
            return std::make_unique<EmptyResult>(std::move(notices));
    }
    std::map<std::string, std::string> shown{
        {setting.name, SparkSettingNamed(*state_, setting.name)}};
    if (setting.name.empty()) {
        shown = SparkSettings(*state_);
        shown["dialect"] = sql::NameOf(Speaks());
    }
    std::vector<std::string> rows;
    for (const auto& [key, value] : shown)
        rows.push_back("(" + sql::QuoteLiteral(key) + ", " + sql::QuoteLiteral(value) + ")");
    auto answer = Run(InPlaceOf(statement, "SELECT * FROM (VALUES " + Join(rows, ", ") +
                                               ") AS settings(key, value) ORDER BY key"),
                      options);
    for (std::string& notice : notices) state_->meter->AddNotice(std::move(notice));
    return answer;
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
        NoteUnenforced(statement.unenforced, *meter);
        return std::make_unique<EmptyResult>(meter->Notices());
    } catch (const Error&) {
        throw;
    } catch (const std::exception& exception) {
        errors.Throw(exception);
    }
}

// Its own statements run in this session, so that they see the user's schema and hear a cancel.
std::unique_ptr<Result> DuckSession::RunFlow(const sql::Statement& statement,
                                             const sql::ChangeFlow& flow,
                                             const ExecuteOptions& options) {
    FlowRunner* const flows = core_.parts.flows;
    if (flows == nullptr || !connection_.IsAutoCommit()) {
        throw Error(ErrorKind::kUnsupported, "AUTO CDC is not run {}",
                    flows == nullptr ? "here" : "within a transaction")
            .At(SpotOf(statement.position()));
    }
    const DurationUs started = started_;
    const FlowOutcome outcome = flows->Run(*this, flow);
    started_ = started;
    const std::string version = outcome.version ? std::to_string(*outcome.version) : "NULL";
    return Run(
        InPlaceOf(statement,
                  fmt::format("SELECT {}::BIGINT AS changes_read, {}::BIGINT AS rows_changed, "
                              "{}::BIGINT AS version",
                              outcome.changes_read, outcome.rows_changed, version)),
        options);
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
            ExecuteOptions options;
            options.node = "auto compaction";
            const auto result = other.WithHistory(
                "OPTIMIZE " + optimize.table.ToSql(), options,
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
    // A length alone is taken for what it is there.
    const bool has_rules = std::any_of(
        clauses.column_rules.begin(), clauses.column_rules.end(),
        [](const auto& rules) { return rules.GivesValues() || !rules.not_null_fields.empty(); });
    if (!has_rules && clauses.checks.empty()) return;
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

}  // namespace tarn::engine::duck
