// The change data feed in SQL: table_changes('t', from[, to]) and table_changes_by_path('/t',
// from[, to]) by version or time, and table_appends('t', from[, to]), which refuses a range that
// did more than append.
#pragma once

#include <string>

#include "duckdb/function/function_set.hpp"

namespace tarn::engine::duck {

enum class ChangesOf { kNamedTable, kTableByPath, kAppendsOfNamedTable };

duckdb::TableFunctionSet ChangeFunction(const std::string& name, ChangesOf what);

}  // namespace tarn::engine::duck
