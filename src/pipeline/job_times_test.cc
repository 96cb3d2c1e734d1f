#include "pipeline/job_times.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tarn::pipeline {
namespace {

using namespace std::chrono;
using testing::ElementsAre;
using testing::IsEmpty;

const TimestampUs kDay = sys_days(year(2026) / 3 / 2);

Job Daily(CatchUp catch_up) {
    Job job;
    job.plan.cron = Cron::Parse("@daily");
    job.catch_up = catch_up;
    return job;
}

TEST(JobTimes, WhatIsDueFollowsTheCatchUp) {
    const TimestampUs seen = kDay + hours(1);
    const TimestampUs now = kDay + days(4) + hours(1);
    EXPECT_THAT(DueTimes(Daily(CatchUp::kNone), seen, now), IsEmpty());
    EXPECT_THAT(DueTimes(Daily(CatchUp::kNone), seen, kDay + days(1) + seconds(5)),
                ElementsAre(kDay + days(1)));
    EXPECT_THAT(DueTimes(Daily(CatchUp::kLast), seen, now), ElementsAre(kDay + days(4)));
    EXPECT_THAT(DueTimes(Daily(CatchUp::kLast), kDay + days(4), now), IsEmpty());
    EXPECT_THAT(DueTimes(Daily(CatchUp::kAll), seen, now),
                ElementsAre(kDay + days(1), kDay + days(2), kDay + days(3), kDay + days(4)));
    Job few = Daily(CatchUp::kAll);
    few.catch_up_limit = 2;
    EXPECT_THAT(DueTimes(few, seen, now), ElementsAre(kDay + days(3), kDay + days(4)));
}

TEST(JobTimes, StartAndEndBoundThePlan) {
    Job job = Daily(CatchUp::kAll);
    job.plan.start = kDay + days(2);
    job.plan.end = kDay + days(4);
    EXPECT_THAT(DueTimes(job, kDay, kDay + days(9)), ElementsAre(kDay + days(2), kDay + days(3)));
    EXPECT_EQ(NextTime(job.plan, kDay), kDay + days(2));
    EXPECT_EQ(NextTime(job.plan, kDay + days(3)), std::nullopt);
    EXPECT_EQ(NextTime(JobPlan(), kDay), std::nullopt);
    EXPECT_EQ(IntervalStart(job.plan, kDay + days(2)), kDay + days(1));
}

TEST(JobTimes, SpansAreCountedFromTheStart) {
    JobPlan plan;
    plan.every = minutes(15);
    EXPECT_EQ(NextTime(plan, kDay + minutes(7)), kDay + minutes(15));
    EXPECT_EQ(NextTime(plan, kDay + minutes(15)), kDay + minutes(30));
    EXPECT_EQ(PreviousTime(plan, kDay + minutes(15)), kDay);
    EXPECT_EQ(PreviousTime(plan, kDay + minutes(16)), kDay + minutes(15));
    EXPECT_EQ(NextTime(plan, TimestampUs(minutes(-7))), TimestampUs());
    plan.start = kDay + minutes(4);
    EXPECT_EQ(NextTime(plan, kDay), kDay + minutes(4));
    EXPECT_EQ(NextTime(plan, kDay + minutes(4)), kDay + minutes(19));
    EXPECT_EQ(PreviousTime(plan, kDay + minutes(4)), std::nullopt);
}

TEST(JobTimes, ASpanOfADayKeepsItsLengthOverAChangeOfClocks) {
    JobPlan plan;
    plan.every = hours(24);
    plan.zone = FindTimeZone("Europe/Berlin");
    plan.start = sys_days(year(2026) / 3 / 28) + hours(5);
    EXPECT_EQ(NextTime(plan, *plan.start), *plan.start + hours(24));
}

}  // namespace
}  // namespace tarn::pipeline
