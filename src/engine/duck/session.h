// A connection of DuckDB as a Session.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "duckdb.hpp"
#include "engine/duck/arrow_input.h"
#include "engine/duck/client_state.h"
#include "engine/duck/instance.h"
#include "engine/duck/result.h"
#include "engine/duck/session_variables.h"
#include "engine/duck/statement_lineage.h"
#include "engine/query_shape.h"
#include "engine/session.h"
#include "sql/change_flow.h"
#include "sql/statement.h"

namespace duckdb {
class Planner;
}  // namespace duckdb

namespace tarn::engine::duck {

// The inputs that statements were given, by folded name. Their addresses stand in temporary views,
// so that an input stays as long as its session or a result of it.
struct Inputs {
    std::map<std::string, std::unique_ptr<ArrowInput>> by_name;
    uint64_t statement = 0;  // the one they belong to

    // The statement is over: from now on its inputs are refused. An older statement changes
    // nothing.
    void Release(uint64_t of_statement);
};

class DuckSession final : public Session, public ShapeReader {
public:
    // The core and the database outlive the session.
    DuckSession(Core& core, duckdb::DatabaseInstance& database, const Principal& principal);
    ~DuckSession() override;

    using Session::Execute;
    using Session::Run;
    std::unique_ptr<Result> Execute(const sql::Statement& statement,
                                    const ExecuteOptions& options) override;
    table::SnapshotPtr Snapshot(const TableName& name) override;
    std::shared_ptr<const StatementLineage> LineageOf(std::string_view select,
                                                      const AssumedTables& assumed) override;
    QueryShape ShapeOf(std::string_view select) override;
    TableName ResolveName(std::string_view text) override;
    sql::Dialect Speaks() override;
    void Cancel() override;
    double Progress() override;

private:
    using Work = std::function<std::unique_ptr<Result>()>;
    // Does the work of the statement, and tells the history of it.
    std::unique_ptr<Result> WithHistory(std::string_view text, const ExecuteOptions& options,
                                        const Work& work);
    std::unique_ptr<Result> ExecuteWhole(const sql::Statement& statement,
                                         const ExecuteOptions& options);
    // FROM ... INSERT ... [INSERT ...], one by one.
    std::unique_ptr<Result> Insert(const std::vector<sql::Statement>& inserts,
                                   const ExecuteOptions& options);
    std::unique_ptr<Result> ExecuteAgain(const sql::Statement& statement,
                                         const ExecuteOptions& options);
    std::unique_ptr<Result> ExecuteOnce(const sql::Statement& statement,
                                        const ExecuteOptions& options);
    std::unique_ptr<Result> ExecuteParsed(const sql::Statement& statement,
                                          const ExecuteOptions& options);
    // What no variable and no IDENTIFIER(...) is left in.
    std::unique_ptr<Result> ExecuteResolved(const sql::Statement& statement,
                                            const ExecuteOptions& options);
    std::unique_ptr<Result> DoVariable(const sql::VariableStatement& statement,
                                       const ExecuteOptions& options);
    // May the statement that failed just now be run again, and succeed.
    bool MayRunAgain() const;
    void Begin(const ExecuteOptions& options);
    // What a query of ours stands for; neither for SQL of the user.
    struct StandsFor {
        std::optional<sql::UpkeepStatement> upkeep = std::nullopt;
        std::optional<sql::Show> show = std::nullopt;
        bool explains = false;  // the upkeep
    };
    std::unique_ptr<Result> Run(const sql::EngineStatement& statement,
                                const ExecuteOptions& options, StandsFor stands_for);
    std::unique_ptr<Result> Run(const sql::EngineStatement& statement,
                                const ExecuteOptions& options) {
        return Run(statement, options, StandsFor());
    }
    // With the transaction that the session's settings name; what that has done before is not done
    // again.
    std::unique_ptr<Result> RunMarked(const sql::EngineStatement& statement,
                                      const ExecuteOptions& options);
    std::unique_ptr<Result> Tend(const sql::Statement& statement,
                                 const sql::UpkeepStatement& upkeep, const ExecuteOptions& options,
                                 bool explains = false);
    std::unique_ptr<Result> Explain(const sql::Statement& statement,
                                    const sql::ExplainUpkeep& explain,
                                    const ExecuteOptions& options);
    std::unique_ptr<Result> Set(const sql::Statement& statement, const sql::SparkSetting& setting,
                                const ExecuteOptions& options);
    // Does the work in a transaction that is committed, and answers nothing.
    std::unique_ptr<Result> DoAlone(const ExecuteOptions& options,
                                    const std::function<void()>& work);
    std::unique_ptr<Result> Alter(const sql::AlterTable& statement, const ExecuteOptions& options);
    std::unique_ptr<Result> RunFlow(const sql::Statement& statement, const sql::ChangeFlow& flow,
                                    const ExecuteOptions& options);
    // Plans the SELECT and shows that to `read`; nothing runs.
    void ReadPlan(std::string_view select, const AssumedTables& assumed,
                  const std::function<void(duckdb::Planner&)>& read);
    bool WantsLineage(const duckdb::SQLStatement& told) const;
    // A plan of CREATE VIEW has nothing of what the view's query reads.
    void ReadView(const duckdb::SQLStatement& told, LineageCapture& lineage);
    // The statement has succeeded.
    void KeepLineage(LineageCapture& lineage, std::vector<ColumnInfo> answer);
    // Puts small files of the tables together that were written and ask for it.
    void CompactBehind();
    void CheckClauses(const sql::TableClauses& clauses);
    // NotFound where USE names nothing that is there.
    void CheckUsed(const duckdb::SQLStatement& parsed);
    // NotFound where nothing has the name.
    void CheckIsThere(const sql::QualifiedName& name);
    std::unique_ptr<Result> Start(const sql::EngineStatement& statement,
                                  const ExecuteOptions& options,
                                  std::shared_ptr<ErrorContext> errors,
                                  std::shared_ptr<Deadline> deadline);
    duckdb::unique_ptr<duckdb::SQLStatement> ParseOne(const std::string& text);
    void BindInputs(const ExecuteOptions& options);

    Core& core_;
    duckdb::Connection connection_;
    duckdb::shared_ptr<ClientState> state_;
    SessionVariables variables_;
    std::shared_ptr<Inputs> inputs_ = std::make_shared<Inputs>();
    std::atomic<bool> is_cancelled_{false};
    // Of the running statement.
    ExecuteOptions options_;
    DurationUs started_{0};
    uint64_t reruns_ = 0;
    std::optional<sql::TableClauses> clauses_;
    StandsFor stands_for_;
};

}  // namespace tarn::engine::duck
