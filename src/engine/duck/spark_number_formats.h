// to_char and to_number: numbers in and out of texts by a pattern.
#pragma once

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

namespace tarn::engine::duck {

void RegisterSparkNumberFormats(duckdb::ExtensionLoader& loader);

}  // namespace tarn::engine::duck
