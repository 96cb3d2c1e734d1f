#include "catalog/run_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/error.h"
#include "catalog/scratch_folder.h"
#include "catalog/sqlite_store.h"

namespace tarn::catalog {
namespace {

class RunLogTest : public testing::Test {
protected:
    RunRecord Done(const std::string& node, RunState state = RunState::kSucceeded) {
        RunRecord run = log_.Start({.node = node});
        run.state = state;
        log_.Finish(run);
        return run;
    }

    ScratchFolder folder_;
    ManualClock clock_{TimestampUs(std::chrono::hours(24 * 365 * 56))};
    SeededRandom random_{7};
    SqliteStore store_{folder_.path() + "/.tarn/catalog.db", Migrations(), clock_, random_};
    RunLog log_{store_, clock_, random_, 10};
};

TEST_F(RunLogTest, ReadingAnEmptyLogMakesNothing) {
    EXPECT_TRUE(log_.Runs({}).empty());
    EXPECT_FALSE(log_.Find(1).has_value());
    EXPECT_TRUE(log_.Unfinished("x").empty());
    ArrowArray batch;
    EXPECT_FALSE(log_.OpenRuns()->Next(&batch));
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(RunLogTest, ARunIsWrittenBeforeItsWorkAndFinishedAfterIt) {
    RunRecord run = log_.Start({.build_id = "b1",
                                .node = "silver.flights",
                                .kind = RunKind::kModel,
                                .idempotency_key = "key",
                                .source_versions = {{"bronze.flights", 4}},
                                .target = "silver.flights"});
    EXPECT_GT(run.number, 0);
    EXPECT_FALSE(run.run_id.empty());
    ASSERT_EQ(log_.Unfinished("silver.flights").size(), 1U);
    EXPECT_EQ(log_.Unfinished("silver.flights")[0].source_versions.at("bronze.flights"), 4);
    clock_.Advance(std::chrono::seconds(5));
    run.state = RunState::kSucceeded;
    run.target_version = 9;
    run.rows_in = 10;
    run.rows_written = 6;
    run.rows_dropped = 1;
    run.rows_quarantined = 2;
    run.rows_duplicate = 1;
    run.refresh = "full: it is new";
    log_.Finish(run);
    EXPECT_TRUE(log_.Unfinished("silver.flights").empty());
    const RunRecord found = log_.Find(run.number).value();
    EXPECT_EQ(found.state, RunState::kSucceeded);
    EXPECT_EQ(found.target_version, 9);
    EXPECT_EQ(found.rows_quarantined, 2);
    EXPECT_EQ(found.refresh, "full: it is new");
    EXPECT_EQ(*found.finished - found.started, std::chrono::seconds(5));
    EXPECT_EQ(found.build_id, "b1");
    EXPECT_EQ(found.run_id, run.run_id);
}

TEST_F(RunLogTest, FinishRefusesWhatCannotBe) {
    RunRecord run = log_.Start({.node = "n"});
    EXPECT_THROW(log_.Finish(run), Error);
    run.number = 999;
    run.state = RunState::kFailed;
    try {
        log_.Finish(run);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
    }
}

TEST_F(RunLogTest, RunsAreFoundByWhatTheyAre) {
    Done("a");
    Done("a", RunState::kFailed);
    Done("b");
    log_.Record({.build_id = "x", .node = "c", .state = RunState::kSkipped});
    EXPECT_EQ(log_.Runs({}).size(), 4U);
    EXPECT_EQ(log_.Runs({}).front().node, "c");
    EXPECT_EQ(log_.Runs({.node = "a"}).size(), 2U);
    EXPECT_EQ(log_.Runs({.node = "a", .state = RunState::kSucceeded}).size(), 1U);
    EXPECT_EQ(log_.Runs({.build_id = "x"}).front().state, RunState::kSkipped);
    EXPECT_TRUE(log_.Runs({.build_id = "x"}).front().finished.has_value());
    EXPECT_EQ(log_.Runs({.limit = 2}).size(), 2U);
}

TEST_F(RunLogTest, RetentionKeepsTheLastSuccessOfEachNode) {
    const RunRecord oldest = Done("a");
    const RunRecord success = Done("a");
    const RunRecord failure = Done("a", RunState::kFailed);
    log_.AppendQuality({{.run_number = oldest.number, .node = "a", .rule = "r"}});
    clock_.Advance(std::chrono::hours(24 * 11));
    Done("b");
    EXPECT_FALSE(log_.Find(oldest.number).has_value());
    EXPECT_TRUE(log_.Quality(oldest.number).empty());
    EXPECT_TRUE(log_.Find(success.number).has_value());
    EXPECT_FALSE(log_.Find(failure.number).has_value());
    // A number is never given twice: it is a transaction's version.
    EXPECT_GT(Done("a").number, failure.number);
}

TEST_F(RunLogTest, QualityBelongsToARunAndItsSampleIsBounded) {
    const RunRecord run = log_.Start({.node = "n"});
    std::string sample;
    while (sample.size() < 2 * RunLog::kMaxSampleBytes) sample += "é";
    log_.AppendQuality({{.run_number = run.number,
                         .node = "n",
                         .rule = "positive",
                         .action = "warn",
                         .severity = "warning",
                         .rows_checked = 5,
                         .rows_failed = 2,
                         .passed = false,
                         .sample = sample}});
    const auto checks = log_.Quality(run.number);
    ASSERT_EQ(checks.size(), 1U);
    EXPECT_FALSE(checks[0].passed);
    EXPECT_EQ(checks[0].rows_failed, 2);
    EXPECT_LE(checks[0].sample.size(), RunLog::kMaxSampleBytes);
    EXPECT_EQ(checks[0].sample.size() % 2, 0U);
    EXPECT_THROW(log_.AppendQuality({{.run_number = 77}}), Error);
}

TEST_F(RunLogTest, OpsRunsGivesEveryRowAsArrow) {
    Done("first");
    store_.Write([](Connection& connection) {
        for (int i = 0; i < 2099; ++i) {
            connection.Execute(
                "INSERT INTO runs SELECT number + 1, run_id || number, build_id, node, kind, state,"
                " started_us, finished_us, idempotency_key, source_versions, target,"
                " target_version, rows_in, rows_written, rows_dropped, rows_quarantined,"
                " rows_duplicate, files_written, bytes_written, error_kind, error_message,"
                " job_run_id, written_by, lag_us, service_level_met, refresh FROM runs ORDER BY "
                "number DESC LIMIT 1");
        }
    });
    log_.Start({.node = "open"});
    const auto rows = log_.OpenRuns();
    ArrowSchema schema;
    rows->GetSchema(&schema);
    ASSERT_EQ(schema.n_children, 26);
    EXPECT_STREQ(schema.children[0]->name, "run_number");
    EXPECT_STREQ(schema.children[6]->format, "tsu:UTC");
    ArrowSchemaRelease(&schema);
    int64_t count = 0;
    int64_t nulls = 0;
    ArrowArray batch;
    while (rows->Next(&batch)) {
        EXPECT_EQ(batch.n_children, 26);
        count += batch.length;
        nulls += batch.children[7]->null_count;
        ArrowArrayRelease(&batch);
    }
    EXPECT_EQ(count, 2101);
    EXPECT_EQ(nulls, 1);
}

TEST_F(RunLogTest, ACheckSaysWhatItJudgedAndMeasured) {
    const RunRecord run = log_.Start({.node = "n"});
    log_.AppendQuality({{.run_number = run.number,
                         .node = "silver.t",
                         .rule = "r",
                         .rows_checked = std::nullopt,
                         .table = "silver.t",
                         .column = "c",
                         .threshold = "<= 5",
                         .value = 0.1,
                         .measure = "m",
                         .versions = {{"silver.t", 3}}}});
    const QualityRecord check = log_.Quality(run.number).at(0);
    EXPECT_FALSE(check.rows_checked.has_value());
    EXPECT_EQ(check.table + check.column + check.threshold, "silver.tc<= 5");
    EXPECT_EQ(check.value, 0.1);
    EXPECT_EQ(check.versions.at("silver.t"), 3);
}

TEST_F(RunLogTest, MeasuredValuesAreThoseOfOneNodeAndMeasure) {
    const RunRecord run = log_.Start({.node = "n"});
    const auto add = [&](const char* node, const char* measure, std::optional<double> value) {
        log_.AppendQuality(
            {{.run_number = run.number, .node = node, .value = value, .measure = measure}});
        clock_.Advance(std::chrono::hours(1));
    };
    const TimestampUs begun = clock_.Now();
    add("a", "m", 1.5);
    add("a", "other", 2);
    add("b", "m", 3);
    add("a", "m", std::nullopt);
    add("a", "m", -4e20);
    const auto values = log_.QualityValues("a", "m", begun);
    ASSERT_EQ(values.size(), 2U);
    EXPECT_EQ(values[0].value, -4e20);
    EXPECT_EQ(values[1].value, 1.5);
    EXPECT_EQ(values[1].at, begun);
    EXPECT_EQ(log_.QualityValues("a", "m", begun + std::chrono::hours(1)).size(), 1U);
}

TEST_F(RunLogTest, RunsAreFoundByWhatTheyWrote) {
    Done("a");
    RunRecord run = log_.Start({.node = "ingest:s.bronze.t", .target = "bronze.t"});
    EXPECT_EQ(log_.Runs({.target = "bronze.t"}).at(0).number, run.number);
    EXPECT_TRUE(log_.Runs({.target = "bronze.u"}).empty());
}

TEST_F(RunLogTest, RunsOfATaskKnowTheRunOfItsJob) {
    Done("alone");
    log_.BelongTo("the-run");
    Done("within");
    std::vector<std::string> owners;
    store_.Read([&](Connection& connection) {
        for (const Cells& row : connection.Query("SELECT job_run_id FROM runs ORDER BY number"))
            owners.push_back(TextOf(row.at(0)));
    });
    EXPECT_THAT(owners, testing::ElementsAre("", "the-run"));
}

TEST_F(RunLogTest, OpsQualityGivesBooleans) {
    const RunRecord run = log_.Start({.node = "n"});
    log_.AppendQuality({{.run_number = run.number, .rule = "a", .passed = true},
                        {.run_number = run.number, .rule = "b", .passed = false}});
    const auto rows = log_.OpenQuality();
    ArrowArray batch;
    ASSERT_TRUE(rows->Next(&batch));
    ASSERT_EQ(batch.length, 2);
    const auto* bits = static_cast<const uint8_t*>(batch.children[7]->buffers[1]);
    EXPECT_EQ(bits[0] & 3, 1);
    ArrowArrayRelease(&batch);
    EXPECT_FALSE(rows->Next(&batch));
}

}  // namespace
}  // namespace tarn::catalog
