// Scalars as text: partition values (PROTOCOL.md, "Partition Value Serialization") and decimals.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "table/type.h"
#include "table/value.h"

namespace tarn::delta {

// NULL for an absent or empty text. Corrupt when the text is no value of the type, Unsupported for
// a type that cannot partition a table.
table::Value ParsePartitionValue(const table::Type& type, const std::optional<std::string>& text);

// Nothing for NULL. The value must be of the type (Internal otherwise). InvalidInput for an empty
// text or binary, which would come back as NULL (PROTOCOL.md, "Partition Value Serialization").
std::optional<std::string> FormatPartitionValue(const table::Type& type, const table::Value& value);

// "-12.340", "1e-7": with as many digits after the point as the text has; nothing beyond 38 digits.
std::optional<table::Decimal> ParseDecimal(std::string_view text);
// Digits with the point, no exponent.
std::string FormatDecimal(const table::Decimal& value);

// The shortest text that reads back as the same number, with a point or an exponent: "1.0",
// "1e+300". kFloat is read as a single-precision number. "NaN", "Infinity", "-Infinity".
std::string FormatFloating(table::TypeKind kind, double value);
std::optional<double> ParseFloating(table::TypeKind kind, std::string_view text);

}  // namespace tarn::delta
