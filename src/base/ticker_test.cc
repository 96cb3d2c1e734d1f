#include "base/ticker.h"

#include <gtest/gtest.h>

namespace tarn {
namespace {

TEST(Ticker, LooksUntilItEnds) {
    std::atomic<int> looks{0};
    {
        Ticker ticker(std::chrono::milliseconds(1), [&] { ++looks; });
        while (looks < 3) RealClock().Sleep(std::chrono::milliseconds(1));
        ticker.End();
        EXPECT_TRUE(ticker.IsEnding());
    }
    const int ended = looks;
    RealClock().Sleep(std::chrono::milliseconds(20));
    EXPECT_EQ(looks, ended);
}

TEST(SleepUnless, SleepsOnTheClockUntilItIsToldToStop) {
    const TimestampUs begin{};
    ManualClock clock(begin);
    SleepUnless(clock, std::chrono::seconds(5), [] { return false; });
    EXPECT_EQ(clock.Now() - begin, std::chrono::seconds(5));
    int asked = 0;
    SleepUnless(clock, std::chrono::seconds(5), [&] { return ++asked > 3; });
    EXPECT_EQ(clock.Now() - begin, std::chrono::milliseconds(5300));
}

}  // namespace
}  // namespace tarn
