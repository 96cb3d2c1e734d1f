#include "catalog/job_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "catalog/migrations.h"
#include "catalog/scratch_folder.h"
#include "catalog/sqlite_store.h"

namespace tarn::catalog {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

class JobLogTest : public testing::Test {
protected:
    JobRunRecord Run(const std::string& job, TimestampUs at) {
        JobRunRecord run;
        run.job = job;
        run.scheduled = at;
        return run;
    }
    JobTaskRecord Task(const std::string& name, TaskState state = TaskState::kWaiting) {
        JobTaskRecord task;
        task.task = name;
        task.verb = "sql";
        task.state = state;
        return task;
    }

    ScratchFolder folder_;
    ManualClock clock_{TimestampUs(hours(24 * 365 * 56))};
    SeededRandom random_{7};
    SqliteStore store_{folder_.path() + "/.tarn/catalog.db", Migrations(), clock_, random_};
    JobLog log_{store_, clock_, random_, 10};
};

TEST_F(JobLogTest, ReadingAnEmptyLogMakesNothing) {
    EXPECT_TRUE(log_.Runs({}).empty());
    EXPECT_FALSE(log_.Find("1"));
    EXPECT_FALSE(log_.Memory("a"));
    EXPECT_TRUE(log_.Tasks(1).empty());
    ArrowArray batch;
    EXPECT_FALSE(log_.OpenRuns()->Next(&batch));
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(JobLogTest, OfTwoProcessesThatSawTheSameOneAddsTheRuns) {
    const JobMemory seen = log_.See("a");
    JobMemory now = seen;
    now.scheduled_until += hours(1);
    EXPECT_TRUE(log_.Advance(seen, now, {Run("a", now.scheduled_until)}));
    EXPECT_FALSE(log_.Advance(seen, now, {Run("a", now.scheduled_until)}));
    EXPECT_EQ(log_.Runs({.job = "a"}).size(), 1U);
    EXPECT_EQ(log_.See("a").scheduled_until, now.scheduled_until);
}

TEST_F(JobLogTest, AScheduledTimeHasOneRunWhoeverAddsIt) {
    const TimestampUs at = clock_.Now();
    log_.Add(Run("a", at));
    const JobMemory seen = log_.See("a");
    JobMemory now = seen;
    now.cursors["t"] = "7";
    EXPECT_TRUE(log_.Advance(seen, now, {Run("a", at)}));
    EXPECT_EQ(log_.Runs({}).size(), 1U);
    EXPECT_EQ(log_.Add(Run("a", at)).scheduled, at + DurationUs(1));
    EXPECT_EQ(log_.Add(Run("b", at)).scheduled, at);
    EXPECT_EQ(log_.See("a").cursors.at("t"), "7");
}

TEST_F(JobLogTest, ARunHasOneOwnerUntilItsLeaseIsOver) {
    const JobRunRecord run = log_.Add(Run("a", clock_.Now()));
    EXPECT_EQ(run.number, log_.Find(run.run_id)->number);
    const auto claimed = log_.Claim(run.number, "one", 1);
    ASSERT_TRUE(claimed);
    EXPECT_EQ(claimed->state, JobState::kRunning);
    EXPECT_FALSE(log_.Claim(run.number, "two", 1));
    clock_.Advance(seconds(20));
    ASSERT_TRUE(log_.Renew(run.number, "one"));
    clock_.Advance(seconds(20));
    EXPECT_FALSE(log_.Claim(run.number, "two", 1));
    clock_.Advance(seconds(20));
    ASSERT_TRUE(log_.Claim(run.number, "two", 1));
    // Who lost it changes nothing any more.
    EXPECT_FALSE(log_.Renew(run.number, "one"));
    EXPECT_FALSE(log_.Finish(run.number, "one", JobState::kFailed, ""));
    EXPECT_FALSE(log_.AddTasks(run.number, "one", {Task("t")}));
    EXPECT_EQ(log_.StartTask(run.number, "one", Task("t"), 1), JobLog::Start::kLost);
    EXPECT_EQ(log_.Find(run.run_id)->started, claimed->started);
    log_.Release(run.number, "two");
    ASSERT_TRUE(log_.Claim(run.number, "three", 1));
    EXPECT_TRUE(log_.Finish(run.number, "three", JobState::kSucceeded, ""));
    EXPECT_FALSE(log_.Claim(run.number, "three", 1));
    EXPECT_EQ(log_.LastSucceeded("a")->number, run.number);
}

TEST_F(JobLogTest, NoMoreRunsOfAJobRunThanItAllows) {
    const auto first = log_.Add(Run("a", clock_.Now()));
    const auto second = log_.Add(Run("a", clock_.Now()));
    const auto other = log_.Add(Run("b", clock_.Now()));
    EXPECT_TRUE(log_.Claim(first.number, "one", 1));
    EXPECT_FALSE(log_.Claim(second.number, "one", 1));
    EXPECT_TRUE(log_.Claim(other.number, "one", 1));
    EXPECT_TRUE(log_.Claim(second.number, "one", 2));
}

TEST_F(JobLogTest, APoolHasItsSlotsOverAllRuns) {
    const auto first = log_.Add(Run("a", clock_.Now()));
    const auto second = log_.Add(Run("b", clock_.Now()));
    for (const auto& run : {first, second}) {
        log_.Claim(run.number, "one", 1);
        ASSERT_TRUE(log_.AddTasks(run.number, "one", {Task("t"), Task("u")}));
    }
    JobTaskRecord task = Task("t", TaskState::kRunning);
    task.pool = "heavy";
    task.slots = 2;
    EXPECT_EQ(log_.StartTask(first.number, "one", task, 3), JobLog::Start::kStarted);
    EXPECT_EQ(log_.StartTask(first.number, "one", task, 3), JobLog::Start::kStarted);  // again
    EXPECT_EQ(log_.StartTask(second.number, "one", task, 3), JobLog::Start::kPoolIsFull);
    EXPECT_EQ(log_.StartTask(second.number, "one", task, 4), JobLog::Start::kStarted);
    task.state = TaskState::kSucceeded;
    EXPECT_TRUE(log_.PutTask(first.number, "one", task));
    EXPECT_EQ(log_.Tasks(first.number).at(0).state, TaskState::kSucceeded);
    EXPECT_EQ(log_.Tasks(first.number).at(1).state, TaskState::kWaiting);
}

TEST_F(JobLogTest, ATaskKeepsItsRowAndTheEndOfItsOutput) {
    const auto run = log_.Add(Run("a", clock_.Now()));
    log_.Claim(run.number, "one", 1);
    ASSERT_TRUE(log_.AddTasks(run.number, "one", {Task("t")}));
    JobTaskRecord task = Task("t", TaskState::kFailed);
    task.attempt = 3;
    task.exit_code = 7;
    task.error_kind = "Timeout";
    task.started = clock_.Now();
    for (int i = 0; i < 20'000; ++i) task.output += std::to_string(i) + "\n";
    ASSERT_TRUE(log_.PutTask(run.number, "one", task));
    ASSERT_TRUE(log_.AddTasks(run.number, "one", {Task("t")}));  // a resumed run
    const JobTaskRecord kept = log_.Tasks(run.number).at(0);
    EXPECT_EQ(kept.state, TaskState::kFailed);
    EXPECT_EQ(kept.attempt, 3);
    EXPECT_EQ(kept.exit_code, 7);
    EXPECT_EQ(kept.started, task.started);
    EXPECT_LE(kept.output.size(), JobLog::kMostOutputBytes);
    EXPECT_TRUE(kept.output.ends_with("\n19999\n"));
}

TEST_F(JobLogTest, ACancelledRunIsEndedByItsOwnerOrAtOnce) {
    const auto owned = log_.Add(Run("a", clock_.Now()));
    const auto waiting = log_.Add(Run("a", clock_.Now()));
    log_.Claim(owned.number, "one", 1);
    EXPECT_TRUE(log_.AskCancel(owned.number));
    EXPECT_TRUE(log_.Renew(owned.number, "one")->cancel_asked);
    EXPECT_EQ(log_.Find(owned.run_id)->state, JobState::kRunning);
    EXPECT_TRUE(log_.AskCancel(waiting.number));
    EXPECT_EQ(log_.Find(waiting.run_id)->state, JobState::kCancelled);
    EXPECT_FALSE(log_.AskCancel(waiting.number));
    // An owner that is gone.
    clock_.Advance(seconds(60));
    ASSERT_TRUE(log_.AskCancel(owned.number));
    EXPECT_EQ(log_.Find(owned.run_id)->state, JobState::kCancelled);
}

TEST_F(JobLogTest, APauseIsRememberedWithWhoMadeIt) {
    log_.SetPaused("a", true, "mia");
    EXPECT_TRUE(log_.See("a").is_paused);
    EXPECT_EQ(log_.See("a").paused_by, "mia");
    log_.SetPaused("a", false, "mia");
    EXPECT_FALSE(log_.See("a").is_paused);
}

TEST_F(JobLogTest, OldRunsGoButTheLastOfEachState) {
    const auto finish = [&](const JobRunRecord& run, JobState state) {
        log_.Claim(run.number, "one", 1);
        log_.Finish(run.number, "one", state, "");
    };
    const auto old = log_.Add(Run("a", clock_.Now()));
    finish(old, JobState::kSucceeded);
    const auto success = log_.Add(Run("a", clock_.Now()));
    finish(success, JobState::kSucceeded);
    clock_.Advance(hours(24 * 11));
    const auto last = log_.Add(Run("a", clock_.Now()));
    EXPECT_FALSE(log_.Find(old.run_id));
    EXPECT_TRUE(log_.Find(success.run_id));
    EXPECT_TRUE(log_.Find(last.run_id));
}

TEST_F(JobLogTest, RunsAndTasksAreReadAsArrow) {
    const auto run = log_.Add(Run("a", clock_.Now()));
    log_.Claim(run.number, "one", 1);
    log_.AddTasks(run.number, "one", {Task("t"), Task("u")});
    ArrowArray batch;
    const auto runs = log_.OpenRuns();
    ASSERT_TRUE(runs->Next(&batch));
    EXPECT_EQ(batch.length, 1);
    ArrowArrayRelease(&batch);
    const auto tasks = log_.OpenTasks();
    ASSERT_TRUE(tasks->Next(&batch));
    EXPECT_EQ(batch.length, 2);
    ArrowArrayRelease(&batch);
}

TEST_F(JobLogTest, ALateRunIsToldOnce) {
    const auto run = log_.Add(Run("a", clock_.Now()));
    EXPECT_TRUE(log_.MarkLate(run.number));
    EXPECT_FALSE(log_.MarkLate(run.number));
    EXPECT_TRUE(log_.Find(run.run_id)->is_late);
}

}  // namespace
}  // namespace tarn::catalog
