// A small dbt project, as dbt's own examples are made, run as it stands.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "lake_fixture.h"

namespace tarn::pipeline {
namespace {

using testing::ElementsAre;

class DbtBuildTest : public testing::Test {
protected:
    DbtBuildTest() {
        files_.Write("dbt_project.yml",
                     "name: bakery\nprofile: bakery\nseeds: {+docs: {node_color: red}}\n"
                     "models:\n  bakery:\n    materialized: table\n"
                     "    staging: {materialized: view, +docs: {node_color: silver}}\n");
        files_.Write("profiles.yml",
                     "bakery: {target: dev, outputs: {dev: {type: duckdb, path: x.duckdb}}}\n");
        files_.Write("seeds/raw_breads.csv",
                     "id,name,baked,hot,kilos\n1,rye,2024-01-01,true,1.5\n"
                     "2,NULL,2024-1-2,false,\n3,\"a, b\",,TRUE,3\n");
        files_.Write("models/staging/stg_breads.sql",
                     "with source as (\n  {#- a comment #}\n  select * from {{ ref('raw_breads') }}"
                     "\n)\nselect id as bread_id, name, baked, kilos from source\n");
        files_.Write("models/heavy.sql",
                     "{% set limits = [1, 2] %}\nselect bread_id\n"
                     "{% for limit in limits -%}\n, kilos > {{ limit }} as over_{{ limit }}\n"
                     "{% endfor %}\nfrom {{ ref('stg_breads') }}\n");
        files_.Write("models/schema.yml",
                     "version: 2\nmodels:\n  - name: heavy\n    columns:\n"
                     "      - {name: bread_id, tests: [unique, not_null,\n"
                     "         {relationships: {to: ref('stg_breads'), field: bread_id}}]}\n"
                     "  - name: stg_breads\n    columns: [{name: name, tests: [not_null]}]\n");
        lake_ = std::make_unique<OpenLake>(files_.path(), store_);
    }
    BuildReport Build(const BuildRequest& request = {}) { return lake_->Build(request); }

    LakeFiles files_;
    storage::LocalStore store_;
    std::unique_ptr<OpenLake> lake_;
};

TEST_F(DbtBuildTest, SeedsViewsTablesAndTheirTests) {
    const BuildReport report = Build();
    EXPECT_THAT(States(report),
                ElementsAre("main.raw_breads done", "main.stg_breads done",
                            "test.not_null_stg_breads_name failed", "main.heavy skipped",
                            "test.not_null_heavy_bread_id skipped",
                            "test.relationships_heavy_bread_id__bread_id__ref_stg_breads_ skipped",
                            "test.unique_heavy_bread_id skipped"))
        << Messages(report);
    files_.Write("models/schema.yml", "version: 2\nmodels: [{name: stg_breads}]\n");
    EXPECT_THAT(States(Build()), ElementsAre("main.raw_breads up to date", "main.stg_breads done",
                                             "main.heavy done"));
    EXPECT_THAT(lake_->Rows("SELECT * FROM main.heavy ORDER BY 1"),
                ElementsAre("1|true|false", "2|-|-", "3|true|true"));
}

TEST_F(DbtBuildTest, SeedsAreTypedAsDbtTypesThem) {
    Build();
    EXPECT_THAT(
        lake_->Rows("SELECT * FROM raw_breads ORDER BY id"),
        ElementsAre("1|rye|2024-01-01|true|1.5", "2|-|2024-01-02|false|-", "3|a, b|-|true|3.0"));
    EXPECT_EQ(lake_->One("SELECT typeof(COLUMNS(*)) FROM raw_breads LIMIT 1"),
              "INTEGER|VARCHAR|DATE|BOOLEAN|DOUBLE");
}

TEST_F(DbtBuildTest, ASeedIsBuiltAnewWhenItsFileChanges) {
    Build();
    files_.Write("seeds/raw_breads.csv", "id,name,baked,kilos,zip\n007,rye,,1,01234\n");
    files_.Write("seeds/seeds.yml",
                 "seeds: [{name: raw_breads, config: {column_types: {zip: varchar(5)}}}]\n");
    EXPECT_EQ(NodeOf(Build(), "main.raw_breads").state, NodeState::kDone);
    EXPECT_EQ(lake_->One("SELECT id, zip, typeof(kilos) FROM raw_breads"), "7|01234|INTEGER");
}

constexpr const char* kTestMacros = R"(
{% test light(model, column_name, below=10) %}
    {{ config(severity='error') }}
    select {{ column_name }} from {{ model }} where {{ column_name }} >= {{ below }}
{% endtest %}
{%- test as_many(model, than) -%}
select * from (select count(*) as a from {{ model }}), (select count(*) as b from {{ than }})
where a <> b
{%- endtest -%}
)";

TEST_F(DbtBuildTest, TestsMayBeMacrosOfTheProject) {
    files_.Write("tests/generic/tests.sql", kTestMacros);
    files_.Write("models/schema.yml",
                 "models:\n  - name: stg_breads\n"
                 "    data_tests: [as_many: {than: ref('heavy')}]\n"
                 "    columns: [{name: kilos, tests: [light: {below: 3}]}]\n");
    EXPECT_THAT(States(Build()),
                ElementsAre("main.raw_breads done", "main.stg_breads done",
                            "test.light_stg_breads_3__kilos failed", "main.heavy skipped",
                            "test.as_many_stg_breads_ref_heavy_ skipped"));
    files_.Write("models/schema.yml",
                 "models:\n  - {name: stg_breads, data_tests: [as_many: {than: ref('heavy')}]}\n"
                 "  - {name: heavy, data_tests: [as_many: {than: ref('raw_breads')}]}\n");
    // What reads a model behind the tested one comes behind that.
    EXPECT_THAT(States(Build()),
                ElementsAre("main.raw_breads up to date", "main.stg_breads done", "main.heavy done",
                            "test.as_many_heavy_ref_raw_breads_ done",
                            "test.as_many_stg_breads_ref_heavy_ done"));
    files_.Write("models/schema.yml",
                 "models: [{name: stg_breads, data_tests: [as_many: {than: ref('heavy')}]}]\n");
    files_.Write("models/heavy.sql", "select bread_id from {{ ref('stg_breads') }} limit 1");
    EXPECT_EQ(NodeOf(Build(), "test.as_many_stg_breads_ref_heavy_").state, NodeState::kFailed);
}

TEST_F(DbtBuildTest, TemplatesChangeListsAndCallWhatDbtGives) {
    files_.Write("macros/keys.sql",
                 "{% macro key_of(names) %}\n{%- set fields = [] -%}\n"
                 "{%- for name in names -%}\n"
                 "{%- do fields.append(\"coalesce(cast(\" ~ name ~ \" as \" ~ "
                 "dbt.type_string() ~ \"), '_')\") -%}\n"
                 "{%- if not loop.last %}{%- do fields.append(\"'-'\") -%}{%- endif -%}\n"
                 "{%- endfor -%}\n{{ dbt.hash(dbt.concat(fields)) }}\n{% endmacro %}\n"
                 "{% materialization mine, adapter='duckdb', supported_languages=['sql'] %}\n"
                 "{% endmaterialization %}\n");
    files_.Write("models/heavy.sql",
                 "select {{ key_of(['bread_id', 'name']) }} as k, "
                 "{{ dbt.dateadd('day', 1, 'baked') }} as d from {{ ref('stg_breads') }} "
                 "where bread_id = 1");
    files_.Write("models/schema.yml", "version: 2\n");
    const BuildReport report = Build();
    EXPECT_EQ(NodeOf(report, "main.heavy").state, NodeState::kDone) << Messages(report);
    EXPECT_EQ(lake_->One("SELECT k = md5('1-rye'), d FROM heavy"), "true|2024-01-02 00:00:00");
}

TEST_F(DbtBuildTest, ATestSaysWhatItsFailuresComeTo) {
    files_.Write("macros/tests.sql", kTestMacros);
    const auto state = [&](const std::string& config) {
        files_.Write("models/schema.yml",
                     "models:\n  - name: stg_breads\n    columns:\n"
                     "      - {name: kilos, tests: [light: {below: 1, config: " +
                         config + "}]}\n");
        return NodeOf(Build(), "test.light_stg_breads_1__kilos").state;
    };
    EXPECT_EQ(state("{}"), NodeState::kFailed);
    EXPECT_EQ(state("{severity: warn}"), NodeState::kWarned);
    EXPECT_EQ(state("{error_if: '> 2'}"), NodeState::kWarned);
    EXPECT_EQ(state("{error_if: '> 2', warn_if: '> 2'}"), NodeState::kDone);
    EXPECT_EQ(state("{limit: 1, error_if: '> 1', warn_if: '> 1'}"), NodeState::kDone);
    EXPECT_EQ(state("{fail_calc: sum(kilos), error_if: '>= 4.5'}"), NodeState::kFailed);
    EXPECT_EQ(state("{where: kilos < 1}"), NodeState::kDone);
    EXPECT_THROW(state("{enabled: false}"), Error);
}

TEST_F(DbtBuildTest, SourcesSeedsAndFilesAreTestedToo) {
    lake_->Run("CREATE SCHEMA landed");
    lake_->Run("CREATE TABLE landed.o_1 AS SELECT NULL AS id");
    files_.Write("models/schema.yml",
                 "sources: [{name: raw, schema: landed, tables: [{name: orders, identifier: o_1,\n"
                 "  columns: [{name: id, tests: [not_null]}]}]}]\n");
    files_.Write("seeds/seeds.yml",
                 "seeds: [{name: raw_breads, columns: [{name: id, tests: "
                 "[unique]}, {name: baked, tests: [not_null: {severity: "
                 "warn}]}]}]\n");
    files_.Write("tests/soft.sql",
                 "{{ config(severity='warn') }} select * from {{ ref('raw_breads') }}");
    const BuildReport report = Build();
    EXPECT_EQ(NodeOf(report, "test.source_not_null_raw_orders_id").state, NodeState::kFailed)
        << Messages(report);
    EXPECT_EQ(NodeOf(report, "main.raw_breads").state, NodeState::kDone);
    EXPECT_EQ(NodeOf(report, "test.not_null_raw_breads_baked").state, NodeState::kWarned);
    EXPECT_EQ(NodeOf(report, "test.soft").state, NodeState::kWarned);
}

TEST_F(DbtBuildTest, ATestThatNobodyHasIsRefused) {
    files_.Write("models/schema.yml",
                 "models:\n  - name: heavy\n    columns: [{name: bread_id, tests: [uniqe]}]\n");
    try {
        Build();
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput);
        EXPECT_EQ(error.spot().line, 3);
    }
}

// An incremental model over a seed that is changed between two builds.
class IncrementalTest : public DbtBuildTest {
protected:
    void Model(const std::string& config) {
        files_.Write("models/schema.yml", "version: 2\n");
        files_.Write("models/grown.sql", "{{ config(materialized='incremental'" + config +
                                             ") }} select * from {{ ref('raw_events') }}");
    }
    // The table's rows after one more build over these.
    Texts After(const std::string& rows, const std::string& columns = "k,day,v") {
        files_.Write("seeds/raw_events.csv", columns + "\n" + rows);
        BuildRequest request;
        request.select = {"+grown"};
        const BuildReport report = Build(request);
        EXPECT_EQ(NodeOf(report, "main.grown").state, NodeState::kDone) << Messages(report);
        return lake_->Rows("SELECT * FROM main.grown ORDER BY ALL");
    }
};

TEST_F(IncrementalTest, WithoutAKeyRowsAreAdded) {
    Model("");
    After("1,a,x\n");
    EXPECT_THAT(After("1,a,y\n"), ElementsAre("1|a|x", "1|a|y"));
}

TEST_F(IncrementalTest, AKeyReplacesWhatHasIt) {
    for (const char* strategy :
         {"", ", incremental_strategy='merge'", ", incremental_strategy='delete+insert'"}) {
        lake_->Run("DROP TABLE IF EXISTS main.grown");
        Model(std::string(", unique_key=['k', 'day']") + strategy);
        After("1,a,x\n2,a,x\n1,b,x\n");
        EXPECT_THAT(After("1,a,y\n3,a,z\n"), ElementsAre("1|a|y", "1|b|x", "2|a|x", "3|a|z"))
            << strategy;
    }
}

TEST_F(IncrementalTest, MergeChangesTheColumnsThatItIsToldOf) {
    Model(", unique_key='k', incremental_strategy='merge', merge_update_columns=['v']");
    After("1,a,x\n");
    EXPECT_THAT(After("1,b,y\n2,b,y\n"), ElementsAre("1|a|y", "2|b|y"));
}

TEST_F(IncrementalTest, PartitionsAndConditionsAreReplaced) {
    Model(", partition_by='day', incremental_strategy='insert_overwrite'");
    After("1,a,x\n2,b,x\n");
    EXPECT_THAT(After("3,a,y\n"), ElementsAre("2|b|x", "3|a|y"));
    lake_->Run("DROP TABLE main.grown");
    Model(", incremental_strategy='replace_where', replace_where=\"day = 'a'\"");
    After("1,a,x\n2,b,x\n");
    EXPECT_THAT(After("3,a,y\n4,a,y\n"), ElementsAre("2|b|x", "3|a|y", "4|a|y"));
}

TEST_F(IncrementalTest, NewColumnsAreLeftOutTakenOrRefused) {
    Model(", unique_key='k'");
    After("1,a,x\n");
    EXPECT_THAT(After("1,a,y,9\n", "k,day,v,more"), ElementsAre("1|a|y"));
    Model(", unique_key='k', on_schema_change='append_new_columns'");
    EXPECT_THAT(After("2,a,y,9\n", "k,day,v,more"), ElementsAre("1|a|y|-", "2|a|y|9"));
    Model(", unique_key='k', on_schema_change='fail'");
    files_.Write("seeds/raw_events.csv", "k,day,v,more,most\n1,a,x,1,1\n");
    EXPECT_EQ(NodeOf(Build(), "main.grown").state, NodeState::kFailed);
    EXPECT_EQ(lake_->One("SELECT count(*) FROM main.grown"), "2");
}

}  // namespace
}  // namespace tarn::pipeline
