// What dbt_project.yml, YAML and config(...) of a dbt project set, and where variables come from.
#include "dbt_fixture.h"

namespace tarn::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(DbtProjectTest, SettingsOfFoldersKnowTheTarget) {
    files_.Write("dbt_project.yml",
                 "name: shop\nprofile: \"{{ env_var('NO_SUCH_NAME', 'p') }}\"\n"
                 "models: {shop: {+materialized: \"{{ 'table' if target.type == 'duckdb' else "
                 "'view' }}\", +schema: \"for_{{ target.name }}\",\n"
                 "                other: {+enabled: \"{{ target.type == 'postgres' }}\"}}}\n");
    files_.Write("profiles.yml",
                 "p: {target: dev, outputs: {dev: {type: duckdb, schema: main}}}\n");
    files_.Write("models/a.sql", "select 1 as n");
    files_.Write("models/other/b.sql", "select 2 as n");
    EXPECT_THAT(States(BuildWell()), ElementsAre("main_for_dev.a done"));
    EXPECT_EQ(lake_->One("SELECT table_type FROM information_schema.tables WHERE table_name = 'a'"),
              "BASE TABLE");
}

TEST_F(DbtProjectTest, VariablesAreTemplatesOfWhoAsksForThem) {
    files_.Write("dbt_project.yml",
                 "name: shop\nmodels: {+materialized: table}\n"
                 "vars: {numbers: \"{{ ref('base') }}\", twice: \"{{ var('numbers') }}\",\n"
                 "       around: \"{{ var('around') }}\"}\n");
    // Its name comes behind that of its reader.
    files_.Write("models/base.sql", "select 3 as n");
    files_.Write("models/a.sql", "select n from {{ var('twice') }}");
    EXPECT_THAT(States(BuildWell()), ElementsAre("main.base done", "main.a done"));
    EXPECT_EQ(lake_->One("SELECT n FROM a"), "3");
    files_.Write("models/a.sql", "select '{{ var('around') }}' as n");
    EXPECT_EQ(Refusal().kind(), ErrorKind::kInvalidInput);
}

TEST_F(DbtProjectTest, TheProjectsFileSeesVariablesOfTheCommandLineAlone) {
    files_.Write("dbt_project.yml",
                 "name: shop\nvars: {kind: view}\n"
                 "models: {+materialized: \"{{ var('kind', 'table') }}\"}\n");
    files_.Write("models/a.sql", "select 1 as n");
    const auto type = [&] {
        return lake_->One(
            "SELECT table_type FROM information_schema.tables WHERE table_name = 'a'");
    };
    BuildWell();
    EXPECT_EQ(type(), "BASE TABLE");
    BuildRequest request;
    request.vars = {{"kind", "view"}};
    lake_->Run("DROP TABLE a");
    BuildWell(request);
    EXPECT_EQ(type(), "VIEW");
}

TEST_F(DbtProjectTest, TypesOfColumnsAddUpAndThoseOfNoColumnSayNothing) {
    files_.Write("dbt_project.yml",
                 "name: shop\nseeds:\n  shop:\n    +column_types: {a: varchar, gone: date}\n"
                 "    s: {+column_types: {b: double}}\n");
    files_.Write("seeds/s.csv", "a,b,c\n1,2,3.0\n");
    BuildWell();
    EXPECT_EQ(lake_->One("SELECT typeof(COLUMNS(*)) FROM s"), "VARCHAR|DOUBLE|INTEGER");
}

TEST_F(DbtProjectTest, TimesOfSeedsAreWhatDbtTakesForThem) {
    files_.Write("seeds/s.csv",
                 "iso,plain,short,part\n2024-01-02T03:04:05.5,2024-01-02 03:04:05,2024-01-02 "
                 "03:04,2024-01-02 03:04:05.5\n2024-01-02T03:04:06Z,2024-01-02 3:4:5,,\n");
    BuildWell();
    EXPECT_EQ(lake_->One("SELECT typeof(COLUMNS(*)) FROM s LIMIT 1"),
              "TIMESTAMP|TIMESTAMP|VARCHAR|VARCHAR");
    EXPECT_THAT(lake_->Rows("SELECT iso, plain FROM s ORDER BY 1"),
                ElementsAre("2024-01-02 03:04:05.5|2024-01-02 03:04:05",
                            "2024-01-02 03:04:06|2024-01-02 03:04:05"));
}

TEST_F(DbtProjectTest, SettingsThatAreNoneSayNothing) {
    files_.Write("models/a.sql",
                 "{{ config(materialized='incremental', incremental_strategy=none, unique_key='',\n"
                 "          partition_by={'field': 'n', 'data_type': 'date'}, alias=none) }}\n"
                 "select 1 as n");
    BuildWell();
    EXPECT_EQ(lake_->One("SELECT count(*) FROM a"), "1");
}

TEST_F(DbtProjectTest, AHeaderRunsBeforeTheModelsOwnSql) {
    files_.Write("models/a.sql",
                 "{{ config(sql_header='create table main.header_a as select 4 as n') }}"
                 "select n from main.header_a");
    files_.Write("models/b.sql",
                 "{% call set_sql_header(config) %}create table main.header_b as select "
                 "'{{ this.name }}' as w;{% endcall %}{{ config(materialized='view') }}"
                 "select w from main.header_b");
    BuildWell();
    EXPECT_EQ(lake_->One("SELECT n FROM a"), "4");
    EXPECT_EQ(lake_->One("SELECT w FROM b"), "b");
    files_.Write("models/a.sql", "{{ config(sql_header='create tabel x') }}select 1 as n");
    EXPECT_EQ(NodeOf(Build(), "main.a").state, NodeState::kFailed);
}

TEST_F(DbtProjectTest, AModelMayForbidThatItIsMadeFromAll) {
    files_.Write("models/kept.sql",
                 "{{ config(materialized='incremental', full_refresh=false) }}"
                 "select n from {{ ref('s') }}");
    files_.Write("models/new.sql",
                 "{{ config(materialized='incremental', full_refresh=true) }}"
                 "select n from {{ ref('s') }}");
    BuildRequest full;
    for (const char* seed : {"n\n1\n", "n\n2\n", "n\n3\n"}) {
        files_.Write("seeds/s.csv", seed);
        BuildWell(full);
        full.full_refresh = !full.full_refresh;
    }
    EXPECT_EQ(lake_->One("SELECT count(*) FROM kept"), "3");
    EXPECT_EQ(lake_->One("SELECT count(*) FROM new"), "1");
}

TEST_F(DbtProjectTest, AModelInPythonIsRefusedByNameWhereItIsToBeMade) {
    files_.Write("models/clever.py", "def model(dbt, session):\n    return dbt.ref('a')\n");
    files_.Write("models/a.sql", "select 1 as n");
    files_.Write("models/b.sql", "select * from {{ ref('clever') }}");
    const BuildReport report = Build();
    EXPECT_THAT(States(report), ElementsAre("main.a done", "main.clever failed", "main.b skipped"));
    EXPECT_THAT(NodeOf(report, "main.clever").message, HasSubstr("--exclude clever"));
    BuildRequest request;
    request.exclude = {"clever+"};
    EXPECT_THAT(States(BuildWell(request)), ElementsAre("main.a up to date"));
}

TEST_F(DbtProjectTest, AModelWhoseSqlIsNoneFailsByItself) {
    files_.Write("models/a.sql", "select 1 as n");
    files_.Write("models/b.sql", "select 1\n  as from n");
    files_.Write("models/c.sql", "{{ config(materialized='view') }}\nselect from where");
    files_.Write("models/d.sql",
                 "{% if execute %}{{ exceptions.raise_compiler_error('no') }}{% endif %}select 1");
    const BuildReport report = Build();
    EXPECT_THAT(States(report),
                ElementsAre("main.a done", "main.b failed", "main.c failed", "main.d failed"));
    EXPECT_THAT(NodeOf(report, "main.b").message, HasSubstr("models/b.sql:2:11"));
    EXPECT_THAT(NodeOf(report, "main.c").message, HasSubstr("models/c.sql:2:"));
    EXPECT_THAT(NodeOf(report, "main.d").message, HasSubstr("models/d.sql:1:"));
}

TEST_F(DbtProjectTest, TheProjectLeavesOutTestsAndSourcesOfItsPackages) {
    files_.Write("packages.yml", "packages: [{local: tools}]\n");
    files_.Write("tools/dbt_project.yml",
                 "name: tools\nmodels: {+materialized: table}\n"
                 "sources: {tools: {far: {+enabled: false}}}\n");
    files_.Write("tools/models/numbers.sql", "select 1 as n");
    files_.Write("tools/models/tools.yml",
                 "models: [{name: numbers, columns: [{name: n, tests: [unique, {not_null: {config: "
                 "{severity: error}}}]}]}]\n"
                 "sources: [{name: near, tables: [{name: t, tests: [few]}]},\n"
                 "          {name: far, tables: [{name: t, tests: [few]}]}]\n");
    files_.Write("tools/macros/few.sql",
                 "{% test few(model) %}select * from {{ model }}{% endtest %}");
    files_.Write("dbt_project.yml",
                 "name: shop\ntests: {tools: {unique_numbers_n: {+enabled: false}, "
                 "not_null_numbers_n: {+severity: warn}}}\n"
                 "sources: {tools: {near: {+enabled: false}}}\n");
    EXPECT_THAT(States(BuildWell()),
                ElementsAre("main.numbers done", "test.not_null_numbers_n done"));
    files_.Write("tools/models/numbers.sql", "select null::int as n");
    EXPECT_EQ(NodeOf(BuildWell(), "test.not_null_numbers_n").state, NodeState::kWarned);
}

}  // namespace
}  // namespace tarn::pipeline
