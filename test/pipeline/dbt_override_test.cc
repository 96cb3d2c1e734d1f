// What a dbt project puts in the place of what dbt gives: macros, tests, strategies, names; and
// what dbt's own macros come to.
#include "dbt_fixture.h"

namespace tarn::pipeline {
namespace {

using testing::ElementsAre;

TEST_F(DbtProjectTest, DbtsOwnMacrosAreCalledByDispatch) {
    files_.Write("macros/own.sql",
                 "{% macro default__concat(fields) %}concat_ws('-', {{ fields | join(', ') }})"
                 "{% endmacro %}\n"
                 "{% macro duckdb__length(expression) %}(2 * {{ dbt.default__length(expression) }})"
                 "{% endmacro %}");
    files_.Write("models/a.sql",
                 "select {{ dbt.concat([\"'x'\", \"'y'\"]) }} as c, {{ length(\"'ab'\") }} as l, "
                 "{{ dbt.default__concat([\"'x'\", \"'y'\"]) }} as d, "
                 "{{ adapter.dispatch('concat', 'dbt')([\"'x'\", \"'y'\"]) }} as e");
    BuildWell();
    EXPECT_THAT(lake_->Rows("SELECT * FROM a"), ElementsAre("x-y|4|xy|x-y"));
}

TEST_F(DbtProjectTest, AMacroIsAValueThatIsThereOrNot) {
    files_.Write("macros/own.sql", "{% macro one() %}1{% endmacro %}");
    EXPECT_EQ(Rendered("{{ (dbt.type_int or shop.one)() }}"), "integer");
    EXPECT_EQ(Rendered("{{ (shop.gone or shop.one)() }}"), "1");
    EXPECT_EQ(Rendered("{{ shop.gone is defined }}{{ context['dbt']['no_such'] is defined }}"),
              "FalseFalse");
    EXPECT_EQ(Rendered("{{ dbt.is_incremental() }}"), "False");
}

TEST_F(DbtProjectTest, APackageMayBeAskedForDbtsMacrosFirst) {
    files_.Write("dbt_packages/words/dbt_project.yml", "name: words\n");
    files_.Write("dbt_packages/words/macros/w.sql",
                 "{% macro default__type_string() %}integer{% endmacro %}");
    files_.Write("models/a.sql", "select typeof(1::{{ dbt.type_string() }}) as t");
    BuildWell();
    EXPECT_EQ(lake_->One("SELECT t FROM a"), "VARCHAR");
    files_.Write("dbt_project.yml",
                 "name: shop\nmodels: {+materialized: table}\n"
                 "dispatch: [{macro_namespace: dbt, search_order: [shop, words, dbt]}]\n");
    BuildWell();
    EXPECT_EQ(lake_->One("SELECT t FROM a"), "INTEGER");
}

TEST_F(DbtProjectTest, TheProjectsOwnTestWinsOverOurs) {
    files_.Write("models/a.sql", "select 1 as n, 1 as m");
    files_.Write("models/a.yml",
                 "models: [{name: a, columns: [{name: n, tests: [unique, not_null, "
                 "{accepted_values: {values: [1]}}]}]}]\n");
    files_.Write("tests/generic/own.sql",
                 "{% test unique(model, column_name) %}select 'never' as word{% endtest %}");
    files_.Write("macros/own.sql",
                 "{% macro default__test_not_null(model, column_name) %}select * from {{ model }} "
                 "where {{ column_name }} = 1{% endmacro %}");
    const BuildReport report = Build();
    EXPECT_EQ(NodeOf(report, "test.unique_a_n").state, NodeState::kFailed);
    EXPECT_EQ(NodeOf(report, "test.not_null_a_n").state, NodeState::kFailed);
    EXPECT_EQ(NodeOf(report, "test.accepted_values_a_n__1").state, NodeState::kDone);
}

TEST_F(DbtProjectTest, AStrategyOfIncrementalModelsMayBeAMacro) {
    files_.Write("macros/strategy.sql",
                 "{% macro get_incremental_insert_new_sql(arg_dict) %}\n"
                 "insert into {{ arg_dict.target_relation }} ({{ get_columns_csv(arg_dict."
                 "dest_columns) }})\nselect {{ get_columns_csv(arg_dict.dest_columns) }} from "
                 "{{ arg_dict.temp_relation }}\nwhere {{ arg_dict.unique_key }} not in (select "
                 "{{ arg_dict.unique_key }} from {{ arg_dict.target_relation }})\n{% endmacro %}");
    files_.Write("models/a.sql",
                 "{{ config(materialized='incremental', incremental_strategy='insert_new', "
                 "unique_key='id') }}\nselect 1 as id, '{{ 'later' if is_incremental() else "
                 "'first' }}' as w union all select {{ 2 if is_incremental() else 1 }}, 'x'");
    BuildWell();
    EXPECT_THAT(lake_->Rows("SELECT * FROM a ORDER BY 1, 2"), ElementsAre("1|first", "1|x"));
    BuildWell();
    EXPECT_THAT(lake_->Rows("SELECT * FROM a ORDER BY 1, 2"), ElementsAre("1|first", "1|x", "2|x"));
    BuildRequest full;
    full.full_refresh = true;
    BuildWell(full);
    EXPECT_EQ(lake_->One("SELECT count(*) FROM a"), "2");
    files_.Write("models/b.sql",
                 "{{ config(materialized='incremental', incremental_strategy='insert_old') }}\n"
                 "select 1 as id");
    const Error error = Refusal();
    EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput);
    EXPECT_EQ(error.spot().file, "models/b.sql");
}

TEST_F(DbtProjectTest, APackageNamesTheTablesOfItsOwnModels) {
    files_.Write("dbt_packages/words/dbt_project.yml",
                 "name: words\nmodels: {+schema: w, +materialized: table}\n");
    files_.Write("dbt_packages/words/macros/names.sql",
                 "{% macro generate_schema_name(custom, node) %}{{ custom }}_{{ node.fqn | length "
                 "}}{{ node.config.materialized }}{% endmacro %}");
    files_.Write("dbt_packages/words/models/deep/one.sql", "select 1 as n");
    files_.Write("models/two.sql", "select 2 as n");
    EXPECT_THAT(States(BuildWell()), ElementsAre("main.two done", "w_3table.one done"));
}

TEST_F(DbtProjectTest, AdaptersAnswerWhatMaterializationsAsk) {
    files_.Write("models/base.sql", "select 1 as id, 'x' as name");
    const auto same = [&](const std::string& expression, const std::string& wanted) {
        files_.Write("models/seen.sql",
                     "-- {{ ref('base') }}\n"
                     "select $q${{ " +
                         expression + " }}$q$ as v");
        BuildWell();
        EXPECT_EQ(lake_->One("SELECT v FROM seen"), wanted) << expression;
    };
    same(
        "adapter.get_column_schema_from_query('select 1 as a, now() as b') | "
        "map(attribute='dtype') "
        "| join(',')",
        "INTEGER,TIMESTAMP WITH TIME ZONE");
    same("adapter.already_exists('main', 'base') ~ adapter.already_exists('main', 'gone')",
         "TrueFalse");
    same("adapter.get_columns_in_table('main', 'base') | map(attribute='name') | join", "idname");
    same("adapter.location_exists('nowhere.parquet')", "False");
    same("adapter.is_motherduck() ~ adapter.disable_transactions() ~ adapter.external_root()",
         "FalseFalse.");
    same("adapter.behavior.some_flag.no_warn or 'off'", "off");
    same("invocation_args_dict.invocation_command ~ invocation_args_dict.full_refresh",
         "dbt buildFalse");
    same("dates_in_range('20240130', '20240201') | join(',')", "20240130,20240131,20240201");
    same("adapter.get_hard_deletes_behavior({'invalidate_hard_deletes': true})", "invalidate");
}

TEST_F(DbtProjectTest, WhatDbtGivesIsWhatItsAdapterForDuckdbGives) {
    const auto same = [&](const std::string& sql, const std::string& wanted) {
        files_.Write("models/seen.sql", "select (" + sql + ")::varchar as v");
        BuildWell();
        EXPECT_EQ(lake_->One("SELECT v FROM seen"), wanted) << sql;
    };
    // A part that is not there is none; from the end, parts have negative numbers.
    same("{{ dbt.split_part(\"'a-b'\", \"'-'\", 3) }}", "-");
    same("{{ dbt.split_part(\"'a-b'\", \"'-'\", -1) }}", "b");
    // From Saturday to Sunday a week begins; from Sunday to Monday none does.
    same("{{ dbt.datediff(\"'2024-01-06'\", \"'2024-01-07'\", 'week') }}", "1");
    same("{{ dbt.datediff(\"'2024-01-07'\", \"'2024-01-08'\", 'week') }}", "0");
    same("{{ dbt.datediff(\"'2024-01-20'\", \"'2024-01-05'\", 'week') }}", "-2");
    same("{{ dbt.dateadd('day', 1.6, \"date '2024-01-01'\") }}", "2024-01-03 00:00:00");
    same("{{ dbt.dateadd('quarter', -1, \"date '2024-01-01'\") }}", "2023-10-01 00:00:00");
    same("select {{ dbt.any_value('n') }} from (values (null), (1)) as t(n)", "-");
    same("{{ dbt.string_literal(dbt.escape_single_quotes(\"it's\")) }}", "it's");
    same("typeof({{ dbt.array_construct([], 'varchar') }})", "VARCHAR[]");
    same("typeof({{ dbt.current_timestamp() }})", "TIMESTAMP WITH TIME ZONE");
    same("typeof(1::{{ dbt.type_float() }}) || typeof(1::{{ dbt.type_numeric() }})",
         "FLOATDECIMAL(28,6)");
}

}  // namespace
}  // namespace tarn::pipeline
