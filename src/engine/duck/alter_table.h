// ALTER TABLE of a table of the lake: the rows that are there are held against new rules, then one
// commit changes the metadata.
#pragma once

#include "duckdb.hpp"
#include "engine/duck/table_entry.h"
#include "sql/statement.h"

namespace tarn::engine::duck {

// Whether the name means a table of the lake: temporary tables and other databases' are DuckDB's.
bool IsLakeTable(duckdb::Connection& connection, const sql::QualifiedName& name);
// Whether a table made under the name would be one of the lake.
bool IsInLake(duckdb::Connection& connection, const sql::QualifiedName& name);

// The connection runs no transaction; the statement's options are in its ClientState.
void RunAlterTable(duckdb::Connection& connection, const sql::AlterTable& statement);

}  // namespace tarn::engine::duck
