// UPDATE t SET s.a = 7, and the same in MERGE: the field is set, the other fields of the struct are
// kept. A struct that is NULL becomes one whose other fields are NULL, as in Spark.
#pragma once

#include "duckdb/main/client_context.hpp"
#include "duckdb/parser/sql_statement.hpp"

namespace tarn::engine::duck {

// Turns assignments to fields (sql/assignment_targets.h) into assignments to their columns.
// InvalidInput for a field that there is not, or that is assigned twice.
void SpellOutFields(duckdb::ClientContext& client, duckdb::SQLStatement& statement);

}  // namespace tarn::engine::duck
