"""`tarn table maintain` held just before its commit: a second one, foreground writers, and its end by force."""

import glob
import json
import os
import shutil
import signal
import subprocess
import time
import unittest

from lake import LIMIT_S, TARN, LakeTest, tarn

HELD_US = 4_000_000


@unittest.skipUnless(shutil.which("strace"), "strace holds maintenance just before its commit: install it to run this")
class HeldMaintenanceTest(LakeTest):
    def setUp(self):
        super().setUp()
        run = self.sql(
            "CREATE TABLE t (k BIGINT, v STRING) PARTITIONED BY (v) "
            "TBLPROPERTIES ('delta.enableDeletionVectors' = 'true');"
            + "".join(f"INSERT INTO t SELECT i, 'a' FROM range({n}, {n + 100}) r(i);" for n in range(0, 1000, 100))
            + "".join(f"INSERT INTO t SELECT i, 'b' FROM range({n}, {n + 100}) r(i);" for n in range(1000, 2000, 100))
        )
        self.assertEqual(run.returncode, 0, run.stderr)
        [[self.root]] = self.rows("SELECT location FROM table_detail('t')")

    def hold(self):
        """A maintenance that waits before its commit, and its process's own id."""
        version = int(self.rows("SELECT max(version) FROM table_history('t')")[0][0])
        commit = os.path.join(self.root, "_delta_log", f"{version + 1:020}.json")
        tracer = subprocess.Popen(
            ["strace", "-f", "-o", os.path.join(self.lake, "trace"), "-P", commit, "-e", "trace=renameat2,link,linkat",
             "-e", f"inject=renameat2,link,linkat:delay_enter={HELD_US}:when=1",
             TARN, "table", "maintain", "--lake", self.lake, "--format", "json"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(tracer.communicate)
        self.addCleanup(tracer.kill)
        limit = time.monotonic() + LIMIT_S
        while not glob.glob(glob.escape(self.root) + "/_delta_log/.tarn-tmp*"):
            self.assertLess(time.monotonic(), limit)
            self.assertIsNone(tracer.poll(), "it ended before it could be held")
            time.sleep(0.01)
        with open(f"/proc/{tracer.pid}/task/{tracer.pid}/children") as children:
            [pid] = children.read().split()
        return tracer, pid

    def optimized(self):
        return int(self.rows("SELECT count(*) FROM table_history('t') WHERE operation = 'OPTIMIZE'")[0][0])

    def test_a_second_one_is_refused_and_names_the_holder(self):
        first, pid = self.hold()
        second = tarn("table", "maintain", "--lake", self.lake)
        plan = tarn("table", "maintain", "--dry-run", "--lake", self.lake)
        self.assertEqual(self.optimized(), 0, "the first one was not held")
        self.assertEqual(second.returncode, 1, second.stdout)
        for words in ("Conflict", f"process {pid} ", "tarn table maintain"):
            self.assertIn(words, second.stderr)
        self.assertEqual(plan.returncode, 0, plan.stderr)
        answer, errors = first.communicate(timeout=LIMIT_S)
        self.assertEqual(first.returncode, 0, errors)
        self.assertEqual({step["state"] for step in json.loads(answer)["steps"]}, {"done"})
        self.assertEqual(tarn("table", "maintain", "--lake", self.lake).returncode, 0)

    def test_one_that_was_killed_is_in_nobodys_way(self):
        first, pid = self.hold()
        os.kill(int(pid), signal.SIGKILL)
        first.communicate(timeout=LIMIT_S)
        next_one = tarn("table", "maintain", "--lake", self.lake, "--format", "json")
        self.assertEqual(next_one.returncode, 0, next_one.stderr)
        self.assertEqual({step["state"] for step in json.loads(next_one.stdout)["steps"]}, {"done"})
        self.assertEqual(self.rows("SELECT count(*), sum(k) FROM t"), [["2000", "1999000"]])

    def test_writers_meanwhile_come_first_and_it_rebases(self):
        first, _ = self.hold()
        run = self.sql("DELETE FROM t WHERE k = 7; UPDATE t SET k = -1 WHERE k = 8; INSERT INTO t VALUES (5000, 'b')")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(self.optimized(), 0, "it was not held")
        answer, errors = first.communicate(timeout=LIMIT_S)
        self.assertEqual(first.returncode, 0, errors)
        self.assertEqual({step["state"] for step in json.loads(answer)["steps"]}, {"done"})
        self.assertEqual(
            self.rows("SELECT count(*), count(DISTINCT k), sum(k), min(k), max(k) FROM t"),
            [["2000", "2000", str(1999000 - 7 - 8 - 1 + 5000), "-1", "5000"]],
        )
        # The partition that nobody touched was not written twice; the other one was planned anew.
        self.assertGreaterEqual(self.optimized(), 2)
        self.assertEqual(self.rows("SELECT count(DISTINCT filename) FROM t WHERE v = 'a'"), [["1"]])


if __name__ == "__main__":
    unittest.main()
