// Values as the texts that Spark's CAST gives of them.
#pragma once

#include <string>

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

namespace tarn::engine::duck {

inline constexpr const char* kSparkText = "spark_text";
// Of a double the fewest digits that say it, which every cast of the engine's reads.
inline constexpr const char* kShortText = "spark_short_text";

// The functions of those names, the first of any value.
void RegisterSparkTexts(duckdb::ExtensionLoader& loader);

// 1.0, 1.0E10, NaN, -Infinity: as Java writes numbers.
std::string SparkTextOf(double number);
std::string SparkTextOf(float number);
// [a, null], {k -> v}, {1, x}; what is within is not quoted.
std::string SparkTextOf(const duckdb::Value& value);
// A column of an answer as Spark's users see it: as CAST(.. AS STRING) gives it, bytes as 0A1F.
void WriteSparkTexts(duckdb::ClientContext& client, duckdb::Vector& values, duckdb::Vector& texts,
                     duckdb::idx_t count);

}  // namespace tarn::engine::duck
