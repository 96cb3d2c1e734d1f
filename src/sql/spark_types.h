// Names of Spark's scalar types, in its spelling and in the engine's. Pure.
#pragma once

#include <string>
#include <string_view>

namespace tarn::sql {

// Spark's one name for a type written as `word`: "STRING" for varchar. In Tarn's own spelling
// TIMESTAMP is the wall clock. Empty for a word that names no scalar type.
std::string SparkTypeNamed(std::string_view word, bool is_typed);

// "DECIMAL(10, 2)" and the like, as SparkTypeNamed gives them, for the engine.
std::string EngineTypeOf(std::string_view spark_type);

}  // namespace tarn::sql
