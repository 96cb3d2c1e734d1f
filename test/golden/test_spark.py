"""The golden tables and change feeds through Spark with Delta and through Tarn, row for row, where both read them.

One Spark process answers for all items, each by a Parquet file that keeps the types. What Spark cannot read, or
cannot write into such a file, stands in UNREAD with the reason; what it reads by now fails until it is struck there.
"""
import glob
import json
import os
import subprocess
import sys
import tempfile
import unittest

import pyarrow
import pyarrow.parquet

import plan
from lake import ROOT, Lake, comparable

GOLDEN = os.path.join(os.path.dirname(ROOT), "shared", "golden")
SPARK_SQL = os.path.join(os.path.dirname(ROOT), "shared", "realparts", "spark_sql.py")
LIMIT_S = 780

UNREAD = {
    "delta-kernel-bench/basic_catalog_managed/delta@1": "vacuumProtocolCheck is enabled but not listed",
    "kernel-rs/table-with-geo@0": "geometry",
    "kernel-rs/type-widening@2": "the type change byte to decimal(4,1)",
}

# Both read them, but a Parquet file has no one form of a variant: shredded here, as text or bytes there.
APART = {
    "delta-kernel-java/spark-shredded-variant-preview-delta@2",
    "delta-kernel-java/spark-variant-stable-feature-checkpoint@1",
    "delta-spark/variant-stats-nested-no-checkpoint@1",
}


def answers_of_spark(items, folder):
    """By item: the error's first line, or None and the rows lie in `folder`/number."""
    script = os.path.join(folder, "queries.sql")
    with open(script, "w") as text:
        for number, item in enumerate(items):
            rows = os.path.join(folder, str(number))
            text.write(f"INSERT OVERWRITE DIRECTORY '{rows}' USING parquet {plan.query(item)};\n")
    command = [sys.executable, SPARK_SQL, "--dir", os.path.join(folder, "spark"),
               "--conf", "spark.sql.parquet.outputTimestampType=TIMESTAMP_MICROS", script]
    run = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=LIMIT_S,
                         check=False)
    lines = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    lines = [line for line in lines if "sql" in line]
    if len(lines) != len(items):
        raise RuntimeError(f"Spark answered {len(lines)} of {len(items)} statements: {run.stderr[-2000:]}")
    return [line["message"].splitlines()[0] if "error" in line else None for line in lines]


@unittest.skipUnless(os.path.isdir(GOLDEN), f"the golden tables are not beside the project ({GOLDEN})")
class Spark(unittest.TestCase):
    items = []

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.answers = answers_of_spark(cls.items, cls.folder.name)
        cls.lake = Lake()

    @classmethod
    def tearDownClass(cls):
        cls.lake.close()
        cls.folder.cleanup()

    def check(self, number):
        item, refusal = self.items[number], self.answers[number]
        if refusal is not None:
            self.assertIn(item["name"], UNREAD, f"Spark: {refusal}")
            return
        self.assertNotIn(item["name"], UNREAD, "Spark reads this by now: strike it from UNREAD")
        files = sorted(glob.glob(os.path.join(self.folder.name, str(number), "*.parquet")))
        theirs = pyarrow.concat_tables([pyarrow.parquet.ParquetFile(file).read() for file in files])
        self.check_same(comparable(self.lake.rows(plan.query(item))), comparable(theirs))

    def check_same(self, ours, theirs):
        self.assertEqual(ours[0], theirs[0])
        missing, surplus = theirs[1] - ours[1], ours[1] - theirs[1]
        if missing or surplus:  # a diff of all rows takes minutes
            self.fail(f"missing {list(missing.items())[:2]}, surplus {list(surplus.items())[:2]}")


def add_tests():
    Spark.items = plan.readable_items(GOLDEN, APART) + plan.feed_items(GOLDEN)
    for number, item in enumerate(Spark.items):
        setattr(Spark, "test_" + item["name"], lambda self, number=number: self.check(number))


if os.path.isdir(GOLDEN):
    add_tests()

if __name__ == "__main__":
    unittest.main()
