#include "pipeline/job_request.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "pipeline/job_times.h"

namespace tarn::pipeline {
namespace {

catalog::JobRunRecord RunOf(const Job& job, const JobRequest& request, TimestampUs now) {
    std::vector<std::string> known;
    for (const auto& [name, value] : job.parameters) known.push_back(name);
    for (const auto& [name, value] : request.parameters) {
        if (job.parameters.contains(name)) continue;
        const auto nearest = NearestWord(name, known);
        throw Error(ErrorKind::kInvalidInput, "the job `{}` has no parameter `{}`{}", job.name,
                    name,
                    nearest         ? ": did you mean `" + *nearest + "`?"
                    : known.empty() ? ""
                                    : ": it has " + Join(known, ", "));
    }
    catalog::JobRunRecord run;
    run.job = job.name;
    run.scheduled = now;
    run.trigger = catalog::JobTrigger::kManual;
    if (!request.parameters.empty()) run.parameters = nlohmann::json(request.parameters).dump();
    const auto time = PreviousTime(job.plan, now);
    run.interval_end = time.value_or(now);
    run.interval_start = time ? IntervalStart(job.plan, *time) : now;
    return run;
}

}  // namespace

catalog::JobRunRecord ClaimRequested(const Job& job, const JobRequest& request,
                                     catalog::JobLog& log, const std::string& owner,
                                     TimestampUs now) {
    catalog::JobRunRecord run = RunOf(job, request, now);
    const auto most = static_cast<size_t>(job.max_active_runs);
    const auto open = log.Runs({.job = job.name, .only_open = true});
    for (const catalog::JobRunRecord& one : open) {
        const bool is_same = one.trigger == catalog::JobTrigger::kManual && one.started &&
                             one.parameters == run.parameters;
        if (request.is_new || !is_same) continue;
        const auto claimed = log.Claim(one.number, owner, most);
        if (!claimed) continue;
        if (now - *claimed->started <= job.timeout) return *claimed;
        log.Finish(one.number, owner, catalog::JobState::kFailed,
                   "it was cut off, and its timeout is over");
    }
    if (auto claimed = log.AddClaimed(run, owner, most)) return *claimed;
    throw Error(ErrorKind::kConflict,
                "{} of `{}` {} running, and `max_active_runs` is {}: wait, or `tarn jobs cancel` "
                "it; `tarn jobs runs {}` shows them",
                most == 1 ? "a run" : "runs", job.name, most == 1 ? "is" : "are", most, job.name);
}

catalog::JobRunRecord QueueRequested(const Job& job, const JobRequest& request,
                                     catalog::JobLog& log, TimestampUs now) {
    return log.Add(RunOf(job, request, now));
}

}  // namespace tarn::pipeline
