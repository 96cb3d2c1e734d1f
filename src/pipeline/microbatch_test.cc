#include "pipeline/microbatch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tarn::pipeline {
namespace {

using testing::ElementsAre;

std::vector<std::string> Starts(const MicrobatchConfig& config, const BatchWish& wish) {
    std::vector<std::string> starts;
    for (const Batch& batch : BatchesOf(config, wish))
        starts.push_back(FormatTimestamp(batch.start).substr(0, 13));
    return starts;
}

TEST(MicrobatchTest, ARunBeginsWhereTheTableEndsAndLooksBack) {
    MicrobatchConfig config{"at", "2024-01-01", BatchSize::kDay, 1};
    const TimestampUs now = ParseInstant("2024-01-05 10:00:00");
    EXPECT_THAT(Starts(config, {.now = now}),
                ElementsAre("2024-01-01T00", "2024-01-02T00", "2024-01-03T00", "2024-01-04T00",
                            "2024-01-05T00"));
    EXPECT_THAT(Starts(config, {.done = ParseInstant("2024-01-06"), .now = now}),
                ElementsAre("2024-01-04T00", "2024-01-05T00"));
    // Days without a run are made, too.
    EXPECT_THAT(Starts(config, {.done = ParseInstant("2024-01-03"), .now = now}),
                ElementsAre("2024-01-02T00", "2024-01-03T00", "2024-01-04T00", "2024-01-05T00"));
    config.lookback = 9;
    EXPECT_THAT(Starts(config, {.done = ParseInstant("2024-01-02"), .now = now}).front(),
                "2024-01-01T00");
}

TEST(MicrobatchTest, BatchesHaveTheirSize) {
    MicrobatchConfig config{"at", "2023-11-15", BatchSize::kMonth, 0};
    const BatchWish wish{.now = ParseInstant("2024-01-05")};
    EXPECT_THAT(Starts(config, wish),
                ElementsAre("2023-11-01T00", "2023-12-01T00", "2024-01-01T00"));
    config.size = BatchSize::kYear;
    EXPECT_THAT(Starts(config, wish), ElementsAre("2023-01-01T00", "2024-01-01T00"));
    config.size = BatchSize::kHour;
    EXPECT_THAT(Starts(config, {.from = ParseInstant("2024-01-04T22:30:00Z"), .now = wish.now}),
                ElementsAre("2024-01-04T22", "2024-01-04T23"));
    config.begin = "1900-01-01";
    EXPECT_THROW(BatchesOf(config, wish), Error);
}

}  // namespace
}  // namespace tarn::pipeline
