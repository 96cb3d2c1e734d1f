"""Lineage of a build: rows of ops.lineage, `tarn lineage`, column_lineage.json and the page of `tarn docs`, and
OpenLineage events in a file and at a server, a dead one and a slow one among them.

Events are held against OpenLineage's published schemas (shared/specs/openlineage).
"""

import http.server
import json
import os
import socket
import subprocess
import tempfile
import threading
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TARN = os.environ.get("TARN_BIN", os.path.join(ROOT, "build", "release", "tarn"))
LIMIT_S = 120

FILES = {
    "models/stage/orders.sql": "select id, customer, amount, md5(email) as email_hash\n"
                               "from {{ source('raw', 'orders') }} where amount > 0",
    "models/stage/orders.yml": "models:\n  - name: orders\n    columns:\n      - name: id\n"
                               "        data_tests: [not_null]\n",
    "models/mart/big.sql": "{{ config(materialized='view') }} select id, amount from {{ ref('orders') }}\n"
                           "where amount > 5",
    "models/mart/totals.sql": "select customer, sum(amount) as total, count(*) as n\n"
                              "from {{ ref('orders') }} group by customer",
    "models/mart/report.sql": "select t.customer, t.total, b.amount from {{ ref('totals') }} t\n"
                              "join {{ ref('big') }} b on b.amount = t.total",
}
RAW = """CREATE SCHEMA raw;
CREATE TABLE raw.orders AS SELECT * FROM (VALUES (1, 'ann', 10, 'a@x'), (2, 'bob', 3, 'b@x'), (3, 'ann', 0, 'c@x'))
AS o(id, customer, amount, email)"""


def schemas():
    """The folder of the schemas, beside this project or above it."""
    folder = ROOT
    while folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)
        found = os.path.join(folder, "shared", "specs", "openlineage")
        if os.path.isdir(found):
            return found
    return None


class Schemas:
    """The specification and its facets, each under its own address."""

    def __init__(self, folder):
        import jsonschema
        import referencing

        self.all = {}
        for at, _, names in os.walk(folder):
            for name in names:
                if name.endswith(".json"):
                    with open(os.path.join(at, name), encoding="utf-8") as text:
                        schema = json.load(text)
                    self.all[schema["$id"]] = schema
        self.registry = referencing.Registry().with_resources(
            (address, referencing.Resource.from_contents(schema)) for address, schema in self.all.items())
        self.validator = jsonschema.Draft202012Validator

    def wrong(self, value, address):
        checker = self.validator({"$ref": address}, registry=self.registry)
        return [f"{address} {'/'.join(map(str, error.path))}: {error.message[:200]}"
                for error in checker.iter_errors(value)]

    def facets(self, value):
        """Every object that says its own schema."""
        if isinstance(value, dict):
            if "_schemaURL" in value:
                yield value
            for part in value.values():
                yield from self.facets(part)
        elif isinstance(value, list):
            for part in value:
                yield from self.facets(part)

    def mistakes(self, event):
        wrong = self.wrong(event, event["schemaURL"])
        for facet in self.facets(event):
            address = facet["_schemaURL"]
            if address.split("#")[0] not in self.all:
                wrong.append(f"there is no schema {address}")
            else:
                wrong += self.wrong(facet, address)
        return wrong


class Server:
    """Takes events; `delay_s` before each answer, which has the status that is next in `statuses`."""

    def __init__(self, delay_s=0, statuses=()):
        self.events = []
        self.headers = []
        self.paths = []
        answers = list(statuses)
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                time.sleep(delay_s)
                status = answers.pop(0) if answers else 201
                if status < 300:
                    outer.events.append(json.loads(body))
                    outer.headers.append(dict(self.headers))
                    outer.paths.append(self.path)
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    pass

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class LineageTest(unittest.TestCase):
    def setUp(self):
        self.temp = tempfile.TemporaryDirectory()
        self.addCleanup(self.temp.cleanup)
        self.lake = self.temp.name
        self.write("tarn.yml", "name: shop\nlineage:\n  openlineage:\n    file: events.ndjson\n    namespace: jobs\n")
        for name, text in FILES.items():
            self.write(name, text)
        self.done("sql", "-c", RAW)

    def write(self, name, text):
        path = os.path.join(self.lake, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)

    def tarn(self, *arguments, **env):
        clean = {key: value for key, value in os.environ.items() if not key.startswith("OPENLINEAGE_")}
        return subprocess.run([TARN, *arguments], capture_output=True, text=True, timeout=LIMIT_S, cwd=self.lake,
                              env={**clean, **env}, check=False)

    def done(self, *arguments, **env):
        run = self.tarn(*arguments, **env)
        self.assertEqual(run.returncode, 0, run.stderr + run.stdout)
        return run

    def rows(self, statement):
        run = self.done("sql", "--format", "jsonl", "-c", statement)
        return [tuple(row) for row in json.loads(run.stdout.splitlines()[-1])["rows"]]

    def events(self):
        with open(os.path.join(self.lake, "events.ndjson"), encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]

    def test_rows_of_ops_lineage(self):
        self.done("build")
        rows = self.rows("SELECT output_table, output_column, input_table, input_column, kind, subkind, masking "
                         "FROM ops.lineage WHERE output_table LIKE 'mart.%' OR output_table LIKE 'stage.%'")
        expected = [
            ("stage.orders", "id", "raw.orders", "id", "DIRECT", "IDENTITY", "false"),
            ("stage.orders", "email_hash", "raw.orders", "email", "DIRECT", "TRANSFORMATION", "true"),
            ("stage.orders", None, "raw.orders", "amount", "INDIRECT", "FILTER", "false"),
            ("mart.totals", "total", "stage.orders", "amount", "DIRECT", "AGGREGATION", "false"),
            ("mart.totals", None, "stage.orders", "customer", "INDIRECT", "GROUP_BY", "false"),
            ("mart.big", "amount", "stage.orders", "amount", "DIRECT", "IDENTITY", "false"),
            # Through the view to the table that it reads: a build reads a view by its query.
            ("mart.report", "amount", "stage.orders", "amount", "DIRECT", "IDENTITY", "false"),
            ("mart.report", None, "mart.totals", "total", "INDIRECT", "JOIN", "false"),
        ]
        for row in expected:
            self.assertIn(row, rows)
        self.assertNotIn("tarn_stage", str(rows))
        versions = self.rows("SELECT DISTINCT r.node, l.node, l.output_version, l.input_version, "
                             "l.output_id IS NOT NULL FROM ops.lineage l JOIN ops.runs r USING (run_id) "
                             "WHERE l.output_table = 'mart.totals'")
        self.assertEqual(versions, [("mart.totals", "mart.totals", "0", "0", "true")])
        queries = self.rows("SELECT count(*) FROM ops.lineage WHERE query_id NOT IN (SELECT query_id FROM ops.queries)")
        self.assertEqual(queries, [("0",)])

    def test_statements_that_write_are_followed_and_others_are_not(self):
        self.done("sql", "-c", "CREATE TABLE t AS SELECT id, upper(email) AS e FROM raw.orders;"
                               "INSERT INTO t SELECT id, customer FROM raw.orders;"
                               "UPDATE t SET e = (SELECT max(amount) FROM raw.orders);"
                               "CREATE VIEW v AS SELECT e FROM t;"
                               "MERGE INTO t USING raw.orders o ON t.id = o.id "
                               "WHEN MATCHED THEN UPDATE SET e = o.email;"
                               "SELECT customer FROM raw.orders; EXPLAIN INSERT INTO t SELECT 1, email FROM raw.orders")
        rows = self.rows("SELECT output_table, output_column, input_table, input_column, subkind FROM ops.lineage "
                         "WHERE kind = 'DIRECT' ORDER BY ALL")
        self.assertEqual(rows, [
            ("main.t", "e", "raw.orders", "amount", "AGGREGATION"),
            ("main.t", "e", "raw.orders", "customer", "IDENTITY"),
            ("main.t", "e", "raw.orders", "email", "IDENTITY"),
            ("main.t", "e", "raw.orders", "email", "TRANSFORMATION"),
            ("main.t", "id", "raw.orders", "id", "IDENTITY"),
            ("main.t", "id", "raw.orders", "id", "IDENTITY"),
            ("main.v", "e", "main.t", "e", "IDENTITY"),
        ])
        self.done("sql", "-c", "CREATE TABLE w AS SELECT e FROM v")
        self.assertEqual(self.rows("SELECT input_table, input_kind, input_column FROM ops.lineage "
                                   "WHERE output_table = 'main.w' ORDER BY ALL"),
                         [("main.t", "table", "e"), ("main.v", "view", None)])

    def test_the_same_again_is_no_further_row(self):
        self.done("build")
        count = self.rows("SELECT count(*) FROM ops.lineage")
        self.done("build", "--full-refresh")
        self.assertEqual(self.rows("SELECT count(*) FROM ops.lineage"), count)
        self.assertEqual(self.rows("SELECT DISTINCT last_seen_at > first_seen_at, output_version FROM ops.lineage "
                                   "WHERE output_table = 'mart.totals'"), [("true", "1")])

    def test_the_command(self):
        self.done("build")
        out = self.done("lineage", "stage.orders.amount", "--downstream").stdout
        for words in ("mart.totals.total  (AGGREGATION)", "mart.big.amount", "Dropping stage.orders.amount",
                      "mart.report"):
            self.assertIn(words, out)
        walk = json.loads(self.done("lineage", "mart.totals.total", "--upstream", "--json").stdout)
        [first] = [step for step in walk["upstream"] if step["column"] == "amount"]
        self.assertEqual((first["table"], first["effects"]), ("stage.orders", ["AGGREGATION"]))
        self.assertIn(("raw.orders", "amount"), [(step["table"], step["column"]) for step in first["next"]])
        tables = json.loads(self.done("lineage", "mart.report", "--json", "--depth", "1").stdout)
        self.assertEqual({step["table"] for step in tables["upstream"]}, {"mart.totals", "stage.orders"})
        missed = self.tarn("lineage", "stage.orders.amont")
        self.assertEqual(missed.returncode, 1)
        self.assertIn("did you mean amount?", missed.stderr)

    def test_compile_and_docs_know_columns_before_anything_is_built(self):
        self.done("compile")
        with open(os.path.join(self.lake, "target", "column_lineage.json"), encoding="utf-8") as text:
            lineage = json.load(text)
        by_name = {key.split(".")[-1]: value for key, value in lineage.items()}
        [total] = by_name["totals"]["columns"]["total"]
        self.assertEqual((total["id"].split(".")[-1], total["column"]), ("orders", "amount"))
        self.assertEqual(total["effect"], "AGGREGATION")
        # Of the view's own columns, as the project has it.
        [amount] = by_name["report"]["columns"]["amount"]
        self.assertEqual((amount["id"].split(".")[-1], amount["column"]), ("big", "amount"))
        self.done("docs", "generate")
        with open(os.path.join(self.lake, "target", "index.html"), encoding="utf-8") as text:
            page = text.read()
        data = json.loads(page.split('id="data">')[1].split("</script>")[0].replace("\\u003c", "<"))
        self.assertEqual(data["lineage"], lineage)
        self.assertIn("email_hash", str(data["items"]))
        self.assertNotIn("http://", page.split('id="data">')[0])

    def test_events_in_a_file_are_valid(self):
        self.done("build")
        events = self.events()
        kinds = [(event["eventType"], event["job"]["name"]) for event in events]
        self.assertEqual(kinds[0], ("START", "shop.build"))
        self.assertEqual(kinds[-1], ("COMPLETE", "shop.build"))
        self.assertLess(kinds.index(("START", "mart.totals")), kinds.index(("COMPLETE", "mart.totals")))
        done = events[kinds.index(("COMPLETE", "mart.totals"))]
        self.assertEqual(done["job"]["namespace"], "jobs")
        self.assertEqual(done["run"]["facets"]["parent"]["run"]["runId"], events[0]["run"]["runId"])
        [run] = self.rows("SELECT run_id FROM ops.runs WHERE node = 'mart.totals'")
        self.assertEqual(done["run"]["runId"], run[0])
        [output] = done["outputs"]
        self.assertEqual(output["namespace"], "file")
        self.assertTrue(os.path.isdir(output["name"]), output["name"])
        self.assertEqual(output["facets"]["symlinks"]["identifiers"][0]["name"], "mart.totals")
        self.assertEqual(output["outputFacets"]["outputStatistics"]["rowCount"], 2)
        fields = output["facets"]["columnLineage"]["fields"]
        [total] = fields["total"]["inputFields"]
        self.assertEqual(total["field"], "amount")
        self.assertEqual(total["name"], done["inputs"][0]["name"])
        self.assertEqual(total["transformations"][0]["subtype"], "AGGREGATION")
        self.assertEqual([one["field"] for one in output["facets"]["columnLineage"]["dataset"]], ["customer"])
        self.assertEqual(output["facets"]["version"]["datasetVersion"], "0")
        [test] = [event for event in events if event["eventType"] == "COMPLETE" and event["inputs"]
                  and "dataQualityAssertions" in event["inputs"][0].get("inputFacets", {})]
        [assertion] = test["inputs"][0]["inputFacets"]["dataQualityAssertions"]["assertions"]
        self.assertEqual((assertion["success"], assertion["column"]), (True, "id"))
        self.validate(events)

    def validate(self, events):
        folder = schemas()
        if folder is None:
            self.skipTest("shared/specs/openlineage is not there")
        try:
            known = Schemas(folder)
        except ImportError:
            self.skipTest("jsonschema is not there: `make setup` installs it")
        for event in events:
            self.assertEqual(known.mistakes(event), [], event)

    def test_what_fails_is_told_of_without_secrets(self):
        self.write("models/mart/totals.sql",
                   "select customer, 1 as total from {{ ref('orders') }} where 'password=hush' <> customer "
                   "and error('no good') is null")
        self.assertEqual(self.tarn("build").returncode, 1)
        events = self.events()
        [failed] = [event for event in events if event["eventType"] == "FAIL" and event["job"]["name"] == "mart.totals"]
        self.assertIn("no good", failed["run"]["facets"]["errorMessage"]["message"])
        self.assertNotIn("hush", json.dumps(failed["job"]))
        self.assertEqual(events[-1]["eventType"], "FAIL")
        self.assertNotIn("mart.report", [event["job"]["name"] for event in events])
        self.validate(events)

    def test_events_reach_a_server(self):
        server = Server(statuses=[503])
        self.addCleanup(server.close)
        self.done("build", OPENLINEAGE_URL=server.url, OPENLINEAGE_API_KEY="key", OPENLINEAGE_NAMESPACE="prod")
        self.assertEqual(server.events, self.events())
        self.assertEqual({event["job"]["namespace"] for event in server.events}, {"prod"})
        self.assertEqual(set(server.paths), {"/api/v1/lineage"})
        self.assertEqual(server.headers[0]["Authorization"], "Bearer key")
        self.assertEqual(server.headers[0]["Content-Type"], "application/json")

    def test_a_dead_server_changes_nothing(self):
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
        start = time.monotonic()
        run = self.done("build", OPENLINEAGE_URL=f"http://127.0.0.1:{port}")
        self.assertLess(time.monotonic() - start, 15)
        self.assertIn("lineage events did not reach", run.stderr)
        self.assertEqual(self.rows("SELECT count(*) FROM mart.totals"), [("2",)])

    def test_a_slow_server_does_not_slow_the_build(self):
        server = Server(delay_s=30)
        self.addCleanup(server.close)
        start = time.monotonic()
        run = self.done("build", OPENLINEAGE_URL=server.url)
        self.assertLess(time.monotonic() - start, 20)
        self.assertIn("lineage events did not reach", run.stderr)

    def test_mistakes_in_the_settings_are_refused(self):
        for text in ("lineage: {openlineage: {namespace: x}}", "lineage: {openlineage: {ulr: x}}",
                     "lineage: {openlineage: {url: 'ftp://x'}}", "lineage: {openlineage: {url: 'http://me:secret@x'}}"):
            self.write("tarn.yml", text + "\n")
            run = self.tarn("build")
            self.assertEqual(run.returncode, 2, text + run.stderr)
            self.assertNotIn("secret", run.stderr.replace("me:secret@x", "") if "ftp" in text else run.stderr)


if __name__ == "__main__":
    unittest.main()
