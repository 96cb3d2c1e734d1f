#include "pipeline/job_cron.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/random.h"
#include "base/testing/kind_of.h"

namespace tarn::pipeline {
namespace {

using namespace std::chrono;

TimestampUs At(int y, unsigned m, unsigned d, int hour = 0, int minute = 0) {
    return sys_days(year(y) / m / d) + hours(hour) + minutes(minute);
}

std::vector<std::string> Times(const char* plan, const char* zone, TimestampUs after,
                               size_t count) {
    const Cron cron = Cron::Parse(plan);
    const TimeZone place = FindTimeZone(zone);
    std::vector<std::string> times;
    for (size_t i = 0; i < count; ++i) {
        after = cron.Next(after, place);
        times.push_back(FormatTimestamp(after).substr(0, 16));
    }
    return times;
}

using testing::ElementsAre;

TEST(Cron, FieldsNamesRangesStepsAndLists) {
    const TimestampUs now = At(2026, 3, 4, 5, 6);  // a Wednesday
    EXPECT_THAT(Times("30 6 * * MON-FRI", "UTC", now, 4),
                ElementsAre("2026-03-04T06:30", "2026-03-05T06:30", "2026-03-06T06:30",
                            "2026-03-09T06:30"));
    EXPECT_THAT(
        Times("*/20 8-9 * * *", "UTC", now, 7),
        ElementsAre("2026-03-04T08:00", "2026-03-04T08:20", "2026-03-04T08:40", "2026-03-04T09:00",
                    "2026-03-04T09:20", "2026-03-04T09:40", "2026-03-05T08:00"));
    EXPECT_THAT(Times("5,10-50/20 0 1 jan,JUL *", "UTC", now, 4),
                ElementsAre("2026-07-01T00:05", "2026-07-01T00:10", "2026-07-01T00:30",
                            "2026-07-01T00:50"));
    EXPECT_THAT(Times("0 0 * * 7", "UTC", now, 2),
                ElementsAre("2026-03-08T00:00", "2026-03-15T00:00"));
    EXPECT_THAT(Times("0 12/6 * * *", "UTC", now, 3),
                ElementsAre("2026-03-04T12:00", "2026-03-04T18:00", "2026-03-05T12:00"));
    // A day of either kind, as cron has it, where both are restricted.
    EXPECT_THAT(Times("0 0 13 * FRI", "UTC", now, 3),
                ElementsAre("2026-03-06T00:00", "2026-03-13T00:00", "2026-03-20T00:00"));
    EXPECT_THAT(Times("0 0 29 2 *", "UTC", now, 2),
                ElementsAre("2028-02-29T00:00", "2032-02-29T00:00"));
    EXPECT_THAT(Times("0 0 29 2 *", "UTC", At(2096, 3, 1), 1), ElementsAre("2104-02-29T00:00"));
}

TEST(Cron, NicknamesMeanTheirPlans) {
    const TimestampUs now = At(2026, 3, 4, 5, 6);
    EXPECT_THAT(Times("@hourly", "UTC", now, 1), ElementsAre("2026-03-04T06:00"));
    EXPECT_THAT(Times("@daily", "UTC", now, 1), ElementsAre("2026-03-05T00:00"));
    EXPECT_THAT(Times("@midnight", "Asia/Kolkata", now, 1), ElementsAre("2026-03-04T18:30"));
    EXPECT_THAT(Times("@weekly", "UTC", now, 1), ElementsAre("2026-03-08T00:00"));
    EXPECT_THAT(Times("@monthly", "UTC", now, 1), ElementsAre("2026-04-01T00:00"));
    EXPECT_THAT(Times("@Yearly", "UTC", now, 1), ElementsAre("2027-01-01T00:00"));
}

TEST(Cron, ATimeThatClocksSkipComesOnceWhenTheyGo) {
    EXPECT_THAT(Times("30 2 * * *", "Europe/Berlin", At(2026, 3, 28), 3),
                ElementsAre("2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"));
    EXPECT_THAT(Times("*/30 2,3 * * *", "Europe/Berlin", At(2026, 3, 29), 3),
                ElementsAre("2026-03-29T01:00", "2026-03-29T01:30", "2026-03-30T00:00"));
    EXPECT_THAT(Times("30 2 * * *", "America/New_York", At(2026, 3, 7, 12), 2),
                ElementsAre("2026-03-08T07:00", "2026-03-09T06:30"));
    // Half an hour: 02:00 to 02:30.
    EXPECT_THAT(Times("15 2 * * *", "Australia/Lord_Howe", At(2026, 10, 3), 2),
                ElementsAre("2026-10-03T15:30", "2026-10-04T15:15"));
    EXPECT_THAT(Times("30 2 * * *", "Asia/Kolkata", At(2026, 3, 28), 2),
                ElementsAre("2026-03-28T21:00", "2026-03-29T21:00"));
}

TEST(Cron, ATimeThatClocksShowTwiceComesOnce) {
    EXPECT_THAT(Times("30 2 * * *", "Europe/Berlin", At(2026, 10, 24, 12), 2),
                ElementsAre("2026-10-25T00:30", "2026-10-26T01:30"));
    // From between the two.
    EXPECT_THAT(Times("30 2 * * *", "Europe/Berlin", At(2026, 10, 25, 0, 45), 1),
                ElementsAre("2026-10-26T01:30"));
    EXPECT_THAT(Times("30 1 * * *", "America/New_York", At(2026, 10, 31, 12), 2),
                ElementsAre("2026-11-01T05:30", "2026-11-02T06:30"));
    EXPECT_THAT(Times("45 1 * * *", "Australia/Lord_Howe", At(2026, 4, 4, 12), 2),
                ElementsAre("2026-04-04T14:45", "2026-04-05T15:15"));
}

TEST(Cron, MistakesAreRefused) {
    for (const char* plan : {"",
                             "* * * *",
                             "* * * * * *",
                             "60 * * * *",
                             "* 24 * * *",
                             "* * 0 * *",
                             "* * 32 * *",
                             "* * * 13 *",
                             "* * * * 8",
                             "*/0 * * * *",
                             "*/99 * * * *",
                             "5-1 * * * *",
                             "1- * * * *",
                             "a * * * *",
                             "1,,2 * * * *",
                             "* * * * mno",
                             "* * L * *",
                             "* * * * 1#2",
                             "@dayly",
                             "0 0 30 2 *",
                             "0 0 31 4,6,9,11 *",
                             "-1 * * * *",
                             "99999999999999999999 * * * *"})
        EXPECT_EQ(KindOf([&] { Cron::Parse(plan); }), ErrorKind::kInvalidInput) << plan;
    const auto words_of = [](const char* plan) {
        try {
            Cron::Parse(plan);
        } catch (const Error& error) {
            return error.message();
        }
        return std::string();
    };
    EXPECT_THAT(words_of("@dayly"), testing::HasSubstr("@daily"));
    EXPECT_THAT(words_of("* * * * wde"), testing::HasSubstr("wed"));
    EXPECT_THAT(words_of("* 24 * * *"), testing::HasSubstr("hour"));
}

// Any plan at any instant of any place: the next time is after it, the clocks show a time of the
// plan (or went forward over one), and none lies between.
TEST(Cron, TheNextTimeIsAfterNowAndMatches) {
    SeededRandom random(20260301);
    const std::vector<std::string> minute{"*", "*/7", "30", "0,45", "59"};
    const std::vector<std::string> hour{"*", "2", "1-3", "*/5", "23"};
    const std::vector<std::string> day{"*", "*", "1", "*/9", "28-31"};
    const std::vector<std::string> month{"*", "*", "3,10", "4,11"};
    const std::vector<std::string> weekday{"*", "*", "SUN", "1-5"};
    const auto pick = [&](const std::vector<std::string>& of) {
        return of[random.Below(of.size())];
    };
    for (const char* name :
         {"UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"}) {
        const TimeZone zone = FindTimeZone(name);
        for (int i = 0; i < 200; ++i) {
            const std::string plan = pick(minute) + " " + pick(hour) + " " + pick(day) + " " +
                                     pick(month) + " " + pick(weekday);
            const Cron cron = Cron::Parse(plan);
            const TimestampUs now = At(2026, 1, 1) + minutes(random.Below(366 * 24 * 60)) +
                                    microseconds(random.Below(60'000'000));
            const TimestampUs next = cron.Next(now, zone);
            const auto words = plan + " in " + name + " after " + FormatTimestamp(now) + " gave " +
                               FormatTimestamp(next);
            ASSERT_GT(next, now) << words;
            EXPECT_LE(cron.Previous(next, zone), now) << words;
            EXPECT_EQ(cron.Next(cron.Previous(next, zone), zone), next) << words;
            const LocalSeconds shown = zone.ToLocal(next);
            const LocalSeconds before = zone.ToLocal(next - seconds(1));
            bool is_of_plan = cron.Matches(shown);
            for (LocalSeconds skipped = before + seconds(1); skipped < shown; skipped += minutes(1))
                is_of_plan = is_of_plan || cron.Matches(skipped);
            EXPECT_TRUE(is_of_plan) << words;
        }
    }
}

}  // namespace
}  // namespace tarn::pipeline
