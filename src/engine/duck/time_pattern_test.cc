#include "engine/duck/time_pattern.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace tarn::engine::duck {
namespace {

constexpr int64_t kDay = 86400000000;

std::optional<int64_t> Read(const char* pattern, const char* text) {
    return TimePattern::Parse(pattern).Read(text);
}

TEST(TimePattern, DaysAreThoseOfTheGregorianCalendarFarFromToday) {
    const TimePattern pattern = TimePattern::Parse("yyyy-MM-dd E D");
    EXPECT_EQ(pattern.Format({0}), "1970-01-01 Thu 1");
    EXPECT_EQ(pattern.Format({-kDay}), "1969-12-31 Wed 365");
    EXPECT_EQ(pattern.Format({-719468 * kDay}), "0001-03-01 Wed 61");
    EXPECT_EQ(pattern.Format({2932896 * kDay}), "9999-12-31 Fri 365");
    for (const int64_t days : {-719468L, -1L, 0L, 59L, 11016L, 2932896L})
        EXPECT_EQ(Read("G y-M-d", TimePattern::Parse("G y-M-d").Format({days * kDay}).c_str()),
                  days * kDay);
}

TEST(TimePattern, AZoneIsSaidAndRead) {
    const ClockTime time{0, -5 * 3600 - 1800, "Somewhere"};
    EXPECT_EQ(TimePattern::Parse("x XX XXX Z ZZZZ O VV").Format(time),
              "-0530 -0530 -05:30 -0530 GMT-05:30 GMT-5:30 Somewhere");
    EXPECT_EQ(Read("HH XXX", "01 +02:00"), (1 - 2) * kDay / 24);
    EXPECT_TRUE(TimePattern::Parse("HH XXX").HasZone());
    EXPECT_FALSE(TimePattern::Parse("HH 'X'").HasZone());
}

TEST(TimePattern, NumbersSideBySideShareTheDigits) {
    EXPECT_EQ(Read("yyyyMMddHHmm", "197001020304"), kDay + (3 * 60 + 4) * int64_t{60000000});
    EXPECT_EQ(Read("yMMdd", "19700102"), kDay);
    EXPECT_FALSE(Read("yyyyMMdd", "1970010"));
}

TEST(TimePattern, WhatIsInBracketsMayBeMissing) {
    EXPECT_EQ(Read("yyyy-MM-dd[ HH:mm[:ss]]", "1970-01-02"), kDay);
    EXPECT_EQ(Read("yyyy-MM-dd[ HH:mm[:ss]]", "1970-01-02 00:01"), kDay + 60000000);
    EXPECT_EQ(Read("yyyy-MM-dd[ HH:mm[:ss]]", "1970-01-02 00:01:02"), kDay + 62000000);
    EXPECT_FALSE(Read("yyyy-MM-dd[ HH:mm[:ss]]", "1970-01-02 00"));
}

TEST(TimePattern, WhatIsNoDayIsNotRead) {
    EXPECT_FALSE(Read("yyyy-MM-dd", "2026-02-29"));
    EXPECT_FALSE(Read("yyyy-MM-dd", "2026-13-01"));
    EXPECT_FALSE(Read("HH", "24"));
    EXPECT_FALSE(Read("E yyyy-MM-dd", "Mon 1970-01-01"));
    EXPECT_TRUE(Read("E yyyy-MM-dd", "thu 1970-01-01"));
}

TEST(TimePattern, WhatIsNoPatternIsRefused) {
    for (const char* pattern : {"b", "'open", "yyyy]", "EEEEE", "{", "#", "SSSSSSSSSS"})
        EXPECT_THROW(TimePattern::Parse(pattern), Error) << pattern;
}

}  // namespace
}  // namespace tarn::engine::duck
