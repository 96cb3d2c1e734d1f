// Operators, casts and comparisons of Spark's dialect, by the names that `sql` writes them under
// (spark_divide, spark_cast, ...). Each follows Spark in ANSI mode: its result types, and an error
// (InvalidInput) for a division by zero, an index out of bounds, a text that is no number.
#pragma once

#include "duckdb.hpp"

namespace tarn::engine::duck {

void RegisterSparkOperators(duckdb::DatabaseInstance& database);

}  // namespace tarn::engine::duck
