#include "pipeline/job_scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/migrations.h"
#include "catalog/scratch_folder.h"
#include "catalog/sqlite_store.h"
#include "pipeline/job_request.h"
#include "pipeline/job_yaml.h"

namespace tarn::pipeline {
namespace {

using catalog::JobState;
using catalog::TaskState;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

// Tasks that take the clock's time and end as they are told, known by their command.
class FakeTasks final : public TaskRunner {
public:
    explicit FakeTasks(Clock& clock) : clock_(clock) {}

    int64_t Start(TaskStart start) override {
        const std::string name = start.program.arguments.at(0);
        started.push_back(name);
        environments.push_back(start.environment);
        int code = 0;
        if (auto& codes = exits[name]; !codes.empty()) {
            code = codes.front();
            codes.erase(codes.begin());
        }
        start.take(lines.contains(name) ? lines[name] : "line of " + name);
        const DurationUs takes = durations.contains(name) ? durations[name] : seconds(1);
        running_[++last_] = {clock_.Now() + takes, code};
        return last_;
    }
    std::optional<TaskEnd> TakeEnd(int64_t handle) override {
        const auto found = running_.find(handle);
        if (found == running_.end() || clock_.Now() < found->second.first) return std::nullopt;
        const TaskEnd end{found->second.second};
        running_.erase(found);
        return end;
    }
    void Cancel(int64_t handle) override {
        ++cancelled;
        running_[handle] = {clock_.Now(), 143};
    }
    size_t Running() const override { return running_.size(); }

    std::vector<std::string> started;
    std::vector<std::map<std::string, std::string>> environments;
    std::map<std::string, std::vector<int>> exits;  // of its attempts, then 0
    std::map<std::string, DurationUs> durations;
    std::map<std::string, std::string> lines;
    int cancelled = 0;

private:
    Clock& clock_;
    int64_t last_ = 0;
    std::map<int64_t, std::pair<TimestampUs, int>> running_;
};

class FakeWorld final : public SensorWorld {
public:
    std::optional<int64_t> TableVersion(const std::string& table) override {
        if (!versions.contains(table)) return std::nullopt;
        return versions[table];
    }
    std::optional<TimestampUs> TableTime(const std::string& table, const std::string&) override {
        if (!times.contains(table)) return std::nullopt;
        return times[table];
    }
    std::vector<SeenFile> Files(const std::string&) override { return files; }

    std::map<std::string, int64_t> versions;
    std::map<std::string, TimestampUs> times;
    std::vector<SeenFile> files;
};

class FakeWire final : public AlertWire {
public:
    void Webhook(const std::string& url, const std::vector<std::pair<std::string, std::string>>&,
                 const std::string& body) override {
        ++tries;
        if (failures-- > 0) throw Error(ErrorKind::kUnavailable, "nobody is there");
        sent.push_back(url + " " + body);
    }
    void Mail(const MailServer& server, const std::vector<std::string>& to,
              const std::string& subject, const std::string& text) override {
        sent.push_back(server.password + " " + to.at(0) + " " + subject + "\n" + text);
    }
    void Command(const std::string& command, const std::string&) override {
        sent.push_back(command);
    }
    std::vector<std::string> sent;
    int tries = 0;
    int failures = 0;
};

class AtOnce final : public Executor {
public:
    void Run(std::function<void()> work) override { work(); }
};

class Notes final : public JobObserver {
public:
    void OnLine(const std::string&, const std::string& task, std::string_view line) override {
        lines.push_back(task + ": " + std::string(line));
    }
    void OnEvent(const std::string& line) override { events.push_back(line); }
    std::vector<std::string> lines;
    std::vector<std::string> events;
};

class JobSchedulerTest : public testing::Test {
protected:
    // One process: its tasks and its scheduler, over the lake's one store.
    struct Process {
        explicit Process(JobSchedulerTest& test)
            : tasks(test.clock_),
              scheduler([&test] { return ParseJobs({{"jobs/a.yml", test.yaml_}}); },
                        {test.log_, tasks, test.world_, test.alerts_, test.clock_, test.random_,
                         test.notes_, [](const std::string& name) -> std::optional<std::string> {
                             if (name == "TOKEN") return "s3cret";
                             return std::nullopt;
                         }}) {}
        FakeTasks tasks;
        JobScheduler scheduler;
    };

    // Time passes, and all look at it.
    void Pass(DurationUs time, std::vector<Process*> processes = {}) {
        if (processes.empty()) processes = {&one_};
        if (time > hours(12)) {  // most of it at once, after a look at the jobs
            for (Process* process : processes) process->scheduler.Tick();
            const DurationUs jump = std::chrono::floor<hours>(time) - seconds(1);
            clock_.Advance(jump);
            time -= jump;
        }
        for (DurationUs passed{}; passed < time; passed += seconds(1)) {
            clock_.Advance(seconds(1));
            for (Process* process : processes) process->scheduler.Tick();
        }
    }
    std::vector<std::string> Runs(const std::string& job = "") {
        std::vector<std::string> runs;
        for (const auto& run : log_.Runs({.job = job})) {
            runs.push_back(run.job + " " + FormatTimestamp(run.scheduled).substr(5, 11) + " " +
                           std::string(NameOf(run.state)));
        }
        std::reverse(runs.begin(), runs.end());
        return runs;
    }
    std::vector<std::string> Tasks(int64_t run) {
        std::vector<std::string> tasks;
        for (const auto& task : log_.Tasks(run))
            tasks.push_back(fmt::format("{} {} {}", task.task, NameOf(task.state), task.attempt));
        return tasks;
    }

    catalog::ScratchFolder folder_;
    ManualClock clock_{std::chrono::sys_days(std::chrono::year(2026) / 3 / 2)};
    SeededRandom random_{11};
    catalog::SqliteStore store_{folder_.path() + "/.tarn/catalog.db", catalog::Migrations(), clock_,
                                random_};
    catalog::JobLog log_{store_, clock_, random_, 10};
    FakeWorld world_;
    FakeWire wire_;
    AtOnce executor_;
    Notes notes_;
    JobAlerts alerts_{"lake", wire_, executor_, clock_, notes_};
    std::string yaml_;
    Process one_{*this};
    Process two_{*this};
};

TEST_F(JobSchedulerTest, AJobRunsAtEachOfItsTimesInTheOrderOfItsTasks) {
    yaml_ = R"(jobs:
  - name: a
    schedule: {every: 10 minutes}
    env: {WHO: "{{ job.name }}"}
    tasks:
      - {name: last, command: [c], depends_on: [second, first]}
      - {name: first, command: [a]}
      - name: second
        command: ["b {{ run.interval_start[11:16] }}-{{ run.interval_end[11:16] }}"]
        depends_on: first
)";
    Pass(minutes(9));
    EXPECT_THAT(Runs(), IsEmpty());
    Pass(minutes(12));
    EXPECT_THAT(Runs(), ElementsAre("a 03-02T00:10 succeeded", "a 03-02T00:20 succeeded"));
    EXPECT_THAT(one_.tasks.started,
                ElementsAre("a", "b 00:00-00:10", "c", "a", "b 00:10-00:20", "c"));
    EXPECT_EQ(one_.tasks.environments[0].at("WHO"), "a");
    EXPECT_EQ(one_.tasks.environments[0].at("TARN_JOB_RUN"), log_.Find("1")->run_id);
    EXPECT_THAT(Tasks(1),
                ElementsAre("first succeeded 1", "second succeeded 1", "last succeeded 1"));
}

TEST_F(JobSchedulerTest, TwoSchedulersRunEachTimeOnce) {
    yaml_ = R"(jobs:
  - {name: a, schedule: {every: 1 minute}, tasks: [{name: t, command: [a]}]}
  - {name: b, schedule: {every: 1 minute}, tasks: [{name: t, command: [b]}]}
)";
    Pass(minutes(30) + seconds(30), {&one_, &two_});
    EXPECT_THAT(Runs("a"), SizeIs(30));
    EXPECT_THAT(Runs("b"), SizeIs(30));
    EXPECT_EQ(one_.tasks.started.size() + two_.tasks.started.size(), 60U);
}

TEST_F(JobSchedulerTest, AFailedTaskIsTriedAgainLaterAndLater) {
    yaml_ = R"(jobs:
  - name: a
    schedule: {every: 1 day}
    retries: {count: 2, delay: 10s, factor: 3, jitter: 0.5}
    tasks:
      - {name: t, command: [a]}
      - {name: u, command: [b], depends_on: t}
    alerts:
      - {on: [retry, failure], webhook: "http://x", }
)";
    one_.tasks.exits["a"] = {3, 3, 3};
    Pass(hours(24) + seconds(5));
    EXPECT_THAT(Tasks(1), ElementsAre("t retrying 1", "u waiting 0"));
    const auto first = log_.Tasks(1).at(0);
    EXPECT_GE(*first.not_before - *first.finished, seconds(5));
    EXPECT_LE(*first.not_before - *first.finished, seconds(15));
    EXPECT_EQ(first.exit_code, 3);
    EXPECT_THAT(first.error_message, HasSubstr("line of a"));
    Pass(seconds(16));
    EXPECT_THAT(Tasks(1), ElementsAre("t retrying 2", "u waiting 0"));
    const auto second = log_.Tasks(1).at(0);
    EXPECT_GE(*second.not_before - *second.finished, seconds(15));
    EXPECT_LE(*second.not_before - *second.finished, seconds(45));
    Pass(minutes(2));
    EXPECT_THAT(Tasks(1), ElementsAre("t failed 3", "u skipped 0"));
    EXPECT_THAT(Runs(), ElementsAre("a 03-03T00:00 failed"));
    ASSERT_THAT(wire_.sent, SizeIs(3));
    EXPECT_THAT(wire_.sent[0], HasSubstr("\"event\":\"retry\""));
    EXPECT_THAT(wire_.sent[2], HasSubstr("\"event\":\"failure\""));
    EXPECT_THAT(log_.Find("1")->error_message, HasSubstr("task t: exit code 3"));
}

TEST_F(JobSchedulerTest, ARetryThatSucceedsIsASuccess) {
    yaml_ = R"(jobs:
  - name: a
    schedule: {every: 1 day}
    tasks: [{name: t, command: [a], retries: 1}]
    alerts: [{on: [success, failure], command: "say {{ alert.event }}"}]
)";
    one_.tasks.exits["a"] = {1};
    Pass(hours(24) + minutes(2));
    EXPECT_THAT(Tasks(1), ElementsAre("t succeeded 2"));
    EXPECT_THAT(wire_.sent, ElementsAre("say success"));
}

TEST_F(JobSchedulerTest, RunConditionsSayWhatHasToHaveHappened) {
    yaml_ = R"(jobs:
  - name: a
    schedule: {every: 1 day}
    tasks:
      - {name: bad, command: [bad]}
      - {name: after, command: [after], depends_on: bad}
      - {name: tidy, command: [tidy], depends_on: [bad, after], run_if: all_done}
      - {name: undo, command: [undo], depends_on: bad, run_if: on_failure}
      - {name: tell, command: [tell], run_if: on_failure}
  - name: b
    schedule: {every: 1 day}
    tasks:
      - {name: good, command: [good]}
      - {name: undo, command: [never], depends_on: good, run_if: on_failure}
      - {name: tell, command: [never], run_if: on_failure}
)";
    one_.tasks.exits["bad"] = {1};
    Pass(hours(24) + seconds(30));
    EXPECT_THAT(Tasks(1), ElementsAre("bad failed 1", "after skipped 0", "tidy succeeded 1",
                                      "undo succeeded 1", "tell succeeded 1"));
    EXPECT_THAT(Tasks(2), ElementsAre("good succeeded 1", "undo skipped 0", "tell skipped 0"));
    EXPECT_THAT(Runs(), ElementsAre("a 03-03T00:00 failed", "b 03-03T00:00 succeeded"));
}

TEST_F(JobSchedulerTest, AnotherProcessGoesOnWhereOneStoodStill) {
    yaml_ = R"(jobs:
  - name: a
    schedule: {every: 1 day}
    tasks:
      - {name: done, command: [done]}
      - {name: long, command: [long], depends_on: done}
)";
    one_.tasks.durations["long"] = hours(1);
    Pass(hours(24) + seconds(10));
    EXPECT_THAT(Tasks(1), ElementsAre("done succeeded 1", "long running 1"));
    // The first one looks no more.
    Pass(seconds(15), {&two_});
    EXPECT_THAT(two_.tasks.started, IsEmpty());
    Pass(seconds(25), {&two_});
    EXPECT_THAT(two_.tasks.started, ElementsAre("long"));
    EXPECT_THAT(Tasks(1), ElementsAre("done succeeded 1", "long succeeded 1"));
    EXPECT_THAT(Runs(), ElementsAre("a 03-03T00:00 succeeded"));
    // When it looks again it sees that it has lost the run, and ends what it has.
    Pass(seconds(5));
    EXPECT_EQ(one_.tasks.cancelled, 1);
    EXPECT_TRUE(one_.scheduler.IsIdle());
    EXPECT_THAT(Tasks(1), ElementsAre("done succeeded 1", "long succeeded 1"));
}

TEST_F(JobSchedulerTest, AServerThatEndsGivesItsRunsBack) {
    yaml_ = "jobs: [{name: a, schedule: {every: 1 day}, tasks: [{name: t, command: [a]}]}]";
    one_.tasks.durations["a"] = hours(1);
    Pass(hours(24) + seconds(5));
    one_.scheduler.End();
    one_.scheduler.Tick();
    one_.scheduler.Tick();
    EXPECT_TRUE(one_.scheduler.IsIdle());
    EXPECT_THAT(Tasks(1), ElementsAre("t waiting 0"));
    Pass(seconds(5), {&two_});
    EXPECT_THAT(Tasks(1), ElementsAre("t succeeded 1"));
}

TEST_F(JobSchedulerTest, ACancelledRunEndsItsTasks) {
    yaml_ = R"(jobs:
  - name: a
    schedule: {every: 1 day}
    retries: 5
    tasks: [{name: t, command: [a]}, {name: u, command: [b], depends_on: t}]
    alerts: [{on: [failure, success], command: never}]
)";
    one_.tasks.durations["a"] = hours(1);
    Pass(hours(24) + seconds(5));
    EXPECT_TRUE(log_.AskCancel(1));
    Pass(seconds(5));
    EXPECT_EQ(one_.tasks.cancelled, 1);
    EXPECT_THAT(Tasks(1), ElementsAre("t cancelled 1", "u cancelled 0"));
    EXPECT_THAT(Runs(), ElementsAre("a 03-03T00:00 cancelled"));
    EXPECT_THAT(wire_.sent, IsEmpty());
}

TEST_F(JobSchedulerTest, TimeoutsOfTasksAndRunsEndThem) {
    yaml_ = R"(jobs:
  - name: a
    schedule: {every: 1 day}
    tasks: [{name: t, command: [a], timeout: 1 minute, retries: {count: 1, delay: 1s}}]
  - name: b
    schedule: {every: 1 day}
    timeout: 2 minutes
    tasks: [{name: t, command: [a], retries: 3}, {name: u, command: [b], depends_on: t}]
)";
    one_.tasks.durations["a"] = hours(1);
    Pass(hours(24) + minutes(5));
    EXPECT_THAT(Tasks(1), ElementsAre("t failed 2"));
    EXPECT_EQ(log_.Tasks(1).at(0).error_kind, "Timeout");
    EXPECT_THAT(Tasks(2), ElementsAre("t failed 1", "u cancelled 0"));
    EXPECT_THAT(Runs("b"), ElementsAre("b 03-03T00:00 failed"));
}

TEST_F(JobSchedulerTest, TasksOfAllJobsShareAPool) {
    yaml_ = R"(jobs:
  - name: a
    schedule: {every: 1 day}
    tasks: [{name: t, command: [a], pool: p}, {name: u, command: [a], pool: p}]
  - name: b
    schedule: {every: 1 day}
    tasks: [{name: t, command: [a], pool: p}, {name: free, command: [b]}]
pools: [{name: p, slots: 1}]
)";
    one_.tasks.durations["a"] = seconds(10);
    Pass(hours(24) + seconds(5), {&one_, &two_});
    const auto count = [&] { return one_.tasks.started.size() + two_.tasks.started.size(); };
    EXPECT_EQ(count(), 2U);  // one of the pool, and the free one
    Pass(seconds(12), {&one_, &two_});
    EXPECT_EQ(count(), 3U);
    Pass(seconds(30), {&one_, &two_});
    EXPECT_EQ(count(), 4U);
    EXPECT_THAT(Runs(), Each(HasSubstr("succeeded")));
}

TEST_F(JobSchedulerTest, FurtherRunsWaitForThoseThatRun) {
    yaml_ = "jobs: [{name: a, schedule: {every: 1 minute}, tasks: [{name: t, command: [a]}]}]";
    one_.tasks.durations["a"] = seconds(150);
    Pass(minutes(4));
    EXPECT_THAT(Runs(), ElementsAre("a 03-02T00:01 succeeded", "a 03-02T00:02 running",
                                    "a 03-02T00:03 queued", "a 03-02T00:04 queued"));
}

TEST_F(JobSchedulerTest, WhatHappensToTablesFilesAndJobsStartsRuns) {
    yaml_ = R"(jobs:
  - {name: changed, sensors: [{table_changed: s.t}], tasks: [{name: t, command: [a]}]}
  - name: arrived
    sensors: [{files: "in/*"}]
    tasks: [{name: t, command: ["{{ run.files | join(',') }}"]}]
  - {name: behind, after: changed, tasks: [{name: t, command: [b]}]}
)";
    world_.versions["s.t"] = 7;
    Pass(seconds(30));
    EXPECT_THAT(Runs(), IsEmpty());
    world_.versions["s.t"] = 8;
    Pass(seconds(30), {&one_, &two_});
    EXPECT_THAT(Runs("changed"), SizeIs(1));
    EXPECT_THAT(Runs("behind"), SizeIs(1));
    EXPECT_EQ(log_.Find("1")->reason, "s.t is at version 8");
    one_.tasks.started.clear();
    world_.files = {{"in/a", "1"}, {"in/b", "1"}};
    Pass(seconds(30));
    EXPECT_THAT(one_.tasks.started, ElementsAre("in/a,in/b"));
    world_.files = {{"in/b", "2"}, {"in/c", "1"}};
    Pass(seconds(30));
    EXPECT_THAT(one_.tasks.started, ElementsAre("in/a,in/b", "in/b,in/c"));
    world_.files.pop_back();
    Pass(seconds(30));
    EXPECT_THAT(Runs("arrived"), SizeIs(2));
    // A job that fails starts none that waits for its success.
    one_.tasks.exits["a"] = {1};
    world_.versions["s.t"] = 9;
    Pass(seconds(30));
    EXPECT_THAT(Runs("changed"), SizeIs(2));
    EXPECT_THAT(Runs("behind"), SizeIs(1));
}

TEST_F(JobSchedulerTest, SensorsHoldAScheduledRunBack) {
    yaml_ = R"(jobs:
  - name: a
    schedule: {every: 1 day}
    sensors: [{table_fresh: {table: s.t, within: 1 hour}}, {time: "02:00"}]
    tasks: [{name: t, command: [a]}]
)";
    Pass(hours(25));
    EXPECT_THAT(Runs(), ElementsAre("a 03-03T00:00 queued"));
    world_.times["s.t"] = clock_.Now() + minutes(50);
    Pass(minutes(50));
    EXPECT_THAT(Runs(), ElementsAre("a 03-03T00:00 queued"));
    Pass(minutes(20));
    EXPECT_THAT(Runs(), ElementsAre("a 03-03T00:00 succeeded"));
    // The next day the table is old.
    Pass(hours(24));
    EXPECT_THAT(Runs(), ElementsAre("a 03-03T00:00 succeeded", "a 03-04T00:00 queued"));
    Pass(hours(25));
    EXPECT_THAT(Runs(), Contains("a 03-04T00:00 failed"));
}

TEST_F(JobSchedulerTest, APausedJobStartsNothingUntilItIsResumed) {
    yaml_ = "jobs: [{name: a, schedule: {every: 1 hour}, tasks: [{name: t, command: [a]}]}]";
    Pass(seconds(5));
    log_.SetPaused("a", true, "mia");
    Pass(hours(3));
    EXPECT_THAT(Runs(), IsEmpty());
    log_.SetPaused("a", false, "mia");
    Pass(seconds(5));
    EXPECT_THAT(Runs(), ElementsAre("a 03-02T03:00 succeeded"));
}

TEST_F(JobSchedulerTest, ACatchUpOfAllBeginsAtTheStart) {
    yaml_ = R"(jobs:
  - name: a
    schedule: {every: 1 day}
    start: 2026-02-27
    catch_up: all
    catch_up_limit: 3
    tasks: [{name: t, command: ["{{ run.scheduled[:10] }}"]}]
)";
    Pass(seconds(20));
    EXPECT_THAT(one_.tasks.started, ElementsAre("2026-02-28", "2026-03-01", "2026-03-02"));
}

TEST_F(JobSchedulerTest, AMissedServiceLevelIsToldOnce) {
    yaml_ = R"(jobs:
  - name: a
    schedule: {every: 1 day}
    service_level: 1 minute
    tasks: [{name: t, command: [a]}]
    alerts: [{on: late, email: {to: x@y}}]
mail: {server: "smtp://h:1", from: a@b, password: "{{ env_var('TOKEN') }}"}
)";
    one_.tasks.durations["a"] = minutes(3);
    Pass(hours(24) + minutes(5), {&one_, &two_});
    ASSERT_THAT(wire_.sent, SizeIs(1));
    EXPECT_THAT(wire_.sent[0],
                HasSubstr("s3cret x@y [lake] job a, run 1 missed its service level"));
    EXPECT_TRUE(log_.Find("1")->is_late);
}

TEST_F(JobSchedulerTest, SecretsAreNeverShown) {
    yaml_ = R"(jobs:
  - name: a
    schedule: {every: 1 day}
    tasks: [{name: t, command: [a], env: {TOKEN: "{{ env_var('TOKEN') }}"}}]
    alerts: [{on: failure, webhook: {url: "http://x/{{ env_var('TOKEN') }}"}}]
)";
    one_.tasks.lines["a"] = "the token is s3cret!";
    one_.tasks.exits["a"] = {1};
    Pass(hours(24) + seconds(5));
    EXPECT_EQ(one_.tasks.environments.at(0).at("TOKEN"), "s3cret");
    EXPECT_THAT(notes_.lines, ElementsAre("t: the token is ***!"));
    EXPECT_THAT(notes_.events, Each(Not(HasSubstr("s3cret"))));
    const auto task = log_.Tasks(1).at(0);
    EXPECT_THAT(task.output + task.error_message, Not(HasSubstr("s3cret")));
    ASSERT_THAT(wire_.sent, SizeIs(1));
    EXPECT_THAT(wire_.sent[0], HasSubstr("http://x/s3cret {"));
    EXPECT_THAT(wire_.sent[0].substr(20), Not(HasSubstr("s3cret")));
}

TEST_F(JobSchedulerTest, AnAlertIsTriedAgainAndThenToldOf) {
    yaml_ = R"(jobs:
  - name: a
    schedule: {every: 1 day}
    tasks: [{name: t, command: [a]}]
    alerts: [{on: success, webhook: "http://x"}]
)";
    wire_.failures = 2;
    Pass(hours(24) + seconds(5));
    EXPECT_THAT(wire_.sent, SizeIs(1));
    EXPECT_EQ(wire_.tries, 3);
    wire_.failures = 9;
    Pass(hours(24) + seconds(30));
    EXPECT_EQ(wire_.tries, 6);
    EXPECT_THAT(notes_.events, Contains(HasSubstr("the alert by webhook was not sent")));
    EXPECT_THAT(Runs(), Each(HasSubstr("succeeded")));
}

TEST_F(JobSchedulerTest, ATemplateThatCannotBeFilledFailsItsTask) {
    yaml_ = R"(jobs:
  - name: a
    schedule: {every: 1 day}
    retries: 3
    tasks: [{name: t, command: ["{{ env_var('NO_SUCH') }}"]}]
)";
    Pass(hours(24) + seconds(5));
    EXPECT_THAT(Tasks(1), ElementsAre("t failed 1"));
    EXPECT_EQ(log_.Tasks(1).at(0).error_kind, "InvalidInput");
}

TEST_F(JobSchedulerTest, AMistakeInYamlLeavesTheJobsThatWere) {
    yaml_ = "jobs: [{name: a, schedule: {every: 1 minute}, tasks: [{name: t, command: [a]}]}]";
    Pass(seconds(70));
    const std::string good = std::exchange(yaml_, "jobs: [{nam: a}]");
    Pass(seconds(60));
    EXPECT_THAT(Runs(), SizeIs(2));
    size_t told = 0;
    for (const auto& line : notes_.events) told += line.find("jobs/a.yml:1:9") != line.npos ? 1 : 0;
    EXPECT_EQ(told, 1U);
    yaml_ = "jobs: []";
    Pass(seconds(120));
    EXPECT_THAT(Runs(), SizeIs(2));
}

TEST_F(JobSchedulerTest, ARunThatSomebodyAskedForGoesOnWhereItWasCutOff) {
    const JobBook book = ParseJobs({{"jobs/a.yml", R"(jobs:
  - {name: a, parameters: {day: x}, tasks: [{name: t, command: [a]}]}
)"}});
    const Job& job = book.jobs[0];
    const auto first = ClaimRequested(job, {}, log_, "one", clock_.Now());
    EXPECT_EQ(first.state, JobState::kRunning);
    EXPECT_EQ(first.trigger, catalog::JobTrigger::kManual);
    // Another one runs: this one may not.
    EXPECT_THROW(ClaimRequested(job, {}, log_, "two", clock_.Now()), Error);
    EXPECT_THAT(log_.Runs({}), SizeIs(1));
    clock_.Advance(minutes(1));
    const auto again = ClaimRequested(job, {}, log_, "two", clock_.Now());
    EXPECT_EQ(again.number, first.number);
    log_.Finish(again.number, "two", JobState::kFailed, "");
    const auto other = ClaimRequested(job, {{{"day", "y"}}}, log_, "two", clock_.Now());
    EXPECT_NE(other.number, first.number);
    EXPECT_EQ(other.parameters, "{\"day\":\"y\"}");
    try {
        ClaimRequested(job, {{{"dya", "y"}}}, log_, "two", clock_.Now());
        FAIL() << "it was taken";
    } catch (const Error& error) {
        EXPECT_THAT(error.message(), HasSubstr("did you mean `day`?"));
    }
}

}  // namespace
}  // namespace tarn::pipeline
