// What aggregates of Spark's make of all values of a group, which come as a list: histograms of
// numbers and bitmaps; and the sentences of a text.
#pragma once

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

namespace tarn::engine::duck {

void RegisterSparkSummaries(duckdb::ExtensionLoader& loader);

}  // namespace tarn::engine::duck
