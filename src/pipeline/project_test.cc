#include "pipeline/project.h"

#include <gtest/gtest.h>

namespace tarn::pipeline {
namespace {

const ProjectFile kFlights = {"models/silver/flights.sql",
                              "select * from {{ source('bronze', 'flights') }}"};

Error Refusal(std::vector<ProjectFile> files) {
    try {
        ParseProject("lake", files, {});
    } catch (const Error& error) {
        return error;
    }
    return Error(ErrorKind::kInternal, "nothing was refused");
}

TEST(Project, TheFirstFolderIsTheSchema) {
    const Project project = ParseProject("lake",
                                         {{"models/gold/deep/a.sql", "select 1"},
                                          {"models/b.sql", "select 1"},
                                          kFlights,
                                          {"tests/t.sql", "select 1"},
                                          {"macros/x.sql", ""}},
                                         {});
    ASSERT_EQ(project.models.size(), 3u);
    EXPECT_EQ(project.models[0].Id(), "main.b");
    EXPECT_EQ(project.models[1].Id(), "gold.a");
    EXPECT_EQ(project.models[1].layer, "gold");
    EXPECT_EQ(project.models[2].Id(), "silver.flights");
    EXPECT_EQ(project.tests.at(0).name, "t");
    EXPECT_EQ(project.macros.at(0).package, "lake");
}

TEST(Project, YamlIsLaidOverItsModel) {
    const Project project = ParseProject("lake",
                                         {kFlights,
                                          {"models/silver/silver.yml",
                                           "models:\n"
                                           "  - name: flights\n"
                                           "    description: one row a flight\n"
                                           "    owner: ops\n"
                                           "    tags: [daily]\n"
                                           "    config: {materialized: incremental, tags: big}\n"
                                           "    columns:\n"
                                           "      - {name: carrier, data_tests: [not_null]}\n"
                                           "    expectations:\n"
                                           "      - {name: a, condition: b, action: drop}\n"
                                           "    deduplicate: {keys: [id], order_by: [at]}\n"
                                           "sources:\n"
                                           "  - {name: bronze, tables: [{name: flights}]}\n"}},
                                         {});
    const Model& model = project.models.at(0);
    EXPECT_EQ(model.config.materialized, Materialized::kIncremental);
    EXPECT_EQ(model.config.tags, (std::vector<std::string>{"big", "daily"}));
    EXPECT_EQ(model.columns.at(0).tests.at(0).name, "not_null_flights_carrier");
    EXPECT_EQ(model.expectations.at(0).action, quality::Action::kDrop);
    EXPECT_EQ(model.deduplicate.keys, std::vector<std::string>{"id"});
    EXPECT_EQ(project.sources.at(0).Id(), "bronze.flights");
}

TEST(Project, MistakesAreRefusedAtTheirPlace) {
    const auto refused = [](const std::string& yaml) {
        return Refusal({kFlights, {"models/silver/s.yml", yaml}});
    };
    const Error key = refused("models:\n  - name: flights\n    expectation: []\n");
    EXPECT_EQ(key.kind(), ErrorKind::kInvalidInput);
    EXPECT_EQ(key.spot().file, "models/silver/s.yml");
    EXPECT_EQ(key.spot().line, 3);
    EXPECT_EQ(key.spot().column, 5);
    EXPECT_EQ(refused("models:\n  - name: flihgts\n").spot().line, 2);
    EXPECT_EQ(refused("models:\n  - name: flights\n  - name: flights\n").spot().line, 3);
    EXPECT_EQ(
        refused("models:\n  - name: flights\n    config: {materialized: tabel}\n").spot().line, 3);
    EXPECT_EQ(refused("models:\n  - name: flights\n    deduplicate: {keys: [a]}\n").kind(),
              ErrorKind::kInvalidInput);
    EXPECT_EQ(refused("models:\n  - name: flights\n    config: {materialized: snapshot}\n").kind(),
              ErrorKind::kUnsupported);
    EXPECT_EQ(refused("models: [\n").kind(), ErrorKind::kInvalidInput);
    EXPECT_EQ(Refusal({kFlights, {"models/silver/deep/flights.sql", "select 1"}}).kind(),
              ErrorKind::kInvalidInput);
}

}  // namespace
}  // namespace tarn::pipeline
