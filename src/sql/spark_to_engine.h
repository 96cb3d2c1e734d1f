// Spark's expressions as SQL of the engine, with Spark's results: where a function of the same name
// answers otherwise there, it is written in other words. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sql/spark_expression.h"

namespace tarn::sql {

// Unsupported, naming the function or pattern that has no translation.
std::string ToEngine(const SparkExpression& expression);

// The expression in Spark's spelling, within a CAST unless its type is surely this one ("INT";
// empty: never).
std::string ToSparkOfType(const SparkExpression& expression, std::string_view spark_type);

// A function of Spark's that expressions of tables may call.
struct SparkFunction {
    std::string_view name;
    int least;  // arguments
    int most;   // -1: any number
    // SQL of the engine with $1, $2 for the arguments, $* for all of them with commas, $| for all
    // of them with ||; empty: written by code.
    std::string_view engine;
};
// All of them, sorted by name, for look-up and the reference page.
std::span<const SparkFunction> SparkFunctions();
// Null for a name, in small letters, that is none of them.
const SparkFunction* FindSparkFunction(std::string_view name);
// Has the engine no function of this name: then it means the same in every dialect.
bool IsSparksAlone(std::string_view name);

}  // namespace tarn::sql
