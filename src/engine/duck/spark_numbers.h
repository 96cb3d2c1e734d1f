// Functions of numbers with Spark's results and types: rounding, bases, bits, formats.
#pragma once

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

namespace tarn::engine::duck {

void RegisterSparkNumbers(duckdb::ExtensionLoader& loader);

}  // namespace tarn::engine::duck
