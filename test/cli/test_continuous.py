"""`tarn build --continuous`: what lands is built without a further command, until an interrupt comes."""

import os
import signal
import subprocess
import time
import unittest

from lake import LIMIT_S, TARN, LakeTest, tarn


class ContinuousTest(LakeTest):
    def write(self, name, text):
        path = os.path.join(self.lake, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)

    def start(self, *flags):
        process = subprocess.Popen([TARN, "build", "--lake", self.lake, "--continuous", "--every", "1s", *flags],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def wait_for(self, process, count):
        """Until the table has so many rows."""
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end:
            self.assertIsNone(process.poll(), "it ended by itself")
            run = self.sql("SELECT count(*) AS n FROM silver.events", "--format", "jsonl")
            if run.returncode == 0 and f'[["{count}"]]' in run.stdout:
                return
            time.sleep(0.2)
        self.fail(f"{count} rows did not come within {LIMIT_S} s")

    def setUp(self):
        super().setUp()
        self.write("tarn.yml", "name: lake\n")
        self.write("models/silver/events.sql",
                   "{{ config(materialized='streaming') }} select * from {{ source('bronze', 'events') }}")
        made = self.sql("CREATE SCHEMA bronze; CREATE TABLE bronze.events AS SELECT 1 AS id")
        self.assertEqual(made.returncode, 0, made.stderr)

    def test_what_lands_is_built_until_an_interrupt(self):
        process = self.start()
        self.wait_for(process, 1)
        self.assertEqual(self.sql("INSERT INTO bronze.events VALUES (2), (3)").returncode, 0)
        self.wait_for(process, 3)
        time.sleep(2)  # rounds without work
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=LIMIT_S)
        self.assertEqual(process.returncode, 0, err)
        self.assertEqual(out.count("silver.events"), 2, out)

    def test_a_mistake_between_two_rounds_ends_nothing(self):
        process = self.start()
        self.wait_for(process, 1)
        good = os.path.join(self.lake, "models/silver/events.sql")
        with open(good, encoding="utf-8") as text:
            text = text.read()
        self.write("models/silver/events.sql", text.replace("select", "selct"))
        time.sleep(3)
        self.write("models/silver/events.sql", text)
        self.assertEqual(self.sql("INSERT INTO bronze.events VALUES (2)").returncode, 0)
        self.wait_for(process, 2)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=LIMIT_S)
        self.assertEqual(process.returncode, 0, err)
        self.assertEqual(err.count("models/silver/events.sql:1:1"), 1, err)

    def test_a_mistake_at_the_start_is_refused(self):
        self.write("models/silver/events.sql", "selct 1")
        run = tarn("build", "--lake", self.lake, "--continuous")
        self.assertEqual(run.returncode, 2)
        for flags in (["--every", "soon"], ["--full-refresh"]):
            run = tarn("build", "--lake", self.lake, "--continuous", *flags)
            self.assertEqual(run.returncode, 2, flags)


if __name__ == "__main__":
    unittest.main()
