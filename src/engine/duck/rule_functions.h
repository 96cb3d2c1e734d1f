// The functions behind defaults of the lake's columns, as DESCRIBE shows them: the next number of
// an identity column, and what stands for a generated column, which has no value of its own; and
// the one that REPLACE WHERE holds its rows against.
#pragma once

#include <string>

#include "duckdb.hpp"
#include "duckdb/parser/parsed_expression.hpp"
#include "engine/table_directory.h"
#include "table/type.h"

namespace tarn::engine::duck {

void RegisterRuleFunctions(duckdb::DatabaseInstance& database);

// TRUE for a row, a struct, of which the condition is TRUE; fails for any other, InvalidInput,
// naming the table as it is given: (table, condition's text, condition, row).
inline constexpr const char* kMeetsCondition = "tarn_meets_condition";

// What DEFAULT means for the column of a table; null: NULL.
duckdb::unique_ptr<duckdb::ParsedExpression> DefaultOf(const std::string& catalog,
                                                       const TableName& table,
                                                       const table::Field& field);

}  // namespace tarn::engine::duck
