// Hooks of a dbt project, failures that are kept, and how incremental models meet changed columns.
#include "dbt_fixture.h"

namespace tarn::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(DbtProjectTest, HooksRunAroundModelsAndTheBuild) {
    files_.Write("dbt_project.yml",
                 "name: shop\nmodels: {shop: {+materialized: table, +post-hook: [\"insert into "
                 "notes.log values ('folder {{ this.identifier }}')\"]}}\n"
                 "on-run-start: [\"create schema if not exists notes\", \"create table if not "
                 "exists notes.log (w varchar)\", \"{{ note('start') }}\"]\n"
                 "on-run-end: [\"insert into notes.log values ('end {{ results | length }} {{ "
                 "results[0].node.name }} {{ results[0].status }} {{ schemas | join }}')\"]\n");
    files_.Write("macros/note.sql",
                 "{% macro note(w) %}{% if execute %}insert into notes.log values ('{{ w }}')"
                 "{% endif %}{% endmacro %}");
    files_.Write("models/a.sql",
                 "{{ config(pre_hook=\"{{ note('before') }}\", post_hook={'sql': \"{{ "
                 "note('after') }}\", 'transaction': false}) }}select 1 as n");
    BuildWell();
    EXPECT_THAT(lake_->Rows("SELECT w FROM notes.log ORDER BY 1"),
                ElementsAre("after", "before", "end 1 a success main", "folder a", "start"));
    // Hooks act each time.
    EXPECT_EQ(NodeOf(BuildWell(), "main.a").state, NodeState::kDone);
    EXPECT_EQ(lake_->One("SELECT count(*) FROM notes.log"), "10");
}

TEST_F(DbtProjectTest, AHookThatFailsFailsItsModelAtItsPlace) {
    files_.Write("models/a.sql", "{{ config(post_hook='select nope from {{ this }}') }}select 1 n");
    files_.Write("models/b.sql", "select * from {{ ref('a') }}");
    const BuildReport report = Build();
    EXPECT_THAT(States(report), ElementsAre("main.a failed", "main.b skipped"));
    EXPECT_THAT(NodeOf(report, "main.a").message, HasSubstr("models/a.sql"));
}

TEST_F(DbtProjectTest, AHookOfTheBuildThatFailsFailsTheBuildAndArtifactsSayWhich) {
    files_.Write("models/a.sql", "select 1 as n");
    files_.Write("dbt_project.yml", "name: shop\non-run-end: [select 1, select nope, select 2]\n");
    BuildReport report = Build();
    EXPECT_TRUE(report.HasFailed());
    EXPECT_THAT(States(report), ElementsAre("main.a done"));
    ASSERT_EQ(report.hooks.size(), 2U);
    EXPECT_EQ(report.hooks[1].unique_id, "operation.shop.shop-on-run-end-1");
    EXPECT_EQ(report.hooks[1].state, NodeState::kFailed);
    files_.Write("dbt_project.yml", "name: shop\non-run-start: [select nope]\n");
    report = Build();
    EXPECT_TRUE(report.HasFailed());
    EXPECT_THAT(States(report), ElementsAre("main.a skipped"));
}

TEST_F(DbtProjectTest, RowsThatBreakATestMayBeKept) {
    files_.Write("models/a.sql", "select 1 as n union all select null");
    files_.Write("models/a.yml",
                 "models: [{name: a, columns: [{name: n, tests: [not_null: {config: "
                 "{store_failures: true, severity: warn}}, unique: {name: u, store_failures_as: "
                 "view, schema: broken, alias: twice}]}]}]\n");
    files_.Write("tests/none.sql",
                 "{{ config(store_failures=true, severity='warn') }}select n from {{ ref('a') }} "
                 "where n = 1");
    BuildWell();
    EXPECT_THAT(lake_->Rows("SELECT * FROM main_dbt_test__audit.not_null_a_n"), ElementsAre("-"));
    EXPECT_THAT(lake_->Rows("SELECT * FROM main_dbt_test__audit.none"), ElementsAre("1"));
    EXPECT_THAT(lake_->Rows("SELECT * FROM main_broken.twice"), ElementsAre());
}

TEST_F(DbtProjectTest, TestsOfAFolderHaveItsSettings) {
    files_.Write("dbt_project.yml",
                 "name: shop\nmodels: {shop: {+materialized: table}}\n"
                 "data_tests: {shop: {+severity: warn, soft: {+enabled: false}}}\n");
    files_.Write("models/a.sql", "select null as n");
    files_.Write("models/a.yml",
                 "models: [{name: a, columns: [{name: n, tests: [not_null, not_null: {name: hard, "
                 "severity: error, warn_if: '> 9', error_if: '> 9'}]}]}]\n");
    files_.Write("tests/t.sql", "select * from {{ ref('a') }}");
    files_.Write("tests/soft/t2.sql", "select * from {{ ref('a') }}");
    EXPECT_THAT(States(BuildWell()), ElementsAre("main.a done", "test.hard done",
                                                 "test.not_null_a_n warned", "test.t warned"));
}

class GrowingTest : public DbtProjectTest {
protected:
    void Model(const std::string& config) {
        files_.Write("models/grown.sql", "{{ config(materialized='incremental'" + config +
                                             ") }} select * from {{ ref('raw') }}");
    }
    Texts After(const std::string& csv) {
        files_.Write("seeds/raw.csv", csv);
        BuildWell();
        return lake_->Rows("SELECT * FROM main.grown ORDER BY ALL");
    }
};

TEST_F(GrowingTest, AllColumnsAreKeptInStep) {
    Model(", unique_key='k', on_schema_change='sync_all_columns'");
    After("k,old,v\n1,a,1\n2,b,1\n");
    EXPECT_THAT(After("k,v,more\n2,2.5,x\n3,3,y\n"), ElementsAre("1|1.0|-", "2|2.5|x", "3|3.0|y"));
    EXPECT_EQ(lake_->One("SELECT typeof(v) FROM main.grown LIMIT 1"), "DOUBLE");
}

TEST_F(GrowingTest, ConditionsOfTheMeetingAreAsked) {
    for (const char* strategy : {"merge", "delete+insert"}) {
        lake_->Run("DROP TABLE IF EXISTS main.grown");
        Model(std::string(", unique_key='k', incremental_strategy='") + strategy +
              "', incremental_predicates=[\"DBT_INTERNAL_DEST.v > 5\"]");
        After("k,v\n1,1\n2,9\n");
        EXPECT_THAT(After("k,v\n1,7\n2,8\n"), ElementsAre("1|1", "1|7", "2|8")) << strategy;
    }
}

TEST_F(GrowingTest, MergeLeavesTheColumnsThatItIsToldToLeave) {
    Model(", unique_key='k', incremental_strategy='merge', merge_exclude_columns=['first']");
    After("k,first,v\n1,a,1\n");
    EXPECT_THAT(After("k,first,v\n1,b,2\n2,c,2\n"), ElementsAre("1|a|2", "2|c|2"));
}

TEST_F(DbtProjectTest, AMaterializedViewIsATableThatFollowsItsInputs) {
    files_.Write("seeds/raw.csv", "k\n1\n");
    files_.Write("models/m.sql",
                 "{{ config(materialized='materialized_view') }}select count(*) as n from {{ "
                 "ref('raw') }}");
    BuildWell();
    files_.Write("seeds/raw.csv", "k\n1\n2\n");
    BuildWell();
    EXPECT_EQ(lake_->One("SELECT n FROM m"), "2");
}

}  // namespace
}  // namespace tarn::pipeline
