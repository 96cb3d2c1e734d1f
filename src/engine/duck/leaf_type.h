// A column without parts, as a Parquet file has it, beside the type that its table gives it.
#pragma once

#include <parquet_column_schema.hpp>

#include "engine/duck/file_calendar.h"
#include "table/type.h"

namespace tarn::engine::duck {

enum class LeafFit {
    kNone,     // no value of the type
    kAsTable,  // the reader, or a cast that keeps every value, gives the table's type
    kStored,   // the reader gives what is stored: ReadStored makes it the table's
};

// Sets the type that the reader shall decode the leaf as; `element` describes it in the file.
LeafFit FitLeaf(duckdb::ParquetColumnSchema& leaf, const duckdb_parquet::SchemaElement& element,
                const table::Type& wanted, const FileCalendar& calendar);

// Integers to wider integers, or no cast: a constant of a filter is one in both.
bool IsPlainCast(const duckdb::LogicalType& from, const duckdb::LogicalType& to);

}  // namespace tarn::engine::duck
