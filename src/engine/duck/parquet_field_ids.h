// The ids of a table's columns as DuckDB's Parquet writer takes them. Pure.
#pragma once

#include <string>
#include <vector>

#include "duckdb/common/types/value.hpp"
#include "table/type.h"

namespace tarn::engine::duck {

// What data files call a column.
const std::string& FileNameOf(const table::Field& field);

// Of the fields and of those within them: of elements, keys and values where the fields around
// them have ids for those. Empty: none.
duckdb::child_list_t<duckdb::Value> FieldIdsOf(const std::vector<table::Field>& fields);

}  // namespace tarn::engine::duck
