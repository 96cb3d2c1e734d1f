#include "pipeline/job_runner.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/check.h"
#include "base/error.h"
#include "base/text.h"
#include "pipeline/job_graph.h"

namespace tarn::pipeline {

using catalog::IsOver;
using catalog::JobState;
using catalog::JobTaskRecord;
using catalog::TaskState;

namespace {

// Does `task` wait for `other`, by whatever way.
bool Needs(const Job& job, const JobTask& task, const std::string& other) {
    std::set<std::string> seen;
    std::vector<std::string> open = task.depends_on;
    while (!open.empty()) {
        const std::string name = open.back();
        open.pop_back();
        if (name == other) return true;
        if (!seen.insert(name).second) continue;
        const JobTask* one = job.Find(name);
        Check(one != nullptr, "a task depends on none of its job");
        open.insert(open.end(), one->depends_on.begin(), one->depends_on.end());
    }
    return false;
}

std::string SignalText(int exit_code) {
    constexpr int kSignals = 128;
    return exit_code > kSignals ? fmt::format("signal {} ended it", exit_code - kSignals)
                                : fmt::format("exit code {}", exit_code);
}

}  // namespace

void JobRunner::Output::Add(std::string_view line) {
    const std::lock_guard lock(mutex);
    text.append(line).push_back('\n');
    ++lines;
    while (lines > JobLimits::kMostOutputLines ||
           text.size() > 2 * catalog::JobLog::kMostOutputBytes) {
        text.erase(0, text.find('\n') + 1);
        --lines;
    }
}

std::string JobRunner::Output::Text() {
    const std::lock_guard lock(mutex);
    return text;
}

JobRunner::JobRunner(std::shared_ptr<const JobBook> book, const Job& job, catalog::JobRunRecord run,
                     std::string owner, const JobParts& parts)
    : book_(std::move(book)),
      job_(job),
      owner_(std::move(owner)),
      parts_(parts),
      values_(std::make_shared<JobValues>(job, run, parts.environment)),
      run_(std::move(run)),
      renewed_(parts.clock.Monotonic()) {}

JobRunner::~JobRunner() {
    for (const auto& [name, active] : active_) parts_.tasks.Cancel(active.handle);
}

void JobRunner::Say(const std::string& what) {
    parts_.observer.OnEvent(fmt::format("job {}, run {}: {}", job_.name, run_.number, what));
}

JobTaskRecord& JobRunner::RecordOf(const std::string& task) {
    const auto found = std::find_if(tasks_.begin(), tasks_.end(),
                                    [&](const JobTaskRecord& one) { return one.task == task; });
    Check(found != tasks_.end(), "a task of a run has no row");
    return *found;
}

// What other processes did of the run before, and the tasks that are still to do.
bool JobRunner::Load() {
    std::vector<JobTaskRecord> fresh;
    for (const std::string& name : TaskOrder(job_)) {
        const JobTask& task = *job_.Find(name);
        JobTaskRecord record;
        record.task = name;
        record.verb = task.verb;
        record.pool = task.pool;
        record.slots = task.slots;
        fresh.push_back(std::move(record));
    }
    if (!parts_.log.AddTasks(run_.number, owner_, fresh)) return false;
    const auto rows = parts_.log.Tasks(run_.number);
    for (JobTaskRecord& record : fresh) {
        const auto row = std::find_if(rows.begin(), rows.end(), [&](const JobTaskRecord& one) {
            return one.task == record.task;
        });
        if (row != rows.end()) record = *row;
        // It was at work when its process ended; that attempt does not count.
        if (record.state == TaskState::kRunning) {
            Say(fmt::format("task {} is taken up again", record.task));
            record.state = TaskState::kWaiting;
            record.attempt = std::max<int64_t>(record.attempt - 1, 0);
            tasks_.push_back(record);
            Put(record);
            continue;
        }
        tasks_.push_back(record);
    }
    return !is_lost_;
}

bool JobRunner::Step() {
    if (!is_loaded_) {
        is_loaded_ = true;
        if (!Load()) is_lost_ = true;
    }
    if (!is_lost_ && !Renew()) is_lost_ = true;
    TakeEnds();
    EndLate();
    if (IsStopping()) EndAll(is_overdue_);
    if (!IsStopping()) StartReady();
    return !FinishIfOver();
}

bool JobRunner::Renew() {
    const DurationUs now = parts_.clock.Monotonic();
    if (now - renewed_ < kRenew) return true;
    renewed_ = now;
    try {
        const auto run = parts_.log.Renew(run_.number, owner_);
        if (!run) {
            Say("another process has taken it over");
            return false;
        }
        is_cancelled_ = is_cancelled_ || run->cancel_asked;
    } catch (const Error& error) {
        // A store that is busy is asked again; the lease is longer than that.
        if (!TraitsOf(error.kind()).retryable) throw;
    }
    return true;
}

void JobRunner::TakeEnds() {
    for (auto active = active_.begin(); active != active_.end();) {
        const auto end = parts_.tasks.TakeEnd(active->second.handle);
        if (!end) {
            ++active;
            continue;
        }
        const Active ended = active->second;
        const std::string name = active->first;
        active = active_.erase(active);
        TakeEnd(*job_.Find(name), RecordOf(name), ended, *end);
    }
}

void JobRunner::TakeEnd(const JobTask& task, JobTaskRecord& record, const Active& active,
                        const TaskEnd& end) {
    record.output = active.output->Text();
    record.exit_code = end.exit_code;
    if (end.exit_code == 0 && !active.is_timed_out) {
        record.error_kind.clear();
        record.error_message.clear();
        return Settle(record, TaskState::kSucceeded);
    }
    if (is_given_back_ || is_lost_) {
        record.attempt = std::max<int64_t>(record.attempt - 1, 0);
        record.state = TaskState::kWaiting;
        return Put(record);
    }
    if (active.is_timed_out) {
        const DurationUs limit =
            task.timeout.count() > 0 && !is_overdue_ ? task.timeout : job_.timeout;
        return Fail(task, record, ErrorKind::kTimeout,
                    fmt::format("it ran longer than {} s",
                                std::chrono::duration_cast<std::chrono::seconds>(limit).count()),
                    !is_overdue_);
    }
    if (is_cancelled_) return Settle(record, TaskState::kCancelled);
    // The last line of a program usually says what went wrong.
    const std::string_view text = Trim(record.output);
    const std::string_view last = text.substr(text.rfind('\n') + 1);
    Fail(task, record, ErrorKind::kInternal,
         SignalText(end.exit_code) + (last.empty() ? "" : ": " + std::string(last)), true);
}

void JobRunner::Fail(const JobTask& task, JobTaskRecord& record, ErrorKind kind,
                     const std::string& message, bool may_retry) {
    record.error_kind = kind == ErrorKind::kInternal ? "Failed" : TraitsOf(kind).name;
    record.error_message = message;
    const RetryPlan& plan = task.retries ? *task.retries : job_.retries;
    if (!may_retry || IsStopping() || record.attempt > plan.count) {
        Say(fmt::format("task {} failed: {}", task.name, message));
        return Settle(record, TaskState::kFailed);
    }
    constexpr uint64_t kSteps = 1'000'001;
    const double chance =
        2 * static_cast<double>(parts_.random.Below(kSteps)) / static_cast<double>(kSteps - 1) - 1;
    const auto pause =
        static_cast<double>(PauseAfter(plan, record.attempt).count()) * (1 + plan.jitter * chance);
    record.state = TaskState::kRetrying;
    record.not_before = parts_.clock.Now() + DurationUs(std::llround(pause));
    record.finished = parts_.clock.Now();
    Put(record);
    Say(fmt::format("task {} failed: {}; it is tried again at {}", task.name, message,
                    FormatTimestamp(*record.not_before)));
    parts_.alerts.Tell(job_, book_->mail, run_,
                       {AlertEvent::kRetry, task.name, record.attempt, message, record.output},
                       *values_);
}

void JobRunner::Settle(JobTaskRecord& record, TaskState state) {
    record.state = state;
    record.not_before.reset();
    record.finished = parts_.clock.Now();
    if (state == TaskState::kSucceeded) Say(fmt::format("task {} succeeded", record.task));
    Put(record);
}

void JobRunner::Put(const JobTaskRecord& record) {
    if (is_lost_) return;
    if (!parts_.log.PutTask(run_.number, owner_, record)) is_lost_ = true;
}

void JobRunner::EndLate() {
    const TimestampUs now = parts_.clock.Now();
    for (auto& [name, active] : active_) {
        const JobTask& task = *job_.Find(name);
        const JobTaskRecord& record = RecordOf(name);
        if (active.is_ending || task.timeout.count() == 0 || !record.started) continue;
        if (now - *record.started <= task.timeout) continue;
        active.is_ending = true;
        active.is_timed_out = true;
        parts_.tasks.Cancel(active.handle);
    }
    if (!is_overdue_ && run_.started && now - *run_.started > job_.timeout) {
        is_overdue_ = true;
        Say("it ran too long");
    }
}

void JobRunner::EndAll(bool is_timeout) {
    for (auto& [name, active] : active_) {
        if (active.is_ending) continue;
        active.is_ending = true;
        active.is_timed_out = is_timeout;
        parts_.tasks.Cancel(active.handle);
    }
    if (is_given_back_ || is_lost_) return;
    for (JobTaskRecord& record : tasks_) {
        if (!IsOver(record.state) && record.state != TaskState::kRunning)
            Settle(record, TaskState::kCancelled);
    }
}

std::vector<std::string> JobRunner::WaitsFor(const JobTask& task) const {
    if (!task.depends_on.empty() || task.run_if == RunIf::kAllSucceeded) return task.depends_on;
    // "When any other failed", "when all others are over": those that do not wait for it.
    std::vector<std::string> others;
    for (const JobTask& other : job_.tasks) {
        const bool waits_too = other.depends_on.empty() && other.run_if != RunIf::kAllSucceeded;
        if (other.name != task.name && !waits_too && !Needs(job_, other, task.name))
            others.push_back(other.name);
    }
    return others;
}

JobRunner::Readiness JobRunner::ReadinessOf(const JobTask& task) const {
    bool all_succeeded = true;
    bool any_failed = false;
    for (const std::string& name : WaitsFor(task)) {
        const auto record = std::find_if(tasks_.begin(), tasks_.end(),
                                         [&](const auto& one) { return one.task == name; });
        if (!IsOver(record->state)) return Readiness::kWait;
        all_succeeded = all_succeeded && record->state == TaskState::kSucceeded;
        any_failed = any_failed || record->state == TaskState::kFailed;
    }
    if (task.run_if == RunIf::kAllDone) return Readiness::kRun;
    const bool holds = task.run_if == RunIf::kOnFailure ? any_failed : all_succeeded;
    return holds ? Readiness::kRun : Readiness::kSkip;
}

void JobRunner::StartReady() {
    for (JobTaskRecord& record : tasks_) {
        const JobTask* task = job_.Find(record.task);
        if (IsOver(record.state) || record.state == TaskState::kRunning) continue;
        const bool is_full = active_.size() >= static_cast<size_t>(job_.max_parallel_tasks) ||
                             parts_.tasks.Running() >= JobLimits::kMostRunningTasks;
        const Readiness readiness = ReadinessOf(*task);
        if (readiness == Readiness::kSkip) {
            Say(fmt::format("task {} is skipped", record.task));
            Settle(record, TaskState::kSkipped);
        }
        const bool is_early = record.not_before && parts_.clock.Now() < *record.not_before;
        if (readiness == Readiness::kRun && !is_full && !is_early) Start(*task, record);
        if (is_lost_) return;
    }
}

void JobRunner::Start(const JobTask& task, JobTaskRecord& record) {
    TaskStart start;
    JobTaskRecord next = record;
    next.state = TaskState::kRunning;
    next.attempt += 1;
    next.started = parts_.clock.Now();
    next.finished.reset();
    next.not_before.reset();
    next.exit_code.reset();
    try {
        values_->Set("task", {{"name", task.name}, {"attempt", next.attempt}});
        start.program = ProgramOf(task.verb, values_->Fill(task.saying, task.spot));
        start.environment = values_->Fill(job_.environment, task.spot);
        for (auto& [name, value] : values_->Fill(task.environment, task.spot))
            start.environment[name] = value;
    } catch (const Error& error) {
        record.attempt = next.attempt;
        record.started = next.started;
        return Fail(task, record, error.kind(), error.what(), false);
    }
    start.environment["TARN_JOB_RUN"] = run_.run_id;
    const JobPool* pool = task.pool.empty() ? nullptr : book_->FindPool(task.pool);
    const auto outcome =
        parts_.log.StartTask(run_.number, owner_, next, pool == nullptr ? 0 : pool->slots);
    if (outcome == catalog::JobLog::Start::kLost) is_lost_ = true;
    if (outcome != catalog::JobLog::Start::kStarted) return;
    record = next;
    Say(fmt::format("task {} starts{}", task.name,
                    record.attempt > 1 ? fmt::format(", attempt {}", record.attempt) : ""));
    Active active;
    active.output = std::make_shared<Output>();
    start.take = [values = values_, output = active.output, &observer = parts_.observer,
                  job = job_.name, name = task.name](std::string_view line) {
        const std::string shown = values->Masked(line);
        observer.OnLine(job, name, shown);
        output->Add(shown);
    };
    try {
        active.handle = parts_.tasks.Start(std::move(start));
        active_.emplace(task.name, std::move(active));
    } catch (const Error& error) {
        Fail(task, record, error.kind(), error.what(), true);
    }
}

bool JobRunner::FinishIfOver() {
    if (!active_.empty()) return false;
    if (is_lost_) return true;
    const JobTaskRecord* failed = nullptr;
    for (const JobTaskRecord& record : tasks_) {
        if (!IsOver(record.state)) {
            if (is_given_back_) parts_.log.Release(run_.number, owner_);
            return is_given_back_;
        }
        if (record.state == TaskState::kFailed && failed == nullptr) failed = &record;
    }
    run_.state = failed != nullptr || is_overdue_ ? JobState::kFailed
                 : is_cancelled_                  ? JobState::kCancelled
                                                  : JobState::kSucceeded;
    AlertFacts facts;
    if (is_overdue_) facts.error = "the run took longer than its timeout";
    if (failed != nullptr) {
        facts = {AlertEvent::kFailure, failed->task, failed->attempt,
                 "task " + failed->task + ": " + failed->error_message, failed->output};
    }
    if (run_.state == JobState::kSucceeded) facts.event = AlertEvent::kSuccess;
    run_.error_message = facts.error;
    if (!parts_.log.Finish(run_.number, owner_, run_.state, facts.error)) return true;
    Say(std::string(catalog::NameOf(run_.state)));
    if (run_.state != JobState::kCancelled)
        parts_.alerts.Tell(job_, book_->mail, run_, facts, *values_);
    return true;
}

}  // namespace tarn::pipeline
