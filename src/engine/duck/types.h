// Types across the border (DESIGN section 7, "Types"): nothing changes its type or its value
// without a word.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "duckdb/common/types.hpp"
#include "table/type.h"

namespace tarn::engine::duck {

// How a column of a table looks in SQL. Unsupported for a type that the engine cannot show yet, by
// name.
duckdb::LogicalType ToLogicalType(const table::Type& type);

// Unsupported for columns or fields whose names differ only in case.
void CheckDistinct(const std::vector<table::Field>& fields);

// The table's type for a SQL type; `notices` gets a sentence for each widening. InvalidInput for a
// type that tables do not hold, with the cast to use; `column` is for the messages.
table::Type ToTableType(const duckdb::LogicalType& type, std::string_view column,
                        std::vector<std::string>& notices);

}  // namespace tarn::engine::duck
