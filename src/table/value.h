// One scalar of a table's column: partition values, bounds in statistics, constants of predicates.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "table/type.h"

namespace tarn::table {

struct Decimal {
    __int128 unscaled = 0;
    int scale = 0;
    bool operator==(const Decimal&) const = default;
};
struct Binary {
    std::string bytes;
    bool operator==(const Binary&) const = default;
};
struct Date {
    int32_t days = 0;
    bool operator==(const Date&) const = default;
};
struct Timestamp {  // kTimestamp: UTC; kTimestampNtz: wall clock
    int64_t micros = 0;
    bool operator==(const Timestamp&) const = default;
};

// monostate is NULL. Integers of every width are int64_t, kFloat and kDouble are double.
using Value = std::variant<std::monostate, bool, int64_t, double, Decimal, std::string, Binary,
                           Date, Timestamp>;

inline bool IsNull(const Value& value) { return std::holds_alternative<std::monostate>(value); }

// Order of two values of one type; nothing when either is NULL or NaN, or when they do not compare.
// Strings and bytes by unsigned bytes; -0.0 equals 0.0.
std::optional<std::strong_ordering> Compare(const Value& a, const Value& b);

// For messages: NULL, 'text', 42, 2013-01-01.
std::string ToString(const Value& value);

}  // namespace tarn::table
