// DESCRIBE TABLE EXTENDED ... AS JSON: what describes a table or a view in one document, with the
// names that Spark's has.
#pragma once

#include <string>

#include "engine/duck/table_entry.h"
#include "sql/dialect.h"

namespace tarn::engine::duck {

std::string TableJson(const TableEntry& table, sql::Dialect dialect);
// `names` and `types` are those of the view's columns.
std::string ViewJson(const std::string& catalog, const DirectoryEntry& view,
                     const duckdb::vector<std::string>& names,
                     const duckdb::vector<duckdb::LogicalType>& types, sql::Dialect dialect);

}  // namespace tarn::engine::duck
