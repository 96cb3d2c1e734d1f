// Casts as Spark does them in ANSI mode: fractions are cut off, not rounded; a text must be a
// number to become one; values become texts as Spark shows them.
#pragma once

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "engine/duck/expression_builder.h"

namespace tarn::engine::duck {

// `tries`: NULL where the cast would fail.
ExpressionPtr SparkCast(duckdb::ClientContext& client, ExpressionPtr value,
                        const duckdb::LogicalType& type, bool tries);

// spark_cast(value, NULL of the type) and spark_try_cast.
ExpressionPtr BindSparkCast(duckdb::FunctionBindExpressionInput& input);
ExpressionPtr BindSparkTryCast(duckdb::FunctionBindExpressionInput& input);

}  // namespace tarn::engine::duck
