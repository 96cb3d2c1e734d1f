// Spark's `/`: of decimals a decimal, of all else a double; by zero an error.
#pragma once

#include <optional>

#include "duckdb.hpp"
#include "duckdb/main/extension/extension_loader.hpp"
#include "duckdb/planner/expression.hpp"

namespace tarn::engine::duck {

inline constexpr const char* kDivisionByZero =
    "division by zero: use try_divide, or nullif(divisor, 0), to get NULL instead";

// spark_divide(a, b)
void RegisterSparkDivision(duckdb::ExtensionLoader& loader);

struct DecimalDigits {
    int width;
    int scale;
};
// The digits of a whole number's or a decimal's type, or of a literal itself; nothing for others.
std::optional<DecimalDigits> DigitsOf(const duckdb::Expression& argument);
// The result's digits of DECIMAL(p1, s1) / DECIMAL(p2, s2), as Spark gives them.
DecimalDigits QuotientDigits(DecimalDigits dividend, DecimalDigits divisor);
// And of a product, of a sum or a difference, and of a remainder.
DecimalDigits ProductDigits(DecimalDigits left, DecimalDigits right);
DecimalDigits SumDigits(DecimalDigits left, DecimalDigits right);
DecimalDigits RemainderDigits(DecimalDigits left, DecimalDigits right);

}  // namespace tarn::engine::duck
