#include "pipeline/job_times.h"

#include <algorithm>

namespace tarn::pipeline {
namespace {

constexpr DurationUs kInstant{1};

// The times of the plan without its start and end.
TimestampUs NextOf(const JobPlan& plan, TimestampUs after) {
    if (plan.cron) return plan.cron->Next(after, plan.zone);
    const TimestampUs anchor = plan.start.value_or(TimestampUs());
    DurationUs passed = (after - anchor) % *plan.every;
    if (passed < DurationUs(0)) passed += *plan.every;
    return after - passed + *plan.every;
}

TimestampUs PreviousOf(const JobPlan& plan, TimestampUs before) {
    if (plan.cron) return plan.cron->Previous(before, plan.zone);
    const TimestampUs next = NextOf(plan, before - kInstant);
    return next - *plan.every;
}

}  // namespace

std::optional<TimestampUs> NextTime(const JobPlan& plan, TimestampUs after) {
    if (!plan.HasTimes()) return std::nullopt;
    const TimestampUs from = plan.start ? std::max(after, *plan.start - kInstant) : after;
    const TimestampUs next = NextOf(plan, from);
    if (plan.end && next >= *plan.end) return std::nullopt;
    return next;
}

std::optional<TimestampUs> PreviousTime(const JobPlan& plan, TimestampUs before) {
    if (!plan.HasTimes()) return std::nullopt;
    const TimestampUs time = PreviousOf(plan, plan.end ? std::min(before, *plan.end) : before);
    if (plan.start && time < *plan.start) return std::nullopt;
    return time;
}

std::vector<TimestampUs> DueTimes(const Job& job, TimestampUs seen, TimestampUs now) {
    std::vector<TimestampUs> times;
    const size_t limit =
        job.catch_up == CatchUp::kAll ? static_cast<size_t>(job.catch_up_limit) : 1;
    auto time = PreviousTime(job.plan, now + kInstant);
    while (time && *time > seen && times.size() < limit) {
        if (job.catch_up == CatchUp::kNone && now - *time > kOnTime) break;
        times.push_back(*time);
        time = PreviousTime(job.plan, *time);
    }
    std::reverse(times.begin(), times.end());
    return times;
}

TimestampUs IntervalStart(const JobPlan& plan, TimestampUs time) { return PreviousOf(plan, time); }

}  // namespace tarn::pipeline
