// UPDATE SET * and INSERT * of a MERGE (sql/merge_stars.h) spelled out, column by column.
#pragma once

#include <string>
#include <vector>

#include "duckdb.hpp"
#include "engine/duck/statement_rows.h"

namespace tarn::engine::duck {

// The columns of the target, each from the source's column of that name. Where the table's schema
// evolves, those that the source lacks are left alone, fields within structs too (an UPDATE keeps
// the target's, as Spark does). InvalidInput for a column that the source lacks otherwise, for a
// source without a name, or an excluded column that neither has. Other statements stay as they are.
void SpellOutStars(duckdb::ClientContext& client, duckdb::SQLStatement& statement,
                   const StatementRows& rows, bool evolves);

// Is it the list of an action that takes every column.
bool IsStar(const duckdb::vector<std::string>& columns);
// The columns that such an action leaves out, as the rewriter listed them.
std::vector<std::string> ExceptedColumns(const duckdb::ParsedExpression& list);

// The field of a value that is a struct.
duckdb::unique_ptr<duckdb::ParsedExpression> FieldOf(const duckdb::ParsedExpression& value,
                                                     const std::string& field);

}  // namespace tarn::engine::duck
