#include "delta/value_text.h"

#include <charconv>
#include <cmath>

#include <fmt/core.h>

#include "base/error.h"
#include "base/text.h"
#include "delta/time_text.h"

namespace tarn::delta {
namespace {

using table::Type;
using table::TypeKind;
using table::Value;

constexpr int kMaxDigits = 38;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::optional<int64_t> ParseIntOf(TypeKind kind, std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    const auto value = ParseInt(text);
    if (!value) return std::nullopt;
    const auto fits = [&](int bits) {
        const int64_t limit = int64_t{1} << (bits - 1);
        return *value >= -limit && *value < limit;
    };
    if (kind == TypeKind::kByte && !fits(8)) return std::nullopt;
    if (kind == TypeKind::kShort && !fits(16)) return std::nullopt;
    if (kind == TypeKind::kInt && !fits(32)) return std::nullopt;
    return value;
}

template <typename T>
Value Wrapped(const std::optional<T>& value) {
    return value ? Value(*value) : Value{};
}

Value ParseNonNull(const Type& type, const std::string& text) {
    switch (type.kind()) {
        case TypeKind::kString:
            return text;
        case TypeKind::kBinary:
            return table::Binary{text};
        case TypeKind::kBoolean:
            if (EqualsIgnoreCase(text, "true")) return true;
            if (EqualsIgnoreCase(text, "false")) return false;
            return Value{};
        case TypeKind::kByte:
        case TypeKind::kShort:
        case TypeKind::kInt:
        case TypeKind::kLong:
            return Wrapped(ParseIntOf(type.kind(), text));
        case TypeKind::kFloat:
        case TypeKind::kDouble:
            return Wrapped(ParseFloating(type.kind(), text));
        case TypeKind::kDecimal:
            return Wrapped(ParseDecimal(text));
        case TypeKind::kDate: {
            const auto days = ParseDate(text);
            return days ? Value(table::Date{*days}) : Value{};
        }
        case TypeKind::kTimestamp:
        case TypeKind::kTimestampNtz: {
            const auto micros = ParseTimestamp(text);
            return micros ? Value(table::Timestamp{*micros}) : Value{};
        }
        default:
            throw Error(ErrorKind::kUnsupported, "a column of type {} cannot partition a table",
                        type.ToString());
    }
}

struct PartitionFormatter {
    const Type& type;

    std::string operator()(std::monostate) const { return {}; }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(int64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const { return FormatFloating(type.kind(), value); }
    std::string operator()(const table::Decimal& value) const { return FormatDecimal(value); }
    std::string operator()(const std::string& value) const { return value; }
    std::string operator()(const table::Binary& value) const { return value.bytes; }
    std::string operator()(table::Date value) const { return FormatDate(value.days); }
    std::string operator()(table::Timestamp value) const {
        if (type.kind() == TypeKind::kTimestamp) return FormatTimestamp(value.micros, 'T', 6) + "Z";
        return FormatTimestamp(value.micros, ' ', 6);
    }
};

}  // namespace

Value ParsePartitionValue(const Type& type, const std::optional<std::string>& text) {
    if (!text || text->empty()) return Value{};
    Value value = ParseNonNull(type, *text);
    if (IsNull(value)) {
        throw Error(ErrorKind::kCorrupt, "the partition value '{}' is no {}", *text,
                    type.ToString());
    }
    return value;
}

std::optional<std::string> FormatPartitionValue(const Type& type, const Value& value) {
    if (IsNull(value)) return std::nullopt;
    std::string text = std::visit(PartitionFormatter{type}, value);
    if (text.empty()) {
        throw Error(ErrorKind::kInvalidInput,
                    "an empty {} cannot be a partition value: Delta reads it back as NULL; write "
                    "NULL or another value, or partition by another column",
                    type.ToString());
    }
    return text;
}

std::optional<table::Decimal> ParseDecimal(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    table::Decimal value;
    int digits = 0;
    bool seen_point = false;
    bool seen_digit = false;
    size_t at = 0;
    for (; at < text.size() && (IsDigit(text[at]) || (text[at] == '.' && !seen_point)); ++at) {
        if (text[at] == '.') {
            seen_point = true;
            continue;
        }
        seen_digit = true;
        if (value.unscaled != 0 || text[at] != '0') ++digits;
        if (digits > kMaxDigits) return std::nullopt;
        value.unscaled = value.unscaled * 10 + (text[at] - '0');
        if (seen_point) ++value.scale;
    }
    if (!seen_digit) return std::nullopt;
    if (at < text.size()) {
        if (text[at] != 'e' && text[at] != 'E') return std::nullopt;
        std::string_view exponent_text = text.substr(at + 1);
        if (exponent_text.starts_with('+')) exponent_text.remove_prefix(1);
        const auto exponent = ParseInt(exponent_text);
        if (!exponent || *exponent > kMaxDigits || *exponent < -kMaxDigits) return std::nullopt;
        value.scale -= static_cast<int>(*exponent);
        for (; value.scale < 0; ++value.scale) {
            if (value.unscaled != 0 && ++digits > kMaxDigits) return std::nullopt;
            value.unscaled *= 10;
        }
    }
    if (value.scale > 2 * kMaxDigits) return std::nullopt;
    if (negative) value.unscaled = -value.unscaled;
    return value;
}

std::string FormatDecimal(const table::Decimal& value) { return table::ToString(Value(value)); }

std::string FormatFloating(TypeKind kind, double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
    std::string text = kind == TypeKind::kFloat ? fmt::format("{}", static_cast<float>(value))
                                                : fmt::format("{}", value);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return text;
}

std::optional<double> ParseFloating(TypeKind kind, std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return kind == TypeKind::kFloat ? static_cast<double>(static_cast<float>(value)) : value;
}

}  // namespace tarn::delta
