// Functions of arrays and maps that answer otherwise in Spark: NULL among elements, places from 1,
// and errors where there is nothing.
#pragma once

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

namespace tarn::engine::duck {

void RegisterSparkArrays(duckdb::ExtensionLoader& loader);

}  // namespace tarn::engine::duck
