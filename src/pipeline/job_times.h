// The times of a job's plan: what comes next, and what is due by now. Pure.
#pragma once

#include <optional>
#include <vector>

#include "pipeline/job.h"

namespace tarn::pipeline {

// The first time after `after`; nothing: the plan has none, or ended.
std::optional<TimestampUs> NextTime(const JobPlan& plan, TimestampUs after);
// The last time before `before` that `start` and `end` allow; nothing: there is none.
std::optional<TimestampUs> PreviousTime(const JobPlan& plan, TimestampUs before);

// The times after `seen` up to `now` that are to be run, oldest first, as the job's catch-up has
// it. A time is late, and not run by `none`, after kOnTime.
constexpr DurationUs kOnTime = std::chrono::minutes(1);
std::vector<TimestampUs> DueTimes(const Job& job, TimestampUs seen, TimestampUs now);

// From when on a job's run for that time looks: to its end, which is the time itself.
TimestampUs IntervalStart(const JobPlan& plan, TimestampUs time);

}  // namespace tarn::pipeline
