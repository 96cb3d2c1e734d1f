// A table's definition as SQL of Tarn's, in either dialect the same.
#pragma once

#include <map>
#include <string>

#include "engine/duck/table_entry.h"

namespace tarn::engine::duck {

// BIGINT, ARRAY<STRUCT<a: INT>>, TIMESTAMP_LTZ ...
// Names within it are quoted as the dialect does.
std::string SqlName(const table::Type& type, sql::Dialect dialect);
// CREATE TABLE that makes one like it, for a session of that dialect.
std::string CreateText(const TableEntry& entry, sql::Dialect dialect);
// schema.name, and then what follows the columns: COMMENT and TBLPROPERTIES, a line each.
std::string QuotedName(const TableName& name, sql::Dialect dialect);
std::string CommentAndProperties(const std::string& comment,
                                 const std::map<std::string, std::string>& properties,
                                 sql::Dialect dialect);
// The first schema is called default in Spark.
std::string ShownSchema(const std::string& schema, sql::Dialect dialect);

}  // namespace tarn::engine::duck
