#include "pipeline/backfill.h"

#include <map>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tarn::pipeline {
namespace {

// A table's transactions.
class BatchMarksTest : public testing::Test {
protected:
    BatchMarks Marks() const {
        return {"m", [this](const std::string& id) -> std::optional<int64_t> {
                    const auto found = committed_.find(id);
                    if (found == committed_.end()) return std::nullopt;
                    return found->second;
                }};
    }
    static Batch Days(int from, int until) {
        return {TimestampUs(std::chrono::days(from)), TimestampUs(std::chrono::days(until))};
    }
    void Make(int from, int until, bool is_new = false) {
        for (const auto& mark : Marks().With(Days(from, until), is_new, now_)) {
            // A log takes only marks that grow.
            const auto before = committed_.find(mark.app_id);
            if (before != committed_.end()) {
                EXPECT_LT(before->second, mark.version) << mark.app_id;
            }
            committed_[mark.app_id] = mark.version;
        }
    }
    std::string Known() const {
        std::string known;
        const BatchMarks marks = Marks();
        for (const Batch& span : marks.Known())
            known += fmt::format("[{},{})", DayOf(span.start), DayOf(span.end));
        return known;
    }
    static int64_t DayOf(TimestampUs time) {
        return std::chrono::floor<std::chrono::days>(time).time_since_epoch().count();
    }

    TimestampUs now_ = TimestampUs(std::chrono::days(10'000));
    std::map<std::string, int64_t> committed_;
};

TEST_F(BatchMarksTest, WhatIsNotOverIsNotKnown) {
    now_ = TimestampUs(std::chrono::days(1) + std::chrono::hours(3));
    Make(1, 2, true);
    EXPECT_EQ(Known(), "");
    Make(0, 1);
    EXPECT_EQ(Known(), "[0,1)");
    now_ += std::chrono::days(1);
    Make(1, 2);
    EXPECT_EQ(Known(), "[0,2)");
}

TEST_F(BatchMarksTest, SpansGrowAndMeet) {
    EXPECT_TRUE(Marks().Known().empty());
    Make(5, 6, true);
    Make(6, 7);
    const size_t marks = committed_.size();
    Make(7, 8);
    Make(6, 7);
    EXPECT_EQ(committed_.size(), marks);
    EXPECT_EQ(Known(), "[5,8)");
    Make(1, 2);
    Make(10, 11);
    Make(2, 3);
    EXPECT_EQ(Known(), "[1,3)[5,8)[10,11)");
    EXPECT_TRUE(Marks().Knows(Days(6, 8)));
    EXPECT_FALSE(Marks().Knows(Days(7, 9)));
    EXPECT_EQ(DayOf(*Marks().Done()), 8);
    for (int day = 3; day < 5; ++day) Make(day, day + 1);
    EXPECT_EQ(Known(), "[1,8)[10,11)");
    Make(8, 9);
    Make(9, 10);
    EXPECT_EQ(Known(), "[1,11)");
    EXPECT_EQ(DayOf(*Marks().Done()), 11);
}

TEST_F(BatchMarksTest, AnotherLifeKnowsNothingOfTheFirst) {
    Make(-400, -399, true);
    Make(3, 4);
    Make(1, 2, true);
    EXPECT_EQ(Known(), "[1,2)");
    Make(2, 3);
    EXPECT_EQ(Known(), "[1,3)");
}

TEST_F(BatchMarksTest, SpansAreBounded) {
    Make(0, 1, true);
    for (int at = 1; at < static_cast<int>(BatchMarks::kMaxSpans); ++at) Make(at * 2, at * 2 + 1);
    try {
        Make(-5, -4);
        FAIL() << "a span too many";
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kLimitExceeded);
    }
    Make(1, 2);
    EXPECT_TRUE(Marks().Knows(Days(0, 3)));
}

}  // namespace
}  // namespace tarn::pipeline
