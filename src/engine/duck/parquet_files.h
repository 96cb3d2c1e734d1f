// Parquet files for the formats' own metadata (checkpoints, sidecars), read and written by DuckDB
// on connections of their own. Thread-safe.
#pragma once

#include <memory>
#include <string>

#include "duckdb.hpp"
#include "engine/duck/instance.h"
#include "table/rows.h"

namespace tarn::engine::duck {

class DuckParquetFiles final : public table::ParquetFiles {
public:
    DuckParquetFiles(Core& core, duckdb::DuckDB& database) : core_(core), database_(database) {}

    void Scan(const std::string& location, const table::ParquetReadOptions& options,
              const TakeBatch& take) override;
    uint64_t Write(const std::string& location, table::RowSource& rows) override;

private:
    Core& core_;
    duckdb::DuckDB& database_;
};

}  // namespace tarn::engine::duck
