// Statistics of a file just written, from what DuckDB's Parquet writer gathered, as the formats'
// logs keep them.
#pragma once

#include <memory>

#include "duckdb/function/copy_function.hpp"
#include "table/data_file.h"
#include "table/type.h"

namespace tarn::engine::duck {

// Bounds and null counts of the leaves of the columns, those reached through structs only; the
// format keeps those that the table asks for. Bounds are exact but for long strings, which are cut
// to a bound; a column with NaN has none.
std::shared_ptr<const table::FileStatistics> ToStatistics(
    const table::Schema& written, const duckdb::CopyFunctionFileStatistics& statistics);

}  // namespace tarn::engine::duck
