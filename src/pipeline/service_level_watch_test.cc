#include "pipeline/service_level_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pipeline/freshness.h"

namespace tarn::pipeline {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

BuildReport Of(NodeState state, const std::string& level) {
    BuildReport report;
    NodeReport node;
    node.id = "gold.sales";
    node.state = state;
    node.service_level = level;
    report.nodes.push_back(node);
    return report;
}

TEST(ServiceLevelWatchTest, TellsOnceWhenATableFallsBehindAndWhenItIsBack) {
    const TimestampUs start{std::chrono::hours(24)};
    const auto at = [&](int minutes) { return start + std::chrono::minutes(minutes); };
    ServiceLevelWatch watch(start);
    EXPECT_THAT(watch.Round(Of(NodeState::kDone, "15 minutes"), at(1)), IsEmpty());
    EXPECT_THAT(watch.Round(Of(NodeState::kFailed, "15 minutes"), at(16)), IsEmpty());
    EXPECT_THAT(watch.Round(Of(NodeState::kSkipped, "15 minutes"), at(17)), SizeIs(1));
    EXPECT_THAT(watch.Round(Of(NodeState::kFailed, "15 minutes"), at(40)), IsEmpty());
    EXPECT_THAT(watch.Round(Of(NodeState::kUpToDate, "15 minutes"), at(41)), SizeIs(1));
    EXPECT_THAT(watch.Round(Of(NodeState::kUpToDate, "15 minutes"), at(42)), IsEmpty());
}

TEST(ServiceLevelWatchTest, WhatNeverWasFreshIsWaitedForFromTheStart) {
    const TimestampUs start{std::chrono::hours(24)};
    ServiceLevelWatch watch(start);
    EXPECT_THAT(watch.Round(Of(NodeState::kFailed, "1 hour"), start + std::chrono::minutes(59)),
                IsEmpty());
    EXPECT_THAT(watch.Round(Of(NodeState::kFailed, "1 hour"), start + std::chrono::minutes(61)),
                SizeIs(1));
    EXPECT_THAT(watch.Round(Of(NodeState::kFailed, "best effort"), start + std::chrono::hours(99)),
                IsEmpty());
}

TEST(ParseSpanSecondsTest, TakesPlainSpansOnly) {
    EXPECT_EQ(ParseSpanSeconds("15 minutes"), 900);
    EXPECT_EQ(ParseSpanSeconds(" 1 hour "), 3600);
    EXPECT_EQ(ParseSpanSeconds("30s"), 30);
    EXPECT_EQ(ParseSpanSeconds("2 Days"), 172800);
    for (const char* other : {"", "soon", "5", "minutes", "1.5 hours", "-1 hour", "99999999999 s"})
        EXPECT_EQ(ParseSpanSeconds(other), std::nullopt) << other;
}

}  // namespace
}  // namespace tarn::pipeline
