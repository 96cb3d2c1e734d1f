// Spark's `/`: of decimals a decimal, of all else a double; by zero an error.
#pragma once

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"

namespace tarn::engine::duck {

inline constexpr const char* kDivisionByZero =
    "division by zero: use try_divide, or nullif(divisor, 0), to get NULL instead";

// spark_divide(a, b)
void RegisterSparkDivision(duckdb::ExtensionLoader& loader);

// The result's digits of DECIMAL(p1, s1) / DECIMAL(p2, s2), as Spark gives them.
struct DecimalDigits {
    int width;
    int scale;
};
DecimalDigits QuotientDigits(DecimalDigits dividend, DecimalDigits divisor);

}  // namespace tarn::engine::duck
