// Spark's types of intervals. Those of years and months and those of days and times are the
// engine's INTERVAL under the name that Spark gives them, from a first unit to a last one: INTERVAL
// itself is the calendar's, which holds all units.
#pragma once

#include <optional>
#include <string>

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "engine/duck/expression_builder.h"

namespace tarn::engine::duck {

// As Spark writes it: INTERVAL '1 02:03:04' DAY TO SECOND, or of the calendar's 1 days 2 hours.
std::string IntervalText(duckdb::interval_t interval, const duckdb::LogicalType& type);

// Sums and differences in which a time or an interval stands, with the types that Spark gives them;
// nothing where neither is one. `sign` is + or -.
ExpressionPtr TryMoveTime(duckdb::ClientContext& client, const std::string& sign,
                          ExpressionPtr& left, ExpressionPtr& right);
// An interval times a number, or divided by one; nothing where `interval` is none.
ExpressionPtr TryScaleInterval(duckdb::ClientContext& client, const std::string& sign,
                               ExpressionPtr& interval, ExpressionPtr& number);
// The type with all units of its kind: of years to months, or of days to seconds.
duckdb::LogicalType WidestInterval(const duckdb::LogicalType& type);
// How many of its last unit an interval holds.
ExpressionPtr CountOfUnits(const ExpressionBuilder& make, ExpressionPtr interval);
// -interval, of the same type.
ExpressionPtr NegateInterval(duckdb::ClientContext& client, ExpressionPtr interval);

// The types' casts, and spark_interval(interval, 'day to second').
void RegisterSparkIntervals(duckdb::ExtensionLoader& loader);

}  // namespace tarn::engine::duck
