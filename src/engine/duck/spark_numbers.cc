#include "engine/duck/spark_numbers.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "duckdb/execution/expression_executor.hpp"
#include "engine/duck/expression_builder.h"
#include "engine/duck/scalar_adapter.h"
#include "engine/duck/spark_casts.h"
#include "engine/duck/spark_division.h"
#include "engine/duck/spark_intervals.h"

namespace tarn::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;
using duckdb::Value;
using std::string;
using std::string_view;
using Input = duckdb::FunctionBindExpressionInput;

enum class Rounding { kHalfUp, kHalfEven, kUp, kDown };  // up, down: towards the infinities

// Decimal digits, as a number without sign, with the places behind the point.
struct Digits {
    bool is_negative = false;
    string digits;
    int scale = 0;

    static Digits Of(string_view text) {
        Digits made;
        if (text.starts_with('-')) {
            made.is_negative = true;
            text.remove_prefix(1);
        }
        int exponent = 0;
        if (const size_t e = text.find_first_of("eE"); e != string_view::npos) {
            string_view power = text.substr(e + 1);
            if (power.starts_with('+')) power.remove_prefix(1);
            exponent = static_cast<int>(ParseInt(power).value_or(0));
            text = text.substr(0, e);
        }
        const size_t point = text.find('.');
        made.digits = text.substr(0, point);
        if (point != string_view::npos) {
            made.digits += text.substr(point + 1);
            made.scale = static_cast<int>(text.size() - point - 1);
        }
        made.scale -= exponent;
        while (made.scale < 0) {
            made.digits += '0';
            ++made.scale;
        }
        return made;
    }

    void Round(int places, Rounding rounding) {
        if (places >= scale) return;
        const int cut = scale - places;
        if (static_cast<int>(digits.size()) < cut)
            digits.insert(0, static_cast<size_t>(cut) - digits.size(), '0');
        const string rest = digits.substr(digits.size() - static_cast<size_t>(cut));
        digits.resize(digits.size() - static_cast<size_t>(cut));
        scale = places;
        const bool is_zero = rest.find_first_not_of('0') == string::npos;
        const bool is_tie = rest[0] == '5' && rest.find_first_not_of('0', 1) == string::npos;
        const bool is_odd = !digits.empty() && (digits.back() - '0') % 2 == 1;
        const bool goes_up = rounding == Rounding::kUp                   ? !is_zero && !is_negative
                             : rounding == Rounding::kDown               ? !is_zero && is_negative
                             : rounding == Rounding::kHalfEven && is_tie ? is_odd
                                                                         : rest[0] >= '5';
        if (goes_up) Increase();
        for (; scale < 0; ++scale) digits += '0';
    }

    void Increase() {
        size_t at = digits.size();
        while (at > 0 && digits[at - 1] == '9') digits[--at] = '0';
        if (at == 0) {
            digits.insert(digits.begin(), '1');
        } else {
            ++digits[at - 1];
        }
    }

    bool IsZero() const { return digits.find_first_not_of('0') == string::npos; }
    // With `places` behind the point and at least one digit before it.
    string Text(int places, bool has_commas = false) const {
        string all = digits + string(static_cast<size_t>(std::max(0, places - scale)), '0');
        const auto behind = static_cast<size_t>(places);
        if (all.size() <= behind) all.insert(0, behind + 1 - all.size(), '0');
        string whole = all.substr(0, all.size() - behind);
        whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));
        if (has_commas) {
            for (size_t at = whole.size(); at > 3;) whole.insert(at -= 3, ",");
        }
        const string fraction = all.substr(all.size() - behind);
        return (is_negative && !IsZero() ? "-" : "") + whole + (behind > 0 ? "." + fraction : "");
    }
};

string ShortText(double number) {
    char buffer[64];
    return {buffer, std::to_chars(buffer, buffer + sizeof(buffer), number).ptr};
}

template <Rounding rounding>
double RoundDouble(double number, int32_t places) {
    if (!std::isfinite(number)) return number;
    Digits digits = Digits::Of(ShortText(number));
    digits.Round(places, rounding);
    const string text = digits.Text(std::max(0, digits.scale));
    const double rounded = std::strtod(text.c_str(), nullptr);
    return number < 0 && rounded == 0 ? 0.0 : rounded;
}

// Of a decimal's text, in the scale that Spark's type has.
template <Rounding rounding>
string RoundText(string_view text, int32_t places) {
    Digits digits = Digits::Of(text);
    digits.Round(places, rounding);
    return digits.Text(std::max(0, digits.scale));
}

template <Rounding rounding>
constexpr const char* kRoundDouble = "";
template <>
constexpr const char* kRoundDouble<Rounding::kHalfUp> = "spark_round_double";
template <>
constexpr const char* kRoundDouble<Rounding::kHalfEven> = "spark_bround_double";
template <Rounding rounding>
constexpr const char* kRoundText = "";
template <>
constexpr const char* kRoundText<Rounding::kHalfUp> = "spark_round_text";
template <>
constexpr const char* kRoundText<Rounding::kHalfEven> = "spark_bround_text";
template <>
constexpr const char* kRoundText<Rounding::kUp> = "spark_ceil_text";
template <>
constexpr const char* kRoundText<Rounding::kDown> = "spark_floor_text";

int PlacesOf(Input& input) {
    if (input.children.size() < 2) return 0;
    if (!input.children[1]->IsFoldable()) {
        ThrowIntoDuck(
            Error(ErrorKind::kInvalidInput, "the number of places to round to must be a constant"));
    }
    const Value value =
        duckdb::ExpressionExecutor::EvaluateScalar(input.context, *input.children[1]);
    return value.IsNull() ? 0 : value.DefaultCastAs(LogicalType::INTEGER).GetValue<int32_t>();
}

// The type that Spark gives a decimal rounded to so many places.
LogicalType RoundedType(const LogicalType& type, int places) {
    constexpr int kMost = 38;
    const int width = duckdb::DecimalType::GetWidth(type);
    const int scale = duckdb::DecimalType::GetScale(type);
    const int whole = width - scale + 1;
    const int kept = std::clamp(places, 0, scale);
    const int wanted = places < 0 ? std::max(whole, -places + 1) : whole + kept;
    return LogicalType::DECIMAL(static_cast<uint8_t>(std::min(wanted, kMost)),
                                static_cast<uint8_t>(kept));
}

// round, bround: a double or a float stays one, of a whole number the type stays.
template <Rounding rounding>
ExpressionPtr BindRound(Input& input) {
    const ExpressionBuilder make(input.context);
    const int places = PlacesOf(input);
    ExpressionPtr value = WithOwnType(input.context, std::move(input.children[0]));
    const LogicalType type = value->return_type;
    const auto constant = [&] { return make.Constant(Value::INTEGER(places)); };
    if (type.id() == LogicalTypeId::DECIMAL) {
        return make.Cast(make.Call(kRoundText<rounding>,
                                   make.Cast(std::move(value), LogicalType::VARCHAR), constant()),
                         RoundedType(type, places));
    }
    if (type.IsIntegral()) {
        if (places >= 0) return value;
        return make.Cast(make.Call(kRoundText<rounding>,
                                   make.Cast(std::move(value), LogicalType::VARCHAR), constant()),
                         type);
    }
    value = make.Call(kRoundDouble<rounding>,
                      SparkCast(input.context, std::move(value), LogicalType::DOUBLE, false),
                      constant());
    return type.id() == LogicalTypeId::FLOAT ? make.Cast(std::move(value), type) : std::move(value);
}

// ceil, floor: of a decimal a decimal, of all else without places a BIGINT.
template <Rounding rounding>
ExpressionPtr BindToWhole(Input& input) {
    const ExpressionBuilder make(input.context);
    const bool has_places = input.children.size() > 1;
    const int places = PlacesOf(input);
    const auto digits = DigitsOf(*input.children[0]);
    ExpressionPtr value = WithOwnType(input.context, std::move(input.children[0]));
    if (value->return_type.id() == LogicalTypeId::DECIMAL || has_places) {
        if (value->return_type.IsIntegral())
            value = make.Cast(std::move(value), LogicalType::DECIMAL(20, 0));
        if (value->return_type.id() != LogicalTypeId::DECIMAL)
            value = make.Cast(std::move(value), LogicalType::DECIMAL(30, 15));
        const bool is_decimal = digits && value->return_type.id() == LogicalTypeId::DECIMAL;
        const LogicalType type =
            RoundedType(is_decimal ? LogicalType::DECIMAL(static_cast<uint8_t>(digits->width),
                                                          static_cast<uint8_t>(digits->scale))
                                   : value->return_type,
                        places);
        return make.Cast(
            make.Call(kRoundText<rounding>, make.Cast(std::move(value), LogicalType::VARCHAR),
                      make.Constant(Value::INTEGER(places))),
            type);
    }
    if (value->return_type.IsIntegral()) return make.Cast(std::move(value), LogicalType::BIGINT);
    return make.Cast(
        make.Call(rounding == Rounding::kUp ? "ceil" : "floor",
                  SparkCast(input.context, std::move(value), LogicalType::DOUBLE, false)),
        LogicalType::BIGINT);
}

// As Java's StrictMath computes it, whose last digit is another one than the C library's: x is
// k ln 2 + r, and e^r comes of a rational approximation (the numbers are those of fdlibm).
double Exp(double x) {
    constexpr double kMost = 709.782712893384;
    constexpr double kLeast = -745.1332191019411;
    constexpr double kLn2High = 6.93147180369123816490e-01;
    constexpr double kLn2Low = 1.90821492927058770002e-10;
    constexpr double kTerms[] = {1.66666666666666019037e-01, -2.77777777770155933842e-03,
                                 6.61375632143793436117e-05, -1.65339022054652515390e-06,
                                 4.13813679705723846039e-08};
    constexpr double kHalfLn2 = 0.34657359027997264;
    constexpr double kTiny = 3.725290298461914e-09;
    if (std::isnan(x)) return x;
    if (x > kMost) return std::numeric_limits<double>::infinity();
    if (x < kLeast) return 0;
    if (std::abs(x) < kTiny) return 1 + x;
    int k = 0;
    double high = x;
    double low = 0;
    if (std::abs(x) > kHalfLn2) {
        k = std::abs(x) < 3 * kHalfLn2
                ? (x < 0 ? -1 : 1)
                : static_cast<int>(x / (2 * kHalfLn2) + (x < 0 ? -0.5 : 0.5));
        high = x - k * kLn2High;
        low = k * kLn2Low;
    }
    const double r = high - low;
    const double square = r * r;
    const double c =
        r - square * (kTerms[0] +
                      square * (kTerms[1] +
                                square * (kTerms[2] + square * (kTerms[3] + square * kTerms[4]))));
    if (k == 0) return 1 - ((r * c) / (c - 2) - r);
    return std::ldexp(1 - ((low - (r * c) / (2 - c)) - high), k);
}
double Expm1(double number) { return std::expm1(number); }
double Log1p(double number) { return std::log1p(number); }
// -1, 0 or 1 as a double, of intervals too.
ExpressionPtr BindSign(Input& input) {
    const ExpressionBuilder make(input.context);
    ExpressionPtr value = WithOwnType(input.context, std::move(input.children[0]));
    if (value->return_type.id() == LogicalTypeId::INTERVAL)
        value = make.Call("epoch_us", std::move(value));
    value = SparkCast(input.context, std::move(value), LogicalType::DOUBLE, false);
    return make.Cast(make.Call("sign", std::move(value)), LogicalType::DOUBLE);
}

// Of a text as of a double; decimals and intervals keep their type.
ExpressionPtr BindAbs(Input& input) {
    const ExpressionBuilder make(input.context);
    ExpressionPtr value = WithOwnType(input.context, std::move(input.children[0]));
    const LogicalType type = value->return_type;
    if (type.id() == LogicalTypeId::INTERVAL) {
        ExpressionPtr is_less =
            make.Compare(duckdb::ExpressionType::COMPARE_LESSTHAN,
                         make.Call("epoch_us", value->Copy()), make.Constant(Value::BIGINT(0)));
        ExpressionPtr negative = NegateInterval(input.context, value->Copy());
        return make.Case(std::move(is_less), std::move(negative), std::move(value));
    }
    if (!type.IsNumeric())
        value = SparkCast(input.context, std::move(value), LogicalType::DOUBLE, false);
    return make.Call("abs", std::move(value));
}

double Cbrt(double number) { return std::cbrt(number); }
double Hypot(double a, double b) { return std::hypot(a, b); }
double HalfEven(double number) { return std::nearbyint(number); }

std::optional<int64_t> Factorial(int32_t number) {
    if (number < 0 || number > 20) return std::nullopt;
    int64_t product = 1;
    for (int32_t i = 2; i <= number; ++i) product *= i;
    return product;
}

string Binary(int64_t number) {
    auto bits = static_cast<uint64_t>(number);
    string text;
    do text.insert(text.begin(), static_cast<char>('0' + (bits & 1)));
    while ((bits >>= 1) != 0);
    return text;
}

int DigitOf(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'z') return c - 'a' + 10;
    if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
    return 99;
}

// From one base to another; the digits behind the first that is none of the base are left out.
std::optional<string> Conv(string_view text, int32_t from, int32_t to) {
    constexpr int kLeast = 2;
    constexpr int kMost = 36;
    if (from < kLeast || from > kMost || std::abs(to) < kLeast || std::abs(to) > kMost)
        return std::nullopt;
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    if (text.empty()) return std::nullopt;
    const bool is_negative = text.starts_with('-');
    if (is_negative) text.remove_prefix(1);
    const auto base = static_cast<uint64_t>(from);
    uint64_t value = 0;
    for (const char c : text) {
        const int digit = DigitOf(c);
        if (digit >= from) break;
        if (value > (std::numeric_limits<uint64_t>::max() - static_cast<uint64_t>(digit)) / base)
            throw Error(ErrorKind::kInvalidInput, "'{}' is too large for conv: 64 bits", text);
        value = value * base + static_cast<uint64_t>(digit);
    }
    if (is_negative) value = 0 - value;
    const bool is_signed = to < 0;
    const bool has_sign = is_signed && static_cast<int64_t>(value) < 0;
    if (has_sign) value = 0 - value;
    const auto target = static_cast<uint64_t>(std::abs(to));
    string digits;
    do digits.insert(digits.begin(), "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[value % target]);
    while ((value /= target) != 0);
    return (has_sign ? "-" : "") + digits;
}

int8_t BitGet(int64_t number, int32_t place) {
    if (place < 0 || place > 63)
        throw Error(ErrorKind::kInvalidInput, "there is no bit {}: they are 0 to 63", place);
    return static_cast<int8_t>((static_cast<uint64_t>(number) >> place) & 1U);
}
int32_t BitCount(int64_t number) { return std::popcount(static_cast<uint64_t>(number)); }

int32_t ShiftLeft(int32_t number, int32_t places) {
    return static_cast<int32_t>(static_cast<uint32_t>(number) << (places & 31));
}
int64_t ShiftLeftLong(int64_t number, int32_t places) {
    return static_cast<int64_t>(static_cast<uint64_t>(number) << (places & 63));
}
int32_t ShiftRight(int32_t number, int32_t places) { return number >> (places & 31); }
int64_t ShiftRightLong(int64_t number, int32_t places) { return number >> (places & 63); }

std::optional<int64_t> WidthBucket(double value, double low, double high, int64_t count) {
    if (count <= 0 || low == high || std::isnan(value) || std::isinf(low) || std::isinf(high))
        return std::nullopt;
    const bool is_down = low > high;
    if (is_down ? value > low : value < low) return 0;
    if (is_down ? value <= high : value >= high) return count + 1;
    return static_cast<int64_t>(static_cast<double>(count) * (value - low) / (high - low)) + 1;
}

// 12,332.1235; halves go to the even digit.
std::optional<string> FormatNumber(string_view text, int32_t places) {
    if (places < 0) return std::nullopt;
    Digits digits = Digits::Of(text);
    digits.Round(places, Rounding::kHalfEven);
    return digits.Text(places, true);
}
std::optional<string> FormatDouble(double number, int32_t places) {
    if (!std::isfinite(number)) return std::isnan(number) ? "NaN" : number < 0 ? "-∞" : "∞";
    return FormatNumber(fmt::format("{:.{}f}", number, std::max(places, 0)), places);
}

// Java's pattern of at most #, 0, one comma and one point.
string FormatByPattern(string_view text, string_view pattern) {
    const size_t point = pattern.find('.');
    const string_view whole = pattern.substr(0, point);
    const string_view behind = point == string_view::npos ? "" : pattern.substr(point + 1);
    if (pattern.find_first_not_of("#0,.") != string_view::npos)
        throw Error(ErrorKind::kUnsupported,
                    "'{}': format_number knows patterns of #, 0, ',' and '.' only", pattern);
    Digits digits = Digits::Of(text);
    digits.Round(static_cast<int>(behind.size()), Rounding::kHalfEven);
    const auto least = static_cast<size_t>(std::count(behind.begin(), behind.end(), '0'));
    string out = digits.Text(static_cast<int>(behind.size()), whole.find(',') != string_view::npos);
    if (!behind.empty()) {
        size_t end = out.size();
        const size_t shortest = out.size() - behind.size() + least;
        while (end > shortest && out[end - 1] == '0') --end;
        if (out[end - 1] == '.') --end;
        out.resize(end);
    }
    return out;
}

// format_number(x, places or pattern)
ExpressionPtr BindFormatNumber(Input& input) {
    const ExpressionBuilder make(input.context);
    ExpressionPtr value = WithOwnType(input.context, std::move(input.children[0]));
    ExpressionPtr form = WithOwnType(input.context, std::move(input.children[1]));
    if (form->return_type.id() == LogicalTypeId::VARCHAR) {
        return make.Call("spark_format_by_pattern",
                         SparkCast(input.context, std::move(value), LogicalType::VARCHAR, false),
                         std::move(form));
    }
    form = make.Cast(std::move(form), LogicalType::INTEGER);
    const bool is_exact =
        value->return_type.id() == LogicalTypeId::DECIMAL || value->return_type.IsIntegral();
    if (is_exact) {
        return make.Call("spark_format_decimal", make.Cast(std::move(value), LogicalType::VARCHAR),
                         std::move(form));
    }
    return make.Call("spark_format_double",
                     SparkCast(input.context, std::move(value), LogicalType::DOUBLE, false),
                     std::move(form));
}

}  // namespace

void RegisterSparkNumbers(duckdb::ExtensionLoader& loader) {
    for (const duckdb::ScalarFunction& function :
         {Adapted<RoundDouble<Rounding::kHalfUp>>("spark_round_double"),
          Adapted<RoundDouble<Rounding::kHalfEven>>("spark_bround_double"),
          Adapted<RoundText<Rounding::kHalfUp>>("spark_round_text"),
          Adapted<RoundText<Rounding::kHalfEven>>("spark_bround_text"),
          Adapted<RoundText<Rounding::kUp>>("spark_ceil_text"),
          Adapted<RoundText<Rounding::kDown>>("spark_floor_text"),
          Adapted<Exp>("spark_exp"),
          Adapted<Expm1>("spark_expm1"),
          Adapted<Log1p>("spark_log1p"),
          Adapted<Hypot>("spark_hypot"),
          Adapted<Cbrt>("spark_cbrt"),
          Adapted<HalfEven>("spark_rint"),
          Adapted<Factorial>("spark_factorial"),
          Adapted<Binary>("spark_bin"),
          Adapted<Conv>("spark_conv"),
          Adapted<BitGet>("spark_bit_get"),
          Adapted<BitCount>("spark_bit_count"),
          Adapted<WidthBucket>("spark_width_bucket"),
          Adapted<FormatNumber>("spark_format_decimal"),
          Adapted<FormatDouble>("spark_format_double"),
          Adapted<FormatByPattern>("spark_format_by_pattern")})
        loader.RegisterFunction(function);
    duckdb::ScalarFunctionSet left("spark_shift_left");
    left.AddFunction(Adapted<ShiftLeft>("spark_shift_left"));
    left.AddFunction(Adapted<ShiftLeftLong>("spark_shift_left"));
    loader.RegisterFunction(left);
    duckdb::ScalarFunctionSet right("spark_shift_right");
    right.AddFunction(Adapted<ShiftRight>("spark_shift_right"));
    right.AddFunction(Adapted<ShiftRightLong>("spark_shift_right"));
    loader.RegisterFunction(right);
    RegisterRewritten(loader, "spark_round", -1, BindRound<Rounding::kHalfUp>);
    RegisterRewritten(loader, "spark_bround", -1, BindRound<Rounding::kHalfEven>);
    RegisterRewritten(loader, "spark_ceil", -1, BindToWhole<Rounding::kUp>);
    RegisterRewritten(loader, "spark_floor", -1, BindToWhole<Rounding::kDown>);
    RegisterRewritten(loader, "spark_format_number", 2, BindFormatNumber);
    RegisterRewritten(loader, "spark_sign", 1, BindSign);
    RegisterRewritten(loader, "spark_abs", 1, BindAbs);
}

}  // namespace tarn::engine::duck
