// The change data feed in SQL: table_changes('t', from[, to]) and table_changes_by_path('/t',
// from[, to]) by version or time, and table_appends('t', from[, to]), which refuses a range that
// did more than append.
#pragma once

#include "duckdb/main/extension/extension_loader.hpp"

namespace tarn::engine::duck {

void RegisterChangeFunctions(duckdb::ExtensionLoader& loader);

}  // namespace tarn::engine::duck
