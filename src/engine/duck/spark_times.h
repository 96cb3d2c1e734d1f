// Dates and times as Spark formats, reads and counts them. Times of Spark's type TIMESTAMP are
// instants; what is said of their days and hours holds in the session's time zone.
#pragma once

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

namespace tarn::engine::duck {

// A text as the engine's cast to DATE, or to TIMESTAMP, is to read it: Spark reads 2026 and
// 2026-1 too, and of a date's text all behind the day is left out.
inline constexpr const char* kSparkDateText = "spark_date_text";
inline constexpr const char* kSparkTimeText = "spark_time_text";

void RegisterSparkTimes(duckdb::ExtensionLoader& loader);

}  // namespace tarn::engine::duck
