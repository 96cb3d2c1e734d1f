// The types that an endpoint file speaks: how a parameter's text becomes a bound value, and how a
// column's text becomes JSON. The JSON type of a column never depends on its value. Pure.
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

struct ApiTypeTraits {
    std::string_view name;
    std::string_view json;     // what an answer has
    std::string_view columns;  // SQL types that it serves
};
// One row a type, in the order of the enum; the reference page is made of it.
const std::vector<ApiTypeTraits>& ApiTypes();
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

}  // namespace tarn::serve
