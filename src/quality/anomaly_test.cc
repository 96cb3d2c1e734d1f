#include "quality/anomaly.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tarn::quality {
namespace {

using testing::HasSubstr;

constexpr auto kDay = std::chrono::hours(24);
const TimestampUs kNow{kDay * 20'000};

// One value a day, the last one yesterday.
std::vector<HistoryPoint> Daily(const std::vector<double>& values) {
    std::vector<HistoryPoint> history;
    for (size_t i = 0; i < values.size(); ++i)
        history.push_back({values[i], kNow - kDay * static_cast<int>(values.size() - i)});
    return history;
}

bool IsAnomaly(double value, const std::vector<HistoryPoint>& history, AnomalyRule rule = {}) {
    return JudgeAnomaly(value, kNow, history, rule).is_anomaly;
}

const std::vector<double> kUsual = {100, 102, 98, 101, 99, 103, 97, 100};

TEST(AnomalyTest, WhatLiesFarFromTheMedianIsOne) {
    // The distances are 0 0 1 1 2 2 3 3: their median is 1.5.
    const AnomalyVerdict verdict = JudgeAnomaly(150, kNow, Daily(kUsual), {});
    EXPECT_TRUE(verdict.is_judged && verdict.is_anomaly);
    EXPECT_DOUBLE_EQ(verdict.median, 100);
    EXPECT_DOUBLE_EQ(verdict.deviation, 1.5 * 1.4826);
    EXPECT_FALSE(IsAnomaly(106, Daily(kUsual)));
    EXPECT_TRUE(IsAnomaly(107, Daily(kUsual)));
    EXPECT_FALSE(IsAnomaly(107, Daily(kUsual), {.sensitivity = 4}));
    EXPECT_THAT(WordsOf(verdict), HasSubstr("150 is not within 93.3283 to 106.672"));
}

TEST(AnomalyTest, OddOnesAmongTheEarlierDoNotMoveIt) {
    std::vector<double> values = kUsual;
    values[3] = 1e6;
    values[5] = 0;
    EXPECT_FALSE(IsAnomaly(101, Daily(values)));
    EXPECT_TRUE(IsAnomaly(150, Daily(values)));
}

TEST(AnomalyTest, TooLittleHistoryIsSaidAndPasses) {
    const AnomalyVerdict verdict = JudgeAnomaly(1e9, kNow, Daily({1, 1, 1}), {.min_points = 4});
    EXPECT_FALSE(verdict.is_judged || verdict.is_anomaly);
    EXPECT_THAT(WordsOf(verdict), HasSubstr("3 of 4"));
    EXPECT_TRUE(IsAnomaly(1e9, Daily({1, 1, 1, 1}), {.min_points = 4}));
    EXPECT_FALSE(IsAnomaly(5, {}, {.min_points = 0}));
}

TEST(AnomalyTest, OnlyTheTrainingWindowAndTheSameWeekdayCount) {
    std::vector<double> weeks;
    for (int day = 0; day < 70; ++day) weeks.push_back(day % 7 == 0 ? 1000 : 100);
    // The first of 70 days lies a whole number of weeks back: it is a day as today.
    EXPECT_FALSE(IsAnomaly(100, Daily(weeks), {.training_days = 70}));
    EXPECT_TRUE(IsAnomaly(100, Daily(weeks), {.training_days = 70, .by_weekday = true}));
    EXPECT_FALSE(IsAnomaly(1000, Daily(weeks), {.training_days = 70, .by_weekday = true}));
    EXPECT_FALSE(
        JudgeAnomaly(1, kNow, Daily(weeks), {.training_days = 28, .by_weekday = true}).is_judged);
}

TEST(AnomalyTest, DirectionAndLeastChangeAreHeld) {
    EXPECT_FALSE(IsAnomaly(1, Daily(kUsual), {.direction = AnomalyDirection::kSpike}));
    EXPECT_TRUE(IsAnomaly(1, Daily(kUsual), {.direction = AnomalyDirection::kDrop}));
    EXPECT_FALSE(IsAnomaly(900, Daily(kUsual), {.direction = AnomalyDirection::kDrop}));
    const std::vector<HistoryPoint> same = Daily({100, 100, 100, 100, 100, 100, 100});
    EXPECT_FALSE(IsAnomaly(101, same));
    EXPECT_TRUE(IsAnomaly(102, same));
    EXPECT_FALSE(IsAnomaly(109, same, {.min_change_percent = 10}));
}

TEST(AnomalyTest, WhatCannotBeMeasuredAnyMoreIsOne) {
    EXPECT_TRUE(JudgeAnomaly(std::nullopt, kNow, Daily(kUsual), {}).is_anomaly);
    EXPECT_FALSE(JudgeAnomaly(std::nullopt, kNow, {}, {}).is_anomaly);
}

}  // namespace
}  // namespace tarn::quality
