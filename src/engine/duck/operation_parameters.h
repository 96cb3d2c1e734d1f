// What the history says that a statement was asked to do: the operationParameters of Delta's
// DELETE, UPDATE, MERGE and of an INSERT that replaces rows, whose names and shapes readers know.
// Pure.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "duckdb/parser/sql_statement.hpp"
#include "sql/statement.h"

namespace tarn::engine::duck {

// By name, values as JSON text; conditions as the engine spells them. None of other statements.
// `insert` are the clauses of an INSERT, which the statement lacks.
std::map<std::string, std::string> OperationParameters(
    const duckdb::SQLStatement& statement, const std::optional<sql::InsertClauses>& insert);

}  // namespace tarn::engine::duck
