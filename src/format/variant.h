// Variants in bytes (Parquet, "Variant Binary Encoding"): a dictionary of keys in one text, the
// value in another. What is read points into the bytes that it was read from.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace tarn::format {

struct Variant {
    enum class Kind : uint8_t {
        kNull,
        kBoolean,
        kInteger,  // of `size_bytes`
        kDecimal,  // `number` is unscaled, stored in `size_bytes`
        kFloat,
        kDouble,
        kDate,               // days since 1970-01-01
        kTime,               // microseconds since midnight
        kTimestamp,          // an instant, microseconds
        kTimestampNtz,       // a wall clock, microseconds
        kTimestampNanos,     // an instant, nanoseconds
        kTimestampNtzNanos,  // a wall clock, nanoseconds
        kBinary,
        kText,  // UTF-8
        kUuid,  // 16 bytes, the most significant first
        kArray,
        kObject,
    };

    Kind kind = Kind::kNull;
    uint8_t size_bytes = 0;
    uint8_t scale = 0;
    __int128 number = 0;  // of every kind that is a whole number below; a boolean is 0 or 1
    double real = 0;
    std::string_view bytes;
    std::vector<std::string_view> keys;  // of an object, each beside its item
    std::vector<Variant> items;
};

// The keys that objects name by number. Corrupt; Unsupported for another version of the encoding.
std::vector<std::string_view> ParseVariantKeys(std::string_view metadata);

// Corrupt also for an object with a key twice and where parts share bytes, which no writer does and
// which would make a short text a value without bound; LimitExceeded below kMaxVariantDepth.
Variant ParseVariant(std::string_view value, const std::vector<std::string_view>& keys);
inline constexpr int kMaxVariantDepth = 500;

}  // namespace tarn::format
