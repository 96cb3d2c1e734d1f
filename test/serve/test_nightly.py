"""The maintenance that `tarn serve` does each night, at the next minute instead."""

import datetime
import json
import os
import signal
import time
import unittest

from served_lake import LIMIT_S, ServedLake

LEAST_AHEAD_S = 3
NIGHT_LIMIT_S = 180


class NightlyTest(ServedLake):
    def setUp(self):
        super().setUp()
        self.sql(
            "CREATE TABLE gold.small (a BIGINT) TBLPROPERTIES ('delta.enableDeletionVectors' = 'true');"
            + "".join(f"INSERT INTO gold.small SELECT i FROM range({n}, {n + 1000}) r(i);"
                      for n in range(0, 10000, 1000))
            + "DELETE FROM gold.small WHERE a % 2 = 0"
        )
        at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=1, seconds=LEAST_AHEAD_S)
        self.at = at.strftime("%H:%M")
        self.log = os.path.join(self.lake, "serve.log")

    def rows(self, statement):
        return json.loads(self.sql(statement, "--format", "jsonl").splitlines()[-1])["rows"]

    def wait_for(self, words):
        until = time.monotonic() + NIGHT_LIMIT_S
        while time.monotonic() < until:
            with open(self.log, encoding="utf-8") as log:
                lines = log.read().splitlines()
            if any(words in line for line in lines):
                return lines
            self.assertIsNone(self.process.poll(), lines)
            time.sleep(0.1)
        self.fail(f"{words} never came: {lines}")

    def test_a_night_compacts_and_says_what_it_cost(self):
        self.put_settings(f"name: served\nmaintenance: {{at: '{self.at}', budget: 1GB}}\n")
        before = self.rows("SELECT count(*), sum(a) FROM gold.small")
        with open(self.log, "w", encoding="utf-8") as log:
            self.serve(log)
        lines = self.wait_for("maintenance: ends")
        self.assertIn("maintenance: begins", lines[0])
        done = [line for line in lines if "compact gold.small: done, 10 files" in line]
        self.assertEqual(len(done), 1, lines)
        self.assertIn("maintenance: ends after", lines[-1])
        self.assertRegex("\n".join(lines),
                         r"gold\.small: write amplification 1\.\d+x \(written .*, by maintenance again .*\)")
        self.assertEqual(self.rows("SELECT count(*), sum(a) FROM gold.small"), before)
        self.assertEqual(self.rows("SELECT count(DISTINCT filename) FROM gold.small"), [["1"]])
        self.assertEqual(
            self.rows("SELECT statement, state, node FROM ops.queries WHERE user = 'tarn maintenance'"
                      " AND statement_type = 'OPTIMIZE'"),
            [['OPTIMIZE "gold"."small"', "succeeded", "maintenance"]],
        )
        self.assertEqual(self.get("/v1/events?limit=1")[0], 200)
        self.process.send_signal(signal.SIGINT)
        self.process.communicate(timeout=LIMIT_S)
        self.assertEqual(self.process.returncode, 0)
        with open(self.log, encoding="utf-8") as log:
            self.assertEqual(log.read().count("maintenance: begins"), 1)


if __name__ == "__main__":
    unittest.main()
