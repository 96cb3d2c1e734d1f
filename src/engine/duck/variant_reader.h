// Variants as data files store them (a struct of bytes, shredded or not) to DuckDB's VARIANT. The
// variant null stays a value; NULL is where there is no variant.
#pragma once

#include "duckdb/common/types/vector.hpp"

namespace tarn::engine::duck {

// `group` is flat at every level, `result` a vector of variants. Corrupt for what is malformed.
void DecodeVariants(duckdb::Vector& group, duckdb::Vector& result, size_t count);

}  // namespace tarn::engine::duck
