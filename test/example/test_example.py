"""The example lakehouse end to end, as a newcomer runs it: land, build, run again, and read by delta-rs.

Runs on a copy of examples/nyc-flights, so that the copy in the tree is never touched.
"""
import json
import os
import shutil
import signal
import subprocess
import tempfile
import unittest
import urllib.request

import deltalake
import pyarrow.parquet

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
EXAMPLE = os.path.join(ROOT, "examples", "nyc-flights")
TARN = os.environ.get("TARN_BIN", os.path.join(ROOT, "build", "release", "tarn"))

LANDED = {"flights": 336776, "weather": 26115, "planes": 3322, "airports": 1458, "airlines": 16}
GOLD = ("on_time_by_carrier_month", "delay_by_route", "weather_impact")


def tarn(*arguments, check=True):
    run = subprocess.run([TARN, *arguments], capture_output=True, text=True, timeout=600)
    if check and run.returncode != 0:
        raise AssertionError(f"tarn {' '.join(arguments)} ended with {run.returncode}:\n{run.stdout}\n{run.stderr}")
    return run


class ExampleLake(unittest.TestCase):
    """A copy of the example whose landing zone has the flights of some days, or of all."""

    DAYS = None

    @classmethod
    def setUpClass(cls):
        cls.temp = tempfile.TemporaryDirectory()
        cls.lake = os.path.join(cls.temp.name, "nyc-flights")
        shutil.copytree(EXAMPLE, cls.lake, ignore=shutil.ignore_patterns(".tarn", "landing"))
        os.makedirs(os.path.join(cls.lake, "landing", "flights"))
        for folder in ("weather", "planes", "airports", "airlines"):
            cls.link(folder)
        for name in cls.DAYS or os.listdir(os.path.join(EXAMPLE, "landing", "flights")):
            cls.link(os.path.join("flights", name))
        tarn("ingest", "--lake", cls.lake)
        tarn("build", "--lake", cls.lake)

    @classmethod
    def tearDownClass(cls):
        cls.temp.cleanup()

    @classmethod
    def link(cls, name):
        os.symlink(os.path.join(EXAMPLE, "landing", name), os.path.join(cls.lake, "landing", name))

    def query(self, sql):
        run = tarn("sql", "--lake", self.lake, "--format", "jsonl", "-c", sql)
        return json.loads(run.stdout.splitlines()[-1])["rows"]

    def one(self, sql):
        return int(self.query(sql)[0][0])

    def content(self):
        return {name: self.query(f"SELECT count(*), bit_xor(hash(t)) FROM (SELECT * FROM gold.{name}) t")
                for name in GOLD}


class Example(ExampleLake):
    def location(self, table):
        run = tarn("sql", "--lake", self.lake, "--format", "jsonl", "-c", f"DESCRIBE DETAIL {table}")
        answer = json.loads(run.stdout.splitlines()[-1])
        return answer["rows"][0][[column["name"] for column in answer["columns"]].index("location")]

    def tables(self):
        return [f"{schema}.{name}" for schema, name in self.query(
            "SELECT table_schema, table_name FROM information_schema.tables "
            "WHERE table_schema IN ('bronze', 'silver', 'gold', 'quarantine') AND table_type = 'BASE TABLE' "
            "ORDER BY ALL")]

    def test_every_record_landed_once(self):
        for name, rows in LANDED.items():
            self.assertEqual(self.one(f"SELECT count(*) FROM bronze.{name}"), rows, name)
        self.assertEqual(self.one("SELECT count(DISTINCT source_path) FROM bronze.flights"), 365)

    def test_a_second_ingest_lands_nothing(self):
        tarn("ingest", "--lake", self.lake)
        self.test_every_record_landed_once()

    def test_every_silver_row_is_accounted_for(self):
        for name in LANDED:
            unbalanced = self.query(
                "SELECT node, rows_in, rows_written, rows_dropped, rows_quarantined, rows_duplicate FROM ops.runs "
                f"WHERE node = 'silver.{name}' "
                "AND rows_in <> rows_written + rows_dropped + rows_quarantined + rows_duplicate")
            self.assertEqual(unbalanced, [])
            counted = self.query(f"SELECT rows_in, rows_written FROM ops.runs "
                                 f"WHERE node = 'silver.{name}' AND rows_written > 0")
            written = self.one(f"SELECT count(*) FROM silver.{name}")
            self.assertEqual(counted, [[str(LANDED[name]), str(written)]], name)
        self.assertEqual(self.one("SELECT count(*) FROM silver.flights WHERE dq_passed IS NULL"), 0)

    def test_quarantined_rows_name_their_rules_and_run(self):
        rules = self.query("SELECT DISTINCT unnest(string_split(_rules, ',')) AS rule "
                           "FROM quarantine.flights ORDER BY 1")
        self.assertEqual(rules, [["aeroplane_is_known"], ["route_is_long_enough_to_fly"], ["speed_is_possible"]])
        for name in LANDED:
            runs = self.query("SELECT rows_quarantined FROM ops.runs "
                              f"WHERE node = 'silver.{name}' AND rows_written > 0")
            aside = self.one(f"SELECT count(*) FROM quarantine.{name} q JOIN ops.runs r ON q._run_id = r.run_id "
                             f"WHERE r.node = 'silver.{name}'")
            self.assertEqual(runs, [[str(aside)]], name)
            self.assertEqual(self.one(f"SELECT count(*) FROM quarantine.{name}"), aside, name)

    def test_a_second_build_changes_no_gold_row(self):
        before = self.content()
        tarn("build", "--lake", self.lake)
        self.assertEqual(self.content(), before)
        tarn("build", "--lake", self.lake, "--full-refresh", "-s", *(f"gold.{name}" for name in GOLD))
        self.assertEqual(self.content(), before)

    def test_the_daily_job_does_all_of_it(self):
        told = json.loads(tarn("jobs", "run", "daily", "--lake", self.lake, "--format", "json").stdout)
        self.assertEqual([(task["task"], task["state"]) for task in told["tasks"]],
                         [(name, "succeeded") for name in ("land", "build", "tend")])
        self.assertIn("America/New_York  daily", tarn("jobs", "next", "--lake", self.lake).stdout)

    def test_the_apis_serve_gold(self):
        command = [TARN, "serve", "--lake", self.lake, "--port", "0"]
        server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        try:
            url = server.stdout.readline().split()[-1]

            def get(target):
                with urllib.request.urlopen(url + target, timeout=60) as answer:
                    return json.load(answer)

            page = get("/v1/on-time?carrier=UA&month=3&limit=50")
            flights = self.one("SELECT flights FROM gold.on_time_by_carrier_month WHERE carrier = 'UA' AND month = 3")
            self.assertEqual([row["flights"] for row in page["data"]], [flights])
            self.assertGreater(page["meta"]["bytes_scanned"], 0)
            for path, table in (("on-time", "on_time_by_carrier_month"), ("delay-by-route", "delay_by_route")):
                rows, cursor = 0, ""
                while cursor is not None:
                    page = get(f"/v1/{path}?limit=40" + (f"&cursor={cursor}" if cursor else ""))
                    rows += len(page["data"])
                    cursor = page["page"]["next_cursor"]
                self.assertEqual(rows, self.one(f"SELECT count(*) FROM gold.{table}"), path)
        finally:
            server.send_signal(signal.SIGINT)
            server.communicate(timeout=60)
        self.assertEqual(server.returncode, 0)

    def test_delta_rs_reads_the_same_rows(self):
        names = self.tables()
        self.assertGreaterEqual(len(names), 14, names)
        for name in names:
            with self.subTest(table=name):
                location = self.location(name)
                reader = deltalake.QueryBuilder().register("t", deltalake.DeltaTable(location))
                copy = os.path.join(self.temp.name, "delta-rs.parquet")
                pyarrow.parquet.write_table(pyarrow.table(reader.execute("SELECT * FROM t").read_all()), copy)
                for left, right in ((f"FROM {name}", f"FROM read_parquet('{copy}')"),
                                    (f"FROM read_parquet('{copy}')", f"FROM {name}")):
                    self.assertEqual(self.one(f"SELECT count(*) FROM ({left} EXCEPT ALL {right})"), 0, name)


class ANewDay(ExampleLake):
    DAYS = ("2013-01-01.ndjson", "2013-02-01.ndjson", "2013-03-01.ndjson")

    def test_replaces_the_partitions_that_it_touches_and_no_other(self):
        def files():
            rows = self.query("SELECT month, file_path FROM "
                              "(SELECT DISTINCT month, _metadata.file_path FROM gold.on_time_by_carrier_month)")
            return {int(month): path for month, path in rows}

        before = files()
        self.assertEqual(sorted(before), [1, 2, 3])
        self.link("flights/2013-02-02.ndjson")
        tarn("ingest", "--lake", self.lake)
        tarn("build", "--lake", self.lake)
        after = files()
        self.assertEqual([month for month in before if before[month] != after[month]], [2])
        flights = "SELECT sum(flights) FROM gold.on_time_by_carrier_month"
        self.assertEqual(self.one(flights), self.one("SELECT count(*) FROM silver.flights"))
        content = self.content()
        tarn("build", "--lake", self.lake, "--full-refresh")
        self.assertEqual(self.content(), content)


if __name__ == "__main__":
    unittest.main()
