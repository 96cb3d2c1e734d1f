#include "catalog/job_log.h"

#include <array>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/text.h"
#include "catalog/ops_rows.h"
#include "catalog/process_identity.h"
#include "catalog/store.h"

namespace tarn::catalog {

namespace {

constexpr std::array<std::string_view, 5> kJobStates{"queued", "running", "succeeded", "failed",
                                                     "cancelled"};
constexpr std::array<std::string_view, 7> kTaskStates{"waiting", "running", "retrying", "succeeded",
                                                      "failed",  "skipped", "cancelled"};
constexpr std::array<std::string_view, 3> kTriggers{"schedule", "sensor", "manual"};

template <typename Enum, size_t N>
Enum ValueOf(const std::array<std::string_view, N>& names, const std::string& name) {
    for (size_t i = 0; i < N; ++i) {
        if (names[i] == name) return static_cast<Enum>(i);
    }
    throw Error(ErrorKind::kCorrupt, "the log of jobs holds the unknown word `{}`", name);
}

TimestampUs TimeOf(const Cell& cell) { return TimestampUs(DurationUs(IntOf(cell))); }
std::optional<TimestampUs> MaybeTimeOf(const Cell& cell) {
    if (cell.index() == 0) return std::nullopt;
    return TimeOf(cell);
}
Cell CellOf(const std::optional<TimestampUs>& time) {
    return time ? Cell(ToUnixUs(*time)) : Cell();
}

constexpr std::string_view kRunColumns =
    "number, run_id, job, scheduled_us, trigger_kind, state, reason, parameters, files, "
    "interval_start_us, interval_end_us, queued_us, started_us, finished_us, owner, cancel_asked, "
    "is_late, error_message";

JobRunRecord RunOf(const Cells& row) {
    JobRunRecord run;
    size_t at = 0;
    run.number = IntOf(row.at(at++));
    run.run_id = TextOf(row.at(at++));
    run.job = TextOf(row.at(at++));
    run.scheduled = TimeOf(row.at(at++));
    run.trigger = ValueOf<JobTrigger>(kTriggers, TextOf(row.at(at++)));
    run.state = ValueOf<JobState>(kJobStates, TextOf(row.at(at++)));
    run.reason = TextOf(row.at(at++));
    run.parameters = TextOf(row.at(at++));
    run.files = TextOf(row.at(at++));
    run.interval_start = TimeOf(row.at(at++));
    run.interval_end = TimeOf(row.at(at++));
    run.queued = TimeOf(row.at(at++));
    run.started = MaybeTimeOf(row.at(at++));
    run.finished = MaybeTimeOf(row.at(at++));
    run.owner = TextOf(row.at(at++));
    run.cancel_asked = IntOf(row.at(at++)) != 0;
    run.is_late = IntOf(row.at(at++)) != 0;
    run.error_message = TextOf(row.at(at++));
    return run;
}

std::vector<JobRunRecord> SelectRuns(Connection& connection, const std::string& tail,
                                     const Cells& parameters) {
    std::vector<JobRunRecord> runs;
    const std::string sql = "SELECT " + std::string(kRunColumns) + " FROM job_runs " + tail;
    for (const Cells& row : connection.Query(sql, parameters)) runs.push_back(RunOf(row));
    return runs;
}

std::optional<JobRunRecord> SelectRun(Connection& connection, const std::string& tail,
                                      const Cells& parameters) {
    auto runs = SelectRuns(connection, tail, parameters);
    if (runs.empty()) return std::nullopt;
    return std::move(runs.front());
}

std::optional<JobMemory> SelectMemory(Connection& connection, const std::string& job) {
    const auto rows = connection.Query(
        "SELECT first_seen_us, scheduled_until_us, cursors, is_paused, paused_by, paused_us FROM "
        "jobs WHERE job = ?1",
        {job});
    if (rows.empty()) return std::nullopt;
    const Cells& row = rows.front();
    JobMemory memory;
    memory.job = job;
    memory.first_seen = TimeOf(row.at(0));
    memory.scheduled_until = TimeOf(row.at(1));
    memory.cursors =
        nlohmann::json::parse(TextOf(row.at(2))).get<std::map<std::string, std::string>>();
    memory.is_paused = IntOf(row.at(3)) != 0;
    memory.paused_by = TextOf(row.at(4));
    memory.paused = MaybeTimeOf(row.at(5));
    return memory;
}

// The job's row, made where there is none.
JobMemory NeedMemory(Connection& connection, const std::string& job, TimestampUs now) {
    if (auto memory = SelectMemory(connection, job)) return *memory;
    connection.Execute(
        "INSERT INTO jobs (job, first_seen_us, scheduled_until_us, cursors, is_paused, paused_by) "
        "VALUES (?1, ?2, ?2, '{}', 0, '')",
        {job, ToUnixUs(now)});
    return *SelectMemory(connection, job);
}

// Can somebody else take the run: it has no owner, or its owner's lease or process is over.
bool IsFree(Connection& connection, int64_t number, TimestampUs now) {
    const auto rows = connection.Query(
        "SELECT owner, lease_until_us, host, process, process_started FROM job_runs WHERE number = "
        "?1",
        {number});
    if (rows.empty()) return false;
    const Cells& row = rows.front();
    if (TextOf(row.at(0)).empty() || IntOf(row.at(1)) <= ToUnixUs(now)) return true;
    return ProcessIdentity{TextOf(row.at(2)), IntOf(row.at(3)), TextOf(row.at(4))}.IsGone();
}

// How many runs of the job are running, but for one.
int64_t Running(Connection& connection, const std::string& job, int64_t but) {
    return IntOf(connection
                     .Query("SELECT count(*) FROM job_runs WHERE job = ?1 AND state = 'running' "
                            "AND number <> ?2",
                            {job, but})
                     .at(0)
                     .at(0));
}

// Is there such a run that nobody has.
bool IsClaimable(Connection& connection, int64_t number, size_t max_active, TimestampUs now) {
    const auto run = SelectRun(connection, "WHERE number = ?1", {number});
    if (!run || IsOver(run->state) || !IsFree(connection, number, now)) return false;
    // One that was running before goes on, however many others do.
    return run->state != JobState::kQueued ||
           Running(connection, run->job, number) < static_cast<int64_t>(max_active);
}

constexpr std::string_view kTaskColumns =
    "task, verb, state, attempt, pool, slots, not_before_us, started_us, finished_us, exit_code, "
    "error_kind, error_message, output";

JobTaskRecord TaskOf(const Cells& row) {
    JobTaskRecord task;
    size_t at = 0;
    task.task = TextOf(row.at(at++));
    task.verb = TextOf(row.at(at++));
    task.state = ValueOf<TaskState>(kTaskStates, TextOf(row.at(at++)));
    task.attempt = IntOf(row.at(at++));
    task.pool = TextOf(row.at(at++));
    task.slots = IntOf(row.at(at++));
    task.not_before = MaybeTimeOf(row.at(at++));
    task.started = MaybeTimeOf(row.at(at++));
    task.finished = MaybeTimeOf(row.at(at++));
    if (row.at(at).index() != 0) task.exit_code = IntOf(row.at(at));
    ++at;
    task.error_kind = TextOf(row.at(at++));
    task.error_message = TextOf(row.at(at++));
    task.output = TextOf(row.at(at++));
    return task;
}

// The end of the text, from a line's begin on where it is too long.
std::string LastOf(const std::string& text, size_t most) {
    if (text.size() <= most) return text;
    const size_t line = text.find('\n', text.size() - most);
    return line == std::string::npos ? std::string() : text.substr(line + 1);
}

Cells CellsOf(const JobTaskRecord& task, int64_t number) {
    return {number,
            task.task,
            task.verb,
            std::string(NameOf(task.state)),
            task.attempt,
            task.pool,
            task.slots,
            CellOf(task.not_before),
            CellOf(task.started),
            CellOf(task.finished),
            task.exit_code ? Cell(*task.exit_code) : Cell(),
            task.error_kind,
            std::string(CutText(task.error_message, JobLog::kMostMessageBytes)),
            LastOf(task.output, JobLog::kMostOutputBytes)};
}

void UpdateTask(Connection& connection, int64_t number, const JobTaskRecord& task) {
    connection.Execute(
        fmt::format("UPDATE job_tasks SET ({}) = (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, "
                    "?13, ?14) WHERE run_number = ?1 AND task = ?2",
                    kTaskColumns),
        CellsOf(task, number));
}

}  // namespace

std::string_view NameOf(JobState state) { return kJobStates.at(static_cast<size_t>(state)); }
std::string_view NameOf(TaskState state) { return kTaskStates.at(static_cast<size_t>(state)); }
std::string_view NameOf(JobTrigger trigger) { return kTriggers.at(static_cast<size_t>(trigger)); }
bool IsOver(JobState state) { return state != JobState::kQueued && state != JobState::kRunning; }
bool IsOver(TaskState state) {
    return state != TaskState::kWaiting && state != TaskState::kRunning &&
           state != TaskState::kRetrying;
}

JobLog::JobLog(Store& store, Clock& clock, Random& random, int keep_days)
    : store_(store), clock_(clock), random_(random), keep_(std::chrono::hours(24) * keep_days) {}

JobMemory JobLog::See(const std::string& job) {
    if (auto memory = Memory(job)) return *memory;
    JobMemory memory;
    store_.Write(
        [&](Connection& connection) { memory = NeedMemory(connection, job, clock_.Now()); });
    return memory;
}

std::optional<JobMemory> JobLog::Memory(const std::string& job) {
    std::optional<JobMemory> memory;
    store_.Read([&](Connection& connection) { memory = SelectMemory(connection, job); });
    return memory;
}

void JobLog::SetPaused(const std::string& job, bool is_paused, const std::string& by) {
    store_.Write([&](Connection& connection) {
        const TimestampUs now = clock_.Now();
        NeedMemory(connection, job, now);
        connection.Execute(
            "UPDATE jobs SET is_paused = ?2, paused_by = ?3, paused_us = ?4 WHERE job = ?1",
            {job, int64_t{is_paused}, is_paused ? by : std::string(),
             is_paused ? Cell(ToUnixUs(now)) : Cell()});
    });
}

void JobLog::InsertRun(Connection& connection, JobRunRecord& run, bool moves_on) {
    run.run_id = NewUuid(clock_, random_);
    run.queued = clock_.Now();
    const auto is_taken = [&] {
        return !connection
                    .Query("SELECT 1 FROM job_runs WHERE job = ?1 AND scheduled_us = ?2",
                           {run.job, ToUnixUs(run.scheduled)})
                    .empty();
    };
    while (is_taken()) {
        if (!moves_on) return;
        run.scheduled += DurationUs(1);
    }
    connection.Execute(
        "INSERT INTO job_runs (run_id, job, scheduled_us, trigger_kind, state, reason, parameters, "
        "files, interval_start_us, interval_end_us, queued_us, owner, host, process, "
        "process_started, lease_until_us, cancel_asked, is_late, error_message) VALUES (?1, ?2, "
        "?3, ?4, 'queued', ?5, ?6, ?7, ?8, ?9, ?10, '', '', 0, '', 0, 0, 0, '')",
        {run.run_id, run.job, ToUnixUs(run.scheduled), std::string(NameOf(run.trigger)), run.reason,
         run.parameters, run.files, ToUnixUs(run.interval_start), ToUnixUs(run.interval_end),
         ToUnixUs(run.queued)});
    run.number = connection.LastInsertKey();
    // The last run of each job in each state stays: others wait for them.
    connection.Execute(
        "DELETE FROM job_runs WHERE finished_us < ?1 AND number NOT IN (SELECT max(number) FROM "
        "job_runs GROUP BY job, state)",
        {ToUnixUs(run.queued - keep_)});
}

bool JobLog::MoveOn(Connection& connection, const JobMemory& seen, const JobMemory& now) {
    const JobMemory kept = NeedMemory(connection, seen.job, clock_.Now());
    const bool is_first = kept.scheduled_until == seen.scheduled_until &&
                          kept.cursors == seen.cursors && kept.is_paused == seen.is_paused;
    if (is_first) {
        connection.Execute(
            "UPDATE jobs SET scheduled_until_us = ?2, cursors = ?3 WHERE job = ?1",
            {seen.job, ToUnixUs(now.scheduled_until), nlohmann::json(now.cursors).dump()});
    }
    return is_first;
}

bool JobLog::Advance(const JobMemory& seen, const JobMemory& now, std::vector<JobRunRecord> runs) {
    bool is_first = false;
    store_.Write([&](Connection& connection) {
        is_first = MoveOn(connection, seen, now);
        if (!is_first) return;
        for (JobRunRecord& run : runs) InsertRun(connection, run, false);
    });
    return is_first;
}

bool JobLog::Pass(const JobMemory& seen, const JobMemory& now, int64_t number,
                  const std::string& reason, const std::string& files) {
    bool is_first = false;
    store_.Write([&](Connection& connection) {
        is_first = MoveOn(connection, seen, now);
        if (!is_first) return;
        connection.Execute("UPDATE job_runs SET reason = ?2, files = ?3 WHERE number = ?1",
                           {number, reason, files});
    });
    return is_first;
}

JobRunRecord JobLog::Add(JobRunRecord run) {
    store_.Write([&](Connection& connection) {
        NeedMemory(connection, run.job, clock_.Now());
        InsertRun(connection, run, true);
    });
    return run;
}

std::vector<JobRunRecord> JobLog::Runs(const JobRunFilter& filter) {
    std::vector<JobRunRecord> runs;
    store_.Read([&](Connection& connection) {
        runs = SelectRuns(
            connection,
            "WHERE (?1 = '' OR job = ?1) AND (?2 = '' OR state = ?2) AND (?3 = 0 OR "
            "state IN ('queued', 'running')) ORDER BY number DESC LIMIT ?4",
            {filter.job, filter.state ? std::string(NameOf(*filter.state)) : std::string(),
             int64_t{filter.only_open}, static_cast<int64_t>(filter.limit)});
    });
    return runs;
}

std::optional<JobRunRecord> JobLog::Find(const std::string& id) {
    std::optional<JobRunRecord> run;
    store_.Read([&](Connection& connection) {
        run = SelectRun(connection, "WHERE run_id = ?1 OR number = ?2",
                        {id, ParseInt(id).value_or(0)});
    });
    return run;
}

std::optional<JobRunRecord> JobLog::LastSucceeded(const std::string& job) {
    std::optional<JobRunRecord> run;
    store_.Read([&](Connection& connection) {
        run =
            SelectRun(connection,
                      "WHERE job = ?1 AND state = 'succeeded' ORDER BY number DESC LIMIT 1", {job});
    });
    return run;
}

std::optional<JobRunRecord> JobLog::LastOver(const std::string& job) {
    std::optional<JobRunRecord> run;
    store_.Read([&](Connection& connection) {
        run = SelectRun(connection,
                        "WHERE job = ?1 AND state NOT IN ('queued', 'running') ORDER BY number "
                        "DESC LIMIT 1",
                        {job});
    });
    return run;
}

std::vector<JobTaskRecord> JobLog::Tasks(int64_t run_number) {
    std::vector<JobTaskRecord> tasks;
    store_.Read([&](Connection& connection) {
        const std::string sql = "SELECT " + std::string(kTaskColumns) +
                                " FROM job_tasks WHERE run_number = ?1 ORDER BY number";
        for (const Cells& row : connection.Query(sql, {run_number})) tasks.push_back(TaskOf(row));
    });
    return tasks;
}

std::optional<JobRunRecord> JobLog::AddClaimed(JobRunRecord run, const std::string& owner,
                                               size_t max_active) {
    std::optional<JobRunRecord> claimed;
    store_.Write([&](Connection& connection) {
        NeedMemory(connection, run.job, clock_.Now());
        if (Running(connection, run.job, 0) >= static_cast<int64_t>(max_active)) return;
        InsertRun(connection, run, true);
        claimed = ClaimWithin(connection, run.number, owner, max_active);
    });
    return claimed;
}

std::optional<JobRunRecord> JobLog::Claim(int64_t number, const std::string& owner,
                                          size_t max_active) {
    // Asked at each look of each server, and mostly in vain: only what may be had is written for.
    bool may_be_had = false;
    store_.Read([&](Connection& connection) {
        may_be_had = IsClaimable(connection, number, max_active, clock_.Now());
    });
    if (!may_be_had) return std::nullopt;
    std::optional<JobRunRecord> claimed;
    store_.Write([&](Connection& connection) {
        claimed = ClaimWithin(connection, number, owner, max_active);
    });
    return claimed;
}

std::optional<JobRunRecord> JobLog::ClaimWithin(Connection& connection, int64_t number,
                                                const std::string& owner, size_t max_active) {
    const ProcessIdentity self = ProcessIdentity::OfThis();
    const TimestampUs now = clock_.Now();
    if (!IsClaimable(connection, number, max_active, now)) return std::nullopt;
    connection.Execute(
        "UPDATE job_runs SET state = 'running', started_us = coalesce(started_us, ?2), owner = ?3, "
        "host = ?4, process = ?5, process_started = ?6, lease_until_us = ?7 WHERE number = ?1",
        {number, ToUnixUs(now), owner, self.host, self.process, self.started,
         ToUnixUs(now + kLeaseTime)});
    return SelectRun(connection, "WHERE number = ?1", {number});
}

bool JobLog::IsOwned(Connection& connection, int64_t number, const std::string& owner) {
    return !connection
                .Query(
                    "SELECT 1 FROM job_runs WHERE number = ?1 AND owner = ?2 AND state = "
                    "'running'",
                    {number, owner})
                .empty();
}

std::optional<JobRunRecord> JobLog::Renew(int64_t number, const std::string& owner) {
    std::optional<JobRunRecord> run;
    store_.Write([&](Connection& connection) {
        if (!IsOwned(connection, number, owner)) return;
        // Asked often; written only when a third of the lease is over.
        const TimestampUs now = clock_.Now();
        connection.Execute(
            "UPDATE job_runs SET lease_until_us = ?2 WHERE number = ?1 AND lease_until_us < ?3",
            {number, ToUnixUs(now + kLeaseTime), ToUnixUs(now + kLeaseTime * 2 / 3)});
        run = SelectRun(connection, "WHERE number = ?1", {number});
    });
    return run;
}

void JobLog::Release(int64_t number, const std::string& owner) {
    store_.Write([&](Connection& connection) {
        if (!IsOwned(connection, number, owner)) return;
        connection.Execute("UPDATE job_runs SET owner = '', lease_until_us = 0 WHERE number = ?1",
                           {number});
    });
}

bool JobLog::Finish(int64_t number, const std::string& owner, JobState state,
                    const std::string& error_message) {
    bool is_owned = false;
    store_.Write([&](Connection& connection) {
        is_owned = IsOwned(connection, number, owner);
        if (!is_owned) return;
        connection.Execute(
            "UPDATE job_runs SET state = ?2, finished_us = ?3, error_message = ?4, owner = '', "
            "lease_until_us = 0 WHERE number = ?1",
            {number, std::string(NameOf(state)), ToUnixUs(clock_.Now()),
             std::string(CutText(error_message, kMostMessageBytes))});
    });
    return is_owned;
}

bool JobLog::MarkLate(int64_t number) {
    bool is_first = false;
    store_.Write([&](Connection& connection) {
        is_first =
            connection.Execute("UPDATE job_runs SET is_late = 1 WHERE number = ?1 AND is_late = 0",
                               {number}) != 0;
    });
    return is_first;
}

bool JobLog::AskCancel(int64_t number) {
    bool is_open = false;
    store_.Write([&](Connection& connection) {
        const auto run = SelectRun(connection, "WHERE number = ?1", {number});
        is_open = run && !IsOver(run->state);
        if (!is_open) return;
        const TimestampUs now = clock_.Now();
        if (!IsFree(connection, number, now)) {
            connection.Execute("UPDATE job_runs SET cancel_asked = 1 WHERE number = ?1", {number});
            return;
        }
        connection.Execute(
            "UPDATE job_runs SET cancel_asked = 1, state = 'cancelled', finished_us = ?2, owner = "
            "'' WHERE number = ?1",
            {number, ToUnixUs(now)});
        connection.Execute(
            "UPDATE job_tasks SET state = 'cancelled', finished_us = ?2 WHERE run_number = ?1 AND "
            "state IN ('waiting', 'running', 'retrying')",
            {number, ToUnixUs(now)});
    });
    return is_open;
}

bool JobLog::AddTasks(int64_t number, const std::string& owner,
                      const std::vector<JobTaskRecord>& tasks) {
    bool is_owned = false;
    store_.Write([&](Connection& connection) {
        is_owned = IsOwned(connection, number, owner);
        for (size_t i = 0; is_owned && i < tasks.size(); ++i) {
            const bool is_there = !connection
                                       .Query(
                                           "SELECT 1 FROM job_tasks WHERE run_number = ?1 AND "
                                           "task = ?2",
                                           {number, tasks[i].task})
                                       .empty();
            if (is_there) continue;
            connection.Execute(fmt::format("INSERT INTO job_tasks (run_number, {}) VALUES (?1, ?2, "
                                           "?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
                                           kTaskColumns),
                               CellsOf(tasks[i], number));
        }
    });
    return is_owned;
}

bool JobLog::PutTask(int64_t number, const std::string& owner, const JobTaskRecord& task) {
    bool is_owned = false;
    store_.Write([&](Connection& connection) {
        is_owned = IsOwned(connection, number, owner);
        if (is_owned) UpdateTask(connection, number, task);
    });
    return is_owned;
}

JobLog::Start JobLog::StartTask(int64_t number, const std::string& owner, const JobTaskRecord& task,
                                int64_t capacity) {
    Start start = Start::kLost;
    store_.Write([&](Connection& connection) {
        if (!IsOwned(connection, number, owner)) return;
        const auto used = connection.Query(
            "SELECT coalesce(sum(job_tasks.slots), 0) FROM job_tasks JOIN job_runs ON "
            "job_runs.number = job_tasks.run_number WHERE job_tasks.pool = ?1 AND job_tasks.state "
            "= 'running' AND job_runs.state = 'running' AND NOT (job_tasks.run_number = ?2 AND "
            "job_tasks.task = ?3)",
            {task.pool, number, task.task});
        start = Start::kPoolIsFull;
        if (!task.pool.empty() && IntOf(used.at(0).at(0)) + task.slots > capacity) return;
        start = Start::kStarted;
        UpdateTask(connection, number, task);
    });
    return start;
}

std::unique_ptr<table::RowSource> JobLog::OpenRuns() { return OpenJobRunRows(store_); }
std::unique_ptr<table::RowSource> JobLog::OpenTasks() { return OpenJobTaskRows(store_); }

}  // namespace tarn::catalog
