#include "catalog/lineage_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/lineage_graph.h"
#include "catalog/migrations.h"
#include "catalog/scratch_folder.h"
#include "catalog/sqlite_store.h"

namespace tarn::catalog {
namespace {

using engine::LineageEffect;
using testing::ElementsAre;
using testing::IsEmpty;

engine::LineageDataset Table(const char* schema, const char* name, int64_t version = 0) {
    engine::LineageDataset table;
    table.name = {schema, name};
    table.version = version;
    return table;
}

engine::StatementLineage Copying(const engine::LineageDataset& from,
                                 const engine::LineageDataset& to,
                                 const std::vector<std::string>& columns) {
    engine::StatementLineage lineage;
    lineage.output = to;
    lineage.inputs = {from};
    for (const std::string& column : columns)
        lineage.edges.push_back({0, column, column, LineageEffect::kIdentity, false});
    return lineage;
}

class LineageLogTest : public testing::Test {
protected:
    void Write(LineageLog& log, const engine::StatementLineage& lineage,
               const std::string& node = "", const std::string& run = "") {
        store_.Write(
            [&](Connection& connection) { log.Write(connection, {node, run, "query", lineage}); });
    }
    static std::vector<std::string> TextOf(LineageLog& log) {
        std::vector<std::string> edges;
        for (const LineageRow& row : log.Edges()) {
            edges.push_back(row.output + "." + row.output_column + " <- " + row.input + "." +
                            row.input_column);
        }
        return edges;
    }
    int64_t One(const std::string& sql) {
        int64_t value = 0;
        store_.Read([&](Connection& connection) { value = IntOf(connection.Query(sql)[0][0]); });
        return value;
    }

    ScratchFolder folder_;
    ManualClock clock_{TimestampUs(std::chrono::hours(24 * 365 * 56))};
    SeededRandom random_{7};
    SqliteStore store_{folder_.path() + "/.tarn/catalog.db", Migrations(), clock_, random_};
};

TEST_F(LineageLogTest, KeepsAStatementOnce) {
    LineageLog log(store_, clock_, 10);
    Write(log, Copying(Table("main", "a", 1), Table("main", "b", 1), {"x", "y"}));
    clock_.Advance(std::chrono::seconds(60));
    Write(log, Copying(Table("main", "a", 7), Table("main", "b", 8), {"x", "y"}));
    EXPECT_THAT(TextOf(log), ElementsAre("main.b.x <- main.a.x", "main.b.y <- main.a.y"));
    EXPECT_EQ(One("SELECT max(output_version) FROM lineage"), 8);
    EXPECT_EQ(One("SELECT max(input_version) FROM lineage"), 7);
    EXPECT_EQ(One("SELECT max(last_seen_us - first_seen_us) FROM lineage"), 60'000'000);
}

TEST_F(LineageLogTest, AnInputWithoutEdgesIsARowToo) {
    LineageLog log(store_, clock_, 10);
    auto lineage = Copying(Table("main", "a"), Table("main", "b"), {});
    Write(log, lineage);
    EXPECT_THAT(TextOf(log), ElementsAre("main.b. <- main.a."));
    EXPECT_FALSE(log.Edges()[0].effect.has_value());
}

TEST_F(LineageLogTest, ANodeIsWhatItsNewestRunSaid) {
    LineageLog log(store_, clock_, 10);
    Write(log, Copying(Table("main", "a"), Table("main", "b"), {"old"}), "main.b", "run 1");
    clock_.Advance(std::chrono::seconds(1));
    Write(log, Copying(Table("main", "a"), Table("main", "b"), {"x"}), "main.b", "run 2");
    Write(log, Copying(Table("main", "c"), Table("main", "b"), {"y"}), "main.b", "run 2");
    Write(log, Copying(Table("main", "d"), Table("main", "b"), {"z"}));
    EXPECT_THAT(TextOf(log), ElementsAre("main.b.x <- main.a.x", "main.b.y <- main.c.y",
                                         "main.b.z <- main.d.z"));
}

TEST_F(LineageLogTest, ForgetsWhatWasNotSeenForLong) {
    LineageLog log(store_, clock_, 10);
    Write(log, Copying(Table("main", "a"), Table("main", "b"), {"x"}));
    clock_.Advance(std::chrono::hours(24 * 11));
    LineageLog later(store_, clock_, 10);
    Write(later, Copying(Table("main", "c"), Table("main", "d"), {"y"}));
    EXPECT_THAT(TextOf(later), ElementsAre("main.d.y <- main.c.y"));
    EXPECT_EQ(One("SELECT count(*) FROM lineage_edges"), 1);
    EXPECT_EQ(One("SELECT count(*) FROM lineage_inputs"), 1);
}

TEST_F(LineageLogTest, WhatOnlyReadsIsNotedNowAndThen) {
    LineageLog log(store_, clock_, 10);
    auto read = Copying(Table("main", "a", 1), Table("main", "b"), {"x"});
    read.output.reset();
    Write(log, read, "api:/v1/a");
    read.inputs[0].version = 2;
    Write(log, read, "api:/v1/a");
    EXPECT_EQ(One("SELECT max(input_version) FROM lineage"), 1);
    clock_.Advance(LineageLog::kSeenAgainAfter);
    Write(log, read, "api:/v1/a");
    EXPECT_EQ(One("SELECT max(input_version) FROM lineage"), 2);
}

LineageRow Edge(const char* output, const char* output_column, const char* input,
                const char* input_column, LineageEffect effect = LineageEffect::kIdentity) {
    LineageRow row;
    row.output = output;
    row.output_kind = "table";
    row.output_column = output_column;
    row.input = input;
    row.input_kind = "table";
    row.input_column = input_column;
    row.effect = effect;
    return row;
}

std::vector<LineageRow> Chain() {
    LineageRow reader = Edge("", "", "main.c", "z");
    reader.node = "api:/v1/c";
    return {Edge("main.b", "y", "main.a", "x"), Edge("main.c", "z", "main.b", "y"),
            Edge("main.c", "", "main.b", "k", LineageEffect::kFilter), reader};
}

TEST(LineageGraphTest, FindsTablesAndColumns) {
    const LineageGraph graph(Chain());
    EXPECT_EQ(graph.Find("MAIN.A").Text(), "main.a");
    EXPECT_EQ(graph.Find("a").Text(), "main.a");
    EXPECT_EQ(graph.Find("main.b.Y").Text(), "main.b.y");
    EXPECT_EQ(graph.Find("b.k").Text(), "main.b.k");
    EXPECT_THROW(graph.Find("main.b.nothing"), Error);
    EXPECT_THROW(graph.Find("other"), Error);
}

TEST(LineageGraphTest, WalksBothWays) {
    const LineageGraph graph(Chain());
    const auto up = graph.Walk(graph.Find("main.c.z"), LineageDirection::kUpstream, 10);
    ASSERT_EQ(up.steps.size(), 2U);
    EXPECT_EQ(up.steps[0].point.Text(), "main.b.k");
    EXPECT_THAT(up.steps[0].effects, ElementsAre("FILTER"));
    EXPECT_EQ(up.steps[1].point.Text(), "main.b.y");
    EXPECT_EQ(up.steps[1].steps.at(0).point.Text(), "main.a.x");
    const auto down = graph.Walk(graph.Find("main.a.x"), LineageDirection::kDownstream, 10);
    const auto reached = Reached(down);
    EXPECT_THAT(reached.at("main.b"), ElementsAre("y"));
    EXPECT_THAT(reached.at("main.c"), ElementsAre("z"));
    EXPECT_TRUE(reached.contains("api:/v1/c"));
    EXPECT_THAT(
        graph.Walk(graph.Find("main.a"), LineageDirection::kDownstream, 1).steps.at(0).steps,
        IsEmpty());
}

TEST(LineageGraphTest, ACircleEnds) {
    const LineageGraph graph(
        {Edge("main.b", "y", "main.a", "x"), Edge("main.a", "x", "main.b", "y")});
    const auto walk = graph.Walk(graph.Find("main.a.x"), LineageDirection::kDownstream, 100);
    ASSERT_EQ(walk.steps.size(), 1U);
    ASSERT_EQ(walk.steps[0].steps.size(), 1U);
    EXPECT_TRUE(walk.steps[0].steps[0].is_repeated);
}

TEST(LineageGraphTest, AWalkHasABound) {
    std::vector<LineageRow> rows;
    for (size_t i = 0; i <= LineageGraph::kMostSteps; i++)
        rows.push_back(Edge(fmt::format("main.t{}", i).c_str(), "y", "main.a", "x"));
    const LineageGraph graph(rows);
    EXPECT_THROW(graph.Walk(graph.Find("main.a"), LineageDirection::kDownstream, 1), Error);
}

}  // namespace
}  // namespace tarn::catalog
