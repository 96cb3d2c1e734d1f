// DuckDB's VARIANT as values of the Parquet encoding.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include "duckdb/common/types/variant.hpp"
#include "duckdb/common/types/vector.hpp"
#include "format/variant.h"

namespace tarn::engine::duck {

class VariantRows {
public:
    // `variants` outlives this and stays as it is.
    VariantRows(duckdb::Vector& variants, size_t count);

    // Nothing for NULL, which the variant null is not. It points into the rows and into this.
    // InvalidInput for a value that Spark's readers do not know (times, intervals, bits, infinite
    // dates, nanoseconds, whole numbers over 38 digits); LimitExceeded below kMaxVariantDepth.
    std::optional<format::Variant> At(size_t row);

private:
    format::Variant Read(size_t row, uint32_t index, int depth);
    static format::Variant Whole(duckdb::VariantLogicalType type, const char* bytes);
    format::Variant Rest(duckdb::VariantLogicalType type, const char* bytes);
    format::Variant Nested(size_t row, uint32_t index, bool is_object, int depth);

    duckdb::RecursiveUnifiedVectorFormat format_;
    duckdb::UnifiedVariantVectorData data_;
    std::deque<std::string> texts_;  // of values that DuckDB stores in other bytes
};

}  // namespace tarn::engine::duck
