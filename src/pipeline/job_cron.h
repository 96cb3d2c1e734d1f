// A time plan in cron's five fields (minute, hour, day of the month, month, day of the week), read
// over the clocks of a place. A time that the clocks skip (they went forward) comes once, when they
// went; one that they show twice (they went back) comes once, at the first. Pure, immutable.
#pragma once

#include <bitset>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/time_zone.h"

namespace tarn::pipeline {

class Cron {
public:
    // `*`, numbers, names (JAN, MON), ranges 1-5, steps */15 and 10-50/20, lists of these; 0 and 7
    // are Sunday; `@hourly`, `@daily`, `@midnight`, `@weekly`, `@monthly`, `@yearly`, `@annually`.
    // Where both kinds of days are restricted, a day of either kind counts, as cron has it.
    // InvalidInput: what is wrong with which field, and plans whose time never comes (30 February).
    static Cron Parse(std::string_view text);

    // The first time after `after`.
    TimestampUs Next(TimestampUs after, const TimeZone& zone) const;
    // The last time before `before`.
    TimestampUs Previous(TimestampUs before, const TimeZone& zone) const;
    // Do the clocks show a time of the plan.
    bool Matches(LocalSeconds shown) const;

private:
    static constexpr size_t kMost = 60;
    using Field = std::bitset<kMost>;

    bool MatchesDay(std::chrono::year_month_day day) const;
    LocalSeconds NextShown(LocalSeconds from) const;

    Field minutes_;
    Field hours_;
    Field days_;
    Field months_;
    Field weekdays_;
    bool any_day_ = false;
    bool any_weekday_ = false;
};

}  // namespace tarn::pipeline
