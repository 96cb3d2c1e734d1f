// UPDATE SET * and INSERT * of a MERGE (sql/merge_stars.h) spelled out, column by column.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "duckdb.hpp"

namespace tarn::engine::duck {

// The columns of the target, each from the source's column of that name; where the table's schema
// evolves, only those that the source has, `given`. InvalidInput for a source without a name, or an
// excluded column that the target lacks. Other statements stay as they are.
void SpellOutStars(duckdb::ClientContext& client, duckdb::SQLStatement& statement,
                   const std::optional<std::vector<std::string>>& given);

// Is it the list of an action that takes every column.
bool IsStar(const duckdb::vector<std::string>& columns);
// The columns that such an action leaves out, as the rewriter listed them.
std::vector<std::string> ExceptedColumns(const duckdb::ParsedExpression& list);

}  // namespace tarn::engine::duck
