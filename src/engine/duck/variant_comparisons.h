// Variants have no order and are not equal by value: DuckDB compares their bytes, or fails halfway
// through the rows. What would compare, group or sort them is refused when it is planned, as Spark
// does.
#pragma once

#include "duckdb/main/config.hpp"
#include "duckdb/planner/expression.hpp"

namespace tarn::engine::duck {

void RegisterVariantComparisons(duckdb::DBConfig& config);

// Does an expression within compare variants, or what holds some.
bool ComparesVariants(duckdb::Expression& expression);

}  // namespace tarn::engine::duck
