"""The history of statements (ops.queries), and what `tarn table` makes of it."""

import json
import os
import signal
import subprocess
import time
import unittest

from lake import LIMIT_S, TARN, LakeTest, tarn


class HistoryTest(LakeTest):
    def queries(self, where="true"):
        return self.rows(
            f"SELECT statement, state, user, node FROM ops.queries WHERE {where} ORDER BY query_number"
        )

    def test_statements_of_other_processes_are_there(self):
        self.sql("CREATE TABLE t (a INT); INSERT INTO t VALUES (1); SELECT nope FROM t", "--keep-going")
        self.assertEqual(
            [row[:2] for row in self.queries("statement NOT LIKE '%ops.queries%'")],
            [
                ["CREATE TABLE t (a INT)", "succeeded"],
                ["INSERT INTO t VALUES (1)", "succeeded"],
                ["SELECT nope FROM t", "failed"],
            ],
        )

    def test_reading_a_folder_without_a_lake_makes_nothing(self):
        self.assertEqual(self.sql("SELECT 1; SELECT * FROM ops.queries").returncode, 0)
        self.assertEqual(os.listdir(self.lake), [])

    def test_a_statement_whose_process_was_killed_shows_as_died(self):
        self.sql("CREATE TABLE t (a BIGINT)")
        process = subprocess.Popen(
            [TARN, "sql", "--lake", self.lake, "-c", "INSERT INTO t SELECT i FROM range(100000000000) r(i)"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            until = time.monotonic() + LIMIT_S
            while time.monotonic() < until:
                if [row[1] for row in self.queries("statement LIKE 'INSERT%'")] == ["running"]:
                    break
                time.sleep(0.05)
            else:
                self.fail("the statement never showed as running")
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        self.assertEqual([row[1] for row in self.queries("statement LIKE 'INSERT%'")], ["died"])
        self.assertEqual(self.rows("SELECT * FROM t"), [])

    def test_a_long_read_that_is_killed_shows_as_died(self):
        self.sql("CREATE TABLE t (a BIGINT)")
        process = subprocess.Popen(
            [TARN, "sql", "--lake", self.lake, "-c", "SELECT sum(i) AS long FROM range(1000000000000) r(i)"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            until = time.monotonic() + LIMIT_S
            mine = "statement LIKE 'SELECT sum(i) AS long%'"
            while time.monotonic() < until and not self.queries(mine):
                time.sleep(0.05)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        self.assertEqual([row[1] for row in self.queries(mine)], ["died"])


class TableCommandTest(LakeTest):
    def setUp(self):
        super().setUp()
        run = self.sql(
            "CREATE TABLE t (a INT, b STRING) TBLPROPERTIES ('delta.targetFileSize' = '20000');"
            + "".join(
                f"INSERT INTO t SELECT (i * 7919) % 20000, 'text ' || i FROM range({n}, {n + 1000}) r(i);"
                for n in range(0, 20000, 1000)
            )
        )
        self.assertEqual(run.returncode, 0, run.stderr)

    def table(self, *arguments):
        run = tarn("table", *arguments, "--lake", self.lake, "--format", "json")
        self.assertEqual(run.returncode, 0, run.stderr)
        return json.loads(run.stdout)

    def test_advice_follows_what_is_asked(self):
        [before] = self.table("advise")
        self.assertEqual((before["table"], before["advice"]), ("main.t", "neither"))
        for a in range(5):
            self.sql(f"SELECT * FROM t WHERE a = {10_000 + a}")
        [after] = self.table("advise", "t")
        self.assertEqual((after["advice"], after["columns"]), ("cluster", ["a"]), after)
        self.assertGreater(after["saved_bytes"], after["scanned_bytes"] // 2)
        self.assertEqual(after["filters"][0]["column"], "a")
        text = tarn("table", "advise", "--lake", self.lake)
        self.assertIn("cluster", text.stdout)

    def test_a_plan_changes_nothing_and_is_then_done(self):
        rows = self.rows("SELECT count(*), sum(a) FROM t")
        files = len(self.rows("SELECT DISTINCT filename FROM t"))
        plan = self.table("maintain", "--dry-run")["steps"]
        self.assertEqual({step["action"] for step in plan}, {"compact", "checkpoint"})
        self.assertEqual({step["state"] for step in plan}, {"planned"})
        self.assertEqual(len(self.rows("SELECT DISTINCT filename FROM t")), files)
        done = self.table("maintain")
        self.assertEqual({step["state"] for step in done["steps"]}, {"done"})
        [cost] = done["tables"]
        self.assertGreater(cost["write_amplification"], 1.5)
        self.assertLess(cost["write_amplification"], 2.5)
        self.assertLess(len(self.rows("SELECT DISTINCT filename FROM t")), files)
        self.assertEqual(self.rows("SELECT count(*), sum(a) FROM t"), rows)
        self.assertEqual(self.table("maintain")["steps"], [])
        made = self.rows(
            "SELECT DISTINCT statement_type FROM ops.queries WHERE user = 'tarn maintenance'"
            " AND node = 'maintenance' AND statement_type IN ('OPTIMIZE', 'CHECKPOINT') ORDER BY ALL"
        )
        self.assertEqual(made, [["CHECKPOINT"], ["OPTIMIZE"]])

    def test_a_budget_leaves_the_rest_to_the_next_run(self):
        [all_of_it] = [s for s in self.table("maintain", "--dry-run")["steps"] if s["action"] == "compact"]
        budget = all_of_it["bytes"] // 3
        steps = self.table("maintain", "--budget", str(budget))["steps"]
        [compact] = [step for step in steps if step["action"] == "compact"]
        self.assertLessEqual(compact["bytes"], budget)
        self.assertGreater(compact["files"], 0)
        self.assertEqual(compact["bytes"] + compact["deferred_bytes"], all_of_it["bytes"])
        [left] = [s for s in self.table("maintain", "--dry-run")["steps"] if s["action"] == "compact"]
        self.assertLess(left["bytes"], all_of_it["bytes"])

    def test_maintenance_chooses_the_columns_of_cluster_by_auto(self):
        self.sql("ALTER TABLE t CLUSTER BY AUTO")
        for a in range(5):
            self.sql(f"SELECT * FROM t WHERE a = {10_000 + a}")
        actions = [(s["action"], s["detail"]) for s in self.table("maintain", "--dry-run")["steps"]]
        self.assertEqual(actions[0], ("cluster by", "a"))
        self.assertIn("cluster", [action for action, _ in actions])
        self.table("maintain")
        self.assertEqual(self.rows("SELECT clusteringColumns FROM table_detail('t')"), [["[a]"]])

    def test_a_table_that_is_not_there_and_a_second_run_are_refused(self):
        run = tarn("table", "maintain", "nope", "--lake", self.lake)
        self.assertEqual(run.returncode, 1)
        self.assertIn("NotFound", run.stderr)
        self.assertEqual(tarn("table", "--lake", self.lake).returncode, 2)


if __name__ == "__main__":
    unittest.main()
