"""`tarn ingest`, `tarn build`, `tarn serve` and `tarn doctor` on a small project: what they print, how they end."""

import json
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import time
import unittest
import urllib.request

from lake import LIMIT_S, TARN, LakeTest, tarn


class Project(LakeTest):
    def setUp(self):
        super().setUp()
        self.write("tarn.yml", "name: shop\n")
        self.write(
            "sources/shop.yml",
            "name: shop\nroot: landing\ntables:\n"
            "  - {table: bronze.orders, path: orders/*.csv, format: csv}\n",
        )
        self.write("landing/orders/1.csv", "id,amount\n1,10\n2,20\n")
        self.write("models/silver/orders.sql",
                   "select id::integer as id, amount::integer as amount from {{ source('bronze', 'orders') }}\n")
        self.write("models/silver/total.sql", "select sum(amount) as total from {{ ref('orders') }}\n")

    def write(self, name, text):
        path = os.path.join(self.lake, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def run_lake(self, command, *flags):
        return tarn(command, "--lake", self.lake, *flags)

    def test_lands_builds_and_says_so(self):
        landed = self.run_lake("ingest")
        self.assertEqual(landed.returncode, 0, landed.stderr)
        self.assertIn("bronze.orders", landed.stdout)
        again = json.loads(self.run_lake("ingest", "--format", "json").stdout)
        self.assertEqual(again["tables"][0]["files_landed"], 0)
        self.assertEqual(again["tables"][0]["files_known"], 1)
        built = self.run_lake("build")
        self.assertEqual(built.returncode, 0, built.stdout + built.stderr)
        self.assertRegex(built.stdout, r"\[2/2\] done +silver\.total +1 row +1 file")
        self.assertEqual(self.rows("select total from silver.total"), [["30"]])
        report = json.loads(self.run_lake("build", "--format", "json").stdout)
        self.assertEqual({node["state"] for node in report["nodes"]}, {"up to date"})
        states = self.rows("select node, state from ops.runs where kind = 'model' order by run_number limit 2")
        self.assertEqual(states, [["silver.orders", "succeeded"], ["silver.total", "succeeded"]])

    def test_a_failed_node_is_code_1_and_skips_what_depends_on_it(self):
        self.write("landing/orders/1.csv", "id,amount\nno number,10\n")
        self.run_lake("ingest")
        run = self.run_lake("build", "--format", "json")
        self.assertEqual(run.returncode, 1)
        states = {node["node"]: node["state"] for node in json.loads(run.stdout)["nodes"]}
        self.assertEqual(states, {"silver.orders": "failed", "silver.total": "skipped"})

    def test_a_mistake_in_the_project_is_code_2_and_writes_nothing(self):
        for name, text in (
            ("models/silver/total.sql", "select sum(amount from {{ ref('orders') }}\n"),
            ("models/silver/total.sql", "select 1 from {{ ref('nowhere') }}\n"),
            ("models/silver/total.yml", "models:\n  - nmae: total\n"),
        ):
            self.tearDown()
            self.setUp()
            self.write(name, text)
            run = self.run_lake("build")
            self.assertEqual(run.returncode, 2, run.stdout + run.stderr)
            self.assertRegex(run.stderr, r"models/silver/total\.(sql|yml):\d+:\d+")
            self.assertFalse(os.path.exists(os.path.join(self.lake, ".tarn")))
        self.write("sources/shop.yml", "name: shop\nrooot: landing\n")
        run = self.run_lake("ingest")
        self.assertEqual(run.returncode, 2)
        self.assertIn("sources/shop.yml:2:1", run.stderr)

    def test_what_nothing_is_called_is_code_2(self):
        self.assertEqual(self.run_lake("ingest", "nothing").returncode, 2)
        self.assertEqual(self.run_lake("build", "-s", "nothing").returncode, 2)
        self.assertEqual(self.run_lake("build", "--vars", "[1]").returncode, 2)

    def slow_build(self, stderr=subprocess.PIPE):
        self.write("models/silver/slow.sql",
                   "select count(*) as n from range(100000000000) a, range(1000000) b\n")
        process = subprocess.Popen([TARN, "build", "--lake", self.lake, "-s", "slow"],
                                   stdout=subprocess.PIPE, stderr=stderr, text=True)
        self.addCleanup(process.kill)
        deadline = time.monotonic() + LIMIT_S
        while self.rows("select count(*) from ops.runs where state = 'running'") == [["0"]]:
            self.assertIsNone(process.poll(), "the build ended by itself")
            self.assertLess(time.monotonic(), deadline)
        return process

    def test_a_second_build_is_refused_and_ctrl_c_ends_the_first(self):
        process = self.slow_build()
        second = self.run_lake("build", "-s", "slow")
        self.assertEqual(second.returncode, 1)
        self.assertIn("error: Conflict: ", second.stderr)
        self.assertIn(str(process.pid), second.stderr)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=LIMIT_S)
        self.assertEqual(process.returncode, 130)

    def test_a_bar_on_a_terminal_tells_the_node_that_runs(self):
        terminal, slave = pty.openpty()
        self.addCleanup(os.close, terminal)
        process = self.slow_build(stderr=slave)
        os.close(slave)
        seen = ""
        while "[1/1] silver.slow " not in seen:
            self.assertTrue(select.select([terminal], [], [], LIMIT_S)[0], seen)
            seen += os.read(terminal, 65536).decode()
        process.send_signal(signal.SIGINT)
        lines, _ = process.communicate(timeout=LIMIT_S)
        self.assertEqual(process.returncode, 130)
        for control in "\r\033":
            self.assertNotIn(control, lines)

    def test_elsewhere_lines_are_plain(self):
        for command in ("ingest", "build"):
            run = self.run_lake(command)
            for control in "\r\033":
                self.assertNotIn(control, run.stdout + run.stderr)

    def test_a_killed_build_does_not_hold_the_lake(self):
        process = self.slow_build()
        process.kill()
        process.communicate()
        os.remove(os.path.join(self.lake, "models/silver/slow.sql"))
        self.run_lake("ingest")
        self.assertEqual(self.run_lake("build").returncode, 0)

    def test_serves_until_interrupted(self):
        self.run_lake("ingest")
        self.run_lake("build")
        process = subprocess.Popen([TARN, "serve", "--lake", self.lake, "--port", "0"],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        url = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline()).group()
        with urllib.request.urlopen(url + "/healthz", timeout=LIMIT_S) as answer:
            self.assertEqual(answer.status, 200)
        busy = tarn("serve", "--lake", self.lake, "--port", url.rsplit(":", 1)[1])
        self.assertEqual(busy.returncode, 1)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=LIMIT_S)
        self.assertEqual(process.returncode, 0)
        other = tarn("serve", "--lake", self.lake, "--address", "0.0.0.0")
        self.assertNotEqual(other.returncode, 0)

    def test_the_doctor_finds_what_does_not_belong(self):
        self.assertEqual(self.run_lake("doctor").returncode, 0)
        self.sql("create table kept as select 1 as x; create table lost as select 2 as x")
        warehouse = os.path.join(self.lake, ".tarn", "warehouse", "main")
        [lost] = [name for name in os.listdir(warehouse) if name.startswith("lost")]
        shutil.rmtree(os.path.join(warehouse, lost))
        self.write(".tarn/warehouse/main/stray-0/part-1.parquet", "x")
        run = self.run_lake("doctor", "--format", "json")
        self.assertEqual(run.returncode, 1)
        found = [(one["finding"], one["table"]) for one in json.loads(run.stdout)]
        self.assertEqual(found, [("row without folder", "main.lost"), ("folder without row", "")])
        run = self.sql("drop table lost; create table lost as select 3 as x; drop table if exists kept")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(self.rows("select x from lost"), [["3"]])


if __name__ == "__main__":
    unittest.main()
