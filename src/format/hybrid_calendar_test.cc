#include "format/hybrid_calendar.h"

#include <limits>
#include <utility>

#include <gtest/gtest.h>

namespace tarn::format {
namespace {

constexpr int64_t kDay = 86'400'000'000;
constexpr int32_t kFirstGregorianDay = -141'427;

// The days at which the distance changes, as Spark has them.
TEST(HybridCalendar, DaysMoveAsInSpark) {
    const std::pair<int32_t, int32_t> kSwitches[] = {
        {-719'164, 2},  {-682'945, 1},  {-646'420, 0},   {-609'895, -1}, {-536'845, -2},
        {-500'320, -3}, {-463'795, -4}, {-390'745, -5},  {-354'220, -6}, {-317'695, -7},
        {-244'645, -8}, {-208'120, -9}, {-171'595, -10}, {-141'427, 0}};
    int32_t before = 2;
    for (const auto& [day, shift] : kSwitches) {
        EXPECT_EQ(DaysOfHybrid(day - 1), day - 1 + before) << day;
        EXPECT_EQ(DaysOfHybrid(day), day + shift) << day;
        before = shift;
    }
}

TEST(HybridCalendar, DaysOutsideOfTheYearsOne) {
    constexpr int32_t kGreatest = std::numeric_limits<int32_t>::max();
    EXPECT_EQ(DaysOfHybrid(kGreatest), kGreatest);
    EXPECT_EQ(DaysOfHybrid(0), 0);
    // 0101-03-01 and the day before, both before Christ: a leap day of Caesar alone.
    EXPECT_EQ(DaysOfHybrid(-755'995), -755'995 + 2);
    EXPECT_EQ(DaysOfHybrid(-755'996), -755'996 + 3);
    EXPECT_LT(DaysOfHybrid(std::numeric_limits<int32_t>::min()), 0);
}

TEST(HybridCalendar, InstantsMoveWithTheDayOfTheirLabel) {
    const HybridZone utc;
    const int64_t first = kFirstGregorianDay * kDay;
    EXPECT_EQ(MicrosOfHybrid(first, utc), first);
    EXPECT_EQ(MicrosOfHybrid(first - 1, utc), first - 1 - 10 * kDay);
    const HybridZone east = HybridZoneNamed("GMT+08:00");
    const int64_t hours = 8 * 3'600'000'000;
    EXPECT_EQ(MicrosOfHybrid(first - hours, east), first - hours);
    EXPECT_EQ(MicrosOfHybrid(first - hours - 1, east), first - hours - 1 - 10 * kDay);
    constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
    EXPECT_LT(*MicrosOfHybrid(kLeast, HybridZoneNamed("GMT-12:00")), 0);
}

TEST(HybridCalendar, ZonesWhoseClocksChangedAreKnownFrom1900) {
    const HybridZone paris = HybridZoneNamed("Europe/Paris");
    const int64_t year_1900 = -2'208'988'800'000'000;
    EXPECT_EQ(MicrosOfHybrid(year_1900, paris), year_1900);
    EXPECT_EQ(MicrosOfHybrid(year_1900 - 1, paris), std::nullopt);
}

TEST(HybridCalendar, NamesOfFixedZones) {
    const std::pair<const char*, int64_t> kNames[] = {{"UTC", 0},
                                                      {"Etc/UTC", 0},
                                                      {"Z", 0},
                                                      {"Etc/Zulu", 0},
                                                      {"GMT+8", 28'800},
                                                      {"GMT-03", -10'800},
                                                      {"GMT+5:30", 19'800},
                                                      {"GMT-0530", -19'800},
                                                      {"Etc/GMT+5", -18'000},
                                                      {"+08:00", 0},
                                                      {"-3", 0},
                                                      {"UTC+8", 0}};
    for (const auto& [name, offset] : kNames) {
        EXPECT_EQ(HybridZoneNamed(name).offset_s, offset) << name;
        EXPECT_EQ(HybridZoneNamed(name).name, name);
    }
    for (const char* name : {"Europe/Paris", "EST5EDT", "GMT+", "GMT8", "GMT+24", "GMT+8x", ""})
        EXPECT_EQ(HybridZoneNamed(name).offset_s, std::nullopt) << name;
}

}  // namespace
}  // namespace tarn::format
