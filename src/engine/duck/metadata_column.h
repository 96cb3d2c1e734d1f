// The hidden column _metadata of a table: where a row lies, and which one it is. A struct whose
// fields are columns of the scan of their own, so that a statement reads only those it names.
#pragma once

#include <optional>

#include "duckdb/common/table_column.hpp"
#include "duckdb/main/config.hpp"
#include "table/data_file.h"
#include "table/snapshot.h"

namespace tarn::engine::duck {

inline constexpr const char* kMetadataName = "_metadata";

// Ids of columns of a scan, behind those that DuckDB itself has for files.
inline constexpr duckdb::column_t kMetadataColumn = UINT64_C(9223372036854776808);
enum class MetadataPart : duckdb::column_t {
    kFilePath = kMetadataColumn + 1,
    kFileName,
    kFileSize,
    kFileBlockStart,
    kFileBlockLength,
    kFileModificationTime,
    // Of tables that track their rows. A file holds the ids of rows that were moved into it in a
    // column, and counts on from its base id otherwise.
    kBaseRowId,
    kDefaultRowCommitVersion,
    kMaterializedRowId,
    kMaterializedRowCommitVersion,
};

inline bool IsMetadataPart(duckdb::column_t column) {
    return column > kMetadataColumn &&
           column <= static_cast<duckdb::column_t>(MetadataPart::kMaterializedRowCommitVersion);
}

// Adds _metadata and its parts, unless the table has a column of that name.
void AddMetadataColumns(const table::Snapshot& snapshot, duckdb::virtual_column_map_t& columns);

// The part's value in all rows of the file; nothing for what stands in a column.
std::optional<duckdb::Value> MetadataValue(duckdb::column_t column, const table::DataFile& file);

// The column of data files that holds such a part; empty for other columns, and in tables that
// name none.
std::string MaterializedColumn(duckdb::column_t column, const table::WriteRules& rules);

// Makes _metadata of its parts, before a plan is optimized.
void RegisterMetadataColumn(duckdb::DBConfig& config);

}  // namespace tarn::engine::duck
