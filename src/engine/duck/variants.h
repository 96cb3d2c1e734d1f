// How variants leave the engine: as JSON text where they become text, and where a writer of DuckDB
// knows no variant (Arrow; inside lists, maps and structs of a Parquet file).
#pragma once

#include "duckdb/common/types.hpp"

namespace duckdb {
class ClientContext;
class DatabaseInstance;
class DataChunk;
}  // namespace duckdb

namespace tarn::engine::duck {

// CAST(v AS VARCHAR) gives JSON, and COPY to Parquet writes nested variants as that text.
void RegisterVariants(duckdb::DatabaseInstance& database);

bool HasVariant(const duckdb::LogicalType& type);
// The type with text in the place of every variant.
duckdb::LogicalType WithTextForVariants(const duckdb::LogicalType& type);
// Turns the chunk's columns into those types.
void VariantsToText(duckdb::ClientContext& client, duckdb::DataChunk& chunk);

}  // namespace tarn::engine::duck
