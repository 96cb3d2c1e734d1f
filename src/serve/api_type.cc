#include "serve/api_type.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/error.h"
#include "base/json_text.h"
#include "base/text.h"

namespace tarn::serve {

namespace {

constexpr int64_t kMaxSafeInteger = (int64_t{1} << 53) - 1;  // RFC 8259 section 6
constexpr int kMaxDecimalDigits = 38;
constexpr int kFractionDigits = 6;

bool IsWholeNumber(std::string_view sql_type) {
    for (const char* name : {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT",
                             "USMALLINT", "UINTEGER", "UBIGINT"}) {
        if (sql_type == name) return true;
    }
    return false;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool AllDigits(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), IsDigit);
}

// Reads digits of exactly that width from the front.
std::optional<int> TakeNumber(std::string_view& text, size_t width) {
    if (text.size() < width || !AllDigits(text.substr(0, width))) return std::nullopt;
    const auto number = ParseInt(text.substr(0, width));
    text.remove_prefix(width);
    return static_cast<int>(*number);
}

bool TakeChar(std::string_view& text, std::string_view any_of) {
    if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
    text.remove_prefix(1);
    return true;
}

std::optional<int32_t> TakeDate(std::string_view& text) {
    const auto year = TakeNumber(text, 4);
    if (!year || !TakeChar(text, "-")) return std::nullopt;
    const auto month = TakeNumber(text, 2);
    if (!month || !TakeChar(text, "-")) return std::nullopt;
    const auto day = TakeNumber(text, 2);
    if (!day) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(*year),
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    if (!date.ok()) return std::nullopt;
    return static_cast<int32_t>(std::chrono::sys_days(date).time_since_epoch().count());
}

// Microseconds of a day; "05:00", "05:00:00", "05:00:00.123456".
std::optional<int64_t> TakeTime(std::string_view& text) {
    const auto hour = TakeNumber(text, 2);
    if (!hour || *hour > 23 || !TakeChar(text, ":")) return std::nullopt;
    const auto minute = TakeNumber(text, 2);
    if (!minute || *minute > 59) return std::nullopt;
    int64_t micros = (int64_t{*hour} * 60 + *minute) * 60'000'000;
    if (!TakeChar(text, ":")) return micros;
    const auto second = TakeNumber(text, 2);
    if (!second || *second > 59) return std::nullopt;
    micros += int64_t{*second} * 1'000'000;
    if (!TakeChar(text, ".")) return micros;
    int64_t unit = 1'000'000;
    int digits = 0;
    for (; !text.empty() && IsDigit(text.front()); text.remove_prefix(1)) {
        unit /= 10;
        micros += unit * (text.front() - '0');
        if (++digits > kFractionDigits) return std::nullopt;
    }
    return digits > 0 ? std::optional(micros) : std::nullopt;
}

// Minutes east of UTC: "Z", "+01:00", "-05:30".
std::optional<int> TakeZone(std::string_view& text) {
    if (TakeChar(text, "Zz")) return 0;
    const int sign = !text.empty() && text.front() == '-' ? -1 : 1;
    if (!TakeChar(text, "+-")) return std::nullopt;
    const auto hour = TakeNumber(text, 2);
    if (!hour || *hour > 23 || !TakeChar(text, ":")) return std::nullopt;
    const auto minute = TakeNumber(text, 2);
    if (!minute || *minute > 59) return std::nullopt;
    return sign * (*hour * 60 + *minute);
}

std::optional<table::Value> ParseTimestamp(std::string_view text, bool with_zone) {
    const auto days = TakeDate(text);
    if (!days || !TakeChar(text, "Tt ")) return std::nullopt;
    const auto time = TakeTime(text);
    if (!time) return std::nullopt;
    int64_t micros = int64_t{*days} * 86'400'000'000 + *time;
    if (with_zone) {
        const auto zone = TakeZone(text);
        if (!zone) return std::nullopt;
        micros -= int64_t{*zone} * 60'000'000;
    }
    if (!text.empty()) return std::nullopt;
    return table::Value(table::Timestamp{micros});
}

std::optional<table::Value> ParseDecimal(std::string_view text) {
    const bool negative = !text.empty() && text.front() == '-';
    if (negative) text.remove_prefix(1);
    const size_t point = text.find('.');
    const std::string_view whole = text.substr(0, point);
    const std::string_view fraction = point == std::string_view::npos ? "" : text.substr(point + 1);
    if (!AllDigits(whole) || (point != std::string_view::npos && !AllDigits(fraction)))
        return std::nullopt;
    if (whole.size() + fraction.size() > kMaxDecimalDigits) return std::nullopt;
    table::Decimal decimal{0, static_cast<int>(fraction.size())};
    for (const std::string_view digits : {whole, fraction}) {
        for (const char c : digits) decimal.unscaled = decimal.unscaled * 10 + (c - '0');
    }
    if (negative) decimal.unscaled = -decimal.unscaled;
    return table::Value(decimal);
}

std::optional<double> ParseFinite(std::string_view text) {
    double value = 0;
    const char* end = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc() || at != end || text.empty() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

std::optional<table::Value> TryParse(ApiType type, std::string_view text) {
    switch (type) {
        case ApiType::kBoolean:
            if (text == "true") return table::Value(true);
            if (text == "false") return table::Value(false);
            return std::nullopt;
        case ApiType::kInteger:
        case ApiType::kBigint:
            if (const auto value = ParseInt(text)) return table::Value(*value);
            return std::nullopt;
        case ApiType::kNumber:
            if (const auto value = ParseFinite(text)) return table::Value(*value);
            return std::nullopt;
        case ApiType::kDecimal:
            return ParseDecimal(text);
        case ApiType::kString:
            return table::Value(std::string(text));
        case ApiType::kDate: {
            const auto days = TakeDate(text);
            return days && text.empty() ? std::optional(table::Value(table::Date{*days}))
                                        : std::nullopt;
        }
        case ApiType::kTimestamp:
            return ParseTimestamp(text, true);
        case ApiType::kLocalTimestamp:
            return ParseTimestamp(text, false);
    }
    return std::nullopt;
}

std::string_view Expected(ApiType type) {
    switch (type) {
        case ApiType::kBoolean:
            return "true or false";
        case ApiType::kInteger:
        case ApiType::kBigint:
            return "a whole number of 64 bits, like 42";
        case ApiType::kNumber:
            return "a number, like 1.5";
        case ApiType::kDecimal:
            return "a decimal number of at most 38 digits, like 12.50";
        case ApiType::kString:
            return "a text";
        case ApiType::kDate:
            return "a date, like 2013-01-31";
        case ApiType::kTimestamp:
            return "a time with its zone, like 2013-01-31T05:00:00Z (a `+` is written %2B)";
        case ApiType::kLocalTimestamp:
            return "a time without zone, like 2013-01-31T05:00:00";
    }
    return "";
}

// JSON's own grammar for numbers is narrower than the engine's text ("1e+20" is fine, ".5" and
// "inf" are not).
bool IsJsonNumber(std::string_view text) {
    if (!text.empty() && text.front() == '-') text.remove_prefix(1);
    if (text.empty() || !IsDigit(text.front())) return false;
    if (text.front() == '0' && text.size() > 1 && IsDigit(text[1])) return false;
    return ParseFinite(text).has_value() && IsDigit(text.back());
}

[[noreturn]] void Misfit(ApiType type, std::string_view text) {
    throw Error(ErrorKind::kInternal, "the engine gave `{}` where the column is {}",
                text.substr(0, 64), NameOf(type));
}

void AppendInteger(std::string_view text, std::string& out) {
    const std::string_view digits = !text.empty() && text.front() == '-' ? text.substr(1) : text;
    if (!AllDigits(digits)) Misfit(ApiType::kInteger, text);
    const auto value = ParseInt(text);
    if (!value || *value > kMaxSafeInteger || *value < -kMaxSafeInteger) {
        throw Error(ErrorKind::kUnsupported,
                    "the value {} is beyond 2^53 - 1, which JSON readers lose: declare the column "
                    "as bigint",
                    text);
    }
    out += text;
}

// "2013-01-31 05:00:00.5+00" as RFC 3339 writes it. The session's zone is UTC.
void AppendTimestamp(ApiType type, std::string_view text, std::string& out) {
    std::string moment(text);
    const size_t space = moment.find(' ');
    if (space == std::string::npos) return AppendJsonString(out, text);  // infinity
    moment[space] = 'T';
    if (type == ApiType::kTimestamp) {
        if (!moment.ends_with("+00")) Misfit(type, text);
        moment.replace(moment.size() - 3, 3, "Z");
    }
    AppendJsonString(out, moment);
}

}  // namespace

const std::vector<ApiTypeTraits>& ApiTypes() {
    static const std::vector<ApiTypeTraits> types{
        {"boolean", "true, false", "BOOLEAN"},
        {"integer", "number; a value beyond 2^53 - 1 is an error", "whole numbers, DECIMAL(p,0)"},
        {"bigint", "string of digits", "whole numbers, DECIMAL(p,0)"},
        {"number", "number; NaN and infinities are null", "FLOAT, DOUBLE, DECIMAL, whole numbers"},
        {"decimal", "string, exact", "DECIMAL, whole numbers"},
        {"string", "string", "VARCHAR"},
        {"date", "\"2013-01-31\"", "DATE"},
        {"timestamp", "\"2013-01-31T05:00:00.5Z\" (RFC 3339, UTC)", "TIMESTAMP WITH TIME ZONE"},
        {"local_timestamp", "\"2013-01-31T05:00:00.5\"", "TIMESTAMP"},
    };
    return types;
}

std::string_view NameOf(ApiType type) { return ApiTypes().at(static_cast<size_t>(type)).name; }

const std::vector<std::string>& ApiTypeNames() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const ApiTypeTraits& type : ApiTypes()) all.emplace_back(type.name);
        return all;
    }();
    return names;
}

ApiType ApiTypeOf(std::string_view name) {
    const auto& names = ApiTypeNames();
    const auto found = std::find(names.begin(), names.end(), name);
    Check(found != names.end(), "the name of an API type");
    return static_cast<ApiType>(found - names.begin());
}

bool Fits(ApiType type, std::string_view sql_type) {
    const bool decimal = sql_type.starts_with("DECIMAL(");
    const bool whole = IsWholeNumber(sql_type) || (decimal && sql_type.ends_with(",0)"));
    switch (type) {
        case ApiType::kBoolean:
            return sql_type == "BOOLEAN";
        case ApiType::kInteger:
        case ApiType::kBigint:
            return whole;
        case ApiType::kNumber:
            return whole || decimal || sql_type == "FLOAT" || sql_type == "DOUBLE";
        case ApiType::kDecimal:
            return whole || decimal;
        case ApiType::kString:
            return sql_type == "VARCHAR";
        case ApiType::kDate:
            return sql_type == "DATE";
        case ApiType::kTimestamp:
            return sql_type == "TIMESTAMP WITH TIME ZONE";
        case ApiType::kLocalTimestamp:
            return sql_type == "TIMESTAMP";
    }
    return false;
}

table::Value ParseApiValue(ApiType type, std::string_view text) {
    if (text.size() > kMaxParameterBytes) {
        throw Error(ErrorKind::kInvalidInput, "{} bytes are over the limit of {} for one value",
                    text.size(), kMaxParameterBytes);
    }
    auto value = TryParse(type, text);
    if (!value) throw Error(ErrorKind::kInvalidInput, "expected {}", Expected(type));
    return std::move(*value);
}

void AppendJson(ApiType type, std::string_view text, std::string& out) {
    switch (type) {
        case ApiType::kBoolean:
            if (text != "true" && text != "false") Misfit(type, text);
            out += text;
            return;
        case ApiType::kInteger:
            return AppendInteger(text, out);
        case ApiType::kNumber:
            if (IsJsonNumber(text)) {
                out += text;
            } else if (text == "nan" || text == "-nan" || text == "inf" || text == "-inf") {
                out += "null";
            } else {
                Misfit(type, text);
            }
            return;
        case ApiType::kTimestamp:
        case ApiType::kLocalTimestamp:
            return AppendTimestamp(type, text, out);
        case ApiType::kBigint:
        case ApiType::kDecimal:
        case ApiType::kString:
        case ApiType::kDate:
            return AppendJsonString(out, text);
    }
}

}  // namespace tarn::serve
