// Values of one column as 64-bit integers in the order of the values, so that bounds of many files
// are compared as fast as numbers. What does not fit is rounded: a floor key is never above its
// value, a ceiling key never below it; "nothing known" is the lowest floor and the highest ceiling.
// Hence floor(a) >= ceiling(b) proves a >= b, and floor(a) > ceiling(b) proves a > b.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "table/type.h"
#include "table/value.h"

namespace tarn::table {

inline constexpr int64_t kBelowAllKeys = std::numeric_limits<int64_t>::min();
inline constexpr int64_t kAboveAllKeys = std::numeric_limits<int64_t>::max();

// Nothing is known of NULL, NaN, nested types and a value that is none of the type's.
int64_t FloorKey(const Value& value, const Type& type);
int64_t CeilingKey(const Value& value, const Type& type);

}  // namespace tarn::table
