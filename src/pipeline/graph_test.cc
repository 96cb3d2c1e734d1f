#include "pipeline/graph.h"

#include <gtest/gtest.h>

#include "pipeline/layer_law.h"
#include "pipeline/project.h"

namespace tarn::pipeline {
namespace {

constexpr const char* kGoldYaml =
    "models:\n  - {name: g, description: d, owner: o, service_level: 1 hour, consumers: [c]}\n";

struct Made {
    explicit Made(std::vector<ProjectFile> files)
        : project(ParseProject("lake", files, {})),
          context(project, {}, {{"bronze", "flights"}}),
          graph(project, context) {}
    std::vector<std::string> Ids() const {
        std::vector<std::string> ids;
        for (const Node& node : graph.Nodes()) ids.push_back(node.id);
        return ids;
    }
    // Ids of the tests that a node waits for.
    std::vector<std::string> Gates(const std::string& id) const {
        std::vector<std::string> ids;
        for (const size_t gate : graph.Nodes()[static_cast<size_t>(graph.Find(id))].gates)
            ids.push_back(graph.Nodes()[gate].id);
        return ids;
    }
    Project project;
    ModelContext context;
    Graph graph;
};

Error Refusal(const std::vector<ProjectFile>& files) {
    try {
        Made made(files);
        CheckLayerLaws(made.graph);
    } catch (const Error& error) {
        return error;
    }
    return Error(ErrorKind::kInternal, "nothing was refused");
}

std::string RuleOf(const Error& error) {
    return error.context().empty() ? "" : error.context()[0].second;
}

std::vector<ProjectFile> Chain() {
    return {{"models/silver/a.sql", "select * from {{ source('bronze', 'flights') }}"},
            {"models/silver/b.sql", "{{ config(tags=['hot']) }} select * from {{ ref('a') }}"},
            {"models/silver/c.sql", "select 1"},
            {"models/gold/g.sql",
             "select * from {{ ref('b') }} join {{ ref('silver', 'c') }} using (x)"},
            {"models/gold/gold.yml", kGoldYaml},
            {"tests/t.sql", "select * from {{ ref('b') }} where x is null"}};
}

using Ids = std::vector<std::string>;

TEST(Graph, ParentsComeFirst) {
    const Made made(Chain());
    EXPECT_EQ(made.Ids(), (Ids{"silver.a", "silver.b", "silver.c", "test.t", "gold.g"}));
    EXPECT_EQ(made.graph.Nodes()[0].sources.at(0).Id(), "bronze.flights");
    EXPECT_EQ(made.graph.Nodes()[1].config.tags, Ids{"hot"});
}

TEST(Graph, WhatIsIncrementalHidesIsFound) {
    const Made made(
        {{"models/a.sql", "select 1 as x"},
         {"models/b.sql",
          "{{ config(materialized='incremental') }} select * from "
          "{% if is_incremental() %}{{ stream(ref('a')) }}{% else %}(select 2){% endif %}"}});
    EXPECT_EQ(made.graph.Nodes()[1].parents.size(), 1u);
    EXPECT_EQ(made.graph.Nodes()[1].streams, Ids{"main.a"});
}

TEST(Graph, AnUnknownRefOrSourceIsRefusedAtItsPlace) {
    const Error ref = Refusal({{"models/flights.sql", "select 1"},
                               {"models/b.sql", "select *\nfrom {{ ref('flihgts') }}"}});
    EXPECT_EQ(ref.kind(), ErrorKind::kInvalidInput);
    EXPECT_EQ(ref.spot().file, "models/b.sql");
    EXPECT_EQ(ref.spot().line, 2);
    EXPECT_NE(ref.message().find("`flights`"), std::string::npos);
    EXPECT_EQ(
        Refusal({{"models/b.sql", "select * from {{ source('bronze', 'fligths') }}"}}).spot().line,
        1);
    EXPECT_EQ(Refusal({{"models/b.sql", "{{ config(materialised='view') }}select 1"}}).spot().line,
              1);
    EXPECT_EQ(Refusal({{"models/b.sql", "select {{ var('x') }}"}}).kind(),
              ErrorKind::kInvalidInput);
}

TEST(Graph, ACircleIsNamed) {
    const Error error = Refusal({{"models/a.sql", "select * from {{ ref('b') }}"},
                                 {"models/b.sql", "select *\nfrom {{ ref('c') }}"},
                                 {"models/c.sql", "select * from {{ ref('a') }}"},
                                 {"models/d.sql", "select * from {{ ref('a') }}"}});
    EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput);
    EXPECT_FALSE(error.spot().file.empty());
    EXPECT_NE(error.message().find("main.b"), std::string::npos);
    EXPECT_EQ(Refusal({{"models/a.sql", "select * from {{ ref('a') }}"}}).kind(),
              ErrorKind::kInvalidInput);
}

TEST(Graph, DeclaredTestsAreNodesThatTheReadersOfTheirModelWaitFor) {
    const auto tests = [](const std::string& model, const std::string& other) {
        return "models: [{name: " + model +
               ", columns: [{name: x, data_tests: [{relationships: {to: ref('" + other +
               "'), field: x}}]}]}]";
    };
    const std::vector<ProjectFile> models = {
        {"models/a.sql", "select 1 as x"},
        {"models/b.sql", "select 1 as x"},
        {"models/c.sql", "select x from {{ ref('a') }}"},
        {"models/d.sql", "select x from {{ ref('c') }}, {{ ref('b') }}"}};
    const auto with = [&](const std::string& yaml) {
        std::vector<ProjectFile> files = models;
        files.push_back({"models/m.yml", yaml});
        return files;
    };
    // c does not read b, so it does not wait for a test that does; d reads both.
    const Made of_both(with(tests("a", "b")));
    const std::string test = "test.relationships_a_x__x__ref_b_";
    EXPECT_EQ(of_both.Ids(), (Ids{"main.a", "main.b", "main.c", test, "main.d"}));
    EXPECT_EQ(of_both.Gates("main.c"), Ids{});
    EXPECT_EQ(of_both.Gates("main.d"), Ids{test});
    // A test that reads what is made from its model comes behind that.
    const Made of_later(with(tests("a", "c")));
    EXPECT_EQ(of_later.Gates("main.c"), Ids{});
    EXPECT_EQ(of_later.Gates("main.d"), Ids{"test.relationships_a_x__x__ref_c_"});
    const Made of_one(with("models: [{name: a, columns: [{name: x, data_tests: [unique]}]}]"));
    EXPECT_EQ(of_one.Gates("main.c"), Ids{"test.unique_a_x"});
    EXPECT_EQ(of_one.Gates("main.d"), Ids{});
    EXPECT_EQ(Refusal(with(tests("a", "nope"))).spot().file, "models/m.yml");
}

TEST(Graph, StreamsBelongToIncrementalModels) {
    EXPECT_EQ(Refusal({{"models/a.sql", "select 1"},
                       {"models/b.sql", "select * from {{ stream(ref('a')) }}"}})
                  .spot()
                  .file,
              "models/b.sql");
}

TEST(LayerLaw, GoldSaysWhoAndReadsNoBronze) {
    EXPECT_NO_THROW(CheckLayerLaws(Made(Chain()).graph));
    const auto with = [](const std::string& sql, const std::string& yaml) {
        return Refusal({{"models/gold/g.sql", sql}, {"models/gold/gold.yml", yaml}});
    };
    EXPECT_EQ(RuleOf(with("select 1",
                          "models: [{name: g, description: d, service_level: s, consumers: [c]}]")),
              "gold_has_owner");
    EXPECT_EQ(
        RuleOf(with("select 1", "models: [{name: g, description: d, owner: o, consumers: [c]}]")),
        "gold_has_service_level");
    EXPECT_EQ(
        RuleOf(with("select 1", "models: [{name: g, description: d, owner: o, service_level: s}]")),
        "gold_has_consumers");
    EXPECT_EQ(
        RuleOf(with("select 1", "models: [{name: g, owner: o, service_level: s, consumers: [c]}]")),
        "gold_has_description");
    EXPECT_EQ(RuleOf(with("select * from {{ source('bronze', 'flights') }}", kGoldYaml)),
              "gold_reads_no_bronze");
}

TEST(LayerLaw, AViewDoesNotHideBronze) {
    const Error error = Refusal(
        {{"models/v.sql",
          "{{ config(materialized='view') }}select * from {{ source('bronze', 'flights') }}"},
         {"models/gold/g.sql", "select * from {{ ref('v') }}"},
         {"models/gold/gold.yml", kGoldYaml}});
    EXPECT_EQ(RuleOf(error), "gold_reads_no_bronze");
}

}  // namespace
}  // namespace tarn::pipeline
