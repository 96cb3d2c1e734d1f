// One Parquet file beside the columns of its table. DuckDB's reader takes a schema from the file;
// here that schema is fitted to the table's before a row is read: columns are found by physical
// name or id, values are read as what the table says they are (text or bytes, an instant or a wall
// clock), older forms of lists get the form of today. Variants, dates and instants of another
// calendar and nanoseconds stay as they are stored (ReadStored). What then still differs, DuckDB
// maps by name and casts; a cast that could change a value is refused.
//
// Never: opens a file, reads a row. Not thread-safe: one reader at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <parquet_reader.hpp>

#include "duckdb/common/multi_file/multi_file_data.hpp"
#include "engine/duck/file_calendar.h"
#include "table/type.h"

namespace tarn::engine::duck {

using ColumnDefinitions = duckdb::vector<duckdb::MultiFileColumnDefinition>;

// How a column is described to DuckDB's mapping. It is found by its name: files are fitted to that.
duckdb::MultiFileColumnDefinition DefinitionOf(const table::Field& field);

// A column that a scan asks of a file: its place among those that the scan was bound with.
struct AskedColumn {
    size_t place = 0;
    const table::Field* field = nullptr;
};

struct FittedFile {
    // The table's columns as this file needs them described; nothing: as they were bound.
    std::optional<ColumnDefinitions> columns;
    // Places whose values are cast in a way that a filter's constant cannot follow.
    std::vector<size_t> cast_places;
    // Places that are read as they are stored: ReadStored makes them the table's.
    std::vector<size_t> stored_places;
    FileCalendar calendar;
};

// `by_id`: columns and fields are the file's by their id, else by physical name. Corrupt, naming
// file and column, when the file holds for a column what is no value of its type; Unsupported for
// forms that are not read.
FittedFile FitToTable(duckdb::ParquetReader& reader, const std::string& location, bool by_id,
                      const std::vector<AskedColumn>& asked, const ColumnDefinitions& bound);

}  // namespace tarn::engine::duck
