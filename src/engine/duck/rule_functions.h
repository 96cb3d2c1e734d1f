// The functions behind defaults of the lake's columns, as DESCRIBE shows them: the next number of
// an identity column, and what stands for a generated column, which has no value of its own.
#pragma once

#include <string>

#include "duckdb.hpp"
#include "duckdb/parser/parsed_expression.hpp"
#include "engine/table_directory.h"
#include "table/type.h"

namespace tarn::engine::duck {

void RegisterRuleFunctions(duckdb::DatabaseInstance& database);

// What DEFAULT means for the column of a table; null: NULL.
duckdb::unique_ptr<duckdb::ParsedExpression> DefaultOf(const std::string& catalog,
                                                       const TableName& table,
                                                       const table::Field& field);

}  // namespace tarn::engine::duck
