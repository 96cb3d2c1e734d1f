// Checks by their names in builds: whose word wins, thresholds, what is left in ops.quality, and
// checks against earlier runs.
#include "dbt_fixture.h"

namespace tarn::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class CheckBuildTest : public DbtProjectTest {
protected:
    // The model `t` with these rows.
    void Model(const std::string& sql) { files_.Write("models/t.sql", sql); }
    // YAML of tests of the table, and of its column `v`.
    void Tests(const std::string& of_table, const std::string& of_column) {
        files_.Write("models/m.yml",
                     "models:\n  - name: t\n    data_tests:" + of_table +
                         "\n    columns:\n      - name: v\n        data_tests:" + of_column + "\n");
    }
    std::string Quality(const std::string& columns) {
        return lake_->One("SELECT " + columns +
                          " FROM ops.quality ORDER BY run_number DESC LIMIT 1");
    }
    // The node of the only test.
    NodeReport Tested() { return Build().nodes.at(1); }
};

TEST_F(CheckBuildTest, NoPackageIsNeeded) {
    Model("select unnest([1, 2, -3]) as v");
    Tests(" [{dbt_expectations.expect_table_row_count_to_equal: {value: 3}}]",
          " [{dbt_utils.accepted_range: {min_value: 0}}]");
    const BuildReport report = Build();
    EXPECT_THAT(
        States(report),
        ElementsAre("main.t done", "test.dbt_expectations_expect_table_row_count_to_equal_t_3 done",
                    "test.dbt_utils_accepted_range_t_v__0 failed"))
        << Messages(report);
    EXPECT_EQ(report.nodes[2].failures, 1);
}

TEST_F(CheckBuildTest, AMacroOfTheProjectOrOfAPackageWins) {
    Model("select 1 as v");
    Tests(" []", " [unique, {dbt_utils.accepted_range: {min_value: 0}}]");
    BuildWell();
    files_.Write("macros/tests.sql", "{% test unique(model, column_name) %}select 1{% endtest %}");
    EXPECT_EQ(Build().Count(NodeState::kFailed), 1U);
    files_.Write("dbt_packages/dbt_utils/dbt_project.yml", "name: dbt_utils\n");
    files_.Write("dbt_packages/dbt_utils/macros/range.sql",
                 "{% test accepted_range(model, column_name, min_value) %}select {{ min_value }}"
                 "{% endtest %}");
    EXPECT_EQ(Build().Count(NodeState::kFailed), 2U);
}

TEST_F(CheckBuildTest, AnUnknownTestOrArgumentIsToldBeforeAnythingRuns) {
    Model("select 1 as v");
    Tests(" []", " [dbt_utils.not_empty_strings]");
    Error error = Refusal();
    EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput);
    EXPECT_THAT(error.message(), HasSubstr("`dbt_utils.not_empty_string`"));
    EXPECT_EQ(error.spot().file, "models/m.yml");
    EXPECT_EQ(error.spot().line, 6);
    Tests(" []", "\n          - accepted_range:\n              min_vale: 0");
    error = Refusal();
    EXPECT_THAT(error.message(), HasSubstr("`min_value`"));
    EXPECT_EQ(error.spot().line, 8);
    EXPECT_EQ(error.spot().column, 25);
    Tests(" [{equal_rowcount: {compare_model: others}}]", " []");
    EXPECT_THAT(Refusal().message(), HasSubstr("ref('name')"));
    EXPECT_FALSE(lake_->catalog().Find({"main", "t"}).has_value());
}

TEST_F(CheckBuildTest, AnotherTableIsBuiltBefore) {
    files_.Write("models/z.sql", "select unnest([1, 2]) as v");
    Model("select unnest([1, 2]) as v");
    Tests(
        " [{dbt_utils.equality: {compare_model: ref('z')}}, {equal_rowcount: {compare_model: "
        "\"{{ ref('z') }}\"}}]",
        " []");
    BuildWell();
    files_.Write("models/z.sql", "select unnest([1, 2, 3, 4]) as v");
    const BuildReport report = Build();
    // Two rows differ, and one side has two more of them.
    EXPECT_EQ(NodeOf(report, "test.dbt_utils_equality_t_ref_z_").failures, 4);
    EXPECT_EQ(NodeOf(report, "test.equal_rowcount_t__ref_z_").failures, 2);
}

TEST_F(CheckBuildTest, OptionsHoldForAllOfThem) {
    Model("select unnest([1, 2, 3, -1, -2]) as v");
    const auto state = [&](const std::string& options) {
        Tests(" []", " [{accepted_range: {min_value: 0, " + options + "}}]");
        const NodeReport node = Tested();
        return fmt::format("{} {}", NameOf(node.state), node.failures.value_or(-1));
    };
    EXPECT_EQ(state("severity: warn"), "warned 2");
    EXPECT_EQ(state("where: v > -2"), "failed 1");
    EXPECT_EQ(state("limit: 1"), "failed 1");
    EXPECT_EQ(state("error_if: '> 2', warn_if: '> 1'"), "warned 2");
    EXPECT_EQ(state("error_if: '> 40%', warn_if: '> 39%'"), "warned 2");
    EXPECT_EQ(state("error_if: '>= 40%'"), "failed 2");
    EXPECT_EQ(state("error_if: 'between 1% and 39.9%', warn_if: '> 2'"), "done 2");
    EXPECT_EQ(state("fail_calc: max(v), error_if: '>= 0'"), "warned -1");
    EXPECT_EQ(state("store_failures: true, alias: kept"), "failed 2");
    EXPECT_THAT(lake_->Rows("SELECT v FROM main_dbt_test__audit.kept ORDER BY 1"),
                ElementsAre("-2", "-1"));
}

TEST_F(CheckBuildTest, APercentageNeedsATable) {
    files_.Write("tests/some.sql", "{{ config(error_if='> 5%') }} select 1");
    const BuildReport report = Build();
    EXPECT_THAT(Messages(report), HasSubstr("> 5%"));
    EXPECT_EQ(report.Count(NodeState::kFailed), 1U);
}

TEST_F(CheckBuildTest, ValuesMayBeTemplates) {
    Model("select 'o''clock' as v");
    Tests(" []",
          " [{accepted_values: {values: [\"{{ var('word') }}\"]}}, "
          "{expect_column_values_to_be_between: {min_value: \"{{ var('low') }}\"}}]");
    BuildRequest request;
    request.vars = {{"word", "o'clock"}, {"low", "'n'"}};
    BuildWell(request);
    request.vars = {{"word", "noon"}, {"low", "'p'"}};
    EXPECT_EQ(Build(request).Count(NodeState::kFailed), 2U);
}

TEST_F(CheckBuildTest, SourcesAreCheckedToo) {
    lake_->Run("CREATE SCHEMA raw");
    lake_->Run("CREATE TABLE raw.events AS SELECT unnest([1, NULL, 3]) AS id");
    files_.Write("models/m.yml",
                 "sources:\n  - name: raw\n    tables:\n      - name: events\n        data_tests:\n"
                 "          - expect_table_row_count_to_equal: {value: 4}\n        columns:\n"
                 "          - {name: id, data_tests: [{soda.missing_count: {mustBe: 1}}]}\n"
                 "      - {name: lost, data_tests: [expect_table_to_exist]}\n");
    const BuildReport report = Build();
    EXPECT_THAT(States(report),
                testing::UnorderedElementsAre(
                    "test.source_expect_table_row_count_to_equal_raw_events_4 failed",
                    "test.source_soda_missing_count_raw_events_id__1 done",
                    "test.source_expect_table_to_exist_raw_lost_ failed"))
        << Messages(report);
    EXPECT_EQ(
        lake_->One("SELECT table_name, rows_checked, verdict FROM ops.quality WHERE rule LIKE "
                   "'%missing%'"),
        "raw.events|3|pass");
}

TEST_F(CheckBuildTest, EachTestLeavesWhatItJudged) {
    Model("select unnest([1, 2, NULL]) as v");
    Tests(" []", " [{not_null: {error_if: '> 50%', where: v is null or v > 1}}]");
    EXPECT_EQ(Tested().state, NodeState::kWarned);
    EXPECT_EQ(Quality("node, table_name, column_name, rule, action, verdict, rows_checked, "
                      "rows_failed, threshold, versions"),
              "main.t|main.t|v|not_null_t_v|test|warn|2|1|error if > 50%, warn if != "
              "0|{\"main.t\":0}");
    EXPECT_EQ(lake_->One("SELECT count(*) FROM ops.quality JOIN ops.runs USING (run_number) WHERE "
                         "kind = 'test'"),
              "1");
    files_.Write("tests/some.sql", "select 1");
    BuildRequest some;
    some.select = {"some"};
    Build(some);
    EXPECT_EQ(Quality("table_name, column_name, rows_checked, rows_failed, verdict"),
              "-|-|-|1|fail");
}

class AnomalyBuildTest : public CheckBuildTest {
protected:
    void Rows(int count) {
        Model(fmt::format("select {} as v, * from range({}) as t(i)", count, count));
    }
    // One build for each of these numbers of rows; gives the state of the last test.
    std::string StateAfter(const std::vector<int>& counts) {
        NodeReport last;
        for (const int count : counts) {
            Rows(count);
            last = Build().nodes.at(1);
        }
        words_ = Join(last.notices, "\n");
        return std::string(NameOf(last.state));
    }
    std::string words_;
};

TEST_F(AnomalyBuildTest, TheNumberOfRowsIsJudgedByEarlierRuns) {
    Tests(" [{volume_anomaly: {min_points: 4}}]", " []");
    EXPECT_EQ(StateAfter({100, 104, 96}), "done");
    EXPECT_THAT(words_, HasSubstr("2 of 4"));
    EXPECT_EQ(StateAfter({102, 100}), "done");
    EXPECT_THAT(words_, HasSubstr("4 earlier runs"));
    EXPECT_EQ(StateAfter({300}), "failed");
    EXPECT_THAT(words_, HasSubstr("300 is not within"));
    EXPECT_EQ(Quality("table_name, value, verdict, rows_failed"), "main.t|300.0|fail|1");
    Tests(" [{volume_anomaly: {min_points: 4, severity: warn, direction: drop}}]", " []");
    // What was measured is the same, whatever else the test says.
    EXPECT_EQ(StateAfter({500}), "done");
    EXPECT_EQ(StateAfter({1}), "warned");
}

TEST_F(AnomalyBuildTest, RowsWrittenAreTheRunsOwn) {
    Tests(" [{volume_anomaly: {min_points: 3, measure: written}}]", " []");
    // Runs that were before the test count as well.
    for (const int count : {50, 51, 49}) {
        Rows(count);
        BuildRequest only;
        only.select = {"t"};
        only.exclude = {"test_type:generic"};
        BuildWell(only);
    }
    EXPECT_EQ(StateAfter({50}), "done");
    EXPECT_THAT(words_, HasSubstr("3 earlier runs"));
    EXPECT_EQ(StateAfter({9}), "failed");
}

TEST_F(AnomalyBuildTest, TheDistributionOfAColumnIsJudged) {
    Tests(" []", " [{distribution_anomaly: {min_points: 3, sensitivity: 4}}]");
    EXPECT_EQ(StateAfter({10, 12, 10, 12}), "done");
    EXPECT_EQ(StateAfter({90}), "failed");
    EXPECT_EQ(StateAfter({11}), "done");
    // Without rows there is no mean any more.
    EXPECT_EQ(StateAfter({0}), "failed");
    EXPECT_THAT(words_, HasSubstr("nothing to measure"));
}

TEST_F(AnomalyBuildTest, AgeIsJudged) {
    const auto hours = [&](int back) {
        Model(fmt::format("select now() - to_hours({}) as v", back));
        const NodeReport node = Tested();
        words_ = Join(node.notices, "\n");
        return std::string(NameOf(node.state));
    };
    Tests(" []", " [{freshness_anomaly: {min_points: 3}}]");
    for (const int back : {2, 4, 3, 3}) EXPECT_EQ(hours(back), "done") << words_;
    EXPECT_EQ(hours(1), "done") << words_;
    EXPECT_EQ(hours(50), "failed") << words_;
}

}  // namespace
}  // namespace tarn::pipeline
