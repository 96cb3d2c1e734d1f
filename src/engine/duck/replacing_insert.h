// INSERT that replaces rows: the old ones go and the new ones come in one commit.
#pragma once

#include <optional>
#include <string>

#include "duckdb.hpp"
#include "engine/duck/client_state.h"
#include "engine/session.h"
#include "sql/statement.h"

namespace tarn::engine::duck {

// Around one INSERT, within a transaction.
class ReplacingInsert {
public:
    ReplacingInsert(duckdb::Connection& connection, ClientState& state,
                    const sql::InsertClauses& clauses);
    ~ReplacingInsert();
    ReplacingInsert(const ReplacingInsert&) = delete;
    ReplacingInsert& operator=(const ReplacingInsert&) = delete;

    // Has the old rows deleted, and spells the statement so that it inserts the new ones. The mode
    // is set where whole files are replaced.
    void Prepare(duckdb::SQLStatement& statement, InsertMode& mode);

private:
    void DeleteOld(const std::string& condition, const std::string& source);
    void Run(duckdb::unique_ptr<duckdb::SQLStatement> statement);
    duckdb::vector<std::string> ColumnsOf(const duckdb::InsertStatement& insert);
    // Are only the partitions replaced that the rows touch, because the session says so.
    bool ReplacesTouched(const duckdb::InsertStatement& insert);
    void TakeConstants(duckdb::InsertStatement& insert);
    void KeepSource(duckdb::InsertStatement& insert);
    void DropSource();
    std::string SameColumns() const;

    duckdb::Connection& connection_;
    ClientState& state_;
    const sql::InsertClauses& clauses_;
    bool keeps_source_ = false;
};

}  // namespace tarn::engine::duck
