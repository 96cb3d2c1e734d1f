// What DESCRIBE says of a table, in lines of column, type and comment, as Spark words them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/duck/fixed_rows.h"
#include "engine/duck/table_entry.h"
#include "sql/dialect.h"

namespace tarn::engine::duck {

// Its columns, and behind them those by which it is partitioned or clustered. In Spark's dialect
// types are named as Spark names them.
std::vector<FixedRow> ColumnLines(const TableEntry& table, sql::Dialect dialect);
// Those of a view too, or of any other table, whoever may read it. PermissionDenied.
std::vector<FixedRow> ColumnLines(duckdb::ClientContext& client, duckdb::CatalogEntry& entry,
                                  sql::Dialect dialect);
// One line a column of an answer.
std::vector<FixedRow> ColumnLines(const duckdb::vector<std::string>& names,
                                  const duckdb::vector<duckdb::LogicalType>& types,
                                  sql::Dialect dialect);
// What DESCRIBE EXTENDED adds: name, place, format, properties.
std::vector<FixedRow> DetailLines(const TableEntry& table, sql::Dialect dialect);
// One column by its path; InvalidInput for a column that the table lacks.
std::vector<FixedRow> LinesOfColumn(const TableEntry& table, const std::vector<std::string>& path,
                                    sql::Dialect dialect);
// The same of the whole in one text, as SHOW TABLE EXTENDED has it.
std::string ExtendedText(const TableEntry& table, sql::Dialect dialect);
// The table's own properties, and what its log says beside them.
std::map<std::string, std::string> PropertiesOf(const TableEntry& table);

}  // namespace tarn::engine::duck
