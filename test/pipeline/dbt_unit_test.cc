// Unit tests of a dbt project's models, and microbatches.
#include "dbt_fixture.h"

namespace tarn::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class UnitTestTest : public DbtProjectTest {
protected:
    UnitTestTest() {
        files_.Write("seeds/orders.csv", "id,amount,day\n1,10,2024-01-01\n");
        files_.Write("models/big.sql",
                     "select id, amount * {{ var('factor', 1) }} as amount from {{ ref('orders') "
                     "}} where amount > 5{% if is_incremental() %} and id > (select max(id) from "
                     "{{ this }}){% endif %}");
    }
    // How the unit test of the model ends.
    NodeState With(const std::string& test) {
        files_.Write("models/unit.yml", "unit_tests:\n  - name: t\n    model: big\n" + test);
        return NodeOf(report_ = Build(), "unit_test.big.t").state;
    }
    BuildReport report_;
};

TEST_F(UnitTestTest, AModelIsHeldAgainstRowsBeforeItIsBuilt) {
    const std::string given =
        "    given: [{input: ref('orders'), rows: [{id: 1, amount: 6}, {id: 2, amount: 5}]}]\n";
    EXPECT_EQ(With(given + "    expect: {rows: [{id: 1, amount: 7}]}\n"), NodeState::kFailed);
    EXPECT_FALSE(lake_->catalog().Find({"main", "big"}).has_value());
    EXPECT_EQ(NodeOf(report_, "main.big").state, NodeState::kSkipped);
    EXPECT_EQ(NodeOf(report_, "unit_test.big.t").failures, 2);
    EXPECT_EQ(NodeOf(report_, "unit_test.big.t").unique_id, "unit_test.shop.big.t");
    EXPECT_THAT(NodeOf(report_, "unit_test.big.t").notices, ElementsAre(HasSubstr("- | 1 | 7")));
    EXPECT_EQ(With(given + "    expect: {rows: [{id: 1, amount: 6}]}\n"), NodeState::kDone)
        << Messages(report_);
    EXPECT_EQ(lake_->One("SELECT * FROM big"), "1|10");
    // Only the columns that are expected are looked at, each row as often as it stands.
    EXPECT_EQ(With(given + "    expect: {rows: [{id: 1}, {id: 1}]}\n"), NodeState::kFailed);
}

TEST_F(UnitTestTest, RowsMayBeCsvSqlOrAFile) {
    EXPECT_EQ(With("    given:\n      - input: ref('orders')\n        format: csv\n"
                   "        rows: |\n          id,amount\n          1,6\n          2,\n"
                   "    expect: {format: sql, rows: \"select 1 as id, 6 as amount\"}\n"),
              NodeState::kDone)
        << Messages(report_);
    files_.Write("tests/fixtures/in.csv", "id,amount\n1,6\n");
    files_.Write("tests/fixtures/out.csv", "amount\n6\n");
    EXPECT_EQ(With("    given: [{input: ref('orders'), format: csv, fixture: in}]\n"
                   "    expect: {format: csv, fixture: out}\n"),
              NodeState::kDone)
        << Messages(report_);
    files_.Write("tests/fixtures/out.csv", "amount\n8\n");
    EXPECT_EQ(With("    given: [{input: ref('orders'), format: csv, fixture: in}]\n"
                   "    expect: {format: csv, fixture: out}\n"),
              NodeState::kFailed);
}

TEST_F(UnitTestTest, AFixtureIsNoTest) {
    files_.Write("tests/fixtures/rows.sql", "select 1 as id");
    const BuildReport report = BuildWell();
    for (const NodeReport& node : report.nodes) EXPECT_NE(node.id, "test.rows");
}

TEST_F(UnitTestTest, WhatTemplatesAskMayBeSaid) {
    EXPECT_EQ(
        With("    overrides: {macros: {is_incremental: true}, vars: {factor: 3}}\n"
             "    given:\n"
             "      - {input: ref('orders'), rows: [{id: 1, amount: 9}, {id: 3, amount: 9}]}\n"
             "      - {input: this, rows: [{id: 2}]}\n"
             "    expect: {rows: [{id: 3, amount: 27}]}\n"),
        NodeState::kDone)
        << Messages(report_);
    files_.Write("macros/m.sql", "{% macro least() %}5{% endmacro %}");
    files_.Write("models/big.sql",
                 "select id, '{{ env_var('WHO') }}' as who from {{ ref('orders') }} where amount > "
                 "{{ least() }}");
    files_.Write("models/unit.yml",
                 "unit_tests:\n  - name: t\n    model: big\n    overrides: {macros: {least: 1}, "
                 "env_vars: {WHO: me}}\n    given: [{input: ref('orders'), rows: [{id: 1, amount: "
                 "2}]}]\n    expect: {rows: [{id: 1, who: me}]}\n");
    // Without the test's own environment the model itself cannot be made.
    EXPECT_EQ(Refusal().kind(), ErrorKind::kInvalidInput);
}

TEST_F(UnitTestTest, AUnitTestThatSaysWhatIsNotThereIsRefused) {
    EXPECT_EQ(With("    given: [{input: ref('orders'), rows: [{idd: 1}]}]\n"
                   "    expect: {rows: []}\n"),
              NodeState::kFailed);
    EXPECT_THAT(Messages(report_), HasSubstr("models/unit.yml"));
    EXPECT_EQ(With("    given: []\n    expect: {rows: []}\n"), NodeState::kFailed);
    files_.Write("models/unit.yml",
                 "unit_tests: [{name: t, model: nobody, given: [], expect: {rows: []}}]\n");
    EXPECT_EQ(Refusal().kind(), ErrorKind::kInvalidInput);
    files_.Write("models/unit.yml",
                 "unit_tests: [{name: t, model: big, given: [], expekt: {rows: []}}]\n");
    EXPECT_EQ(Refusal().spot().file, "models/unit.yml");
}

class MicrobatchTest : public DbtProjectTest {
protected:
    MicrobatchTest() {
        files_.Write("seeds/seeds.yml",
                     "seeds: [{name: events, config: {event_time: happened}}]\n");
        files_.Write("models/daily.sql",
                     "{{ config(materialized='incremental', incremental_strategy='microbatch', "
                     "event_time='day', begin='2024-01-01', batch_size='day', lookback=1) }}\n"
                     "select happened::date::timestamp as day, count(*) as n, "
                     "'{{ model.batch.id }}' as batch from {{ ref('events') }} group by all");
    }
    Texts After(const std::string& rows, const std::string& from, const std::string& to) {
        files_.Write("seeds/events.csv", "happened\n" + rows);
        BuildRequest request;
        request.event_time_start = from;
        request.event_time_end = to;
        report_ = BuildWell(request);
        return lake_->Rows("SELECT * FROM main.daily ORDER BY day");
    }
    std::string Versions() {
        return lake_->One("SELECT count(*) FROM (DESCRIBE HISTORY main.daily)");
    }
    // Backfills 2024-01-01 to 2024-01-06; gives the days of the table.
    Texts Filled(const Backfill& how) {
        BuildRequest request;
        request.event_time_end = "2024-01-06";
        request.backfill = how;
        report_ = BuildWell(request);
        return lake_->Rows("SELECT batch FROM main.daily ORDER BY day");
    }
    BuildReport report_;
};

TEST_F(MicrobatchTest, EachIntervalIsMadeByItselfAndMayBeMadeAgain) {
    const std::string events =
        "2024-01-01 08:00:00\n2024-01-02 09:00:00\n2024-01-02 10:00:00\n2024-01-03 01:00:00\n";
    EXPECT_THAT(After(events, "2024-01-01", "2024-01-03"),
                ElementsAre("2024-01-01 00:00:00|1|20240101", "2024-01-02 00:00:00|2|20240102"));
    EXPECT_EQ(Versions(), "2");
    // Again over a part of it, with rows that came late.
    EXPECT_THAT(After(events + "2024-01-01 23:59:59\n", "2024-01-01", "2024-01-02"),
                ElementsAre("2024-01-01 00:00:00|2|20240101", "2024-01-02 00:00:00|2|20240102"));
    EXPECT_THAT(After(events, "2024-01-03", "2024-01-04"),
                ElementsAre("2024-01-01 00:00:00|2|20240101", "2024-01-02 00:00:00|2|20240102",
                            "2024-01-03 00:00:00|1|20240103"));
}

constexpr const char* kFiveDays =
    "2024-01-01 08:00:00\n2024-01-02 09:00:00\n2024-01-03 10:00:00\n2024-01-04 01:00:00\n"
    "2024-01-05 01:00:00\n";

TEST_F(MicrobatchTest, ABackfillMakesWhatLiesBetweenKnownIntervals) {
    After(kFiveDays, "2024-01-02", "2024-01-03");
    After(kFiveDays, "2024-01-04", "2024-01-05");
    EXPECT_EQ(Versions(), "2");
    EXPECT_THAT(Filled({.most_batches = 1}), ElementsAre("20240101", "20240102", "20240104"));
    EXPECT_THAT(told_.texts, ElementsAre("main.daily: 2024-01-01 (1 of 1), 1 row"));
    EXPECT_THAT(Filled({}),
                ElementsAre("20240101", "20240102", "20240103", "20240104", "20240105"));
    EXPECT_EQ(Versions(), "5");
    Filled({});
    EXPECT_EQ(report_.nodes.at(0).state, NodeState::kUpToDate);
    EXPECT_EQ(report_.nodes.size(), 1U);
    EXPECT_EQ(Versions(), "5");
    Filled({.again = true});
    EXPECT_EQ(Versions(), "10");
}

TEST_F(MicrobatchTest, ABackfillThatIsCutGoesOnWhereItWas) {
    After(kFiveDays, "2024-01-01", "2024-01-02");
    files_.Write("models/daily.sql",
                 "{{ config(materialized='incremental', incremental_strategy='microbatch', "
                 "event_time='day', begin='2024-01-01', batch_size='day', lookback=1) }}\n"
                 "select '{{ model.batch.event_time_start }}'::timestamp as day, {% if "
                 "model.batch.id == '20240103' and var('breaks', true) %}error('no'){% else "
                 "%}1{% endif %} as n, '{{ model.batch.id }}' as batch");
    BuildRequest request;
    request.event_time_end = "2024-01-06";
    request.backfill.emplace();
    EXPECT_TRUE(Build(request).HasFailed());
    EXPECT_EQ(lake_->One("SELECT max(batch) FROM main.daily"), "20240102");
    request.vars = {{"breaks", false}};
    BuildWell(request);
    EXPECT_EQ(lake_->One("SELECT string_agg(batch[7:], ' ' ORDER BY batch) FROM main.daily"),
              "01 02 03 04 05");
}

// What was known of the rows before a full refresh was taken for made by it.
TEST_F(MicrobatchTest, AFullRefreshThatIsCutLeavesNoGap) {
    files_.Write("models/daily.sql",
                 "{{ config(materialized='incremental', incremental_strategy='microbatch', "
                 "event_time='day', begin='2024-01-01', batch_size='day', lookback=0) }}\n"
                 "select '{{ model.batch.event_time_start }}'::timestamp as day, {% if "
                 "model.batch.id == '20240103' and var('breaks', false) %}error('no'){% else "
                 "%}1{% endif %} as n, '{{ model.batch.id }}' as batch");
    BuildRequest request;
    request.event_time_end = "2024-01-06";
    BuildWell(request);
    request.full_refresh = true;
    request.vars = {{"breaks", true}};
    EXPECT_TRUE(Build(request).HasFailed());
    EXPECT_EQ(lake_->One("SELECT max(batch) FROM main.daily"), "20240102");
    request.full_refresh = false;
    request.vars = {{"breaks", false}};
    BuildWell(request);
    EXPECT_EQ(lake_->One("SELECT string_agg(batch[7:], ' ' ORDER BY batch) FROM main.daily"),
              "01 02 03 04 05");
}

// The first batch made the table anew, with the rows of one interval alone.
TEST_F(MicrobatchTest, ATableThatIsThereKeepsItsRows) {
    const std::string intervals =
        "{{ config(materialized='incremental', "
        "incremental_strategy='microbatch', event_time='day', "
        "begin='2024-01-01', batch_size='day', lookback=1) }}\n";
    const std::string rows =
        "select happened::date::timestamp as day, count(*) as n, 'x' as batch "
        "from {{ ref('events') }} group by all";
    files_.Write("seeds/events.csv", std::string("happened\n") + kFiveDays);
    files_.Write("models/daily.sql", "{{ config(materialized='table') }}\n" + rows);
    BuildWell();
    files_.Write("models/daily.sql", intervals + rows);
    BuildRequest request;
    request.event_time_start = "2024-01-03";
    request.event_time_end = "2024-01-04";
    request.backfill.emplace();
    BuildWell(request);
    EXPECT_EQ(lake_->One("SELECT count(*) FROM main.daily"), "5");
}

TEST_F(MicrobatchTest, TheFirstBatchHasNoRowsOfOthersEither) {
    files_.Write("models/daily.sql",
                 "{{ config(materialized='incremental', incremental_strategy='microbatch', "
                 "event_time='day', begin='2024-01-01', batch_size='day') }}\n"
                 "select '2024-01-07'::timestamp as day");
    BuildRequest request;
    request.event_time_end = "2024-01-02";
    EXPECT_TRUE(Build(request).HasFailed());
    EXPECT_FALSE(lake_->catalog().Find({"main", "daily"}).has_value());
    request.event_time_start = "2024-01-03";
    EXPECT_EQ(NodeOf(Build(request), "main.daily").state, NodeState::kFailed);
}

TEST_F(MicrobatchTest, WhatIsNotMadeByIntervalsIsNotBackfilled) {
    files_.Write("models/daily.sql", "select 1 as day");
    BuildRequest request;
    request.backfill.emplace();
    EXPECT_EQ(Refusal(request).kind(), ErrorKind::kInvalidInput);
}

TEST_F(MicrobatchTest, WhatIsWrongIsRefused) {
    for (const char* config : {"event_time='day', begin='2024-13-01', batch_size='day'",
                               "event_time='day', begin='2024-01-01', batch_size='week'",
                               "begin='2024-01-01', batch_size='day'"}) {
        files_.Write("models/daily.sql",
                     "{{ config(materialized='incremental', incremental_strategy='microbatch', " +
                         std::string(config) + ") }} select 1 as day");
        EXPECT_EQ(Refusal().kind(), ErrorKind::kInvalidInput) << config;
    }
}

}  // namespace
}  // namespace tarn::pipeline
