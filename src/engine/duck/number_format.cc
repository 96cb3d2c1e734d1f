#include "engine/duck/number_format.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"

namespace tarn::engine::duck {
namespace {

constexpr int kMostDigits = 38;

bool IsDigitOf(char c) { return c == '0' || c == '9'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool TakeFront(std::string_view& text, std::string_view word) {
    if (!EqualsIgnoreCase(text.substr(0, word.size()), word)) return false;
    text.remove_prefix(word.size());
    return true;
}
bool TakeBack(std::string_view& text, std::string_view word) {
    if (text.size() < word.size() ||
        !EqualsIgnoreCase(text.substr(text.size() - word.size()), word))
        return false;
    text.remove_suffix(word.size());
    return true;
}

[[noreturn]] void FailPattern(std::string_view pattern) {
    throw Error(
        ErrorKind::kInvalidInput,
        "'{}' is no pattern of numbers: it has digits 0 or 9, a comma or G between them, at "
        "most one point or D, and S, MI, PR or $ at its ends",
        pattern);
}

}  // namespace

NumberFormat NumberFormat::Parse(std::string_view pattern) {
    NumberFormat made;
    std::string_view rest = pattern;
    if (TakeFront(rest, "MI")) {
        made.sign_ = Sign::kMinusBefore;
    } else if (TakeFront(rest, "S")) {
        made.sign_ = Sign::kBefore;
    } else if (TakeBack(rest, "PR")) {
        made.sign_ = Sign::kBrackets;
    } else if (TakeBack(rest, "MI")) {
        made.sign_ = Sign::kMinusBehind;
    } else if (TakeBack(rest, "S")) {
        made.sign_ = Sign::kBehind;
    }
    made.has_currency_ = TakeFront(rest, "$") || TakeBack(rest, "$");
    for (const char c : rest) {
        const bool is_comma = c == ',' || c == 'G' || c == 'g';
        const bool is_point = c == '.' || c == 'D' || c == 'd';
        if (is_point && !made.has_point_) {
            made.has_point_ = true;
        } else if (IsDigitOf(c)) {
            (made.has_point_ ? made.behind_ : made.whole_) += c;
        } else if (is_comma && !made.has_point_ && !made.whole_.empty()) {
            made.whole_ += ',';
        } else {
            FailPattern(pattern);
        }
    }
    const bool is_whole =
        made.digits() > 0 && made.digits() <= kMostDigits && !made.whole_.ends_with(',');
    if (!is_whole) FailPattern(pattern);
    return made;
}

int NumberFormat::whole_digits() const {
    return static_cast<int>(std::count_if(whole_.begin(), whole_.end(), IsDigitOf));
}

bool NumberFormat::Fits(std::string_view whole, std::string_view behind) const {
    const bool has_zeros = behind.find_first_not_of('0', behind_.size()) == std::string_view::npos;
    return static_cast<int>(whole.size()) <= whole_digits() &&
           (behind.size() <= behind_.size() || has_zeros);
}

// The digits in their places; before the first of them zeros where the pattern has 0, else blanks.
std::string NumberFormat::Whole(std::string_view digits) const {
    std::string text;
    const int count = static_cast<int>(digits.size());
    const bool fills_zeros = whole_.starts_with('0');
    int left = whole_digits();  // places from here on
    for (const char c : whole_) {
        if (c == ',') {
            text += left < count || fills_zeros ? ',' : ' ';
        } else {
            const bool has_digit = left <= count;
            text += has_digit ? digits[static_cast<size_t>(count - left)] : fills_zeros ? '0' : ' ';
            --left;
        }
    }
    return text;
}

std::string NumberFormat::Write(std::string_view number) const {
    const bool is_negative = number.starts_with('-');
    if (is_negative) number.remove_prefix(1);
    const size_t point = std::min(number.find('.'), number.size());
    std::string_view whole = number.substr(0, point);
    const std::string_view behind = number.substr(std::min(point + 1, number.size()));
    while (whole.starts_with('0')) whole.remove_prefix(1);
    const bool needs_zero = whole.empty() && whole_digits() > 0 && has_point_;
    if (needs_zero) whole = "0";
    std::string text;
    if (Fits(whole, behind)) {
        text = Whole(whole);
        if (has_point_) text += '.';
        for (size_t i = 0; i < behind_.size(); ++i) text += i < behind.size() ? behind[i] : '0';
    } else {
        for (const char c : whole_) text += c == ',' ? ',' : '#';
        if (has_point_) text += '.';
        text += std::string(behind_.size(), '#');
    }
    // A sign stands at the digits, the currency before the blanks; no sign, no minus.
    const size_t begin = std::min(text.find_first_not_of(' '), text.size());
    std::string before;
    std::string after;
    switch (sign_) {
        case Sign::kBefore:
            before = is_negative ? "-" : "+";
            break;
        case Sign::kMinusBefore:
            before = is_negative ? "-" : " ";
            break;
        case Sign::kBehind:
            after = is_negative ? "-" : "+";
            break;
        case Sign::kMinusBehind:
            after = is_negative ? "-" : " ";
            break;
        case Sign::kBrackets:
            before = is_negative ? "<" : "";
            after = is_negative ? ">" : "  ";
            break;
        case Sign::kNone:
            break;
    }
    return (has_currency_ ? "$" : "") + text.substr(0, begin) + before + text.substr(begin) + after;
}

// True for a minus; nothing where the sign is another one than the pattern's.
std::optional<bool> NumberFormat::TakeSign(std::string_view& text) const {
    switch (sign_) {
        case Sign::kNone:
            return false;
        case Sign::kBrackets: {
            const bool is_negative = text.starts_with('<');
            if (is_negative != text.ends_with('>') || text.size() < 2) return std::nullopt;
            if (is_negative) text = text.substr(1, text.size() - 2);
            return is_negative;
        }
        case Sign::kBefore:
        case Sign::kMinusBefore: {
            const bool is_negative = TakeFront(text, "-");
            if (!is_negative) TakeFront(text, "+");
            return is_negative;
        }
        default: {
            const bool is_negative = TakeBack(text, "-");
            if (!is_negative) TakeBack(text, "+");
            return is_negative;
        }
    }
}

// Group for group from the right: only the first may be shorter, unless the pattern begins with 0.
std::optional<std::string> NumberFormat::ReadWhole(std::string_view text) const {
    const bool is_fixed = whole_.starts_with('0');
    std::string digits;
    size_t in_pattern = whole_.size();
    for (size_t i = text.size(); i > 0; --i) {
        if (in_pattern == 0) return std::nullopt;
        const bool is_comma = whole_[--in_pattern] == ',';
        const char c = text[i - 1];
        if (is_comma ? c != ',' : !IsDigit(c)) return std::nullopt;
        if (!is_comma) digits.insert(digits.begin(), c);
    }
    if ((is_fixed && in_pattern > 0) || text.starts_with(',')) return std::nullopt;
    return digits;
}

std::optional<std::string> NumberFormat::Read(std::string_view text) const {
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    const auto is_negative = TakeSign(text);
    if (!is_negative || text.empty()) return std::nullopt;
    if (has_currency_ && !TakeFront(text, "$") && !TakeBack(text, "$")) return std::nullopt;
    const size_t point = std::min(text.find('.'), text.size());
    if (point < text.size() && !has_point_) return std::nullopt;
    const auto whole = ReadWhole(text.substr(0, point));
    const std::string_view behind = text.substr(std::min(point + 1, text.size()));
    const bool is_number = whole && behind.size() <= behind_.size() &&
                           std::all_of(behind.begin(), behind.end(), IsDigit) &&
                           whole->size() + behind.size() > 0;
    if (!is_number) return std::nullopt;
    return (*is_negative ? "-" : "") + *whole + "." + std::string(behind) + "0";
}

}  // namespace tarn::engine::duck
