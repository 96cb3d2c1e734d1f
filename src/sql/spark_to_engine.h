// Spark's expressions as SQL of the engine, with Spark's results: where a function of the same name
// answers otherwise there, it is written in other words. Pure.
#pragma once

#include <string>
#include <string_view>

#include "sql/spark_expression.h"

namespace tarn::sql {

// Unsupported, naming the function or pattern that has no translation.
std::string ToEngine(const SparkExpression& expression);

// The expression in Spark's spelling, within a CAST unless its type is surely this one ("INT";
// empty: never).
std::string ToSparkOfType(const SparkExpression& expression, std::string_view spark_type);

}  // namespace tarn::sql
