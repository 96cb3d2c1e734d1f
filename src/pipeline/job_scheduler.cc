#include "pipeline/job_scheduler.h"

#include <algorithm>
#include <set>

#include "base/error.h"
#include "pipeline/job_sensors.h"
#include "pipeline/job_times.h"

namespace tarn::pipeline {

using catalog::JobMemory;
using catalog::JobRunRecord;
using catalog::JobState;
using catalog::JobTrigger;

JobScheduler::JobScheduler(std::function<JobBook()> read, const JobParts& parts)
    : read_(std::move(read)), parts_(parts), owner_(NewUuid(parts.clock, parts.random)) {}

void JobScheduler::SayOnce(const std::string& of, const std::string& what) {
    std::string& before = said_[of];
    if (before != what && !what.empty()) parts_.observer.OnEvent(what);
    before = what;
}

template <typename Work>
void JobScheduler::Guarded(const std::string& of, Work work) {
    try {
        work();
        SayOnce(of, "");
    } catch (const std::exception& error) {
        SayOnce(of, of + ": " + error.what());
    }
}

void JobScheduler::Tick() {
    Guarded("jobs", [&] { Look(); });
    for (auto runner = runners_.begin(); runner != runners_.end();) {
        bool goes_on = true;
        Guarded(fmt::format("run {}", runner->first), [&] { goes_on = runner->second->Step(); });
        if (!goes_on) said_.erase(fmt::format("run {}", runner->first));
        runner = goes_on ? std::next(runner) : runners_.erase(runner);
    }
}

void JobScheduler::End() {
    is_ending_ = true;
    for (const auto& [number, runner] : runners_) runner->GiveBack();
}

void JobScheduler::Look() {
    if (is_ending_) return;
    Reload();
    if (!book_) return;
    for (const Job& job : book_->jobs) {
        Guarded("job " + job.name, [&] {
            const JobMemory memory = parts_.log.See(job.name);
            if (memory.is_paused) return;
            LookAtPlan(job, memory);
            if (!job.sensors.empty()) LookAtSensors(job);
        });
    }
    TakeRuns();
}

void JobScheduler::Reload() {
    const DurationUs now = parts_.clock.Monotonic();
    if (book_ && now - reloaded_ < kReload) return;
    reloaded_ = now;
    Guarded("jobs/", [&] { book_ = std::make_shared<const JobBook>(read_()); });
}

void JobScheduler::LookAtPlan(const Job& job, const JobMemory& memory) {
    if (!job.plan.HasTimes()) return;
    const TimestampUs now = parts_.clock.Now();
    const bool is_new = memory.scheduled_until == memory.first_seen;
    // A job that catches all up begins at its start.
    const TimestampUs seen = is_new && job.catch_up == CatchUp::kAll && job.plan.start
                                 ? std::min(memory.scheduled_until, *job.plan.start - DurationUs(1))
                                 : memory.scheduled_until;
    const auto coming = NextTime(job.plan, seen);
    if (!coming || *coming > now) return;
    const auto times = DueTimes(job, seen, now);
    if (times.empty()) return;
    const size_t open = parts_.log.Runs({.job = job.name, .only_open = true}).size();
    if (open + times.size() > JobLimits::kMostOpenRuns) {
        throw Error(ErrorKind::kLimitExceeded, "{} runs of it are open: no further one is added",
                    open);
    }
    std::vector<JobRunRecord> runs;
    for (const TimestampUs time : times) {
        JobRunRecord run;
        run.job = job.name;
        run.scheduled = time;
        run.interval_start = IntervalStart(job.plan, time);
        run.interval_end = time;
        runs.push_back(std::move(run));
    }
    JobMemory next = memory;
    next.scheduled_until = times.back();
    parts_.log.Advance(memory, next, std::move(runs));
}

void JobScheduler::LookAtSensors(const Job& job) {
    const DurationUs now = parts_.clock.Monotonic();
    const auto looked = looked_.find(job.name);
    if (looked != looked_.end() && now - looked->second < kSensorLook) return;
    looked_[job.name] = now;
    const JobMemory memory = parts_.log.See(job.name);  // behind the plan
    const TimestampUs time = parts_.clock.Now();
    const SensorAnswer answer = AskSensors(job, memory.cursors, parts_.world, parts_.log, time);
    JobMemory next = memory;
    if (answer.is_first_look) {
        for (const auto& [name, cursor] : answer.first_cursors) next.cursors[name] = cursor;
        parts_.log.Advance(memory, next, {});
        return;
    }
    if (!answer.holds) return;
    for (const auto& [name, cursor] : answer.cursors) next.cursors[name] = cursor;
    const nlohmann::json files = answer.files;
    const auto waiting = parts_.log.Runs({.job = job.name, .state = JobState::kQueued});
    if (job.plan.HasTimes()) {
        // The oldest run that waits takes what happened.
        const auto first = std::find_if(waiting.rbegin(), waiting.rend(), [](const auto& run) {
            return run.trigger == JobTrigger::kSchedule && run.reason.empty();
        });
        if (first != waiting.rend())
            parts_.log.Pass(memory, next, first->number, answer.reason, files.dump());
        return;
    }
    const bool is_early = job.plan.start && time < *job.plan.start;
    const bool is_over = job.plan.end && time >= *job.plan.end;
    if (is_early || is_over || waiting.size() >= JobLimits::kMostOpenRuns) return;
    const auto before = parts_.log.Runs({.job = job.name, .limit = 1});
    JobRunRecord run;
    run.job = job.name;
    run.scheduled = time;
    run.trigger = JobTrigger::kSensor;
    run.reason = answer.reason;
    run.files = files.dump();
    run.interval_start = before.empty() ? time : before.front().interval_end;
    run.interval_end = time;
    parts_.log.Advance(memory, next, {run});
}

bool JobScheduler::IsReady(const Job& job, const JobRunRecord& run) {
    if (run.state == JobState::kRunning || run.trigger == JobTrigger::kManual) return true;
    const auto memory = parts_.log.Memory(job.name);
    if (memory && memory->is_paused) return false;
    return run.trigger != JobTrigger::kSchedule || job.sensors.empty() || !run.reason.empty();
}

void JobScheduler::TakeRuns() {
    auto open = parts_.log.Runs({.only_open = true, .limit = 10 * JobLimits::kMostOpenRuns});
    std::reverse(open.begin(), open.end());  // the oldest first
    std::set<std::string> full;
    for (const JobRunRecord& run : open) {
        const Job* job = book_->Find(run.job);
        if (job == nullptr) continue;
        TellLate(*job, run);
        if (runners_.contains(run.number) || full.contains(run.job)) continue;
        if (!IsReady(*job, run)) {
            if (parts_.clock.Now() - run.queued > job->timeout) FailUnready(*job, run);
            continue;
        }
        Take(*job, run);
        if (run.state == JobState::kQueued && !runners_.contains(run.number)) full.insert(run.job);
    }
}

void JobScheduler::Take(const Job& job, const JobRunRecord& run) {
    auto claimed = parts_.log.Claim(run.number, owner_, static_cast<size_t>(job.max_active_runs));
    if (!claimed) return;
    parts_.observer.OnEvent(fmt::format("job {}, run {}: {} ({}{})", job.name, run.number,
                                        run.state == JobState::kRunning ? "goes on" : "starts",
                                        catalog::NameOf(run.trigger),
                                        run.reason.empty() ? "" : ": " + run.reason));
    runners_.emplace(run.number,
                     std::make_unique<JobRunner>(book_, job, std::move(*claimed), owner_, parts_));
}

// Its sensors did not hold for as long as it may take.
void JobScheduler::FailUnready(const Job& job, const JobRunRecord& run) {
    auto claimed = parts_.log.Claim(run.number, owner_, static_cast<size_t>(job.max_active_runs));
    if (!claimed) return;
    const std::string why = "its sensors did not hold within its timeout";
    parts_.log.Finish(run.number, owner_, JobState::kFailed, why);
    parts_.observer.OnEvent(fmt::format("job {}, run {}: failed: {}", job.name, run.number, why));
    JobValues values(job, *claimed, parts_.environment);
    AlertFacts facts;
    facts.error = why;
    parts_.alerts.Tell(job, book_->mail, *claimed, facts, values);
}

void JobScheduler::TellLate(const Job& job, const JobRunRecord& run) {
    if (!job.service_level || run.is_late) return;
    const TimestampUs now = parts_.clock.Now();
    if (now - run.scheduled <= *job.service_level || !parts_.log.MarkLate(run.number)) return;
    AlertFacts facts;
    facts.event = AlertEvent::kLate;
    facts.error =
        fmt::format("it was to end within {} s of {}",
                    std::chrono::duration_cast<std::chrono::seconds>(*job.service_level).count(),
                    FormatTimestamp(run.scheduled));
    parts_.observer.OnEvent(fmt::format("job {}, run {}: {}", job.name, run.number, facts.error));
    JobValues values(job, run, parts_.environment);
    parts_.alerts.Tell(job, book_->mail, run, facts, values);
}

}  // namespace tarn::pipeline
