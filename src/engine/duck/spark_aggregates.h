// sum and avg with Spark's types: whole numbers sum up to a BIGINT, decimals to ten digits more,
// and an average of decimals has four digits more behind its point. Too large a sum is an error, or
// with try_sum NULL.
#pragma once

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

namespace tarn::engine::duck {

void RegisterSparkAggregates(duckdb::ExtensionLoader& loader);

}  // namespace tarn::engine::duck
