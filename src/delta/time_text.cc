#include "delta/time_text.h"

#include <chrono>

#include <fmt/core.h>

namespace tarn::delta {
namespace {

constexpr int64_t kMicrosPerDay = 86'400'000'000;
constexpr int kMaxYear = 290'000;  // microseconds of such years still fit 64 bits

// Takes texts apart from the front.
class Scanner {
public:
    explicit Scanner(std::string_view text) : text_(text) {}

    bool AtEnd() const { return text_.empty(); }
    bool Take(char c) {
        if (text_.empty() || text_.front() != c) return false;
        text_.remove_prefix(1);
        return true;
    }
    // Between `least` and `most` digits.
    std::optional<int> Number(size_t least, size_t most) {
        int value = 0;
        size_t taken = 0;
        while (taken < most && taken < text_.size() && text_[taken] >= '0' && text_[taken] <= '9') {
            value = value * 10 + (text_[taken] - '0');
            ++taken;
        }
        if (taken < least) return std::nullopt;
        text_.remove_prefix(taken);
        return value;
    }
    // Digits after a point, as microseconds.
    int64_t Fraction() {
        int64_t micros = 0;
        int64_t unit = 100'000;
        while (!text_.empty() && text_.front() >= '0' && text_.front() <= '9') {
            micros += unit * (text_.front() - '0');
            unit /= 10;
            text_.remove_prefix(1);
        }
        return micros;
    }

private:
    std::string_view text_;
};

std::optional<int64_t> ScanDate(Scanner& scanner) {
    const bool negative = scanner.Take('-');
    if (!negative) scanner.Take('+');
    const auto year = scanner.Number(1, 6);
    if (!year || *year > kMaxYear || !scanner.Take('-')) return std::nullopt;
    const auto month = scanner.Number(1, 2);
    if (!month || !scanner.Take('-')) return std::nullopt;
    const auto day = scanner.Number(1, 2);
    if (!day || *month < 1 || *month > 12 || *day < 1) return std::nullopt;
    // std::chrono's years end at 32767, so that the civil calendar is counted here (proleptic
    // Gregorian).
    const int64_t y = (negative ? -*year : *year) - (*month <= 2 ? 1 : 0);
    const auto last = std::chrono::year_month_day_last(
        std::chrono::year(static_cast<int>(((y % 400) + 400) % 400) + 2000 + (*month <= 2 ? 1 : 0)),
        std::chrono::month_day_last(std::chrono::month(static_cast<unsigned>(*month))));
    if (*day > static_cast<int>(static_cast<unsigned>(last.day()))) return std::nullopt;
    const int64_t era = (y >= 0 ? y : y - 399) / 400;
    const int64_t year_of_era = y - era * 400;
    const int64_t day_of_year = (153 * (*month + (*month > 2 ? -3 : 9)) + 2) / 5 + *day - 1;
    const int64_t day_of_era =
        year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146'097 + day_of_era - 719'468;
}

// Microseconds to add for "Z", "+01:00", "-0130" or nothing.
std::optional<int64_t> ScanZone(Scanner& scanner) {
    if (scanner.AtEnd() || scanner.Take('Z') || scanner.Take('z')) return 0;
    const bool east = scanner.Take('+');
    if (!east && !scanner.Take('-')) return std::nullopt;
    const auto hours = scanner.Number(2, 2);
    scanner.Take(':');
    const auto minutes = scanner.Number(2, 2);
    if (!hours || *hours > 18 || (minutes && *minutes > 59)) return std::nullopt;
    const int64_t offset = (*hours * 60LL + minutes.value_or(0)) * 60'000'000;
    return east ? -offset : offset;
}

int64_t FloorDivide(int64_t value, int64_t by) { return value / by - (value % by < 0 ? 1 : 0); }

}  // namespace

std::optional<int32_t> ParseDate(std::string_view text) {
    Scanner scanner(text);
    const auto days = ScanDate(scanner);
    if (!days || !scanner.AtEnd()) return std::nullopt;
    return static_cast<int32_t>(*days);
}

std::string FormatDate(int32_t days) {
    const int64_t shifted = static_cast<int64_t>(days) + 719'468;
    const int64_t era = FloorDivide(shifted, 146'097);
    const int64_t day_of_era = shifted - era * 146'097;
    const int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const int64_t month_from_march = (5 * day_of_year + 2) / 153;
    const int64_t day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    const int64_t month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    const int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
    return fmt::format("{}{:04}-{:02}-{:02}", year < 0 ? "-" : (year > 9999 ? "+" : ""),
                       year < 0 ? -year : year, month, day);
}

std::optional<int64_t> ParseTimestamp(std::string_view text) {
    Scanner scanner(text);
    const auto days = ScanDate(scanner);
    if (!days) return std::nullopt;
    int64_t micros = *days * kMicrosPerDay;
    if (scanner.AtEnd()) return micros;
    if (!scanner.Take('T') && !scanner.Take(' ')) return std::nullopt;
    const auto hour = scanner.Number(1, 2);
    if (!hour || *hour > 23 || !scanner.Take(':')) return std::nullopt;
    const auto minute = scanner.Number(1, 2);
    if (!minute || *minute > 59) return std::nullopt;
    std::optional<int> second = 0;
    if (scanner.Take(':')) second = scanner.Number(1, 2);
    if (!second || *second > 59) return std::nullopt;
    micros += ((*hour * 60LL + *minute) * 60 + *second) * 1'000'000;
    if (scanner.Take('.')) micros += scanner.Fraction();
    scanner.Take(' ');
    const auto zone = ScanZone(scanner);
    if (!zone || !scanner.AtEnd()) return std::nullopt;
    return micros + *zone;
}

std::string FormatTimestamp(int64_t micros, char separator, int digits) {
    const int64_t days = FloorDivide(micros, kMicrosPerDay);
    const int64_t rest = micros - days * kMicrosPerDay;
    const int64_t seconds = rest / 1'000'000;
    const int64_t fraction = digits == 3 ? rest % 1'000'000 / 1000 : rest % 1'000'000;
    return fmt::format("{}{}{:02}:{:02}:{:02}.{:0{}}", FormatDate(static_cast<int32_t>(days)),
                       separator, seconds / 3600, seconds / 60 % 60, seconds % 60, fraction,
                       digits);
}

bool HasFourDigitYear(int64_t micros) {
    constexpr int64_t kYear1 = -62'135'596'800'000'000;
    constexpr int64_t kYear10000 = 253'402'300'800'000'000;
    return micros >= kYear1 && micros < kYear10000;
}

}  // namespace tarn::delta
