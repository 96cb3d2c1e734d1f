// VARCHAR(n) and CHAR(n): texts of at most n characters, at any depth of a column's type. A table
// keeps them as Spark does, as STRING, with the column's whole type in Spark's spelling in the
// column's metadata; where they are looked at or changed, the types themselves say them, each a
// STRING by the name of varchar(n). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "duckdb/common/types/vector.hpp"
#include "engine/duck/shown_rows.h"
#include "sql/statement.h"
#include "table/type.h"

namespace tarn::engine::duck {

// The column's type with the lengths that its metadata says. What the metadata says of parts that
// are not there, or are no texts, is nothing. Unsupported for what cannot be read.
table::Type LimitedType(const table::Field& column);
// Puts the lengths of the column's type into its metadata.
void KeepLimits(table::Field& column);
// Gives the column's type these lengths and no others.
void SetLimits(const std::vector<sql::TextLimit>& limits, table::Field& column);

bool HasLimits(const table::Type& type);
// Without any.
table::Type UnlimitedType(const table::Type& type);
// In Spark's spelling: "struct<a:varchar(5),b:int>".
std::string SparkTypeText(const table::Type& type);

// Of rows of the type, those with a text that is too long.
RowNumbers TooLong(duckdb::Vector& column, duckdb::idx_t count, const table::Type& type);

}  // namespace tarn::engine::duck
