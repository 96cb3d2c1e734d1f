// What the history says that a statement was asked to do: the operationParameters of Delta's
// DELETE, UPDATE and MERGE, whose names and shapes readers know. Pure.
#pragma once

#include <map>
#include <string>

#include "duckdb/parser/sql_statement.hpp"

namespace tarn::engine::duck {

// By name, values as JSON text; conditions as the engine spells them. None of other statements.
std::map<std::string, std::string> OperationParameters(const duckdb::SQLStatement& statement);

}  // namespace tarn::engine::duck
