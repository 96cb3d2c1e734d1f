// Rows that were set aside: seen, judged once more, taken away.
#include "pipeline/quarantine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lake_fixture.h"

namespace tarn::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using Numbers = std::vector<int64_t>;

constexpr const char* kEventsSql =
    "select try_cast(id as integer) as id, amount, seq, id as raw from {{ stream(source('bronze', "
    "'events')) }}";
constexpr const char* kRules =
    "    expectations:\n"
    "      - {name: has_id, condition: id IS NOT NULL, action: quarantine}\n"
    "      - {name: small, condition: amount < 1000, action: quarantine}\n"
    "      - {name: positive, condition: amount > 0, action: warn}\n";

class QuarantineTest : public testing::Test {
protected:
    QuarantineTest() {
        lake_ = std::make_unique<OpenLake>(files_.path(), store_);
        lake_->Run("CREATE SCHEMA bronze");
        lake_->Run("CREATE TABLE bronze.events (id VARCHAR, amount INTEGER, seq INTEGER)");
    }

    // `settings`: the lines of the model's YAML below its name.
    void WriteModel(const std::string& settings, const std::string& rules = kRules,
                    const std::string& select = kEventsSql) {
        files_.Write("models/silver/events.sql", select);
        files_.Write("models/silver/s.yml", "models:\n  - name: events\n" + settings + rules);
    }
    void LandAndBuild(const std::string& values) {
        lake_->Run("INSERT INTO bronze.events VALUES " + values);
        const BuildReport report = lake_->Build();
        ASSERT_FALSE(report.HasFailed()) << Messages(report);
    }
    ReplayReport Replay(const std::vector<std::string>& fixes, const std::string& where = "") {
        ReplayRequest request;
        request.name = "silver.events";
        request.rows.where = where;
        request.fixes = fixes;
        return lake_->Replay(request);
    }
    ErrorKind Refusal(const std::vector<std::string>& fixes, const std::string& where = "") {
        try {
            Replay(fixes, where);
        } catch (const Error& error) {
            return error.kind();
        }
        return ErrorKind::kInternal;
    }
    Texts Events() { return lake_->Rows("SELECT * FROM silver.events ORDER BY ALL"); }
    Texts Waiting() {
        return lake_->Rows("SELECT raw, amount, _rules FROM quarantine.events ORDER BY ALL");
    }
    static Numbers CountsOf(const ReplayReport& report) {
        const quality::RowCounts& counts = report.counts;
        return {counts.in, counts.written, counts.dropped, counts.quarantined, counts.duplicates};
    }
    int64_t VersionOf(const std::string& name) {
        return lake_->session().Snapshot({"silver", name})->AtVersion().number;
    }

    LakeFiles files_;
    storage::LocalStore store_;
    std::unique_ptr<OpenLake> lake_;
};

constexpr const char* kAppends =
    "    config: {materialized: incremental, quarantine_columns: [raw]}\n"
    "    deduplicate: {keys: [id], order_by: [seq]}\n";

TEST_F(QuarantineTest, RowsThatPassGoToTheTableOnceAndTheOthersStay) {
    WriteModel(kAppends);
    LandAndBuild("('1', 10, 1), ('x', 5, 1), ('y', -1, 2), ('z', 5000, 3)");
    EXPECT_THAT(Waiting(),
                ElementsAre("x|5|has_id", "y|-1|has_id,positive", "z|5000|has_id,small"));
    const int64_t version = VersionOf("events");
    EXPECT_EQ(CountsOf(Replay({})), (Numbers{3, 0, 0, 3, 0}));
    EXPECT_EQ(VersionOf("events"), version);

    const ReplayReport report = Replay({"id = ascii(raw) - ascii('w')"});
    EXPECT_EQ(CountsOf(report), (Numbers{3, 1, 0, 1, 1}));
    EXPECT_THAT(Events(), ElementsAre("1|10|1|true|-", "2|-1|2|false|positive"));
    // What is no id is still none; what breaks another rule says so.
    EXPECT_THAT(Waiting(), ElementsAre("z|5000|small"));
    for (const engine::TableName& table :
         {engine::TableName{"silver", "events"}, engine::TableName{"quarantine", "events"}}) {
        EXPECT_EQ(lake_->session().Snapshot(table)->TransactionVersion(ReplayMark("silver.events")),
                  report.run_number);
    }
    EXPECT_THAT(lake_->Rows("SELECT rows_in, rows_written, rows_dropped, rows_quarantined, "
                            "rows_duplicate, target FROM ops.runs WHERE kind = 'replay' AND state "
                            "= 'succeeded' ORDER BY run_number"),
                ElementsAre("3|0|0|3|0|silver.events", "3|1|0|1|1|silver.events"));
    EXPECT_EQ(CountsOf(Replay({"id = ascii(raw) - ascii('w')"})), (Numbers{1, 0, 0, 1, 0}));
    EXPECT_EQ(Events().size(), 2U);
    EXPECT_THAT(States(lake_->Build()), ElementsAre("silver.events up to date"));
}

TEST_F(QuarantineTest, WhatARunWaitedForIsCountedFromTheLastBuildNotFromAReplay) {
    WriteModel(kAppends);
    LandAndBuild("('x', 5, 1)");
    Replay({"id = 1"});
    lake_->Run("INSERT INTO bronze.events VALUES ('2', 5, 1)");
    RealClock().Sleep(std::chrono::milliseconds(300));
    LandAndBuild("('3', 5, 1)");
    EXPECT_EQ(lake_->One("SELECT lag_ms >= 300 FROM ops.runs WHERE kind = 'model' ORDER BY "
                         "run_number DESC LIMIT 1"),
              "true");
}

TEST_F(QuarantineTest, ADryRunSaysTheSameAndChangesNothing) {
    WriteModel(kAppends);
    LandAndBuild("('1', 10, 1), ('x', 5, 1)");
    ReplayRequest request;
    request.name = "events";
    request.fixes = {"id = 2"};
    request.is_dry_run = true;
    const ReplayReport report = lake_->Replay(request);
    EXPECT_EQ(CountsOf(report), (Numbers{1, 1, 0, 0, 0}));
    EXPECT_FALSE(report.run_number.has_value());
    EXPECT_EQ(Events().size(), 1U);
    EXPECT_EQ(Waiting().size(), 1U);
    EXPECT_EQ(lake_->One("SELECT count(*) FROM ops.runs WHERE kind = 'replay'"), "0");
}

TEST_F(QuarantineTest, RowsAreJudgedByTodaysRules) {
    WriteModel(kAppends);
    LandAndBuild("('1', 10, 1), ('2', 5000, 1), ('3', 7000, 1), ('4', 9000, 1)");
    WriteModel(kAppends,
               "    expectations:\n"
               "      - {name: small, condition: amount < 6000, action: drop}\n"
               "      - {name: tiny, condition: amount < 8000, action: quarantine}\n"
               "      - {name: sane, condition: amount < 8500, action: fail}\n");
    EXPECT_EQ(CountsOf(Replay({})), (Numbers{3, 1, 1, 1, 0}));
    EXPECT_THAT(Waiting(), ElementsAre("4|9000|small,tiny,sane"));
    EXPECT_EQ(lake_->One("SELECT count(*) FROM quarantine.events JOIN ops.runs ON _run_id = run_id "
                         "WHERE kind = 'model'"),
              "1");
}

TEST_F(QuarantineTest, RowsAreChosenByRuleAndRun) {
    WriteModel(kAppends);
    LandAndBuild("('a', 5, 1), ('2', 5000, 1)");
    LandAndBuild("('b', 5, 1)");
    const std::string first = lake_->One("SELECT min(run_number) FROM ops.runs");
    ReplayRequest request;
    request.name = "events";
    request.rows.rule = "has_id";
    request.rows.run = first;
    request.fixes = {"\"id\" = 7"};
    EXPECT_EQ(CountsOf(lake_->Replay(request)), (Numbers{1, 1, 0, 0, 0}));
    EXPECT_THAT(Waiting(), ElementsAre("2|5000|small", "b|5|has_id"));
    request.rows.run = "999";
    try {
        lake_->Replay(request);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
    }
}

constexpr const char* kMerges =
    "    config: {materialized: incremental, incremental_strategy: merge, unique_key: id}\n";

TEST_F(QuarantineTest, AMergeKeepsTheNewerRowByTheDeclaredOrder) {
    WriteModel(std::string(kMerges) + "    deduplicate: {keys: [id], order_by: [seq DESC]}\n");
    LandAndBuild("('1', 5000, 1), ('2', 5000, 9), ('3', 5000, 2), ('3', 6000, 1)");
    LandAndBuild("('1', 10, 5), ('2', 20, 5)");
    EXPECT_EQ(CountsOf(Replay({"amount = amount // 1000"})), (Numbers{4, 2, 0, 0, 2}));
    EXPECT_THAT(Events(), ElementsAre("1|10|5|1|true|-", "2|5|9|2|true|-", "3|5|2|3|true|-"));
    EXPECT_THAT(Waiting(), IsEmpty());
}

TEST_F(QuarantineTest, WithoutAnOrderARowOfTheTableStaysUnlessItIsToBeOverwritten) {
    for (const std::string strategy : {"merge", "delete+insert"}) {
        SCOPED_TRACE(strategy);
        lake_->Run("DROP TABLE IF EXISTS silver.events");
        lake_->Run("DROP TABLE IF EXISTS quarantine.events");
        lake_->Run("DELETE FROM bronze.events");
        WriteModel("    config: {materialized: incremental, incremental_strategy: '" + strategy +
                   "', unique_key: id}\n");
        LandAndBuild("('1', 5000, 1), ('2', 5000, 1)");
        LandAndBuild("('1', 10, 2)");
        LandAndBuild("('2', 6000, 3)");
        // Of the two that wait for key 2 the later one is right.
        EXPECT_EQ(CountsOf(Replay({"amount = amount // 1000"})), (Numbers{3, 1, 0, 1, 1}));
        EXPECT_THAT(Events(), ElementsAre("1|10|2|1|true|-", "2|6|3|2|true|-"));
        EXPECT_THAT(Waiting(), ElementsAre("1|5000|key_is_there"));
        ReplayRequest request;
        request.name = "silver.events";
        request.fixes = {"amount = 5"};
        request.overwrite = true;
        EXPECT_EQ(CountsOf(lake_->Replay(request)), (Numbers{1, 1, 0, 0, 0}));
        EXPECT_THAT(Events(), ElementsAre("1|5|1|1|true|-", "2|6|3|2|true|-"));
    }
}

TEST_F(QuarantineTest, OfRowsThatCameAtOnceWithOneKeyNoneIsRight) {
    WriteModel(kMerges);
    LandAndBuild("('1', 5000, 1), ('1', 6000, 2), ('2', 7000, 1), ('2', 7000, 1), ('3', 1, 1)");
    EXPECT_EQ(CountsOf(Replay({"amount = 1"})), (Numbers{4, 1, 0, 2, 1}));
    EXPECT_THAT(lake_->Rows("SELECT id, seq, _rules FROM quarantine.events ORDER BY seq"),
                ElementsAre("1|1|key_comes_twice", "1|2|key_comes_twice"));
    EXPECT_EQ(CountsOf(Replay({"amount = 1"}, "seq = 2")), (Numbers{1, 1, 0, 0, 0}));
    EXPECT_EQ(CountsOf(Replay({"amount = 1"})), (Numbers{1, 0, 0, 1, 0}));
    EXPECT_THAT(Events(), ElementsAre("1|1|2|1|true|-", "2|1|1|2|true|-", "3|1|1|3|true|-"));
}

TEST_F(QuarantineTest, WhatTheTableRefusesWaitsOn) {
    WriteModel(kAppends);
    LandAndBuild("('x', 5, 1), ('y', 6, 1), ('1', 7, 1)");
    lake_->Run("ALTER TABLE silver.events ADD CONSTRAINT low CHECK (id < 50)");
    const Texts before = Waiting();
    EXPECT_EQ(Refusal({"id = 60"}), ErrorKind::kInvalidInput);
    EXPECT_EQ(Waiting(), before);
    EXPECT_EQ(Events().size(), 1U);
    EXPECT_THAT(lake_->Rows("SELECT state, rows_in, rows_written FROM ops.runs WHERE kind = "
                            "'replay'"),
                ElementsAre("failed|0|0"));
    EXPECT_EQ(CountsOf(Replay({"id = 40"}, "raw = 'x'")), (Numbers{1, 1, 0, 0, 0}));
    EXPECT_EQ(Waiting().size(), 1U);
}

TEST_F(QuarantineTest, EqualRowsGoTogether) {
    WriteModel("    config: {materialized: incremental, quarantine_columns: [raw]}\n");
    LandAndBuild("('x', 5, 1), ('x', 5, 1), ('x', 5, 1)");
    EXPECT_EQ(CountsOf(Replay({"id = 1"}, "raw = 'x'")), (Numbers{3, 3, 0, 0, 0}));
    EXPECT_EQ(lake_->One("SELECT count(*) FROM silver.events"), "3");
    EXPECT_THAT(Waiting(), IsEmpty());
}

TEST_F(QuarantineTest, WhatBuildsMakeAnewIsRefused) {
    WriteModel("    config: {materialized: table}\n", kRules,
               "select try_cast(id as integer) as id, amount, seq from {{ source('bronze', "
               "'events') }}");
    LandAndBuild("('x', 1, 1)");
    EXPECT_EQ(Refusal({}), ErrorKind::kUnsupported);
    WriteModel(
        "    config: {materialized: incremental, incremental_strategy: insert_overwrite, "
        "partition_by: [seq]}\n");
    EXPECT_EQ(Refusal({}), ErrorKind::kUnsupported);
}

TEST_F(QuarantineTest, WhatAContractKeptFromLandingIsNoModels) {
    WriteModel(kAppends);
    LandAndBuild("('1', 1, 1)");
    lake_->Run(
        "CREATE TABLE quarantine.bronze_events AS SELECT 'x' AS id, 'c.id' AS _rules, 'r' "
        "AS _run_id, now() AS _quarantined_at, 's' AS _source, 1 AS _batch_number");
    EXPECT_EQ(lake_->Quarantine().Find("bronze.events").ToString(), "quarantine.bronze_events");
    ReplayRequest request;
    request.name = "bronze_events";
    try {
        lake_->Replay(request);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kUnsupported) << error.what();
    }
}

TEST_F(QuarantineTest, WhatIsNoColumnAndNoConditionIsRefused) {
    WriteModel(kAppends);
    LandAndBuild("('x', 1, 1)");
    EXPECT_EQ(Refusal({"idd = 1"}), ErrorKind::kInvalidInput);
    // What stands beside it would be taken along.
    EXPECT_EQ(Refusal({}, "false) or (true"), ErrorKind::kInvalidInput);
    EXPECT_EQ(Refusal({"id"}), ErrorKind::kInvalidInput);
    EXPECT_EQ(Refusal({"id = 1", "ID = 2"}), ErrorKind::kInvalidInput);
    EXPECT_EQ(Refusal({"id = nothing"}), ErrorKind::kInvalidInput);
    EXPECT_EQ(Refusal({"_rules = 'x'"}), ErrorKind::kInvalidInput);
    EXPECT_EQ(Refusal({}, "nothing > 1"), ErrorKind::kInvalidInput);
    ReplayRequest request;
    request.name = "evnts";
    try {
        lake_->Replay(request);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kNotFound);
        EXPECT_THAT(error.message(), HasSubstr("events"));
    }
}

TEST_F(QuarantineTest, AColumnThatCameSinceIsAskedFor) {
    WriteModel(kAppends);
    LandAndBuild("('x', 1, 1)");
    lake_->Run("ALTER TABLE silver.events ADD COLUMN tripled INTEGER");
    EXPECT_EQ(Refusal({"id = 3"}), ErrorKind::kInvalidInput);
    EXPECT_EQ(CountsOf(Replay({"id = 3", "tripled = amount * 3"})), (Numbers{1, 1, 0, 0, 0}));
    EXPECT_EQ(lake_->One("SELECT tripled FROM silver.events WHERE id = 3"), "3");
}

TEST_F(QuarantineTest, TheQuarantineGrowsWithItsTable) {
    const std::string grows =
        "    config: {materialized: incremental, quarantine_columns: [raw], on_schema_change: "
        "append_new_columns}\n";
    WriteModel(grows);
    LandAndBuild("('x', 1, 1)");
    WriteModel(grows, kRules,
               "select try_cast(id as integer) as id, amount, seq, id as raw, amount * 2 as "
               "doubled from {{ stream(source('bronze', 'events')) }}");
    LandAndBuild("('1', 3, 1), ('y', 4, 1)");
    EXPECT_THAT(lake_->Rows("SELECT raw, doubled FROM quarantine.events ORDER BY raw"),
                ElementsAre("x|-", "y|8"));
    EXPECT_EQ(CountsOf(Replay({"id = 2", "doubled = amount * 2"})), (Numbers{2, 2, 0, 0, 0}));
    EXPECT_EQ(lake_->One("SELECT sum(doubled) FROM silver.events"), "16");
}

TEST_F(QuarantineTest, WhatWaitsIsListedAndShown) {
    EXPECT_THAT(lake_->Quarantine().List(), IsEmpty());
    WriteModel(kAppends);
    LandAndBuild("('1', 1, 1), ('x', 1, 1), ('y', 5000, 1)");
    const std::vector<WaitingTable> tables = lake_->Quarantine().List();
    ASSERT_EQ(tables.size(), 1U);
    EXPECT_EQ(tables[0].table.ToString(), "quarantine.events");
    EXPECT_EQ(tables[0].rows, 2);
    EXPECT_EQ(tables[0].rules, (RowsByRule{{"has_id", 2}, {"small", 1}}));
    EXPECT_THAT(tables[0].sources, ElementsAre("silver.events"));
    EXPECT_TRUE(tables[0].oldest.has_value());
    Quarantine quarantine = lake_->Quarantine();
    const std::string shown = quarantine.ShowSelect(quarantine.Find("quarantine.events"),
                                                    quarantine.FilterOf({.rule = "small"}), 5);
    EXPECT_THAT(lake_->Rows("SELECT _rules, _run IS NOT NULL, raw FROM (" + shown + ")"),
                ElementsAre("has_id,small|true|y"));
}

TEST_F(QuarantineTest, WhatIsDiscardedIsOnRecord) {
    WriteModel(kAppends);
    LandAndBuild("('x', 1, 1), ('y', 5000, 1)");
    DiscardRequest request{.name = "events",
                           .rows = {.rule = "small"},
                           .who = "ada",
                           .reason = "test data of the vendor",
                           .is_dry_run = true};
    EXPECT_EQ(lake_->Quarantine().Discard(request).discarded, 1);
    EXPECT_EQ(Waiting().size(), 2U);
    request.is_dry_run = false;
    const DiscardReport report = lake_->Quarantine().Discard(request);
    EXPECT_EQ(report.waiting, 2);
    EXPECT_EQ(report.discarded, 1);
    EXPECT_THAT(Waiting(), ElementsAre("x|1|has_id"));
    EXPECT_THAT(
        lake_->Rows("SELECT table_name, rows_failed, sample ->> '$.by', sample ->> '$.reason', "
                    "rows_dropped, state FROM ops.quality JOIN ops.runs USING (run_number) WHERE "
                    "action = 'discard'"),
        ElementsAre("quarantine.events|1|ada|test data of the vendor|1|succeeded"));
    request.reason = " ";
    EXPECT_THROW(lake_->Quarantine().Discard(request), Error);
    request.reason = "again";
    EXPECT_EQ(lake_->Quarantine().Discard(request).discarded, 0);
    EXPECT_EQ(lake_->One("SELECT count(*) FROM ops.quality WHERE action = 'discard'"), "1");
}

}  // namespace
}  // namespace tarn::pipeline
