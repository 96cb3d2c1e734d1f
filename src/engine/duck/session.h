// A connection of DuckDB as a Session.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "duckdb.hpp"
#include "engine/duck/arrow_input.h"
#include "engine/duck/client_state.h"
#include "engine/duck/instance.h"
#include "engine/duck/result.h"
#include "engine/session.h"
#include "sql/statement.h"

namespace tarn::engine::duck {

class DuckSession final : public Session {
public:
    DuckSession(Core& core, duckdb::DuckDB& database, const Principal& principal);
    ~DuckSession() override;

    using Session::Execute;
    using Session::Run;
    std::unique_ptr<Result> Execute(const sql::Statement& statement, const ExecuteOptions& options) override;
    table::SnapshotPtr Snapshot(const TableName& name) override;
    TableName ResolveName(std::string_view text) override;
    void Cancel() override;
    double Progress() override;

private:
    std::unique_ptr<Result> Run(const sql::EngineStatement& statement, const ExecuteOptions& options);
    std::unique_ptr<Result> Start(const std::string& text, const ExecuteOptions& options,
                                  std::shared_ptr<ErrorContext> errors, std::shared_ptr<Deadline> deadline);
    duckdb::unique_ptr<duckdb::SQLStatement> ParseOne(const std::string& text);
    void BindInputs(const ExecuteOptions& options);
    void ReleaseInputs();

    Core& core_;
    duckdb::Connection connection_;
    duckdb::shared_ptr<ClientState> state_;
    // Addresses stand in views, so that an input stays as long as the session.
    std::map<std::string, std::unique_ptr<ArrowInput>> inputs_;
    // Of the running statement.
    ExecuteOptions options_;
    std::optional<sql::TableClauses> clauses_;
};

}  // namespace tarn::engine::duck
