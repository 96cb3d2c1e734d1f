#include "pipeline/build.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lake_fixture.h"

namespace tarn::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Numbers = std::vector<int64_t>;

constexpr const char* kEventsYaml = R"(
models:
  - name: events
    config: {materialized: incremental, quarantine_columns: [raw]}
    deduplicate: {keys: [id], order_by: [seq]}
    expectations:
      - {name: has_id, condition: id IS NOT NULL, action: quarantine}
      - {name: small, condition: amount < 1000, action: drop}
      - {name: positive, condition: amount > 0, action: warn}
)";
constexpr const char* kEventsSql =
    "select try_cast(id as integer) as id, amount, seq, id as raw from {{ stream(source('bronze', "
    "'events')) }}";

class BuildTest : public testing::Test {
protected:
    BuildTest() {
        lake_ = std::make_unique<OpenLake>(files_.path(), store_);
        lake_->Run("CREATE SCHEMA bronze");
        lake_->Run("CREATE TABLE bronze.events (id VARCHAR, amount INTEGER, seq INTEGER)");
    }

    void Land(const std::string& values) {
        lake_->Run("INSERT INTO bronze.events VALUES " + values);
    }
    BuildReport Build(const BuildRequest& request = {}) { return lake_->Build(request); }
    void WriteEvents() {
        files_.Write("models/silver/events.sql", kEventsSql);
        files_.Write("models/silver/silver.yml", kEventsYaml);
    }
    Error Refusal(const BuildRequest& request = {}) {
        try {
            Build(request);
        } catch (const Error& error) {
            return error;
        }
        return Error(ErrorKind::kInternal, "nothing was refused");
    }

    LakeFiles files_;
    storage::LocalStore store_;
    std::unique_ptr<OpenLake> lake_;
};

TEST_F(BuildTest, ModelsBecomeTablesAndViews) {
    Land("('1', 10, 1), ('2', 20, 2)");
    files_.Write("models/silver/a.sql", "select id, amount from {{ source('bronze', 'events') }}");
    files_.Write(
        "models/silver/half.sql",
        "{{ config(materialized='ephemeral') }}select id, amount / 2 as half from {{ ref('a') }};");
    files_.Write("models/silver/v.sql",
                 "{{ config(materialized='view') }}select sum(half) as s from {{ ref('half') }} h");
    files_.Write("models/gold/g.sql", "select * from {{ ref('v') }}");
    files_.Write("models/gold/g.yml",
                 "models: [{name: g, description: d, owner: o, service_level: s, consumers: [c]}]");
    const BuildReport report = Build();
    EXPECT_THAT(States(report), ElementsAre("silver.a done", "silver.v done", "gold.g done"))
        << Messages(report);
    EXPECT_EQ(lake_->One("SELECT s FROM gold.g"), "15.0");
    EXPECT_EQ(NodeOf(report, "silver.a").rows_written, 2);
    EXPECT_EQ(NodeOf(report, "silver.a").files_written, 1);
    EXPECT_EQ(NodeOf(Build(), "gold.g").state, NodeState::kUpToDate);
    // What lies behind a view counts.
    Land("('3', 30, 3)");
    EXPECT_EQ(NodeOf(Build(), "gold.g").state, NodeState::kDone);
    EXPECT_EQ(lake_->One("SELECT s FROM gold.g"), "30.0");
}

TEST_F(BuildTest, AViewThatTheProjectDoesNotMakeIsReadAnew) {
    lake_->Run("CREATE VIEW bronze.v AS SELECT * FROM bronze.events");
    files_.Write("models/silver/a.sql", "select id from {{ source('bronze', 'v') }}");
    Build();
    Land("('1', 1, 1)");
    EXPECT_THAT(States(Build()), ElementsAre("silver.a done"));
    EXPECT_EQ(lake_->One("SELECT count(*) FROM silver.a"), "1");
}

TEST_F(BuildTest, ASecondBuildHasNothingToDoUntilSomethingChanges) {
    Land("('1', 10, 1)");
    files_.Write("models/silver/a.sql", "select * from {{ source('bronze', 'events') }}");
    Build();
    EXPECT_THAT(States(Build()), ElementsAre("silver.a up to date"));
    Land("('2', 10, 1)");
    EXPECT_THAT(States(Build()), ElementsAre("silver.a done"));
    lake_->Run("DELETE FROM silver.a WHERE id = '1'");
    EXPECT_THAT(States(Build()), ElementsAre("silver.a done"));
    EXPECT_EQ(lake_->One("SELECT count(*) FROM silver.a"), "2");
    files_.Write("models/silver/a.sql", "select id from {{ source('bronze', 'events') }}");
    EXPECT_THAT(States(Build()), ElementsAre("silver.a done"));
    EXPECT_EQ(lake_->One("SELECT * FROM silver.a ORDER BY ALL LIMIT 1"), "1");
    BuildRequest all;
    all.full_refresh = true;
    EXPECT_THAT(States(Build(all)), ElementsAre("silver.a done"));
    EXPECT_EQ(lake_->One("SELECT count(*) FROM silver.a"), "2");
}

TEST_F(BuildTest, EachRowGoesToOneSide) {
    WriteEvents();
    Land("('1', 10, 1), ('1', 11, 2), ('x', 5, 1), ('3', 5000, 1), ('4', -1, 1), ('5', NULL, 1)");
    const BuildReport report = Build();
    ASSERT_THAT(States(report), ElementsAre("silver.events done")) << Messages(report);
    // NULL < 1000 is not TRUE: the row is dropped.
    EXPECT_EQ(Counts(report.nodes[0]), (Numbers{6, 2, 2, 1, 1}));
    EXPECT_THAT(lake_->Rows("SELECT * FROM silver.events ORDER BY id"),
                ElementsAre("1|10|1|true|-", "4|-1|1|false|positive"));
    EXPECT_THAT(lake_->Rows("SELECT id, amount, raw, _rules FROM quarantine.events"),
                ElementsAre("-|5|x|has_id"));
    EXPECT_EQ(
        lake_->One(
            "SELECT count(*) FROM quarantine.events q JOIN ops.runs r ON q._run_id = r.run_id"),
        "1");
    EXPECT_THAT(
        lake_->Rows("SELECT rule, rows_checked, rows_failed FROM ops.quality ORDER BY rule"),
        ElementsAre("has_id|6|1", "positive|6|2", "small|6|2"));
}

TEST_F(BuildTest, AnIncrementalModelReadsWhatIsNewOnce) {
    WriteEvents();
    Land("('1', 10, 1), ('x', 5, 1)");
    Build();
    EXPECT_THAT(States(Build()), ElementsAre("silver.events up to date"));
    Land("('2', 10, 2), ('1', 99, 2)");
    Land("('y', 5, 3)");
    const BuildReport report = Build();
    EXPECT_EQ(Counts(report.nodes[0]), (Numbers{3, 1, 0, 1, 1})) << Messages(report);
    EXPECT_THAT(lake_->Rows("SELECT id, amount FROM silver.events ORDER BY id"),
                ElementsAre("1|10", "2|10"));
    EXPECT_THAT(lake_->Rows("SELECT raw FROM quarantine.events ORDER BY raw"),
                ElementsAre("x", "y"));
}

TEST_F(BuildTest, ARunThatWritesNoRowStillMovesOn) {
    WriteEvents();
    Land("('1', 10, 1)");
    Build();
    Land("('x', 1, 1)");
    EXPECT_EQ(Counts(Build().nodes[0]), (Numbers{1, 0, 0, 1, 0}));
    EXPECT_THAT(States(Build()), ElementsAre("silver.events up to date"));
    EXPECT_EQ(lake_->One("SELECT count(*) FROM quarantine.events"), "1");
}

TEST_F(BuildTest, AnyBatchingGivesTheSameTable) {
    WriteEvents();
    const Texts batches = {"('1', 10, 1), ('2', 1, 1)", "('2', 2, 2), ('x', 1, 2)",
                           "('1', 3, 3), ('3', 3, 3)"};
    for (const std::string& batch : batches) {
        Land(batch);
        Build();
    }
    const Texts silver = lake_->Rows("SELECT * FROM silver.events ORDER BY ALL");
    const Texts quarantine =
        lake_->Rows("SELECT id, amount, seq, raw, _rules FROM quarantine.events ORDER BY ALL");
    BuildRequest whole;
    whole.full_refresh = true;
    Build(whole);
    EXPECT_EQ(lake_->Rows("SELECT * FROM silver.events ORDER BY ALL"), silver);
    EXPECT_EQ(
        lake_->Rows("SELECT id, amount, seq, raw, _rules FROM quarantine.events ORDER BY ALL"),
        quarantine);
    EXPECT_EQ(silver.size(), 3u);
}

TEST_F(BuildTest, RandomBatchesGiveTheSameTable) {
    WriteEvents();
    for (uint64_t seed = 1; seed <= 4; ++seed) {
        SCOPED_TRACE(seed);
        SeededRandom random(seed);
        lake_->Run(
            "CREATE OR REPLACE TABLE bronze.events (id VARCHAR, amount INTEGER, seq INTEGER)");
        int landed = 0;
        for (int batch = 0; batch < 4; ++batch) {
            Texts rows;
            for (uint64_t n = random.Below(12) + 1; n > 0; --n) {
                const std::string id =
                    random.Below(8) == 0 ? "'x'" : fmt::format("'{}'", random.Below(9));
                const std::string amount =
                    random.Below(8) == 0 ? "NULL" : std::to_string(random.Below(1200));
                rows.push_back(fmt::format("({}, {}, {})", id, amount, landed++));
            }
            Land(Join(rows, ", "));
            if (random.Below(3) > 0) {
                const BuildReport report = Build();
                EXPECT_FALSE(report.HasFailed()) << Messages(report);
            }
        }
        Build();
        const Texts silver = lake_->Rows("SELECT * FROM silver.events ORDER BY ALL");
        const Texts aside =
            lake_->Rows("SELECT id, amount, seq, raw, _rules FROM quarantine.events ORDER BY ALL");
        BuildRequest whole;
        whole.full_refresh = true;
        const BuildReport report = Build(whole);
        EXPECT_FALSE(report.HasFailed()) << Messages(report);
        EXPECT_EQ(lake_->Rows("SELECT * FROM silver.events ORDER BY ALL"), silver);
        EXPECT_EQ(
            lake_->Rows("SELECT id, amount, seq, raw, _rules FROM quarantine.events ORDER BY ALL"),
            aside);
    }
}

TEST_F(BuildTest, TouchedPartitionsAreReplacedWhole) {
    WriteEvents();
    files_.Write("models/silver/totals.sql",
                 "{{ config(materialized='incremental', incremental_strategy='insert_overwrite', "
                 "partition_by='seq') }}"
                 "select seq, sum(amount)::bigint as total from {{ ref('events') }}\n"
                 "{% if is_incremental() %}where seq in (select seq from {{ stream(ref('events')) "
                 "}}){% endif %} group by seq");
    Land("('1', 1, 1), ('2', 2, 2)");
    Build();
    Land("('3', 4, 1), ('4', 8, 3)");
    const BuildReport report = Build();
    EXPECT_EQ(NodeOf(report, "silver.totals").rows_written, 2) << Messages(report);
    EXPECT_THAT(lake_->Rows("SELECT * FROM silver.totals ORDER BY seq"),
                ElementsAre("1|5", "2|2", "3|8"));
    lake_->Run("DELETE FROM silver.events WHERE id = 4");
    const BuildReport rebuilt = Build();
    EXPECT_THAT(NodeOf(rebuilt, "silver.totals").notices, ElementsAre(HasSubstr("rebuilt in full")))
        << Messages(rebuilt);
    EXPECT_THAT(lake_->Rows("SELECT * FROM silver.totals ORDER BY seq"), ElementsAre("1|5", "2|2"));
}

TEST_F(BuildTest, AFailingRuleWritesNothingAndSkipsWhatDepends) {
    files_.Write("models/silver/a.sql", "select amount from {{ source('bronze', 'events') }}");
    files_.Write("models/silver/b.sql", "select * from {{ ref('a') }}");
    files_.Write("models/silver/c.sql", "select 1 as x");
    files_.Write("models/silver/s.yml",
                 "models: [{name: a, expectations: [{name: small, condition: amount < 100, action: "
                 "fail}]}]");
    Land("('1', 10, 1)");
    Build();
    Land("('2', 1000, 1)");
    const BuildReport report = Build();
    EXPECT_THAT(States(report),
                ElementsAre("silver.a failed", "silver.b skipped", "silver.c up to date"));
    EXPECT_TRUE(report.HasFailed());
    EXPECT_THAT(report.nodes[0].message, HasSubstr("small"));
    EXPECT_EQ(lake_->One("SELECT count(*) FROM silver.a"), "1");
    EXPECT_EQ(lake_->One("SELECT count(*) FROM ops.quality WHERE NOT passed"), "1");
    EXPECT_EQ(lake_->One("SELECT error_kind FROM ops.runs WHERE state = 'failed'"), "InvalidInput");
}

TEST_F(BuildTest, AJoinThatMultipliesRowsBreaksTheLaw) {
    Land("('1', 10, 1), ('2', 10, 1)");
    files_.Write("models/silver/d.sql",
                 "select * from (values ('1', 'a'), ('1', 'b')) t(id, word)");
    files_.Write("models/silver/a.sql",
                 "select e.*, d.word from {{ source('bronze', 'events') }} e "
                 "left join {{ ref('d') }} d on d.id = e.id");
    files_.Write("models/silver/s.yml",
                 "models: [{name: a, config: {row_preserving: true, rows_from: bronze.events}}]");
    const BuildReport report = Build();
    EXPECT_EQ(NodeOf(report, "silver.a").state, NodeState::kFailed);
    EXPECT_THROW(lake_->Rows("SELECT * FROM silver.a"), Error);
    files_.Write("models/silver/d.sql", "select * from (values ('1', 'a')) t(id, word)");
    EXPECT_FALSE(Build().HasFailed());
}

TEST_F(BuildTest, DeclaredTestsRunAfterTheirModel) {
    Land("('1', 10, 1), ('1', NULL, 1)");
    files_.Write("models/silver/a.sql", "select * from {{ source('bronze', 'events') }}");
    files_.Write("models/silver/b.sql", "select * from {{ ref('a') }}");
    files_.Write("models/silver/s.yml", R"(
models:
  - name: a
    columns:
      - {name: amount, data_tests: [{not_null: {severity: warn}}]}
      - {name: seq, data_tests: [{accepted_values: {values: [1], quote: false}}]}
  - name: b
    columns:
      - {name: id, data_tests: [unique, {relationships: {to: ref('a'), field: id}}]}
)");
    files_.Write("tests/none.sql", "select * from {{ ref('a') }} where seq > 1");
    files_.Write("tests/some.sql", "select * from {{ ref('b') }}");
    const BuildReport report = Build();
    EXPECT_THAT(States(report),
                ElementsAre("silver.a done", "test.accepted_values_a_seq__False__1 done",
                            "test.none done", "test.not_null_a_amount warned", "silver.b done",
                            "test.relationships_b_id__id__ref_a_ done", "test.some failed",
                            "test.unique_b_id failed"))
        << Messages(report);
    EXPECT_EQ(lake_->One("SELECT count(*) FROM ops.quality WHERE action = 'test' AND NOT passed"),
              "3");
}

TEST_F(BuildTest, AMistakeIsRefusedAtItsPlaceAndNothingIsWritten) {
    files_.Write("models/silver/a.sql", "select 1 as x");
    const auto refused = [&](const std::string& sql, const std::string& yaml = "") {
        files_.Write("models/silver/b.sql", sql);
        files_.Write("models/silver/s.yml", yaml);
        const Error error = Refusal();
        EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput) << error.what();
        EXPECT_FALSE(lake_->catalog().Find({"silver", "a"}).has_value());
        return fmt::format("{}:{}:{}", error.spot().file, error.spot().line, error.spot().column);
    };
    EXPECT_EQ(refused("select 1 as y\nfrom {{ ref('nope') }}"), "models/silver/b.sql:2:9");
    EXPECT_EQ(refused("select x,\nfrom from {{ ref('a') }}"), "models/silver/b.sql:2:6");
    EXPECT_EQ(refused("select 1; select 2"), "models/silver/b.sql:1:1");
    files_.Write("models/bronze/b.sql", "select 1 as x");
    const std::string rule =
        "models:\n  - name: b\n    expectations:\n"
        "      - {name: r, condition: x > 0, action: quarantine}\n";
    files_.Write("models/bronze/b.yml", rule);
    EXPECT_EQ(refused("select 1 as x", rule), "models/silver/s.yml:2:5");
    EXPECT_EQ(refused("drop table silver.a"), "models/silver/b.sql:1:1");
    EXPECT_EQ(refused("select 1", "models:\n  - name: b\n    descripton: x\n"),
              "models/silver/s.yml:3:5");
    EXPECT_EQ(refused("select 1 as x",
                      "models:\n  - name: b\n    expectations:\n"
                      "      - {name: a, condition: x >, action: warn}\n"),
              "models/silver/s.yml:4:30");
}

TEST_F(BuildTest, AMistakeThatOnlyShowsWhenItRunsHasItsPlaceToo) {
    files_.Write("models/silver/a.sql", "select 1 as x");
    files_.Write("models/silver/b.sql", "select\n  nope\nfrom {{ ref('a') }}");
    files_.Write("models/silver/c.sql", "select x from {{ ref('a') }}");
    files_.Write(
        "models/silver/s.yml",
        "models:\n  - name: c\n    expectations: [{name: r, condition: nope > 1, action: warn}]\n");
    const BuildReport report = Build();
    EXPECT_THAT(States(report), ElementsAre("silver.a done", "silver.b failed", "silver.c failed"));
    EXPECT_THAT(NodeOf(report, "silver.b").message, HasSubstr("models/silver/b.sql:2:3"));
    EXPECT_THAT(NodeOf(report, "silver.c").message, HasSubstr("models/silver/s.yml:3"));
}

TEST_F(BuildTest, OnlyOneBuildAtATime) {
    files_.Write("models/silver/a.sql", "select 1 as x");
    const auto lease = lake_->catalog().AcquireLease("build");
    EXPECT_EQ(Refusal().kind(), ErrorKind::kConflict);
}

}  // namespace
}  // namespace tarn::pipeline
