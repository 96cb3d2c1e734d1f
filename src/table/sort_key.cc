#include "table/sort_key.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace tarn::table {
namespace {

constexpr size_t kKeyBytes = 8;
constexpr uint64_t kSignBit = 1ULL << 63;

enum class Rounding { kFloor, kCeiling };

int64_t Unknown(Rounding rounding) {
    return rounding == Rounding::kFloor ? kBelowAllKeys : kAboveAllKeys;
}

// A value above or below all keys but the outermost.
int64_t Beyond(bool above, Rounding rounding) {
    if (above) return rounding == Rounding::kFloor ? kAboveAllKeys - 1 : kAboveAllKeys;
    return rounding == Rounding::kFloor ? kBelowAllKeys : kBelowAllKeys + 1;
}

int64_t KeyOfInteger(__int128 value, Rounding rounding) {
    if (value >= kAboveAllKeys) return Beyond(true, rounding);
    if (value <= kBelowAllKeys) return Beyond(false, rounding);
    return static_cast<int64_t>(value);
}

int64_t KeyOfDouble(double value, Rounding rounding) {
    if (std::isnan(value)) return Unknown(rounding);
    const auto bits = std::bit_cast<uint64_t>(value == 0 ? 0.0 : value);
    return static_cast<int64_t>((bits & kSignBit) != 0 ? ~bits ^ kSignBit : bits);
}

int64_t KeyOfDecimal(const Decimal& value, int scale, Rounding rounding) {
    __int128 unscaled = value.unscaled;
    for (int i = value.scale; i < scale; ++i) {
        if (__builtin_mul_overflow(unscaled, static_cast<__int128>(10), &unscaled)) {
            return Beyond(value.unscaled > 0, rounding);
        }
    }
    for (int i = scale; i < value.scale; ++i) {
        const __int128 rest = unscaled % 10;
        unscaled /= 10;
        if (rest > 0 && rounding == Rounding::kCeiling) ++unscaled;
        if (rest < 0 && rounding == Rounding::kFloor) --unscaled;
    }
    return KeyOfInteger(unscaled, rounding);
}

// By the first bytes. A longer text, or one that ends in a zero byte, lies above its own prefix.
int64_t KeyOfBytes(std::string_view bytes, Rounding rounding) {
    uint64_t prefix = 0;
    for (size_t i = 0; i < kKeyBytes; ++i) {
        prefix = prefix << 8 | (i < bytes.size() ? static_cast<uint8_t>(bytes[i]) : 0U);
    }
    const bool lies_above = bytes.size() > kKeyBytes || (!bytes.empty() && bytes.back() == '\0');
    if (rounding == Rounding::kCeiling && lies_above) {
        if (prefix == UINT64_MAX) return kAboveAllKeys;
        ++prefix;
    }
    return KeyOfInteger(static_cast<int64_t>(prefix ^ kSignBit), rounding);
}

int64_t KeyOf(const Value& value, const Type& type, Rounding rounding) {
    switch (type.kind()) {
        case TypeKind::kBoolean:
            if (const auto* flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
            break;
        case TypeKind::kByte:
        case TypeKind::kShort:
        case TypeKind::kInt:
        case TypeKind::kLong:
            if (const auto* number = std::get_if<int64_t>(&value)) {
                return KeyOfInteger(*number, rounding);
            }
            break;
        case TypeKind::kFloat:
        case TypeKind::kDouble:
            if (const auto* number = std::get_if<double>(&value)) {
                return KeyOfDouble(*number, rounding);
            }
            break;
        case TypeKind::kDecimal:
            if (const auto* decimal = std::get_if<Decimal>(&value)) {
                return KeyOfDecimal(*decimal, type.scale(), rounding);
            }
            break;
        case TypeKind::kString:
            if (const auto* text = std::get_if<std::string>(&value)) {
                return KeyOfBytes(*text, rounding);
            }
            break;
        case TypeKind::kBinary:
            if (const auto* binary = std::get_if<Binary>(&value)) {
                return KeyOfBytes(binary->bytes, rounding);
            }
            break;
        case TypeKind::kDate:
            if (const auto* date = std::get_if<Date>(&value)) return date->days;
            break;
        case TypeKind::kTimestamp:
        case TypeKind::kTimestampNtz:
            if (const auto* time = std::get_if<Timestamp>(&value)) {
                return KeyOfInteger(time->micros, rounding);
            }
            break;
        default:
            break;
    }
    return Unknown(rounding);
}

}  // namespace

int64_t FloorKey(const Value& value, const Type& type) {
    return KeyOf(value, type, Rounding::kFloor);
}

int64_t CeilingKey(const Value& value, const Type& type) {
    return KeyOf(value, type, Rounding::kCeiling);
}

}  // namespace tarn::table
