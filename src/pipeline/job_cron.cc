#include "pipeline/job_cron.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/error.h"
#include "base/text.h"

namespace tarn::pipeline {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::local_days;
using std::chrono::minutes;
using std::chrono::year_month_day;

struct FieldKind {
    std::string_view name;
    int low;
    int high;
    std::vector<std::string> words;  // of low, low + 1, ...
};

const std::array<FieldKind, 5>& Kinds() {
    static const std::array<FieldKind, 5> kinds{
        {{"minute", 0, 59, {}},
         {"hour", 0, 23, {}},
         {"day of the month", 1, 31, {}},
         {"month",
          1,
          12,
          {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
         {"day of the week", 0, 7, {"sun", "mon", "tue", "wed", "thu", "fri", "sat"}}}};
    return kinds;
}

const std::vector<std::pair<std::string, std::string>>& Nicknames() {
    static const std::vector<std::pair<std::string, std::string>> names{
        {"@hourly", "0 * * * *"},   {"@daily", "0 0 * * *"},   {"@midnight", "0 0 * * *"},
        {"@weekly", "0 0 * * 0"},   {"@monthly", "0 0 1 * *"}, {"@yearly", "0 0 1 1 *"},
        {"@annually", "0 0 1 1 *"},
    };
    return names;
}

Error Wrong(const FieldKind& kind, std::string_view text, std::string_view why) {
    return Error(ErrorKind::kInvalidInput, "`{}` is no {} of a cron plan: {}", text, kind.name,
                 why);
}

int ValueOf(const FieldKind& kind, std::string_view text) {
    const std::string word = AsciiLower(text);
    const auto found = std::find(kind.words.begin(), kind.words.end(), word);
    if (found != kind.words.end()) return kind.low + static_cast<int>(found - kind.words.begin());
    const auto number = ParseInt(text);
    if (!number && !kind.words.empty()) {
        const auto nearest = NearestWord(word, kind.words);
        throw Wrong(kind, text,
                    nearest ? "did you mean `" + *nearest + "`?"
                            : fmt::format("use a number or a name like `{}`", kind.words.at(1)));
    }
    if (!number || *number < kind.low || *number > kind.high)
        throw Wrong(kind, text, fmt::format("it goes from {} to {}", kind.low, kind.high));
    return static_cast<int>(*number);
}

// Calls `take` with each value of one item of the list: "*", "5", "1-5", "*/15", "10-50/20".
template <typename Take>
void ReadItem(const FieldKind& kind, std::string_view item, Take take) {
    const size_t slash = item.find('/');
    const std::string_view range = item.substr(0, slash);
    int step = 1;
    if (slash != std::string_view::npos) {
        const auto number = ParseInt(item.substr(slash + 1));
        if (!number || *number < 1 || *number > kind.high)
            throw Wrong(kind, item, fmt::format("a step goes from 1 to {}", kind.high));
        step = static_cast<int>(*number);
    }
    int first = kind.low;
    int last = kind.high;
    if (range != "*") {
        const size_t dash = range.find('-');
        first = ValueOf(kind, range.substr(0, dash));
        if (dash != std::string_view::npos) {
            last = ValueOf(kind, range.substr(dash + 1));
        } else if (slash == std::string_view::npos) {
            last = first;
        }
    }
    if (first > last)
        throw Wrong(kind, item, "a range begins with the smaller value; use a list of two ranges");
    for (int value = first; value <= last; value += step) take(value);
}

// The most days that the month ever has.
int DaysOf(unsigned month) {
    constexpr std::chrono::year kLeap{2024};
    return static_cast<int>(
        static_cast<unsigned>((kLeap / std::chrono::month(month) / std::chrono::last).day()));
}

}  // namespace

Cron Cron::Parse(std::string_view text) {
    std::string plan(Trim(text));
    if (plan.starts_with('@')) {
        std::vector<std::string> known;
        for (const auto& [name, meaning] : Nicknames()) {
            if (EqualsIgnoreCase(plan, name)) return Parse(meaning);
            known.push_back(name);
        }
        const auto nearest = NearestWord(AsciiLower(plan), known);
        throw Error(
            ErrorKind::kInvalidInput, "`{}` is no plan: {}", plan,
            nearest ? "did you mean `" + *nearest + "`?" : "known are " + Join(known, ", "));
    }
    std::vector<std::string> fields;
    for (std::string& one : Split(plan, ' ')) {
        if (!Trim(one).empty()) fields.emplace_back(Trim(one));
    }
    if (fields.size() != Kinds().size()) {
        throw Error(ErrorKind::kInvalidInput,
                    "`{}` has {} fields: a cron plan has five, minute hour day month weekday, like "
                    "`30 6 * * MON-FRI`",
                    plan, fields.size());
    }
    Cron cron;
    const std::array<Field*, 5> targets{&cron.minutes_, &cron.hours_, &cron.days_, &cron.months_,
                                        &cron.weekdays_};
    for (size_t i = 0; i < targets.size(); ++i) {
        for (const std::string& item : Split(fields[i], ','))
            ReadItem(Kinds().at(i), item, [&](int value) { targets.at(i)->set(size_t(value)); });
    }
    constexpr size_t kSundayAgain = 7;
    if (cron.weekdays_[kSundayAgain]) cron.weekdays_.set(0);
    constexpr size_t kDays = 2;
    constexpr size_t kWeekdays = 4;
    cron.any_day_ = fields[kDays].starts_with('*');
    cron.any_weekday_ = fields[kWeekdays].starts_with('*');
    bool is_possible = !cron.any_weekday_;
    for (unsigned month = 1; month <= 12; ++month) {
        for (int day = 1; cron.months_[month] && day <= DaysOf(month); ++day)
            is_possible = is_possible || cron.days_[size_t(day)];
    }
    if (!is_possible) {
        throw Error(ErrorKind::kInvalidInput,
                    "the time of `{}` never comes: no month of it has such a day", plan);
    }
    return cron;
}

bool Cron::MatchesDay(year_month_day day) const {
    if (!months_[static_cast<unsigned>(day.month())]) return false;
    const bool is_day = days_[static_cast<unsigned>(day.day())];
    const bool is_weekday = weekdays_[std::chrono::weekday(local_days(day)).c_encoding()];
    if (any_day_ || any_weekday_) return is_day && is_weekday;
    return is_day || is_weekday;
}

bool Cron::Matches(LocalSeconds shown) const {
    const local_days day = std::chrono::floor<days>(shown);
    const auto minute = std::chrono::duration_cast<minutes>(shown - day).count();
    return shown - day == minutes(minute) && hours_[size_t(minute / 60)] &&
           minutes_[size_t(minute % 60)] && MatchesDay(year_month_day(day));
}

// The first time of the plan that is not before `from`.
LocalSeconds Cron::NextShown(LocalSeconds from) const {
    // The same weekday of 29 February comes within 40 years, over 2100 too.
    constexpr int kMostDays = 366 * 48;
    local_days day = std::chrono::floor<days>(from);
    for (int tried = 0; tried < kMostDays; ++tried, day += days(1)) {
        const year_month_day date(day);
        if (!months_[static_cast<unsigned>(date.month())]) {
            day = local_days(date.year() / date.month() / std::chrono::last);
            continue;
        }
        if (!MatchesDay(date)) continue;
        for (int hour = 0; hour < 24; ++hour) {
            if (!hours_[size_t(hour)] || day + hours(hour + 1) <= from) continue;
            for (int minute = 0; minute < 60; ++minute) {
                const LocalSeconds shown = day + hours(hour) + minutes(minute);
                if (minutes_[size_t(minute)] && shown >= from) return shown;
            }
        }
    }
    Check(false, "a cron plan has no next time");
    return from;
}

TimestampUs Cron::Next(TimestampUs after, const TimeZone& zone) const {
    LocalSeconds from = zone.ToLocal(after);
    while (true) {
        from = NextShown(from);
        const TimestampUs at = zone.ToInstant(from);
        if (at > after) return at;
        from += minutes(1);
    }
}

TimestampUs Cron::Previous(TimestampUs before, const TimeZone& zone) const {
    // Further and further back until one lies there, then forward to the last one.
    for (std::chrono::minutes back(1);; back *= 4) {
        TimestampUs last = Next(before - back, zone);
        if (last >= before) continue;
        for (TimestampUs next = last; next < before; next = Next(next, zone)) last = next;
        return last;
    }
}

}  // namespace tarn::pipeline
