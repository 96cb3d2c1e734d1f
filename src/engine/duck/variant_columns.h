// Columns with variants in the Parquet files that DuckDB's writer makes. DuckDB's own are no
// choice: they are always shredded, stand at the top only, hold keys that differ in case for one
// and lose text of 64 bytes.
#pragma once

#include "duckdb/function/copy_function.hpp"

namespace tarn::engine::duck {

// Gives the columns of a file with variants in them writers of ours, before the first row. `file`:
// a file of DuckDB's Parquet writer. `is_shredded`: by what the first rows of the file hold, for
// variants that stand in no list or map; else all are written in bytes.
void PlaceVariantColumns(duckdb::ClientContext& client, duckdb::GlobalFunctionData& file,
                         bool is_shredded);

}  // namespace tarn::engine::duck
