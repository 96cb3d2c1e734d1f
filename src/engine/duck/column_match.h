// Which column of a Parquet file, or which part of one, is a field of the table: by its id where
// the table is read by ids and the field has one, else by its physical name.
#pragma once

#include <string>
#include <vector>

#include <parquet_column_schema.hpp>
#include <parquet_types.h>

#include "table/type.h"

namespace tarn::engine::duck {

using SchemaElements = std::vector<duckdb_parquet::SchemaElement>;

// The element of the file's schema that gives a column its name.
const duckdb_parquet::SchemaElement& ElementOf(const SchemaElements& elements,
                                               const duckdb::ParquetColumnSchema& column);

class ColumnMatch {
public:
    ColumnMatch(const SchemaElements& elements, const std::string& location, bool by_id)
        : elements_(elements), location_(location), by_id_(by_id) {}

    // The place of each field among the columns, or -1. `path` says in messages where they stand.
    // Corrupt when an id or a wanted name stands there twice.
    std::vector<int> Find(const std::vector<duckdb::ParquetColumnSchema>& columns,
                          const std::vector<const table::Field*>& fields,
                          const std::string& path) const;

private:
    int32_t IdOf(const duckdb::ParquetColumnSchema& column) const;
    std::vector<int> FindIds(const std::vector<duckdb::ParquetColumnSchema>& columns,
                             const std::vector<const table::Field*>& fields,
                             const std::string& path) const;

    const SchemaElements& elements_;
    const std::string& location_;
    const bool by_id_;
};

}  // namespace tarn::engine::duck
