// Which runs of jobs there are and how they went: the rows behind ops.job_runs and ops.job_tasks,
// kept in the catalog's store with retention. Makes sure that a scheduled time of a job has one run
// and that a run has one owner at a time, whichever processes look. Knows nothing of what tasks do.
// Thread-safe, many processes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "table/rows.h"

namespace tarn::catalog {

class Connection;
class Store;

enum class JobState { kQueued, kRunning, kSucceeded, kFailed, kCancelled };
// kRetrying: it failed, and waits for its next attempt.
enum class TaskState { kWaiting, kRunning, kRetrying, kSucceeded, kFailed, kSkipped, kCancelled };
enum class JobTrigger { kSchedule, kSensor, kManual };
std::string_view NameOf(JobState state);      // "queued"
std::string_view NameOf(TaskState state);     // "retrying"
std::string_view NameOf(JobTrigger trigger);  // "schedule"
bool IsOver(JobState state);
bool IsOver(TaskState state);

struct JobRunRecord {
    int64_t number = 0;       // given by the log
    std::string run_id{};     // UUIDv7, given by the log
    std::string job{};        // its name
    TimestampUs scheduled{};  // one run a job and time
    JobTrigger trigger = JobTrigger::kSchedule;
    JobState state = JobState::kQueued;
    std::string reason{};      // what started it, in words: "silver.events is at version 7"
    std::string parameters{};  // JSON object: what differs from the job's own
    std::string files{};       // JSON list: the files that started it
    TimestampUs interval_start{};
    TimestampUs interval_end{};
    TimestampUs queued{};  // given by the log
    std::optional<TimestampUs> started{};
    std::optional<TimestampUs> finished{};
    std::string owner{};  // a token of the process that runs it; empty: nobody
    bool cancel_asked = false;
    bool is_late = false;  // it missed its service level, and that was told
    std::string error_message{};
};

struct JobTaskRecord {
    std::string task{};
    std::string verb{};  // "build"
    TaskState state = TaskState::kWaiting;
    int64_t attempt = 0;  // how often it was started
    std::string pool{};
    int64_t slots = 1;
    std::optional<TimestampUs> not_before{};  // of one that waits for its next attempt
    std::optional<TimestampUs> started{};
    std::optional<TimestampUs> finished{};
    std::optional<int64_t> exit_code{};
    std::string error_kind{};
    std::string error_message{};
    std::string output{};  // the last of its lines, at most kMostOutputBytes
};

// What the log remembers of a job beside its runs.
struct JobMemory {
    std::string job{};
    TimestampUs first_seen{};
    TimestampUs scheduled_until{};  // times up to here have their runs, or were left out
    std::map<std::string, std::string> cursors{};  // of what starts it: where they have looked
    bool is_paused = false;
    std::string paused_by{};
    std::optional<TimestampUs> paused{};
};

struct JobRunFilter {
    std::string job{};  // empty: any
    std::optional<JobState> state{};
    bool only_open = false;  // queued or running
    size_t limit = 100;
};

class JobLog {
public:
    static constexpr size_t kMostOutputBytes = 64 << 10;
    static constexpr size_t kMostMessageBytes = 8192;
    // A lost owner's run is free after this, at once when its process on this machine is gone.
    static constexpr DurationUs kLeaseTime = std::chrono::seconds(30);

    JobLog(Store& store, Clock& clock, Random& random, int keep_days);

    // What is remembered of the job; from the first call on it is known.
    JobMemory See(const std::string& job);
    // What is remembered, without making it known.
    std::optional<JobMemory> Memory(const std::string& job);
    void SetPaused(const std::string& job, bool is_paused, const std::string& by);

    // Moves the job's memory on from `seen` to `now` (scheduled_until and cursors), and adds the
    // runs, all or nothing. A run whose time is taken is left out. false, and nothing is done: the
    // memory is not what was seen, another process was first.
    bool Advance(const JobMemory& seen, const JobMemory& now, std::vector<JobRunRecord> runs);
    // The same for a run that waits for its job's sensors: they held, `reason` says how.
    bool Pass(const JobMemory& seen, const JobMemory& now, int64_t number,
              const std::string& reason, const std::string& files);
    // Adds a run that somebody asked for; its time moves on where it is taken.
    JobRunRecord Add(JobRunRecord run);
    // The same, and claims it at once, before anybody else can. Nothing, and nothing is added:
    // `max_active` runs of its job are running.
    std::optional<JobRunRecord> AddClaimed(JobRunRecord run, const std::string& owner,
                                           size_t max_active);

    // Newest first.
    std::vector<JobRunRecord> Runs(const JobRunFilter& filter);
    // By its whole id or its number. Nothing: there is none.
    std::optional<JobRunRecord> Find(const std::string& id);
    std::optional<JobRunRecord> LastSucceeded(const std::string& job);
    std::optional<JobRunRecord> LastOver(const std::string& job);
    std::vector<JobTaskRecord> Tasks(int64_t run_number);

    // Takes a run that is not over: it becomes the owner's, running, with a lease. Nothing: another
    // has it, it is over, or it was queued and `max_active` runs of its job are running by now.
    std::optional<JobRunRecord> Claim(int64_t number, const std::string& owner, size_t max_active);
    // Prolongs the lease and gives the run as it is now. Nothing: the owner has lost it.
    std::optional<JobRunRecord> Renew(int64_t number, const std::string& owner);
    // Gives it back, not over: another may take it at once.
    void Release(int64_t number, const std::string& owner);
    // Ends the run. false: the owner has lost it.
    bool Finish(int64_t number, const std::string& owner, JobState state,
                const std::string& error_message);
    // true, once a run: it is told now that the run missed its service level.
    bool MarkLate(int64_t number);
    // Its owner ends it; one without a living owner is cancelled at once. false: it is over.
    bool AskCancel(int64_t number);

    // Adds the tasks that the run has no row of yet. false: the owner has lost the run.
    bool AddTasks(int64_t number, const std::string& owner,
                  const std::vector<JobTaskRecord>& tasks);
    // Writes the task's row. false: the owner has lost the run.
    bool PutTask(int64_t number, const std::string& owner, const JobTaskRecord& task);
    enum class Start { kStarted, kPoolIsFull, kLost };
    // The same for one that starts now, if its pool has `capacity` for it beside what runs
    // anywhere.
    Start StartTask(int64_t number, const std::string& owner, const JobTaskRecord& task,
                    int64_t capacity);

    // Rows of ops.job_runs and ops.job_tasks, oldest first.
    std::unique_ptr<table::RowSource> OpenRuns();
    std::unique_ptr<table::RowSource> OpenTasks();

private:
    bool MoveOn(Connection& connection, const JobMemory& seen, const JobMemory& now);
    void InsertRun(Connection& connection, JobRunRecord& run, bool moves_on);
    std::optional<JobRunRecord> ClaimWithin(Connection& connection, int64_t number,
                                            const std::string& owner, size_t max_active);
    bool IsOwned(Connection& connection, int64_t number, const std::string& owner);

    Store& store_;
    Clock& clock_;
    Random& random_;
    DurationUs keep_;
};

}  // namespace tarn::catalog
