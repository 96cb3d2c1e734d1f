#include "sql/java_number.h"

#include <charconv>
#include <cmath>

#include "base/text.h"

namespace tarn::sql {
namespace {

// Java writes numbers from a thousandth to ten millions without an exponent.
constexpr int kLeastPlainExponent = -3;
constexpr int kMostPlainExponent = 6;

template <class Number>
std::string TextOfNumber(Number number) {
    if (std::isnan(number)) return "NaN";
    if (std::isinf(number)) return number < 0 ? "-Infinity" : "Infinity";
    if (number == 0) return std::signbit(number) ? "-0.0" : "0.0";
    char buffer[64];
    const auto end =
        std::to_chars(buffer, buffer + sizeof(buffer), number, std::chars_format::scientific).ptr;
    const std::string text(buffer, end);  // -1.25e+10
    const size_t e = text.find('e');
    const int exponent = static_cast<int>(
        ParseInt(text[e + 1] == '+' ? text.substr(e + 2) : text.substr(e + 1)).value_or(0));
    std::string digits;
    for (const char c : text.substr(0, e)) {
        if (c >= '0' && c <= '9') digits += c;
    }
    const std::string sign = number < 0 ? "-" : "";
    if (exponent < kLeastPlainExponent || exponent > kMostPlainExponent) {
        const std::string rest = digits.size() > 1 ? digits.substr(1) : "0";
        return sign + digits[0] + "." + rest + "E" + std::to_string(exponent);
    }
    if (exponent < 0)
        return sign + "0." + std::string(static_cast<size_t>(-exponent - 1), '0') + digits;
    const auto whole = static_cast<size_t>(exponent) + 1;
    if (digits.size() <= whole)
        return sign + digits + std::string(whole - digits.size(), '0') + ".0";
    return sign + digits.substr(0, whole) + "." + digits.substr(whole);
}

}  // namespace

std::string JavaText(float number) { return TextOfNumber(number); }
std::string JavaText(double number) { return TextOfNumber(number); }

}  // namespace tarn::sql
