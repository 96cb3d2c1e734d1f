// DuckDB's VARIANT to variants as data files store them: a struct of bytes, shredded or not.
#pragma once

#include "duckdb/common/types/vector.hpp"
#include "format/variant_shredding.h"

namespace tarn::engine::duck {

// STRUCT(metadata BLOB, value BLOB), with `typed_value` where something is shredded.
duckdb::LogicalType StoredVariantType(const format::ShreddedType& shredded);

// `group` is of such a type. InvalidInput, LimitExceeded for what no reader takes.
void EncodeVariants(duckdb::Vector& variants, duckdb::Vector& group, size_t count);

}  // namespace tarn::engine::duck
