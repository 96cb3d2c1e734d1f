// The types that an endpoint file speaks: how a parameter's text becomes a bound value, and how a
// column's text becomes JSON. The JSON type of a column never depends on its value. Pure.
//
// | type            | JSON                                     | columns | | boolean         |
// true, false                              | BOOLEAN                            | | integer |
// number, within +-(2^53 - 1)              | whole numbers, DECIMAL(p,0)        | | bigint | string
// of digits                         | whole numbers, DECIMAL(p,0)        | | number          |
// number; NaN and infinities are null      | FLOAT, DOUBLE, DECIMAL, whole ones | | decimal |
// string, exact                            | DECIMAL, whole numbers             | | string | string
// | VARCHAR                            | | date            | "2013-01-31" | DATE | | timestamp |
// "2013-01-31T05:00:00.5Z" (RFC 3339, UTC) | TIMESTAMP WITH TIME ZONE           | | local_timestamp
// | "2013-01-31T05:00:00.5"                  | TIMESTAMP                          |
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "table/value.h"

namespace tarn::serve {

enum class ApiType {
    kBoolean,
    kInteger,
    kBigint,
    kNumber,
    kDecimal,
    kString,
    kDate,
    kTimestamp,
    kLocalTimestamp,
};

std::string_view NameOf(ApiType type);
const std::vector<std::string>& ApiTypeNames();
// `name` is one of ApiTypeNames().
ApiType ApiTypeOf(std::string_view name);

// May a column of that SQL type ("DECIMAL(10,2)") be served as the type?
bool Fits(ApiType type, std::string_view sql_type);

constexpr size_t kMaxParameterBytes = 1024;

// A parameter's text as a value to bind; decimals keep their scale. InvalidInput says what was
// expected.
table::Value ParseApiValue(ApiType type, std::string_view text);

// Appends a column's value, given as the engine's CAST(x AS VARCHAR), as JSON. Unsupported for an
// integer beyond 2^53 - 1, naming the remedy; Internal for a text that is not of the type.
void AppendJson(ApiType type, std::string_view text, std::string& out);
void AppendJsonString(std::string_view text, std::string& out);

}  // namespace tarn::serve
