// What templates of a dbt project may call, and the packages that it uses.
#include "dbt_fixture.h"

namespace tarn::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(DbtProjectTest, TemplatesAskTheLakeWhileTheyAreRendered) {
    files_.Write("seeds/colours.csv", "colour,n\nred,2\nblue,1\n");
    files_.Write("models/wide.sql",
                 "{% set found = run_query('select colour, n from ' ~ ref('colours') ~ ' order by "
                 "n') %}\n"
                 "select {% for row in found %}{{ row.n }} as {{ row['colour'] }}, {% endfor %}\n"
                 "'{{ found.columns['colour'].values() | join('-') }}' as all_of,\n"
                 "{{ found.columns[1].values()[0] }} + {{ found.rows[1][1] }} as total");
    BuildWell();
    EXPECT_THAT(lake_->Rows("SELECT * FROM wide"), ElementsAre("1|2|blue-red|3"));
    // What was asked may have changed: nothing that asks is up to date.
    files_.Write("seeds/colours.csv", "colour,n\ngreen,5\nblue,1\n");
    BuildWell();
    EXPECT_THAT(lake_->Rows("SELECT blue, green, total FROM wide"), ElementsAre("1|5|6"));
}

// A render that fails is done again where a macro was not imported, and only there.
TEST_F(DbtProjectTest, ATemplateThatFailsAsksTheLakeOnce) {
    lake_->Run("CREATE SCHEMA notes");
    lake_->Run("CREATE TABLE notes.log (w VARCHAR)");
    files_.Write("macros/unused.sql", "{% macro unused() %}1{% endmacro %}");
    files_.Write(
        "models/a.sql",
        "{% do run_query(\"insert into notes.log values ('x')\") %}"
        "{% if execute %}{{ exceptions.raise_compiler_error('no') }}{% endif %}select 1 n");
    EXPECT_THAT(States(Build()), ElementsAre("main.a failed"));
    EXPECT_EQ(lake_->One("SELECT count(*) FROM notes.log"), "1");
    files_.Write("models/a.sql", "select {{ shop['un' ~ 'used']() }} as n");
    BuildWell();
    EXPECT_EQ(lake_->One("SELECT n FROM a"), "1");
}

TEST_F(DbtProjectTest, ADefaultMayNameTheArgumentsBeforeIt) {
    files_.Write("macros/named.sql",
                 "{% macro named(a, b=a, c=a ~ '.' ~ b) -%} {{ b }} {{ c }} {%- endmacro %}");
    EXPECT_EQ(Rendered("{{ named('x') }}"), "x x.x");
    EXPECT_EQ(Rendered("{{ named('x', 'y') }}"), "y x.y");
    EXPECT_EQ(Rendered("{{ named('x', c='z') }}"), "x z");
}

TEST_F(DbtProjectTest, StatementsGiveTheirResultsByName) {
    files_.Write("models/one.sql",
                 "{%- call statement('got', fetch_result=True) -%}\n"
                 "select 7 as n, 'x' as t union all select 8, null{%- endcall -%}\n"
                 "{%- set got = load_result('got') -%}\n"
                 "select {{ got['data'] | map(attribute=0) | sum }} as s, "
                 "{{ got.table.columns['t'].values_without_nulls() | length }} as held, "
                 "'{{ got['data'][1][1] }}' as gone");
    BuildWell();
    EXPECT_THAT(lake_->Rows("SELECT * FROM one"), ElementsAre("15|1|None"));
}

TEST_F(DbtProjectTest, TheAdapterKnowsRelationsAndColumns) {
    files_.Write("models/base.sql", "select 1 as id, 'x' as name, 1.5::decimal(4,2) as price");
    files_.Write("models/seen.sql",
                 "{% set base = ref('base') %}\n"
                 "{% set there = adapter.get_relation(base.database, base.schema, "
                 "base.identifier) %}\n"
                 "{% set gone = load_relation(api.Relation.create(schema='main', "
                 "identifier='gone')) %}\n"
                 "{% set cols = adapter.get_columns_in_relation(base) %}\n"
                 "select '{{ there }}' as there, {{ gone is none }} as gone,\n"
                 "'{{ cols | map(attribute='name') | join(',') }}' as names,\n"
                 "'{% for c in cols %}{{ c.dtype }} {{ c.is_string() }} {{ c.is_number() }};"
                 "{% endfor %}' as types, '{{ base.identifier }}-{{ base.type }}' as parts,\n"
                 "{{ adapter.check_schema_exists('shop', 'main') }} as has_main");
    BuildWell();
    EXPECT_THAT(lake_->Rows("SELECT * FROM seen"),
                ElementsAre("\"main\".\"base\"|true|id,name,price|INTEGER False True;VARCHAR True "
                            "False;DECIMAL(4,2) False True;|base-table|true"));
}

TEST_F(DbtProjectTest, TemplatesMakeAndDropWhatTheyNeed) {
    files_.Write("macros/helpers.sql",
                 "{% macro fresh(name) %}{% set r = api.Relation.create(schema='work', "
                 "identifier=name) %}{% if execute %}{% do adapter.create_schema(r) %}"
                 "{% do run_query('create table ' ~ r ~ ' as select 3 as n') %}{% endif %}"
                 "{{ return(r) }}{% endmacro %}");
    files_.Write("models/used.sql",
                 "{% set one = fresh('one') %}{% set two = fresh('two') %}"
                 "{% if execute %}{% do adapter.rename_relation(one, "
                 "one.incorporate(path={'identifier': 'three'})) %}"
                 "{% do adapter.drop_relation(two) %}{% endif %}"
                 "select '{{ adapter.list_relations('shop', 'work') | map(attribute='identifier') "
                 "| join(',') }}' as there");
    BuildWell();
    EXPECT_THAT(lake_->Rows("SELECT * FROM used"), ElementsAre("three"));
}

TEST_F(DbtProjectTest, TheInformationSchemaMayHaveTheLakesNameBeforeIt) {
    files_.Write("models/base.sql", "select 1 as n");
    files_.Write("models/seen.sql",
                 "-- {{ ref('base') }}\nselect {{ run_query('select count(*) from ' ~ "
                 "target.database ~ '.information_schema.tables where table_name = ' ~ "
                 "dbt.string_literal('base')).rows[0][0] or 0 }} as n");
    BuildWell();
    EXPECT_EQ(lake_->One("SELECT n FROM seen"), "1");
}

TEST_F(DbtProjectTest, ATypeOfASeedMeansWhatItMeansToTheProfilesEngine) {
    files_.Write("dbt_project.yml", "name: shop\nprofile: p\nseeds: {+column_types: {v: float}}\n");
    for (const auto& [engine, type] : {std::pair("postgres", "DOUBLE"), {"duckdb", "FLOAT"}}) {
        files_.Write("profiles.yml", std::string("p: {target: x, outputs: {x: {type: ") + engine +
                                         ", schema: main}}}\n");
        files_.Write("seeds/s.csv", "v\n1.5\n");
        BuildRequest request;
        request.full_refresh = true;
        BuildWell(request);
        EXPECT_EQ(lake_->One("SELECT typeof(v) FROM s"), type) << engine;
    }
}

TEST_F(DbtProjectTest, NothingIsAskedWhileTheGraphIsMade) {
    files_.Write("models/a.sql",
                 "select {{ run_query('select 1 as n').columns[0].values()[0] or 5 }} as n");
    EXPECT_THAT(States(BuildWell()), ElementsAre("main.a done"));
    EXPECT_EQ(lake_->One("SELECT n FROM a"), "1");
}

TEST_F(DbtProjectTest, PythonIsThereAsFarAsTemplatesUseIt) {
    const auto same = [&](const std::string& expression, const std::string& wanted) {
        EXPECT_EQ(Rendered("{{ " + expression + " }}"), wanted) << expression;
    };
    same("modules.re.sub('[^a-z]+', '_', 'a-b  c')", "a_b_c");
    same("modules.re.sub('(a)(b)', '\\\\2\\\\1', 'abab')", "baba");
    same("modules.re.match('b', 'ab') is none", "True");
    same("modules.re.search('(?P<n>b+)', 'abb').group('n')", "bb");
    same("modules.re.findall('[0-9]', 'a1b2') | join('+')", "1+2");
    same("modules.re.split(',', 'a,b') | length", "2");
    same("modules.re.sub('{a}+|[{]|b{2}', 'x', '{a}}-bb-{')", "x-x-x");
    same("modules.re.findall('(?i)(from|join) (?!x)([a-z]+)(?=,|$)', 'FROM a, join x, join b')",
         "[['FROM', 'a'], ['join', 'b']]");
    same("modules.re.sub('(.)\\\\1', '<\\\\g<1>>', 'aabc')", "<a>bc");
    same("modules.re.split('(,)', 'a,b') | join('.')", "a.,.b");
    same("(modules.datetime.date(2024, 2, 28) + modules.datetime.timedelta(days=2)).isoformat()",
         "2024-03-01");
    same(
        "modules.datetime.datetime.strptime('2024-01-02 03:04', '%Y-%m-%d "
        "%H:%M').strftime('%d.%m.%Y %H')",
        "02.01.2024 03");
    same(
        "modules.datetime.datetime(2024, 7, 1, "
        "12).astimezone(modules.pytz.timezone('Europe/Berlin')).hour",
        "14");
    same("(modules.datetime.date(2024, 3, 1) - modules.datetime.date(2024, 2, 28)).days - 1", "1");
    same("modules.datetime.datetime(9999, 12, 31, 23).timestamp() > run_started_at.timestamp()",
         "True");
    same("modules.itertools.product([1, 2], ['a']) | length", "2");
    same("fromjson('{\"a\": [1, 2]}').a[1]", "2");
    same("tojson({'b': 1, 'a': none}, sort_keys=true)", R"({"a": null, "b": 1})");
    same("fromyaml('a: [x, 2]').a[1]", "2");
    same("toyaml({'a': [1, 'on'], 'b': {'c': true}})", "a:\n- 1\n- \"on\"\nb:\n  c: true\n");
    same("zip([1, 2], ['a', 'b']) | map('join') | join(',')", "1a,2b");
    same("set(['b', 'a', 'b']) | join", "ab");
    same("set([1, 2]) == set([2, 1, 1])", "True");
    same("local_md5('x')", "9dd4e461268c8034f5c8564e155c67a6");
    same("'3' | as_number + 1", "4");
    same("var.has_var('nope')", "False");
    same("builtins.var('nope', 'x')", "x");
    same("target.name ~ target.schema ~ target.database", "tarnmainlake");
    same("flags.WHICH ~ flags.FULL_REFRESH", "buildFalse");
    same("invocation_id | length", "36");
    same("run_started_at.year > 2000", "True");
    same("model.unique_id", "model.shop.rendered");
    same("graph.nodes.values() | map(attribute='name') | join", "rendered");
}

TEST_F(DbtProjectTest, MacrosMayTakeWhatTheyDoNotName) {
    files_.Write("macros/more.sql",
                 "{% macro more(a, b=2) %}{{ a }}{{ b }}{{ varargs | join }}"
                 "{{ kwargs.get('z', '-') }}{% endmacro %}\n"
                 "{% macro hand_on(a) %}{{ return(more(a, *varargs, **kwargs)) }}{% endmacro %}");
    EXPECT_EQ(Rendered("{{ more(1) }} {{ more(1, 5, 6, 7, z=8) }} {{ hand_on(1, 4, z=9) }}"),
              "12- 15678 149");
}

TEST_F(DbtProjectTest, AMistakeInAMacroIsToldWhereItStands) {
    files_.Write("macros/m.sql",
                 "{% macro inner(a) %}{{ a }}{% endmacro %}\n"
                 "{% macro outer() %}\n  {{ inner(1, 2) }}{% endmacro %}\n");
    for (const char* text :
         {"select 1\n, {{ outer() }}", "select 1\n, {{ nope(1) }}", "select 1\n, {{ shop.gone() }}",
          "select 1\n, {{ adapter.get_relatoin('a', 'b', 'c') }}",
          "select 1\n, {{ exceptions.raise_compiler_error('no') }}",
          "select 1\n, {{ modules.re.sub('(', '', 'x') }}"}) {
        files_.Write("models/bad.sql", text);
        const Error error = Refusal();
        EXPECT_EQ(error.kind(), ErrorKind::kInvalidInput) << text;
        const bool in_macro = std::string(text).find("outer") != std::string::npos;
        EXPECT_EQ(error.spot().file, in_macro ? "macros/m.sql" : "models/bad.sql") << error.what();
        EXPECT_EQ(error.spot().line, in_macro ? 3 : 2) << error.what();
        if (in_macro) {
            ASSERT_FALSE(error.context().empty());
            EXPECT_THAT(error.context()[0].second, HasSubstr("models/bad.sql:2"));
        }
    }
}

TEST_F(DbtProjectTest, WordsOfTemplatesAreTold) {
    files_.Write("models/a.sql", "{{ log('seen', info=true) }}{% do print('too') %}select 1 as n");
    files_.Write("models/a.yml", "models: [{name: nobody}]\n");
    BuildWell();
    EXPECT_THAT(told_.texts, testing::Contains("seen"));
    EXPECT_THAT(told_.texts, testing::Contains("too"));
    EXPECT_THAT(told_.texts, testing::Contains(HasSubstr("nobody")));
}

class PackageTest : public DbtProjectTest {
protected:
    PackageTest() {
        files_.Write("packages.yml", "packages:\n  - local: shared/tools\n");
        files_.Write(
            "shared/tools/dbt_project.yml",
            "name: tools\nmodels: {tools: {+materialized: table, base: {+enabled: true}}}\n"
            "vars: {colour: red, size: 1}\n");
        files_.Write("shared/tools/macros/tools.sql",
                     "{% macro colour() %}{{ return(adapter.dispatch('colour', 'tools')()) }}"
                     "{% endmacro %}\n{% macro default__colour() %}'plain'{% endmacro %}\n"
                     "{% test even(model, column_name) %}{{ config(severity='warn') }}"
                     "select * from {{ model }} where {{ column_name }} % 2 = 1{% endtest %}");
        files_.Write("shared/tools/models/base/numbers.sql",
                     "select n, '{{ var('colour') }}' as colour, {{ var('size') }} as size "
                     "from {{ ref('raw_numbers') }}");
        files_.Write("shared/tools/models/tools.yml",
                     "models: [{name: numbers, columns: [{name: n, tests: [even]}]}]\n");
        files_.Write("shared/tools/seeds/raw_numbers.csv", "n\n1\n2\n");
        files_.Write("shared/tools/tests/none_is_big.sql",
                     "select * from {{ ref('numbers') }} where n > 100");
        files_.Write("models/mine.sql",
                     "select {{ tools.colour() }} as c, n from {{ ref('tools', 'numbers') }}");
    }
};

TEST_F(PackageTest, ModelsSeedsAndTestsOfAPackageAreBuilt) {
    EXPECT_THAT(States(BuildWell()), ElementsAre("main.raw_numbers done", "main.numbers done",
                                                 "test.even_numbers_n warned",
                                                 "test.none_is_big done", "main.mine done"));
    EXPECT_THAT(lake_->Rows("SELECT * FROM numbers ORDER BY n"), ElementsAre("1|red|1", "2|red|1"));
    EXPECT_THAT(lake_->Rows("SELECT * FROM mine ORDER BY n"), ElementsAre("plain|1", "plain|2"));
}

TEST_F(PackageTest, TheProjectHasTheLastWordOverAPackage) {
    files_.Write("dbt_project.yml",
                 "name: shop\nmodels:\n  shop: {+materialized: table}\n"
                 "  tools: {+schema: extra, +materialized: view}\n"
                 "vars: {size: 2, tools: {colour: blue}}\n"
                 "dispatch: [{macro_namespace: tools, search_order: [shop, tools]}]\n");
    files_.Write("macros/mine.sql", "{% macro default__colour() %}'own'{% endmacro %}");
    BuildWell();
    EXPECT_THAT(lake_->Rows("SELECT * FROM main_extra.numbers ORDER BY n"),
                ElementsAre("1|blue|2", "2|blue|2"));
    EXPECT_EQ(lake_->One("SELECT DISTINCT c FROM mine"), "own");
    files_.Write("dbt_project.yml",
                 "name: shop\nmodels: {shop: {+materialized: table}, tools: {+enabled: false}}\n");
    EXPECT_EQ(Refusal().kind(), ErrorKind::kInvalidInput);
}

TEST_F(PackageTest, APackageMayLieInTheFolderOfPackages) {
    files_.Write("packages.yml", "packages: [{package: someone/words, version: 1.0.0}]\n");
    files_.Write("dbt_packages/words/dbt_project.yml", "name: words\n");
    files_.Write("dbt_packages/words/macros/w.sql", "{% macro hi() %}'hi'{% endmacro %}");
    files_.Write("dbt_packages/words/models/greeting.sql",
                 "{{ config(materialized='table') }}select {{ hi() }} as w");
    files_.Write("models/mine.sql", "select w, {{ words.hi() }} as v from {{ ref('greeting') }}");
    BuildWell();
    EXPECT_EQ(lake_->One("SELECT * FROM mine"), "hi|hi");
}

TEST_F(DbtProjectTest, TestsOfEphemeralModelsSeeTheirRows) {
    files_.Write("models/eph.sql", "{{ config(materialized='ephemeral') }}select 1 as n");
    files_.Write("models/eph.yml",
                 "models: [{name: eph, columns: [{name: n, tests: [unique, {accepted_values: "
                 "{values: [2], quote: false}}]}]}]\n");
    const BuildReport report = Build();
    EXPECT_THAT(States(report),
                testing::UnorderedElementsAre("test.unique_eph_n done",
                                              "test.accepted_values_eph_n__False__2 failed"))
        << Messages(report);
}

TEST_F(DbtProjectTest, AGenericTestSaysHowItsFailuresCount) {
    files_.Write("macros/t.sql",
                 "{% test total(model) %}{{ config(fail_calc='sum(n)', error_if='> 5') }}"
                 "select n from {{ model }}{% endtest %}");
    files_.Write("models/a.sql", "select 3 as n");
    const auto state = [&](const std::string& test) {
        files_.Write("models/a.yml", "models: [{name: a, tests: [" + test + "]}]\n");
        return NodeOf(Build(), "test.total_a_").state;
    };
    EXPECT_EQ(state("total"), NodeState::kWarned);
    EXPECT_EQ(state("total: {error_if: '> 2'}"), NodeState::kFailed);
    EXPECT_EQ(state("total: {config: {error_if: '> 9', warn_if: '> 9'}}"), NodeState::kDone);
}

}  // namespace
}  // namespace tarn::pipeline
