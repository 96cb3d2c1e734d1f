#include "table/value.h"

#include <chrono>

#include <fmt/core.h>

#include "base/text.h"

namespace tarn::table {
namespace {

using Order = std::optional<std::strong_ordering>;

Order CompareDecimals(Decimal a, Decimal b) {
    while (a.scale != b.scale) {
        const bool scale_a = a.scale < b.scale;
        Decimal& coarse = scale_a ? a : b;
        __int128 scaled = 0;
        if (__builtin_mul_overflow(coarse.unscaled, static_cast<__int128>(10), &scaled)) {
            // Beyond every 128-bit number at the finer scale: its sign decides.
            const bool a_is_less = scale_a == (coarse.unscaled < 0);
            return a_is_less ? std::strong_ordering::less : std::strong_ordering::greater;
        }
        coarse.unscaled = scaled;
        ++coarse.scale;
    }
    return a.unscaled <=> b.unscaled;
}

Order CompareDoubles(double a, double b) {
    const std::partial_ordering order = a <=> b;
    if (order == std::partial_ordering::unordered) return std::nullopt;
    if (order == std::partial_ordering::less) return std::strong_ordering::less;
    if (order == std::partial_ordering::greater) return std::strong_ordering::greater;
    return std::strong_ordering::equal;
}

// std::string compares char as unsigned char, so this is the order of bytes.
Order CompareBytes(const std::string& a, const std::string& b) { return a.compare(b) <=> 0; }

struct Comparer {
    Order operator()(std::monostate, std::monostate) const { return std::nullopt; }
    Order operator()(bool a, bool b) const { return static_cast<int>(a) <=> static_cast<int>(b); }
    Order operator()(int64_t a, int64_t b) const { return a <=> b; }
    Order operator()(double a, double b) const { return CompareDoubles(a, b); }
    Order operator()(const Decimal& a, const Decimal& b) const { return CompareDecimals(a, b); }
    Order operator()(int64_t a, const Decimal& b) const { return CompareDecimals({a, 0}, b); }
    Order operator()(const Decimal& a, int64_t b) const { return CompareDecimals(a, {b, 0}); }
    Order operator()(const std::string& a, const std::string& b) const {
        return CompareBytes(a, b);
    }
    Order operator()(const Binary& a, const Binary& b) const {
        return CompareBytes(a.bytes, b.bytes);
    }
    Order operator()(Date a, Date b) const { return a.days <=> b.days; }
    Order operator()(Timestamp a, Timestamp b) const { return a.micros <=> b.micros; }
    template <typename A, typename B>
    Order operator()(const A&, const B&) const {
        return std::nullopt;
    }
};

std::string DateText(int64_t days) {
    const std::chrono::year_month_day date{
        std::chrono::sys_days(std::chrono::days(static_cast<std::chrono::days::rep>(days)))};
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                       static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string DecimalText(const Decimal& value) {
    const bool negative = value.unscaled < 0;
    unsigned __int128 rest = negative ? -static_cast<unsigned __int128>(value.unscaled)
                                      : static_cast<unsigned __int128>(value.unscaled);
    std::string digits;
    do {
        digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
        rest /= 10;
    } while (rest != 0);
    if (value.scale > 0) {
        const auto scale = static_cast<size_t>(value.scale);
        if (digits.size() <= scale) digits.insert(0, scale + 1 - digits.size(), '0');
        digits.insert(digits.size() - scale, ".");
    }
    return negative ? "-" + digits : digits;
}

struct Printer {
    std::string operator()(std::monostate) const { return "NULL"; }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(int64_t value) const { return std::to_string(value); }
    std::string operator()(double value) const { return fmt::format("{}", value); }
    std::string operator()(const Decimal& value) const { return DecimalText(value); }
    std::string operator()(const std::string& value) const {
        std::string text = "'";
        for (const char c : value) {
            if (c == '\'') text += '\'';
            text += c;
        }
        return text + "'";
    }
    std::string operator()(const Binary& value) const { return "X'" + Hex(value.bytes) + "'"; }
    std::string operator()(Date value) const { return DateText(value.days); }
    std::string operator()(Timestamp value) const {
        constexpr int64_t kDay = 86'400'000'000;
        int64_t days = value.micros / kDay;
        int64_t rest = value.micros % kDay;
        if (rest < 0) {
            rest += kDay;
            --days;
        }
        const int64_t seconds = rest / 1'000'000;
        return fmt::format("{} {:02}:{:02}:{:02}.{:06}", DateText(days), seconds / 3600,
                           seconds / 60 % 60, seconds % 60, rest % 1'000'000);
    }
};

}  // namespace

Order Compare(const Value& a, const Value& b) { return std::visit(Comparer{}, a, b); }

std::string ToString(const Value& value) { return std::visit(Printer{}, value); }

}  // namespace tarn::table
