// What lies within a value, by its type: x.name of a struct, of every struct in an array, of a map
// by its key; and the rows that explode makes of an array or a map.
#pragma once

#include "duckdb/main/extension/extension_loader.hpp"

namespace tarn::engine::duck {

void RegisterSparkFields(duckdb::ExtensionLoader& loader);

}  // namespace tarn::engine::duck
