// How DuckDB's Parquet scan reads the files of a table: their schemas fitted to the table's,
// constants for partition columns, deletion vectors, NULL for columns that a file lacks.
#pragma once

#include <memory>

#include "duckdb/function/table_function.hpp"
#include "engine/duck/file_list.h"

namespace tarn::engine::duck {

// Makes DuckDB's parquet_scan read these files of the scan's table, and nothing else.
void ReadThroughTable(duckdb::TableFunction& function, std::shared_ptr<ScanInfo> scan,
                      std::shared_ptr<FileList> files);

}  // namespace tarn::engine::duck
