// Statements that set up a session as Spark has them (SET spark..., USE SCHEMA), and those that ask
// for what Tarn does by itself (CACHE, REFRESH, ANALYZE TABLE). Pure.
#pragma once

#include <optional>

#include "sql/token_cursor.h"

namespace tarn::sql {

// SET spark.name[.name ...] [= value] | RESET spark.name | SET [-v] | RESET
std::optional<SparkSetting> ReadSparkSetting(TokenCursor cursor);

// CACHE | UNCACHE | CLEAR CACHE | REFRESH [TABLE] | ANALYZE TABLE ... COMPUTE STATISTICS
std::optional<NothingToDo> ReadNothingToDo(TokenCursor cursor);

}  // namespace tarn::sql
