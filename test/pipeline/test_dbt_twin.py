"""A dbt project of our own, run as a user of dbt runs theirs: commands, selections, artifacts, retry.

What Tarn writes for other tools is held against dbt's published schemas (../shared/specs/dbt).
"""
import json
import os
import shutil
import subprocess
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TARN = os.environ.get("TARN_BIN", os.path.join(ROOT, "build", "release", "tarn"))
SCHEMAS = os.path.join(os.path.dirname(ROOT), "shared", "specs", "dbt")
LIMIT_S = 120


def check(test, artifact, file):
    """The artifact is valid, and of the version that it says."""
    try:
        import jsonschema
    except ImportError:
        test.skipTest("jsonschema is not there: `make setup` installs it")
    path = os.path.join(SCHEMAS, file)
    if not os.path.exists(path):
        test.skipTest(f"{path} is not there")
    with open(path, encoding="utf-8") as text:
        schema = json.load(text)
    errors = list(jsonschema.Draft202012Validator(schema).iter_errors(artifact))
    wrong = [f"{'/'.join(map(str, error.path))}: {error.message[:300]}" for error in errors[:5]]
    test.assertEqual(wrong, [])
    test.assertIn(file.split("-v")[0], artifact["metadata"]["dbt_schema_version"])


class Twin(unittest.TestCase):
    def setUp(self):
        self.temp = tempfile.TemporaryDirectory()
        self.addCleanup(self.temp.cleanup)
        self.project = os.path.join(self.temp.name, "tea_house")
        shutil.copytree(os.path.join(HERE, "dbt_twin"), self.project)

    def tarn(self, *arguments, code=0, env=None):
        run = subprocess.run([TARN, *arguments], cwd=self.project, capture_output=True, text=True,
                             timeout=LIMIT_S, check=False, env={**os.environ, **(env or {})})
        self.assertEqual(run.returncode, code, run.stdout + run.stderr)
        return run

    def write(self, name, text):
        with open(os.path.join(self.project, name), "w", encoding="utf-8") as file:
            file.write(text)

    def read(self, name):
        with open(os.path.join(self.project, name), encoding="utf-8") as file:
            return file.read()

    def artifact(self, name, folder="target"):
        return json.loads(self.read(os.path.join(folder, name)))

    def results(self):
        """Of nodes; hooks are results too."""
        return {result["unique_id"].split(".")[2]: result["status"]
                for result in self.artifact("run_results.json")["results"]
                if not result["unique_id"].startswith("operation.")}

    def lines(self, *arguments):
        return self.tarn(*arguments).stdout.split()


class Commands(Twin):
    def test_each_command_runs_what_it_is_for(self):
        self.tarn("seed")
        self.assertEqual(self.results(), {"teas": "success", "pours": "success"})
        self.tarn("run")
        self.assertEqual(set(self.results()), {"stg_teas", "stg_pours", "sales", "days"})
        run = self.tarn("test")
        self.assertEqual(len(self.results()), 8)
        self.assertEqual(set(self.results().values()), {"pass"})
        self.assertIn("Done. PASS=8 WARN=0 ERROR=0 SKIP=0 NO-OP=0 TOTAL=8", run.stdout)
        self.assertEqual(self.artifact("run_results.json")["args"]["which"], "test")
        self.assertIn("Nothing to do", self.tarn("snapshot").stdout)
        sql = self.tarn("sql", "--format", "csv", "-c", "select taken from main.sales order by 1").stdout
        self.assertEqual(sql.split()[1:], ["5.25", "13.50", "24.00"])

    def test_ls_says_what_is_meant(self):
        self.assertEqual(self.lines("ls", "--resource-type", "model", "--output", "name"),
                         ["cups", "days", "sales", "stg_pours", "stg_teas"])
        self.assertEqual(self.lines("ls", "-s", "sales", "--resource-type", "model"), ["tea_house.marts.sales"])
        self.assertEqual(self.lines("list", "--resource-type", "source", "exposure"),
                         ["exposure:tea_house.counter_board", "source:tea_house.house.visitors"])
        self.assertEqual(self.lines("ls", "-m", "+sales", "--exclude", "resource_type:test", "--output", "path"),
                         ["models/staging/cups.sql", "models/marts/sales.sql", "models/staging/stg_pours.sql",
                          "models/staging/stg_teas.sql", "seeds/pours.csv", "seeds/teas.csv"])
        self.assertEqual(set(self.lines("ls", "--selector", "marts_and_before", "--output", "name",
                                        "--resource-type", "model", "seed")),
                         {"stg_pours", "stg_teas", "cups", "days", "sales"})
        line = json.loads(self.tarn("ls", "-s", "sales", "--resource-type", "model", "--output", "json").stdout)
        self.assertEqual(line["unique_id"], "model.tea_house.sales")
        self.assertEqual(line["config"]["materialized"], "table")
        self.assertEqual(self.tarn("ls", "-s", "slaes", code=2).stdout, "")

    def test_compile_renders_and_runs_nothing(self):
        out = self.tarn("compile", "-s", "sales").stdout
        self.assertIn("as decimal(18, 2)", out)
        self.assertIn("3 as minutes", out)
        self.assertIn("3 as minutes", self.read("target/compiled/tea_house/models/marts/sales.sql"))
        self.assertIn("7 as minutes", self.tarn("compile", "-s", "sales", "--vars", "steep_minutes: 7").stdout)
        out = self.tarn("compile", "--inline", "select * from {{ ref('cups') }}", "--output", "json").stdout
        self.assertIn("sum(cups)", json.loads(out)["compiled"])
        self.tarn("compile", "--inline", "select * from {{ ref('cpus') }}", code=2)
        self.assertNotIn("sales", self.tarn("sql", "-c", "show tables").stdout)

    def test_show_gives_rows(self):
        self.tarn("build")
        out = self.tarn("show", "--inline", "select name from {{ ref('sales') }} where tea_id = 2", "--output", "json")
        self.assertIn("Sencha", out.stdout)
        self.assertEqual(self.tarn("show", "-s", "sales", "--limit", "1").stdout.count("2026"), 0)

    def test_flags_of_dbt(self):
        self.tarn("parse", "--project-dir", ".", "--target-path", "elsewhere", "--threads", "4", "-t", "prod")
        node = self.artifact("manifest.json", "elsewhere")["nodes"]["model.tea_house.sales"]
        self.assertEqual(node["schema"], "prod")
        os.makedirs(os.path.join(self.project, "profiles"))
        os.rename(os.path.join(self.project, "profiles.yml"), os.path.join(self.project, "profiles", "profiles.yml"))
        self.tarn("parse", "-t", "prod", "--profiles-dir", "profiles")
        self.tarn("parse", "-t", "prod", env={"DBT_PROFILES_DIR": "profiles", "DBT_TARGET_PATH": "third"})
        self.assertEqual(self.artifact("manifest.json", "third")["nodes"]["model.tea_house.sales"]["schema"], "prod")
        self.tarn("parse", "--profiles-dir", "nowhere", code=2)

    def test_the_first_failure_may_end_the_build(self):
        self.write("models/staging/stg_pours.sql", "select no_such_column from {{ ref('pours') }}\n")
        self.tarn("build", "--fail-fast", code=1)
        states = self.results()
        self.assertEqual(states["stg_pours"], "error")
        self.assertEqual(states["stg_teas"], "skipped")


SEMANTICS = """
semantic_models:
  - name: takings
    model: ref('sales')
    defaults: {agg_time_dimension: day}
    entities: [{name: tea, type: primary, expr: tea_id}]
    dimensions: [{name: day, type: time, type_params: {time_granularity: day}}, {name: name, type: categorical}]
    measures: [{name: taken, agg: sum}, {name: pours, agg: sum, expr: 1, create_metric: true}]
metrics:
  - {name: taken, label: Taken, type: simple, type_params: {measure: taken},
     filter: "{{ Dimension('tea__name') }} = 'Assam'"}
  - {name: per_pour, label: Per pour, type: ratio, type_params: {numerator: taken, denominator: pours}}
  - {name: week, type: cumulative, type_params: {measure: {name: taken}, cumulative_type_params: {window: 7 days}}}
saved_queries:
  - name: board
    query_params: {metrics: [per_pour], group_by: ["Dimension('tea__name')"]}
    exports: [{name: board, config: {export_as: table}}]
exposures:
  - {name: wall, type: dashboard, owner: {name: x}, depends_on: [metric('per_pour')]}
"""


class SemanticLayer(Twin):
    def test_it_is_shown_to_the_tools_that_ask_for_it(self):
        self.write("models/marts/semantics.yml", SEMANTICS)
        self.tarn("parse")
        manifest = self.artifact("manifest.json")
        check(self, manifest, "manifest-v12.json")
        self.assertEqual(set(manifest["metrics"]), {f"metric.tea_house.{name}" for name in
                                                    ("taken", "per_pour", "week", "pours")})
        self.assertEqual(manifest["parent_map"]["metric.tea_house.per_pour"],
                         ["metric.tea_house.taken", "metric.tea_house.pours"])
        self.assertEqual(manifest["parent_map"]["metric.tea_house.taken"], ["semantic_model.tea_house.takings"])
        self.assertEqual(manifest["semantic_models"]["semantic_model.tea_house.takings"]["node_relation"]["alias"],
                         "sales")
        self.assertEqual(self.lines("ls", "-s", "sales+,resource_type:metric", "--output", "name"),
                         ["per_pour", "pours", "taken", "week"])
        self.assertIn("exposure:tea_house.wall", self.lines("ls", "-s", "metric:per_pour+"))
        self.assertEqual(self.lines("ls", "-s", "saved_query:board"), ["saved_query:tea_house.board"])
        self.write("models/marts/semantics.yml", SEMANTICS.replace("metric('per_pour')", "metric('per_pours')"))
        self.assertIn("did you mean `per_pour`?", self.tarn("parse", code=2).stderr)


class Retry(Twin):
    def test_what_failed_or_was_skipped_runs_again_and_nothing_else(self):
        self.tarn("retry", code=2)
        good = self.read("models/staging/stg_pours.sql")
        self.write("models/staging/stg_pours.sql", good.replace("cups from", "nope as cups from"))
        self.tarn("build", "--vars", "steep_minutes: 9", code=1)
        first = self.results()
        self.assertEqual(first["stg_pours"], "error")
        self.assertEqual(first["sales"], "skipped")
        self.write("models/staging/stg_pours.sql", good)
        self.tarn("retry")
        self.assertEqual(set(self.results()), {name for name, state in first.items() if state in ("error", "skipped")})
        self.assertEqual(set(self.results().values()), {"success", "pass"})
        minutes = self.tarn("sql", "--format", "csv", "-c", "select distinct minutes from main.sales").stdout
        self.assertEqual(minutes.split(), ["minutes", "9"])
        self.assertIn("Nothing to do", self.tarn("retry").stdout)

    def test_a_failed_test_is_tested_again(self):
        self.write("seeds/teas.csv", "id,name,region,price\n1,Assam,Mars,4.5\n2,Sencha,Assam,6\n3,Keemun,Anhui,5\n")
        self.tarn("build", code=1)
        failed = [result for result in self.artifact("run_results.json")["results"] if result["status"] == "fail"]
        self.assertEqual([result["failures"] for result in failed], [1])
        self.tarn("retry", code=1)
        self.assertEqual(self.results()["accepted_values_stg_teas_region__Assam__Shizuoka__Anhui"], "fail")


class Artifacts(Twin):
    def test_they_are_what_dbt_says(self):
        self.tarn("build")
        manifest = self.artifact("manifest.json")
        check(self, manifest, "manifest-v12.json")
        results = self.artifact("run_results.json")
        check(self, results, "run-results-v6.json")
        self.assertEqual(manifest["metadata"]["invocation_id"], results["metadata"]["invocation_id"])
        known = set(manifest["nodes"])
        self.assertTrue({result["unique_id"] for result in results["results"]} <= known)

    def test_the_manifest_has_the_graph(self):
        self.tarn("parse")
        manifest = self.artifact("manifest.json")
        sales = manifest["nodes"]["model.tea_house.sales"]
        self.assertEqual(sales["depends_on"]["nodes"], ["model.tea_house.stg_teas", "model.tea_house.cups"])
        self.assertEqual(sales["relation_name"], '"lake"."main"."sales"')
        self.assertEqual(sales["config"]["meta"], {"team": "counter"})
        self.assertEqual(sales["tags"], ["nightly"])
        self.assertEqual(sales["docs"]["node_color"], "olive")
        self.assertEqual(manifest["parent_map"]["exposure.tea_house.counter_board"],
                         ["model.tea_house.sales", "model.tea_house.days"])
        self.assertIn("test.tea_house.unique_sales_tea_id", "".join(manifest["child_map"]["model.tea_house.sales"]))
        test = next(node for name, node in manifest["nodes"].items() if "relationships_stg_pours" in name)
        self.assertEqual(test["test_metadata"]["name"], "relationships")
        self.assertEqual(test["attached_node"], "model.tea_house.stg_pours")
        self.assertEqual(test["config"]["severity"], "WARN")
        self.assertIn("by hand", manifest["sources"]["source.tea_house.house.visitors"]["source_description"])
        self.assertIn("decimal(18, 2)", manifest["macros"]["macro.tea_house.money"]["macro_sql"])
        self.assertIn("is_positive", manifest["macros"]["macro.tea_house.test_is_positive"]["macro_sql"])
        self.assertIn("marts_and_before", manifest["selectors"])

    def test_the_sql_of_each_node_lies_there(self):
        self.tarn("build")
        self.assertIn("sum(cups)", self.read("target/compiled/tea_house/models/marts/days.sql"))
        self.assertIn("CREATE OR REPLACE TABLE", self.read("target/run/tea_house/models/marts/sales.sql"))
        name = "unique_sales_tea_id.sql"
        self.assertIn("count(*)", self.read(f"target/compiled/tea_house/models/marts/marts.yml/{name}"))


class Docs(Twin):
    def page(self):
        self.tarn("docs", "generate")
        page = self.read("target/index.html")
        data = page.split('<script type="application/json" id="data">')[1].split("</script>")[0]
        return page.replace(data, ""), json.loads(data)

    def test_one_page_has_all_and_asks_no_network(self):
        self.tarn("build")
        page, data = self.page()
        check(self, self.artifact("catalog.json"), "catalog-v1.json")
        check(self, self.artifact("manifest.json"), "manifest-v12.json")
        self.assertNotRegex(page, r"(src|href)=.?https?:|@import|url\(")
        sales = data["items"]["model.tea_house.sales"]
        self.assertEqual(sales["columns"]["taken"]["type"], "DECIMAL(18,2)")
        self.assertEqual(sales["stats"]["num_rows"]["value"], 3)
        self.assertIn("3 as minutes", sales["compiled_code"])
        self.assertEqual(data["parents"]["model.tea_house.days"], ["model.tea_house.stg_pours"])
        self.assertIn("exposure.tea_house.counter_board", data["items"])
        catalog = self.artifact("catalog.json")["nodes"]["model.tea_house.stg_teas"]
        self.assertEqual(catalog["metadata"]["type"], "VIEW")

    def test_a_text_cannot_leave_its_place(self):
        text = "models: [{name: sales, description: '</script><script>alert(1)</script>'}]\n"
        self.write("models/marts/marts.yml", text)
        page, data = self.page()
        self.assertNotIn("alert", page)
        self.assertIn("</script>", data["items"]["model.tea_house.sales"]["description"])


class Freshness(Twin):
    YAML = """
version: 2
sources:
  - name: house
    schema: main
    freshness: {warn_after: {count: 12, period: hour}}
    tables:
      - {name: visitors, loaded_at_field: came, freshness: {error_after: {count: 2, period: day}}}
      - {name: bills}
      - {name: notes, freshness: null}
      - {name: gone, loaded_at_query: select max(nope) from main.visitors}
"""

    def ask(self, age, code):
        self.tarn("sql", "-c", "CREATE OR REPLACE TABLE main.visitors AS SELECT now() - INTERVAL "
                               f"{age} AS came; CREATE OR REPLACE TABLE main.bills AS SELECT 1 AS x")
        self.tarn("source", "freshness", "--exclude", "source:house.gone", code=code)
        artifact = self.artifact("sources.json")
        check(self, artifact, "sources-v3.json")
        return {result["unique_id"].split(".")[-1]: result["status"] for result in artifact["results"]}

    def test_the_age_of_the_newest_row_is_judged(self):
        self.write("models/staging/sources.yml", self.YAML)
        self.write("models/staging/staging.yml", "version: 2\n")
        self.assertEqual(self.ask("1 hour", 0), {"visitors": "pass", "bills": "pass"})
        self.assertEqual(self.ask("20 hours", 0), {"visitors": "warn", "bills": "pass"})
        self.assertEqual(self.ask("60 hours", 1), {"visitors": "error", "bills": "pass"})
        self.tarn("source", "freshness", "-s", "source:house.gone", code=1)
        artifact = self.artifact("sources.json")
        check(self, artifact, "sources-v3.json")
        self.assertEqual([result["status"] for result in artifact["results"]], ["runtime error"])


class Language(Twin):
    """Snapshots, unit tests, hooks, kept failures and packages are told of as the rest is."""

    def setUp(self):
        super().setUp()
        self.write("dbt_project.yml", self.read("dbt_project.yml") + """
on-run-start: ["create schema if not exists notes", "create table if not exists notes.log (w varchar)"]
on-run-end: ["insert into notes.log values ('{{ results | map(attribute='unique_id') | join(',') }}')"]
""")
        self.write("packages.yml", "packages: [{local: shelf}]\n")
        for folder in ("snapshots", "shelf/models", "shelf/macros"):
            os.makedirs(os.path.join(self.project, folder))
        self.write("shelf/dbt_project.yml", "name: shelf\n")
        self.write("shelf/models/jars.sql", "{{ config(materialized='table') }}select 1 as jar")
        self.write("shelf/models/jars.yml",
                   "models: [{name: jars, columns: [{name: jar, data_tests: [unique, odd]}]}]\n")
        self.write("shelf/macros/odd.sql", "{% test odd(model, column_name) %}{{ config(severity='warn') }}"
                                           "select * from {{ model }} where {{ column_name }} % 2 = 1{% endtest %}")
        self.write("snapshots/kept.sql", "{% snapshot kept_teas %}{{ config(unique_key='id', strategy='check', "
                                         "check_cols='all') }}select * from {{ ref('teas') }}{% endsnapshot %}")
        self.write("models/marts/unit.yml", """
unit_tests:
  - name: pours_are_counted
    model: stg_pours
    overrides: {vars: {steep_minutes: 1}}
    given:
      - {input: ref('pours'), rows: []}
    expect: {rows: []}
""")

    def test_artifacts_have_them_all(self):
        self.tarn("build", "--store-failures")
        manifest = self.artifact("manifest.json")
        check(self, manifest, "manifest-v12.json")
        results = self.artifact("run_results.json")
        check(self, results, "run-results-v6.json")
        states = {result["unique_id"]: result["status"] for result in results["results"]}
        self.assertEqual(states["snapshot.tea_house.kept_teas"], "success")
        self.assertEqual(states["unit_test.tea_house.stg_pours.pours_are_counted"], "pass")
        self.assertEqual(states["model.shelf.jars"], "success")
        odd = next(name for name in states if name.startswith("test.shelf.odd_jars_jar."))
        self.assertEqual(states[odd], "warn")
        ephemeral = {"model.tea_house.cups"}
        self.assertEqual(set(states) | ephemeral, set(manifest["nodes"]) | set(manifest["unit_tests"]))
        self.assertEqual(manifest["nodes"]["model.shelf.jars"]["package_name"], "shelf")
        self.assertEqual(manifest["child_map"]["model.tea_house.stg_pours"].count(
            "unit_test.tea_house.stg_pours.pours_are_counted"), 1)
        told = self.tarn("sql", "--format", "csv", "-c", "select w from notes.log").stdout
        for name in states:
            self.assertEqual(name in told, not name.startswith("operation."))
        self.assertEqual(states["operation.tea_house.tea_house-on-run-end-0"], "success")
        self.assertIn("1", self.tarn("sql", "-c", "select * from main_dbt_test__audit.odd_jars_jar").stdout)
        self.assertTrue(results["args"]["store_failures"])

    def test_commands_know_them(self):
        self.tarn("seed")
        self.tarn("snapshot")
        self.assertEqual(self.results(), {"kept_teas": "success"})
        self.tarn("run", "-s", "stg_pours")
        self.assertEqual(self.results(), {"stg_pours": "success"})
        self.tarn("test", "-s", "test_type:unit")
        self.assertEqual(self.results(), {"stg_pours": "pass"})
        self.assertEqual(self.lines("ls", "-s", "package:shelf", "--resource-type", "model"), ["shelf.jars"])
        self.write("models/marts/unit.yml", self.read("models/marts/unit.yml").replace("expect: {rows: []}",
                   "expect: {rows: [{tea_id: 1}]}"))
        self.tarn("build", "-s", "stg_pours", code=1)
        self.assertEqual({result["unique_id"]: result["status"]
                          for result in self.artifact("run_results.json")["results"]
                          if not result["unique_id"].startswith(("test.", "operation."))},
                         {"unit_test.tea_house.stg_pours.pours_are_counted": "fail",
                          "model.tea_house.stg_pours": "skipped"})

    def test_what_asks_the_lake_is_compiled(self):
        self.tarn("seed")
        self.write("models/marts/asked.sql", "{% set n = run_query('select count(*) from ' ~ ref('teas')) %}"
                                             "{{ log('asked', info=True) }}select {{ n.rows[0][0] if n else 0 }} as n")
        run = self.tarn("compile", "-s", "asked")
        self.assertIn("select 3 as n", run.stdout)
        self.assertIn("asked", run.stderr)


class Upkeep(Twin):
    def test_a_macro_is_called_with_its_arguments(self):
        self.tarn("seed")
        self.write("macros/operations.sql",
                   "{% macro keep(name, times=1) %}{% if execute %}"
                   "{% do run_query('create table ' ~ name ~ ' as select ' ~ times ~ ' as n, count(*) as c from '"
                   " ~ ref('teas')) %}{{ log('kept ' ~ name, info=True) }}{{ log('whispered') }}"
                   "{{ print(flags.WHICH) }}{% endif %}{% endmacro %}\n"
                   "{% macro raise_it() %}{{ exceptions.raise_compiler_error('no') }}{% endmacro %}")
        run = self.tarn("run-operation", "keep", "--args", "{name: main.kept, times: 4}")
        self.assertEqual(run.stdout.split("\n")[:2], ["kept main.kept", "run-operation"])
        self.assertNotIn("whispered", run.stdout)
        self.tarn("run-operation", "tea_house.keep", "--args", "name: main.more")
        sql = self.tarn("sql", "--format", "csv", "-c", "select n, c from main.kept").stdout
        self.assertEqual(sql.split()[1:], ["4,3"])
        self.tarn("run-operation", "raise_it", code=1)
        self.tarn("run-operation", "keep", "--args", "{name: main.x, tmies: 4}", code=1)
        self.tarn("run-operation", "kept", code=2)
        self.tarn("run-operation", "keep", "--args", "[1]", code=2)

    def test_clean_removes_what_runs_left(self):
        self.tarn("seed")
        self.assertTrue(os.path.exists(os.path.join(self.project, "target")))
        self.tarn("clean")
        self.assertFalse(os.path.exists(os.path.join(self.project, "target")))
        self.assertIn("teas", self.tarn("sql", "-c", "show tables").stdout)
        self.write("dbt_project.yml", self.read("dbt_project.yml") + "\nclean-targets: [target, ../outside]\n")
        self.tarn("seed")
        self.tarn("clean", code=2)
        self.assertTrue(os.path.exists(os.path.join(self.project, "target")))

    def test_deps_says_what_is_there_and_what_is_not(self):
        self.assertEqual(self.tarn("deps").stdout.split(), "no packages are needed".split())
        os.makedirs(os.path.join(self.project, "shelf"))
        self.write("shelf/dbt_project.yml", "name: shelf\n")
        self.write("packages.yml", "packages: [{local: shelf}]\n")
        self.assertIn("shelf", self.tarn("deps").stdout)
        self.write("dependencies.yml", "packages: [{package: dbt-labs/dbt_utils, version: 1.3.0}]\n")
        self.assertIn("dependencies.yml:1", self.tarn("deps", code=1).stderr)
        self.tarn("debug")
        self.tarn("debug", "-t", "nowhere", "--profiles-dir", "nowhere", code=2)


class ExampleLake(Twin):
    """A lake without dbt_project.yml leaves the same artifacts."""

    def setUp(self):
        super().setUp()
        self.project = os.path.join(self.temp.name, "nyc_flights")
        shutil.copytree(os.path.join(ROOT, "examples", "nyc-flights"), self.project,
                        ignore=shutil.ignore_patterns(".tarn", "landing", "target"))

    def test_they_are_what_dbt_says(self):
        # Nothing was landed, so what reads bronze fails, and the rest is skipped.
        self.tarn("build", code=1)
        manifest = self.artifact("manifest.json")
        check(self, manifest, "manifest-v12.json")
        check(self, self.artifact("run_results.json"), "run-results-v6.json")
        self.assertIn("source.nyc_flights.bronze.flights", manifest["sources"])
        self.assertEqual(self.lines("ls", "-s", "gold", "--resource-type", "model", "--output", "name"),
                         ["delay_by_route", "on_time_by_carrier_month", "weather_impact"])


if __name__ == "__main__":
    unittest.main()
