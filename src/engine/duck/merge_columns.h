// UPDATE SET * and INSERT * of a MERGE (sql/merge_stars.h) spelled out, column by column.
#pragma once

#include "duckdb.hpp"

namespace tarn::engine::duck {

// The columns of the target, each from the source's column of that name. InvalidInput for a source
// without a name, or an excluded column that the target lacks. Other statements stay as they are.
void SpellOutStars(duckdb::ClientContext& client, duckdb::SQLStatement& statement);

// The columns of a table by name, as a statement names it.
duckdb::vector<std::string> TableColumns(duckdb::ClientContext& client, std::string catalog,
                                         std::string schema, const std::string& table);

}  // namespace tarn::engine::duck
