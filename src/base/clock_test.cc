#include "base/clock.h"

#include <gtest/gtest.h>

#include "base/cancel.h"
#include "base/error.h"
#include "base/random.h"

namespace tarn {
namespace {

TEST(Clock, TheManualOneStandsStillUntilTold) {
    ManualClock clock{TimestampUs(std::chrono::microseconds(1385000000123456))};
    EXPECT_EQ(FormatTimestamp(clock.Now()), "2013-11-21T02:13:20.123456Z");
    EXPECT_EQ(ToUnixMs(clock.Now()), 1385000000123);
    clock.Sleep(std::chrono::seconds(1));
    EXPECT_EQ(ToUnixMs(clock.Now()), 1385000001123);
}

TEST(Clock, TimesBeforeTheEpochRoundDown) {
    EXPECT_EQ(ToUnixMs(TimestampUs(std::chrono::microseconds(-1))), -1);
    EXPECT_EQ(FormatTimestamp(TimestampUs(std::chrono::microseconds(-1))),
              "1969-12-31T23:59:59.999999Z");
}

TEST(Random, ASeedReplays) {
    SeededRandom a(7);
    SeededRandom b(7);
    for (int i = 0; i < 100; ++i) EXPECT_EQ(a.Below(10), b.Below(10));
}

TEST(Random, UuidsAreVersionSevenAndSortByTime) {
    ManualClock clock{TimestampUs(std::chrono::microseconds(1385000000123456))};
    SeededRandom random(1);
    const std::string first = NewUuid(clock, random);
    clock.Advance(std::chrono::milliseconds(1));
    const std::string second = NewUuid(clock, random);
    EXPECT_EQ(first.size(), 36u);
    EXPECT_EQ(first[14], '7');
    EXPECT_TRUE(first[19] == '8' || first[19] == '9' || first[19] == 'a' || first[19] == 'b')
        << first;
    EXPECT_LT(first, second);
}

TEST(CancelToken, CopiesShareTheRequest) {
    const CancelToken token;
    const CancelToken copy = token;
    EXPECT_NO_THROW(copy.ThrowIfCancelled());
    token.Cancel();
    EXPECT_THROW(copy.ThrowIfCancelled(), Error);
}

}  // namespace
}  // namespace tarn
