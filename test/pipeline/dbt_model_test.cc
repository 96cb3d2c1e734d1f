// What a dbt project says of its models beside their SQL: contracts, versions, groups and access,
// models that are left out.
#include "dbt_fixture.h"
#include "pipeline/loaded_project.h"

namespace tarn::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

constexpr const char* kContract =
    "models:\n"
    "  - name: priced\n"
    "    config: {contract: {enforced: true}}\n"
    "    columns:\n"
    "      - {name: id, data_type: bigint, constraints: [{type: not_null}, {type: unique}]}\n"
    "      - {name: price, data_type: \"decimal(10, 2)\", constraints: [{type: check, expression: "
    "'price >= 0'}]}\n";

TEST_F(DbtProjectTest, AContractGivesTheTableItsTypesAndOrder) {
    files_.Write("models/m.yml", kContract);
    files_.Write("models/priced.sql", "select 1.5::decimal(4, 1) as price, 7::bigint as id");
    BuildWell();
    EXPECT_THAT(lake_->Rows("SELECT column_name, column_type FROM (DESCRIBE priced)"),
                ElementsAre("id|BIGINT", "price|DECIMAL(10,2)"));
    EXPECT_THAT(States(Build()), ElementsAre("main.priced up to date"));
}

TEST_F(DbtProjectTest, WhatBreaksAContractIsNotWritten) {
    files_.Write("models/m.yml", kContract);
    files_.Write("models/priced.sql", "select 1::bigint as id, 2.5::decimal(4, 1) as price");
    BuildWell();
    for (const char* select : {
             "select 1::bigint as id",
             "select 1::bigint as id, 2.5::decimal(4, 1) as price, 3 as more",
             "select 'x' as id, 2.5::decimal(4, 1) as price",
             "select null::bigint as id, 2.5::decimal(4, 1) as price",
             "select 1::bigint as id, -2.5::decimal(4, 1) as price",
             "select 1::bigint as id, 2.5::decimal(4, 1) as price from range(2)",
         }) {
        files_.Write("models/priced.sql", select);
        const BuildReport report = Build();
        EXPECT_THAT(States(report), ElementsAre("main.priced failed")) << select;
        EXPECT_THAT(lake_->Rows("SELECT * FROM priced"), ElementsAre("1|2.50"));
    }
    // Views are held to columns and types.
    files_.Write("models/priced.sql",
                 "{{ config(materialized='view', alias='seen') }} select 'x' as id, 1 as price");
    EXPECT_THAT(States(Build()), ElementsAre("main.seen failed"));
    // Without types there is nothing to hold to.
    files_.Write("models/m.yml",
                 "models: [{name: priced, config: {contract: {enforced: true}}, columns: [{name: "
                 "id}]}]\n");
    EXPECT_EQ(Refusal().kind(), ErrorKind::kInvalidInput);
    files_.Write("models/m.yml",
                 "models: [{name: priced, config: {contract: {enforced: false}}, columns: [{name: "
                 "id}]}]\n");
    BuildWell();
}

TEST_F(DbtProjectTest, AModelMayHaveVersions) {
    files_.Write("models/m.yml",
                 "models:\n"
                 "  - name: tea\n"
                 "    latest_version: 2\n"
                 "    config: {tags: [hot]}\n"
                 "    columns:\n"
                 "      - {name: id, data_tests: [unique]}\n"
                 "      - {name: old, data_tests: [not_null]}\n"
                 "    versions:\n"
                 "      - v: 1\n"
                 "      - v: 2\n"
                 "        config: {materialized: view}\n"
                 "        columns: [{include: all, exclude: [old]}]\n"
                 "      - {v: 3, defined_in: tea_next, config: {alias: coming}, columns: "
                 "[{include: [id]}]}\n");
    files_.Write("models/tea_v1.sql", "select 1 as id, 'o' as old");
    files_.Write("models/tea.sql", "select 2 as id");
    files_.Write("models/tea_next.sql", "select 3 as id");
    files_.Write(
        "models/all.sql",
        "select (select id from {{ ref('tea') }}) || (select id from {{ ref('tea', v=1) }})"
        " || (select id from {{ ref('shop', 'tea', version='3') }}) as ids");
    EXPECT_THAT(States(BuildWell()),
                UnorderedElementsAre("main.tea_v1 done", "main.tea_v2 done", "main.coming done",
                                     "main.all done", "test.unique_tea_v1_id done",
                                     "test.unique_tea_v2_id done", "test.not_null_tea_v1_old done",
                                     "test.unique_tea_v3_id done"));
}

TEST_F(DbtProjectTest, VersionsHaveIdsOfTheirOwn) {
    files_.Write("models/m.yml", "models: [{name: tea, versions: [{v: 1}, {v: 2}]}]\n");
    files_.Write("models/tea_v1.sql", "select 1 as id");
    files_.Write("models/tea_v2.sql", "select 2 as id, '{{ model.version }}' as v");
    files_.Write("models/last.sql", "select * from {{ ref('tea') }}");
    BuildRequest request;
    request.select = {"+last"};
    const BuildReport report = BuildWell(request);
    EXPECT_EQ(NodeOf(report, "main.tea_v2").unique_id, "model.shop.tea.v2");
    EXPECT_THAT(lake_->Rows("SELECT * FROM last"), ElementsAre("2|2"));
    request.select = {"tea"};
    EXPECT_EQ(Build(request).nodes.size(), 2u);
    request.select = {"tea.v1"};
    EXPECT_THAT(States(Build(request)), ElementsAre("main.tea_v1 up to date"));
    files_.Write("models/last.sql", "select * from {{ ref('tea', v=3) }}");
    EXPECT_EQ(Refusal().kind(), ErrorKind::kInvalidInput);
}

TEST_F(DbtProjectTest, APrivateModelIsReadInItsGroupAlone) {
    files_.Write("models/m.yml",
                 "groups: [{name: bar, owner: {email: b@example.com}}]\n"
                 "models:\n"
                 "  - {name: inner, access: private, group: bar}\n"
                 "  - {name: near, group: bar}\n"
                 "  - {name: far}\n");
    files_.Write("models/inner.sql", "select 1 as n");
    files_.Write("models/near.sql", "select * from {{ ref('inner') }}");
    files_.Write("models/far.sql", "select * from {{ ref('near') }}");
    BuildWell();
    BuildRequest request;
    request.select = {"group:bar"};
    EXPECT_EQ(Build(request).nodes.size(), 2u);
    request.select = {"access:private"};
    EXPECT_EQ(Build(request).nodes.size(), 1u);
    files_.Write("models/far.sql", "select * from {{ ref('inner') }}");
    EXPECT_EQ(Refusal().kind(), ErrorKind::kInvalidInput);
    EXPECT_EQ(Refusal().spot().file, "models/far.sql");
    files_.Write("models/far.sql", "{{ config(group='bra') }} select 1 as n");
    EXPECT_EQ(Refusal().spot().file, "models/m.yml");
    files_.Write("models/far.sql", "{{ config(access='publik') }} select 1 as n");
    EXPECT_EQ(Refusal().kind(), ErrorKind::kInvalidInput);
}

TEST_F(DbtProjectTest, WordsOfModelsAndColumnsAreSeenByTemplates) {
    files_.Write("models/m.yml",
                 "models:\n"
                 "  - name: rendered\n"
                 "    meta: {team: leaf}\n"
                 "    config: {meta: {level: 2}}\n"
                 "    columns: [{name: v, meta: {pii: true}, config: {tags: [t]}, data_type: text}]"
                 "\n");
    EXPECT_EQ(Rendered("{{ config.get('meta').team }} {{ model.config.meta.level }} "
                       "{{ model.columns.v.meta.pii }} {{ model.columns.v.tags[0] }} "
                       "{{ model.columns['v'].data_type }} {{ config.meta_get('level') }}"),
              "leaf 2 True t text 2");
}

TEST_F(DbtProjectTest, WordsOfPackagesStandAtColumns) {
    files_.Write("models/a.sql",
                 "select '{{ model.columns.n.checks.positive }}' as own, "
                 "'{{ model.columns.n.config.meta.unit }}' as unit, "
                 "'{{ model.columns.n.config.tags | join }}' as tags, 1 as n");
    files_.Write("models/a.yml",
                 "models: [{name: a, columns: [{name: n, checks: {positive: n > 0}, config: {meta: "
                 "{unit: kg}, tags: [x]}}]}]\n");
    BuildWell();
    EXPECT_EQ(lake_->One("SELECT own, unit, tags FROM a"), "n > 0|kg|x");
}

TEST_F(DbtProjectTest, WhatDescribesAModelMayDescribeASeed) {
    files_.Write("seeds/s.csv", "n\n1\n1\n");
    files_.Write("seeds/s.yml", "models: [{name: s, columns: [{name: n, tests: [unique]}]}]\n");
    const BuildReport report = Build();
    EXPECT_THAT(States(report), ElementsAre("main.s done", "test.unique_s_n failed"));
}

TEST_F(DbtProjectTest, AMistypedKeyIsToldOf) {
    files_.Write("models/a.sql", "select 1 as n");
    files_.Write("models/a.yml", "models: [{name: a, columns: [{name: n, test: [unique]}]}]\n");
    BuildWell();
    EXPECT_THAT(told_.texts, testing::Contains(testing::HasSubstr("did you mean `tests`?")));
}

TEST_F(DbtProjectTest, TwoSourcesMayBeOfOneTable) {
    lake_->Run("CREATE SCHEMA raw");
    lake_->Run("CREATE TABLE raw.t AS SELECT 1 AS n");
    files_.Write("models/a.sql",
                 "select n from {{ source('one', 't') }} union all select n from {{ "
                 "source('other', 'again') }}");
    files_.Write("models/a.yml",
                 "sources: [{name: one, schema: raw, tables: [{name: t}]},\n"
                 "          {name: other, schema: raw, tables: [{name: again, identifier: t}]}]\n");
    files_.Write(
        "models/seen.sql",
        "-- {{ ref('a') }}\nselect '{% if execute %}{{ graph.nodes['model.shop.a'].depends_on"
        ".nodes | join(' ') }}{% endif %}' as reads");
    BuildWell();
    EXPECT_EQ(lake_->One("SELECT count(*) FROM a"), "2");
    EXPECT_EQ(lake_->One("SELECT reads FROM seen"), "source.shop.one.t source.shop.other.again");
}

TEST_F(DbtProjectTest, ATestThatNamesADisabledModelIsLeftOut) {
    files_.Write("models/off.sql", "{{ config(enabled=false) }} select 1 as id");
    files_.Write("models/on.sql", "select 1 as id");
    files_.Write("models/m.yml",
                 "models: [{name: on, columns: [{name: id, data_tests: [unique, {relationships: "
                 "{to: ref('off'), field: id}}]}]}]\n");
    files_.Write("tests/none.sql", "select * from {{ ref('off') }}");
    EXPECT_THAT(States(BuildWell()), ElementsAre("main.on done", "test.unique_on_id done"));
    files_.Write("models/reads.sql", "select * from {{ ref('off') }}");
    EXPECT_EQ(Refusal().kind(), ErrorKind::kInvalidInput);
}

TEST_F(DbtProjectTest, GrantsAreToldOfAndDocsAreKept) {
    files_.Write("models/a.sql", "select 1 as id");
    files_.Write("models/m.yml",
                 "models: [{name: a, config: {grants: {select: [reporter]}, persist_docs: "
                 "{relation: true, columns: true}}}]\n");
    BuildWell();
    EXPECT_THAT(told_.texts, ElementsAre(HasSubstr("grants")));
}

TEST_F(DbtProjectTest, WhatATestIsGivenMayHoldJinja) {
    files_.Write("macros/t.sql",
                 "{% macro one() %}1{% endmacro %}\n"
                 "{% test is_true(model, expression) %}select * from {{ model }} where not "
                 "({{ expression }}){% endtest %}\n"
                 "{% test fails(model) %}select 1 as n{% endtest %}");
    files_.Write("models/a.sql", "select 1 as n, 2 as m");
    files_.Write(
        "models/m.yml",
        "models:\n  - name: a\n    data_tests:\n"
        "      - is_true: {name: mixed, expression: 'n = {{ one() }} and m = {{ one() }} + "
        "1'}\n"
        "      - is_true: {name: whole, expression: \"{{ 'n < m' }}\"}\n"
        "      - is_true: {name: rows, expression: 'n = 5', config: {where: 'n > {{ one() "
        "}}'}}\n"
        "      - fails: {config: {enabled: \"{{ target.type != 'duckdb' }}\"}}\n"
        "      - fails: {config: {severity: \"{{ 'warn' }}\"}}\n");
    EXPECT_THAT(States(BuildWell()),
                UnorderedElementsAre("main.a done", "test.mixed done", "test.whole done",
                                     "test.rows done", "test.fails_a_ warned"));
}

TEST_F(DbtProjectTest, ASourceMayBeTheTableOfASeed) {
    files_.Write("seeds/zebra.csv", "id\n1\n");
    files_.Write("models/s.yml", "sources: [{name: main, tables: [{name: zebra}]}]\n");
    files_.Write("models/a.sql", "select * from {{ source('main', 'zebra') }}");
    EXPECT_THAT(States(BuildWell()), ElementsAre("main.zebra done", "main.a done"));
}

TEST_F(DbtProjectTest, ADisabledSourceIsNone) {
    files_.Write("models/s.yml",
                 "sources: [{name: raw, tables: [{name: gone, config: {enabled: false}, columns: "
                 "[{name: id, data_tests: [unique]}]}]}]\n");
    files_.Write("models/a.sql", "select 1 as id");
    EXPECT_THAT(States(BuildWell()), ElementsAre("main.a done"));
}

}  // namespace
}  // namespace tarn::pipeline
