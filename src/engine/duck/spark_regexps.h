// Splitting by and finding regular expressions, and Java's format strings.
#pragma once

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

namespace tarn::engine::duck {

void RegisterSparkRegexps(duckdb::ExtensionLoader& loader);

}  // namespace tarn::engine::duck
