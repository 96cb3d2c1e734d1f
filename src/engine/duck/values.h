// Scalars across the border.
#pragma once

#include "duckdb/common/types/value.hpp"
#include "table/type.h"
#include "table/value.h"

namespace tarn::engine::duck {

// A value as DuckDB's natural type for it: int64 as BIGINT, Timestamp as TIMESTAMP WITH TIME ZONE.
duckdb::Value ToDuck(const table::Value& value);
// A value of a column of that type, as DuckDB's type of the column.
duckdb::Value ToDuck(const table::Value& value, const table::Type& type);
// NULL becomes monostate. Internal for a type that has no scalar.
table::Value FromDuck(const duckdb::Value& value, const table::Type& type);

}  // namespace tarn::engine::duck
