#include "engine/duck/time_pattern.h"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "base/error.h"
#include "base/text.h"

namespace tarn::engine::duck {
namespace {

constexpr int64_t kMicros = 1000000;
constexpr int64_t kDayMicros = 86400 * kMicros;
constexpr std::string_view kLetters = "GyMLdDQqEahKkHmsSFVzxXOZ";
constexpr std::string_view kZoneLetters = "VzxXOZ";
constexpr std::array<std::string_view, 12> kMonths = {
    "January", "February", "March",     "April",   "May",      "June",
    "July",    "August",   "September", "October", "November", "December"};
constexpr std::array<std::string_view, 7> kDays = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                   "Friday", "Saturday", "Sunday"};

int64_t FloorDiv(int64_t a, int64_t b) {
    return a / b - ((a % b != 0 && (a < 0) != (b < 0)) ? 1 : 0);
}

struct Day {
    int64_t year;
    int month;
    int day;
};

int64_t Weekday(int64_t days) { return days + 3 - FloorDiv(days + 3, 7) * 7; }  // from Monday on

// Of the proleptic Gregorian calendar, days since 1970 and back.
Day DayOf(int64_t days) {
    const int64_t shifted = days + 719468;
    const int64_t era = FloorDiv(shifted, 146097);
    const int64_t of_era = shifted - era * 146097;
    const int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    const int64_t part = (5 * of_year + 2) / 153;
    const int month = static_cast<int>(part < 10 ? part + 3 : part - 9);
    return {year + era * 400 + (month <= 2 ? 1 : 0), month,
            static_cast<int>(of_year - (153 * part + 2) / 5 + 1)};
}

int64_t DaysOf(int64_t year, int month, int day) {
    const int64_t y = month <= 2 ? year - 1 : year;
    const int64_t era = FloorDiv(y, 400);
    const int64_t of_era = y - era * 400;
    const int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

bool IsLeap(int64_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }
int MonthLength(int64_t year, int month) {
    constexpr std::array<int, 12> kLengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && IsLeap(year) ? 29 : kLengths[static_cast<size_t>(month) - 1];
}

std::string Padded(int64_t number, int width) { return fmt::format("{:0{}}", number, width); }

// +01, +0130, +01:30; `least_parts` of hours and minutes.
std::string OffsetText(int64_t seconds, bool has_minutes, std::string_view between) {
    const int64_t minutes = std::abs(seconds) / 60;
    std::string text = seconds < 0 ? "-" : "+";
    text += Padded(minutes / 60, 2);
    if (has_minutes || minutes % 60 != 0) text += std::string(between) + Padded(minutes % 60, 2);
    return text;
}

std::string ZoneText(char letter, int count, const ClockTime& time) {
    const int64_t offset = time.offset_seconds;
    if (letter == 'V' || letter == 'z') return std::string(time.zone);
    const bool is_long_gmt = (letter == 'O' && count == 4) || (letter == 'Z' && count == 4);
    if (letter == 'O' || is_long_gmt) {
        if (offset == 0) return "GMT";
        if (is_long_gmt) return "GMT" + OffsetText(offset, true, ":");
        std::string text = fmt::format("GMT{}{}", offset < 0 ? '-' : '+', std::abs(offset) / 3600);
        if (offset % 3600 != 0) text += ":" + Padded(std::abs(offset) / 60 % 60, 2);
        return text;
    }
    const bool may_be_z = letter == 'X' || (letter == 'Z' && count == 5);
    if (may_be_z && offset == 0) return "Z";
    if (letter == 'Z') return OffsetText(offset, true, count == 5 ? ":" : "");
    return OffsetText(offset, count > 1, count == 3 || count == 5 ? ":" : "");
}

std::string QuarterText(int quarter, int count) {
    constexpr std::array<std::string_view, 4> kNames = {"1st", "2nd", "3rd", "4th"};
    if (count == 3) return fmt::format("Q{}", quarter);
    if (count == 4) return fmt::format("{} quarter", kNames[static_cast<size_t>(quarter) - 1]);
    return Padded(quarter, count);
}

bool TakeName(std::string_view& text, std::string_view name, size_t length) {
    const std::string_view wanted = name.substr(0, length);
    if (text.size() < wanted.size() || !EqualsIgnoreCase(text.substr(0, wanted.size()), wanted))
        return false;
    text.remove_prefix(wanted.size());
    return true;
}

// The place of a name that the text begins with, whole or its first three letters.
template <size_t count>
std::optional<int> TakeAnyName(std::string_view& text,
                               const std::array<std::string_view, count>& names, bool is_whole) {
    for (size_t i = 0; i < count; ++i) {
        if (TakeName(text, names[i], is_whole ? names[i].size() : 3)) return static_cast<int>(i);
    }
    return std::nullopt;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::optional<int64_t> TakeNumber(std::string_view& text, int least, int most) {
    int64_t number = 0;
    int size = 0;
    while (size < most && size < static_cast<int>(text.size()) &&
           IsDigit(text[static_cast<size_t>(size)])) {
        number = number * 10 + (text[static_cast<size_t>(size)] - '0');
        ++size;
    }
    if (size < least) return std::nullopt;
    text.remove_prefix(static_cast<size_t>(size));
    return number;
}

// Z, UTC, GMT, +01, +0130, +01:30
std::optional<int64_t> TakeOffset(std::string_view& text) {
    for (const std::string_view word : {"UTC", "GMT"}) {
        if (TakeName(text, word, 3) && (text.empty() || (text[0] != '+' && text[0] != '-')))
            return 0;
    }
    if (TakeName(text, "Z", 1)) return 0;
    if (text.empty() || (text[0] != '+' && text[0] != '-')) return std::nullopt;
    const int64_t sign = text[0] == '-' ? -1 : 1;
    text.remove_prefix(1);
    const auto hours = TakeNumber(text, 1, 2);
    if (!hours || *hours > 18) return std::nullopt;
    if (!text.empty() && text[0] == ':') text.remove_prefix(1);
    const int64_t minutes = TakeNumber(text, 2, 2).value_or(0);
    return sign * (*hours * 3600 + minutes * 60);
}

[[noreturn]] void FailPattern(std::string_view pattern, std::string_view why) {
    throw Error(ErrorKind::kInvalidInput, "'{}' is no pattern of dates and times: {}", pattern,
                why);
}

}  // namespace

struct TimePattern::Fields {
    int64_t year = 1970;
    bool is_before_christ = false;
    int64_t month = 1;
    int64_t day = 1;
    std::optional<int64_t> day_of_year;
    std::optional<int64_t> weekday;
    int64_t hour = 0;
    std::optional<int64_t> half_hour;  // 0 to 11
    bool is_afternoon = false;
    int64_t minute = 0;
    int64_t second = 0;
    int64_t micros = 0;
    std::optional<int64_t> offset_seconds;

    std::optional<int64_t> Micros() const {
        const int64_t at = is_before_christ ? 1 - year : year;
        if (month < 1 || month > 12 || day < 1 || minute > 59 || second > 59) return std::nullopt;
        int64_t days = 0;
        if (day_of_year) {
            if (*day_of_year < 1 || *day_of_year > (IsLeap(at) ? 366 : 365)) return std::nullopt;
            days = DaysOf(at, 1, 1) + *day_of_year - 1;
        } else {
            if (day > MonthLength(at, static_cast<int>(month))) return std::nullopt;
            days = DaysOf(at, static_cast<int>(month), static_cast<int>(day));
        }
        if (weekday && *weekday != Weekday(days)) return std::nullopt;
        const int64_t hours = half_hour ? *half_hour + (is_afternoon ? 12 : 0) : hour;
        if (hours > 23) return std::nullopt;
        const int64_t seconds =
            days * 86400 + hours * 3600 + minute * 60 + second - offset_seconds.value_or(0);
        return seconds * kMicros + micros;
    }
};

TimePattern TimePattern::Parse(std::string_view pattern) {
    TimePattern made;
    int depth = 0;
    const auto add_text = [&](std::string_view text) {
        if (!made.items_.empty() && made.items_.back().letter == 0 &&
            made.items_.back().depth == depth) {
            made.items_.back().text += text;
        } else {
            made.items_.push_back({0, 0, std::string(text), depth});
        }
    };
    for (size_t i = 0; i < pattern.size();) {
        const char c = pattern[i];
        if (c == '\'') {
            const size_t begin = ++i;
            if (begin < pattern.size() && pattern[begin] == '\'') {
                add_text("'");
                ++i;
                continue;
            }
            std::string text;
            for (;; ++i) {
                if (i >= pattern.size()) FailPattern(pattern, "a quote is not closed");
                if (pattern[i] != '\'') {
                    text += pattern[i];
                } else if (i + 1 < pattern.size() && pattern[i + 1] == '\'') {
                    text += pattern[i++];
                } else {
                    break;
                }
            }
            ++i;
            add_text(text);
        } else if (c == '[') {
            ++depth;
            ++i;
        } else if (c == ']') {
            if (--depth < 0) FailPattern(pattern, "a ']' has no '['");
            ++i;
        } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
            if (kLetters.find(c) == std::string_view::npos) {
                FailPattern(pattern,
                            fmt::format("the letter {} means nothing in it (letters that are to "
                                        "stand as they are go in quotes: 'T')",
                                        c));
            }
            size_t end = i;
            while (end < pattern.size() && pattern[end] == c) ++end;
            const int count = static_cast<int>(end - i);
            if (count > (c == 'S' ? 9 : c == 'y' ? 6 : 5) || (c == 'E' && count > 4))
                FailPattern(pattern, fmt::format("too many letters {}", c));
            made.items_.push_back({c, count, "", depth});
            made.has_zone_ |= kZoneLetters.find(c) != std::string_view::npos;
            i = end;
        } else {
            if (c == '#' || c == '{' || c == '}') FailPattern(pattern, "'#', '{' and '}' are kept");
            add_text(std::string_view(&pattern[i], 1));
            ++i;
        }
    }
    return made;
}

namespace {

std::string NameText(std::string_view whole, int count) {
    return std::string(count == 4 ? whole : whole.substr(0, count == 5 ? 1 : 3));
}

// What a letter of the date says; nothing for all other letters.
std::optional<std::string> DateLetter(char letter, int count, int64_t days) {
    const Day day = DayOf(days);
    const int64_t of_era = day.year > 0 ? day.year : 1 - day.year;
    const bool is_long = count == 4;
    switch (letter) {
        case 'G':
            if (day.year > 0) return is_long ? "Anno Domini" : "AD";
            return is_long ? "Before Christ" : "BC";
        case 'y':
            return count == 2 ? Padded(of_era % 100, 2) : Padded(of_era, count);
        case 'M':
        case 'L':
            return count <= 2 ? Padded(day.month, count)
                              : NameText(kMonths[static_cast<size_t>(day.month) - 1], count);
        case 'Q':
        case 'q':
            return QuarterText((day.month + 2) / 3, count);
        case 'd':
            return Padded(day.day, count);
        case 'D':
            return Padded(days - DaysOf(day.year, 1, 1) + 1, count);
        case 'F':
            return Padded((day.day - 1) % 7 + 1, count);
        case 'E':
            return NameText(kDays[static_cast<size_t>(Weekday(days))], count);
        default:
            return std::nullopt;
    }
}

// And of the time of day.
std::optional<std::string> TimeLetter(char letter, int count, int64_t of_day) {
    const int64_t hour = of_day / (3600 * kMicros);
    switch (letter) {
        case 'a':
            return hour < 12 ? "AM" : "PM";
        case 'h':
            return Padded(hour % 12 == 0 ? 12 : hour % 12, count);
        case 'K':
            return Padded(hour % 12, count);
        case 'k':
            return Padded(hour == 0 ? 24 : hour, count);
        case 'H':
            return Padded(hour, count);
        case 'm':
            return Padded(of_day / (60 * kMicros) % 60, count);
        case 's':
            return Padded(of_day / kMicros % 60, count);
        case 'S':
            return (Padded(of_day % kMicros, 6) + "000").substr(0, static_cast<size_t>(count));
        default:
            return std::nullopt;
    }
}

}  // namespace

std::string TimePattern::Format(const ClockTime& time) const {
    const int64_t days = FloorDiv(time.micros, kDayMicros);
    std::string out;
    for (const Item& item : items_) {
        if (item.letter == 0) {
            out += item.text;
        } else if (const auto date = DateLetter(item.letter, item.count, days)) {
            out += *date;
        } else if (const auto clock =
                       TimeLetter(item.letter, item.count, time.micros - days * kDayMicros)) {
            out += *clock;
        } else {
            out += ZoneText(item.letter, item.count, time);
        }
    }
    return out;
}

int TimePattern::ReservedBehind(size_t item) const {
    int digits = 0;
    for (size_t i = item + 1; i < items_.size(); ++i) {
        const Item& next = items_[i];
        const bool is_number =
            std::string_view("yMdDHhKkmsS").find(next.letter) != std::string_view::npos &&
            next.letter != 0 && next.count >= 2 && (next.letter != 'M' || next.count == 2);
        if (!is_number || next.depth != items_[item].depth) break;
        digits += next.count;
    }
    return digits;
}

bool TimePattern::ReadNumber(const Item& item, int reserved, std::string_view& text,
                             int64_t& field) {
    int most = item.count == 1 ? 19 : item.count;
    if (item.letter == 'y' && item.count != 2) most = item.count >= 4 ? 10 : 19;
    if (reserved > 0 && most > item.count) {
        const auto digits =
            static_cast<int>(std::find_if_not(text.begin(), text.end(), IsDigit) - text.begin());
        most = std::max(item.count, digits - reserved);
    }
    const auto found = TakeNumber(text, item.count, std::min(most, 18));
    field = found.value_or(field);
    return found.has_value();
}

bool TimePattern::ReadDate(const Item& item, int reserved, std::string_view& text, Fields& fields) {
    int64_t found = 0;
    switch (item.letter) {
        case 'G':
            if (TakeName(text, "BC", 2)) return fields.is_before_christ = true;
            return TakeName(text, "AD", 2);
        case 'y':
            if (!ReadNumber(item, reserved, text, fields.year)) return false;
            if (item.count == 2) fields.year += 2000;
            return true;
        case 'M':
        case 'L': {
            if (item.count <= 2) return ReadNumber(item, reserved, text, fields.month);
            const auto month = TakeAnyName(text, kMonths, item.count == 4);
            fields.month = month.value_or(0) + 1;
            return month.has_value();
        }
        case 'E': {
            const auto day = TakeAnyName(text, kDays, item.count == 4);
            if (day) fields.weekday = *day;
            return day.has_value();
        }
        case 'd':
            return ReadNumber(item, reserved, text, fields.day);
        case 'D':
            if (!ReadNumber(item, reserved, text, found)) return false;
            fields.day_of_year = found;
            return true;
        case 'F':
            return ReadNumber(item, reserved, text, found);
        default:  // a quarter
            if (item.count > 2 || !ReadNumber(item, reserved, text, found)) return false;
            fields.month = (found - 1) * 3 + 1;
            return found >= 1 && found <= 4;
    }
}

bool TimePattern::ReadItem(const Item& item, int reserved, std::string_view& text, Fields& fields) {
    constexpr std::string_view kDateLetters = "GyMLEdDFQq";
    int64_t found = 0;
    if (item.letter != 0 && kDateLetters.find(item.letter) != std::string_view::npos)
        return ReadDate(item, reserved, text, fields);
    switch (item.letter) {
        case 0:
            if (!text.starts_with(item.text)) return false;
            text.remove_prefix(item.text.size());
            return true;
        case 'a':
            fields.is_afternoon = TakeName(text, "PM", 2);
            return fields.is_afternoon || TakeName(text, "AM", 2);
        case 'h':
        case 'K':
            if (!ReadNumber(item, reserved, text, found) || found > 12) return false;
            fields.half_hour = found % 12;
            return true;
        case 'H':
        case 'k':
            if (!ReadNumber(item, reserved, text, found)) return false;
            fields.hour = item.letter == 'k' ? found % 24 : found;
            return true;
        case 'm':
            return ReadNumber(item, reserved, text, fields.minute);
        case 's':
            return ReadNumber(item, reserved, text, fields.second);
        case 'S': {
            const size_t before = text.size();
            const auto fraction = TakeNumber(text, 1, item.count);
            if (!fraction) return false;
            fields.micros = *fraction;
            for (size_t digits = before - text.size(); digits < 6; ++digits) fields.micros *= 10;
            for (size_t digits = before - text.size(); digits > 6; --digits) fields.micros /= 10;
            return true;
        }
        default:
            fields.offset_seconds = TakeOffset(text);
            return fields.offset_seconds.has_value();
    }
}

// What stands in brackets is tried first, and left out when it is not there.
bool TimePattern::ReadItems(size_t item, std::string_view text, Fields& fields) const {
    if (item == items_.size()) return text.empty();
    const Fields before = fields;
    std::string_view rest = text;
    if (ReadItem(items_[item], ReservedBehind(item), rest, fields) &&
        ReadItems(item + 1, rest, fields))
        return true;
    fields = before;
    const int outside = item == 0 ? 0 : items_[item - 1].depth;
    if (items_[item].depth <= outside) return false;
    size_t behind = item;
    while (behind < items_.size() && items_[behind].depth > outside) ++behind;
    return ReadItems(behind, text, fields);
}

std::optional<int64_t> TimePattern::Read(std::string_view text) const {
    Fields fields;
    if (!ReadItems(0, text, fields)) return std::nullopt;
    return fields.Micros();
}

}  // namespace tarn::engine::duck
