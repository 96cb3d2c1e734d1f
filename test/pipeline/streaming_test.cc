// Streaming tables: what is new is added once, in whatever batches it comes; what comes late says
// so; what comes again does not.
#include <algorithm>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lake_fixture.h"
#include "pipeline/run_lag.h"

namespace tarn::pipeline {
namespace {

using testing::ElementsAre;

class StreamingTest : public testing::Test {
protected:
    StreamingTest() : lake_(files_.path(), store_) {
        lake_.Run("CREATE SCHEMA bronze");
        lake_.Run("CREATE TABLE bronze.events (id INTEGER, happened TIMESTAMPTZ, v VARCHAR)");
    }
    void Land(const std::string& rows) { lake_.Run("INSERT INTO bronze.events VALUES " + rows); }
    void Model(const std::string& config, const std::string& yaml = "") {
        files_.Write("models/silver/events.sql",
                     "{{ config(materialized='streaming'" + config +
                         ") }} select id, happened, v from {{ source('bronze', 'events') }}");
        if (!yaml.empty())
            files_.Write("models/silver/events.yml", "models: [{name: events, " + yaml + "}]");
    }
    NodeReport Build() {
        const BuildReport report = lake_.Build();
        EXPECT_FALSE(report.HasFailed()) << Messages(report);
        return report.nodes.at(0);
    }
    Texts Events(const std::string& columns = "id, v") {
        return lake_.Rows("SELECT " + columns + " FROM silver.events ORDER BY id, v");
    }
    static constexpr const char* kWatermark =
        ", watermark={'column': 'happened', 'delay': '10 minutes'}";
    static constexpr const char* kOnce = "deduplicate: {keys: [id], order_by: [happened, v]}";

    LakeFiles files_;
    storage::LocalStore store_;
    OpenLake lake_;
};

TEST_F(StreamingTest, ReadsOnlyWhatIsNew) {
    Model("");
    Land("(1, '2024-01-01 00:00:00+00', 'a'), (2, '2024-01-01 00:00:00+00', 'b')");
    EXPECT_EQ(Build().rows_written, 2);
    EXPECT_EQ(Build().state, NodeState::kUpToDate);
    Land("(3, '2024-01-01 00:00:00+00', 'c')");
    EXPECT_EQ(Build().rows_written, 1);
    EXPECT_THAT(Events(), ElementsAre("1|a", "2|b", "3|c"));
}

TEST_F(StreamingTest, ARunSaysHowLongItsNewsHadWaited) {
    lake_.Run("CREATE TABLE bronze.waited (n INT)");
    const engine::TableName table{"bronze", "waited"};
    std::vector<TimestampUs> committed;
    for (int version = 0; version < 4; ++version) {
        if (version > 0) lake_.Run("INSERT INTO bronze.waited VALUES (1)");
        const auto snapshot = lake_.session().Snapshot(table);
        committed.emplace_back(std::chrono::milliseconds(snapshot->CommittedMs()));
    }
    const TimestampUs now = committed[3] + std::chrono::hours(1);
    const auto lag = [&](std::optional<int64_t> read, int64_t version) {
        catalog::RunRecord before;
        if (read) before.source_versions = {{"bronze.waited", *read}};
        catalog::RunRecord run;
        run.source_versions = {{"bronze.waited", version}};
        return LagOf(lake_.session(), run, before, now);
    };
    EXPECT_EQ(lag(0, 3), now - committed[1]);
    EXPECT_EQ(lag(2, 3), now - committed[3]);
    EXPECT_EQ(lag(1, 2), now - committed[2]);
    EXPECT_EQ(lag({}, 3), now - committed[3]);
    EXPECT_EQ(lag(3, 3), std::nullopt);
}

TEST_F(StreamingTest, ARunSaysWhoWroteItAndWhetherItIsInTime) {
    lake_.catalog().Runs().WriteAs("ann");
    files_.Write("models/silver/s.yml",
                 "models:\n  - {name: s, service_level: 1 hour}\n"
                 "  - {name: later, service_level: some day}\n");
    files_.Write("models/silver/s.sql", "SELECT * FROM {{ source('bronze', 'events') }}");
    files_.Write("models/silver/later.sql", "SELECT * FROM {{ source('bronze', 'events') }}");
    lake_.Build();
    EXPECT_THAT(lake_.Rows("SELECT node, written_by, lag_ms BETWEEN 0 AND 600000, "
                           "service_level_met FROM ops.runs ORDER BY node"),
                testing::ElementsAre("silver.later|ann|true|-", "silver.s|ann|true|true"));
}

TEST_F(StreamingTest, WhatComesLateSaysSoAndIsKept) {
    Model(kWatermark);
    Land("(1, '2024-01-01 01:00:00+00', 'a'), (2, '2024-01-01 00:00:00+00', 'old, but the first')");
    Build();
    Land("(3, '2024-01-01 00:50:00+00', 'in time'), (4, '2024-01-01 00:49:59+00', 'late')");
    Build();
    EXPECT_THAT(Events("id, is_late_arrival, ingestion_lag_secs > 0"),
                ElementsAre("1|false|true", "2|false|true", "3|false|true", "4|true|true"));
}

TEST_F(StreamingTest, WhatComesAgainIsLeftOutAlsoWhenItIsLate) {
    Model(kWatermark, kOnce);
    Land("(1, '2024-01-01 00:00:00+00', 'a'), (1, '2024-01-01 00:00:00+00', 'a')");
    EXPECT_EQ(Build().rows_duplicate, 1);
    Land("(2, '2024-01-01 05:00:00+00', 'b')");
    Build();
    Land("(1, '2024-01-01 00:00:00+00', 'a'), (2, '2024-01-01 05:00:00+00', 'b')");
    EXPECT_EQ(Build().rows_duplicate, 2);
    EXPECT_THAT(Events(), ElementsAre("1|a", "2|b"));
}

TEST_F(StreamingTest, AnyBatchesOfTheSameEventsGiveTheSameRows) {
    Texts events;
    for (int id = 0; id < 30; ++id) {
        const std::string event = fmt::format("({0}, '2024-01-01 {1:02}:{2:02}:00+00', 'v{0}')", id,
                                              (id * 7) % 24, (id * 13) % 60);
        events.push_back(event);
        if (id % 3 == 0) events.push_back(event);
    }
    Model(kWatermark, kOnce);
    Texts expected;
    for (unsigned seed = 1; seed <= 6; ++seed) {
        std::mt19937 chance(seed);
        std::shuffle(events.begin(), events.end(), chance);
        lake_.Run("DROP TABLE IF EXISTS silver.events");
        lake_.Run(
            "CREATE OR REPLACE TABLE bronze.events (id INTEGER, happened TIMESTAMPTZ, v VARCHAR)");
        size_t done = 0;
        while (done < events.size()) {
            const size_t batch = std::min<size_t>(1 + chance() % 15, events.size() - done);
            Land(Join({events.begin() + static_cast<ptrdiff_t>(done),
                       events.begin() + static_cast<ptrdiff_t>(done + batch)},
                      ", "));
            done += batch;
            Build();
        }
        if (expected.empty()) expected = Events();
        EXPECT_EQ(expected.size(), 30U);
        EXPECT_EQ(Events(), expected) << "seed " << seed;
    }
}

TEST_F(StreamingTest, TheInputThatFlowsIsNamedWhereThereAreSeveral) {
    lake_.Run("CREATE TABLE bronze.names (id INTEGER, name VARCHAR)");
    const auto model = [&](const std::string& events) {
        files_.Write("models/silver/named.sql",
                     "{{ config(materialized='streaming_table') }} select e.id, n.name from " +
                         events + " e left join {{ source('bronze', 'names') }} n using (id)");
    };
    model("{{ source('bronze', 'events') }}");
    EXPECT_THROW(lake_.Build(), Error);
    model("{{ stream(source('bronze', 'events')) }}");
    Land("(1, NULL, 'a')");
    EXPECT_EQ(Build().rows_written, 1);
    lake_.Run("INSERT INTO bronze.names VALUES (1, 'one')");
    Land("(2, NULL, 'b')");
    EXPECT_EQ(Build().rows_written, 1);
}

TEST_F(StreamingTest, SettingsThatDoNotGoTogetherAreRefused) {
    for (const char* config :
         {", incremental_strategy='merge'", ", watermark={'column': 'happened'}",
          ", watermark={'column': 'happened', 'delay': 'a while'}", ", watermark='at'"}) {
        Model(config);
        EXPECT_THROW(lake_.Build(), Error) << config;
    }
    files_.Write("models/silver/events.sql",
                 std::string("{{ config(materialized='table'") + kWatermark + ") }} select 1 as n");
    EXPECT_THROW(lake_.Build(), Error);
}

TEST_F(StreamingTest, AFurtherRoundLeavesViewsAndTestsOfWhatStayedAlone) {
    Model("", "columns: [{name: id, tests: [not_null]}]");
    files_.Write("models/silver/shown.sql",
                 "{{ config(materialized='view') }} select * from {{ ref('silver', 'events') }}");
    Land("(1, NULL, 'a')");
    BuildRequest request;
    const auto states = [&] { return States(lake_.Build(request)); };
    EXPECT_THAT(states(), ElementsAre("silver.events done", "test.not_null_events_id done",
                                      "silver.shown done"));
    request.only_changed = true;
    EXPECT_THAT(states(),
                ElementsAre("silver.events up to date", "test.not_null_events_id up to date",
                            "silver.shown up to date"));
    Land("(2, NULL, 'b')");
    EXPECT_THAT(states(), ElementsAre("silver.events done", "test.not_null_events_id done",
                                      "silver.shown up to date"));
}

}  // namespace
}  // namespace tarn::pipeline
