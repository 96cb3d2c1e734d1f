// Reading a table: DuckDB's own Parquet scan over the files of a snapshot, with our list of files,
// constants for partition columns, deletion vectors, and NULL for columns that a file lacks.
#pragma once

#include <memory>

#include "duckdb/function/table_function.hpp"
#include "engine/duck/file_list.h"
#include "engine/duck/table_entry.h"

namespace tarn::engine::duck {

// What DuckDB's plans call our scans.
inline constexpr const char* kScanFunction = "tarn_scan";

// Binds a scan of the entry for a statement: asks the policy, notes the version and what was read.
duckdb::TableFunction BindScan(duckdb::ClientContext& client, std::shared_ptr<TableEntry> entry,
                               duckdb::unique_ptr<duckdb::FunctionData>& bind_data);

// The same scan over exactly these files, for our own use within a statement: neither asks nor
// notes.
duckdb::TableFunction BindFileScan(duckdb::ClientContext& client, std::shared_ptr<ScanInfo> scan,
                                   PlannedFiles files,
                                   duckdb::unique_ptr<duckdb::FunctionData>& bind_data);

// rowid, filename, file_row_number, file_index, _metadata.
duckdb::virtual_column_map_t ScanVirtualColumns(const table::Snapshot& snapshot);

}  // namespace tarn::engine::duck
