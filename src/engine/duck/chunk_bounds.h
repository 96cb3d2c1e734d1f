// What a Parquet footer says of the values of its column chunks, before DuckDB skips row groups by
// it: DuckDB takes it at its word, also where old writers, or the order of its type, make it say
// something else. Not thread-safe: before the reader's first scan.
#pragma once

#include <parquet_reader.hpp>

namespace tarn::engine::duck {

// Takes out of the reader's footer, for the columns that it filters:
// - `min` and `max` (deprecated) of types that are not ordered as signed numbers;
// - all bounds of INT96, which have no order, and of decimals in bytes by parquet-cpp before Arrow,
//   which ordered them wrongly (PARQUET-1655);
// - bounds that are no values of their type by their length;
// - Bloom filters where two bytes of a value are equal to SQL but hash differently (the zeros of
//   floating point), or where DuckDB hashes a constant otherwise than it is stored.
void DistrustBounds(duckdb::ParquetReader& reader);

}  // namespace tarn::engine::duck
