"""Values that Spark writes and Tarn reads, and that Tarn writes and Spark reads, one for one; and INSERT OVERWRITE of
the partitions that new rows touch.
"""
import collections
import datetime
import glob
import os
import tempfile
import unittest

import pyarrow
import pyarrow.parquet

import matrix
import values


def strict(value):
    """Every digit, and the sign of zero."""
    if isinstance(value, datetime.datetime):
        return str(value.astimezone(datetime.timezone.utc).replace(tzinfo=None) if value.tzinfo else value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {strict(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        is_map = value and all(isinstance(item, tuple) for item in value)
        texts = [strict(list(item)) if isinstance(item, tuple) else strict(item) for item in value]
        return f"[{', '.join(sorted(texts) if is_map else texts)}]"
    return repr(value)


def bag(answer):
    columns = [[strict(value) for value in answer.column(name).to_pylist()] for name in answer.column_names]
    return collections.Counter(zip(*columns))


class Both:
    """One table's rows by Spark and by Tarn; a folder for what they write."""

    def __init__(self, spark, tarn, folder):
        self.spark, self.tarn, self.folder = spark, tarn, folder
        self.number = 0

    def of_spark(self, path):
        self.number += 1
        rows = os.path.join(self.folder, f"answer {self.number}")
        self.spark.run(f"INSERT OVERWRITE DIRECTORY '{rows}' USING parquet SELECT * FROM delta.`{path}`")
        files = sorted(glob.glob(os.path.join(rows, "*.parquet")))
        return bag(pyarrow.concat_tables([pyarrow.parquet.ParquetFile(file).read() for file in files]))

    def of_tarn(self, path):
        return bag(self.tarn.rows(f"SELECT * FROM delta.`{path}`"))

    def create(self, table, engine, name):
        """By Spark or by Tarn, empty."""
        path = os.path.join(self.folder, f"{table.name} of {name}")
        clause = f" PARTITIONED BY ({table.partition})" if table.partition else ""
        engine.run(f"CREATE TABLE delta.`{path}` ({table.columns}) USING DELTA{clause}")
        return path


class ValuesCase(unittest.TestCase):
    """A subclass names its `partner_class`, which is Spark."""
    partner_class = None
    maxDiff = 3000

    @classmethod
    def setUpClass(cls):
        why_not = cls.partner_class.why_not()
        if why_not:
            raise unittest.SkipTest(why_not)
        cls.spark, cls.tarn, cls.folder = cls.partner_class(), matrix.lake.Lake(), tempfile.TemporaryDirectory()
        cls.spark.run("SET spark.sql.parquet.outputTimestampType = TIMESTAMP_MICROS")
        cls.both = Both(cls.spark, cls.tarn, cls.folder.name)

    @classmethod
    def tearDownClass(cls):
        cls.spark.close()
        cls.tarn.close()
        cls.folder.cleanup()

    def check(self, table):
        both = self.both
        theirs = both.create(table, self.spark, "Spark")
        rows = ", ".join(f"({row})" for row in table.rows)
        self.spark.run(f"INSERT INTO delta.`{theirs}` SELECT /*+ REPARTITION(3) */ * FROM VALUES {rows}")
        written = both.of_spark(theirs)
        self.assertEqual(sum(written.values()), len(table.rows))
        self.assertEqual(both.of_tarn(theirs), written, "Tarn reads what Spark wrote")
        ours = both.create(table, self.tarn, "Tarn")
        self.tarn.run(f"INSERT INTO delta.`{ours}` SELECT * FROM delta.`{theirs}`")
        self.assertEqual(both.of_spark(ours), written, "Spark reads what Tarn wrote")
        if table.is_comparable:
            self.assertEqual(self.counts_by_spark(table, ours), self.counts_by_spark(table, theirs))
            for path in (theirs, ours):
                self.check_found_by_tarn(table, path)

    def counts_by_spark(self, table, path):
        """How many rows each value of the last column finds, by way of the statistics and partitions."""
        literals = [row.rsplit(", ", 1)[1] for row in table.rows]
        answer = self.spark.run(" UNION ALL ".join(
            f"SELECT {number}, count(*) FROM delta.`{path}` WHERE {table.last_column} <=> {literal}"
            for number, literal in enumerate(literals)))
        counts = {int(number): int(count) for number, count in answer}
        self.assertTrue(all(counts.values()), f"{os.path.basename(path)}: {counts}")
        return counts

    def check_found_by_tarn(self, table, path):
        column = table.last_column
        for row in self.tarn.run(f"SELECT DISTINCT {column} AS value, typeof({column}) AS type FROM delta.`{path}` "
                                 f"WHERE {column} IS NOT NULL"):
            text = row["value"].replace("'", "''")
            found = self.tarn.run(f"SELECT count(*) AS n FROM delta.`{path}` "
                                  f"WHERE {column} = CAST('{text}' AS {row['type']})")
            self.assertNotEqual(found[0]["n"], "0", f"{os.path.basename(path)}: {row}")

    def test_overwrite_of_touched_partitions(self):
        """Spark's dynamic mode and Tarn's PARTITION (p) do the same, each on a table of either."""
        table = values.Values("overwritten", "k INT, p STRING", (), "p")
        new = "VALUES (10, 'b'), (11, NULL)"
        found = []
        for name, maker in (("Spark", self.spark), ("Tarn", self.tarn)):
            for writer in ("Spark", "Tarn"):
                path = self.both.create(table, maker, f"{name}, by {writer}")
                maker.run(f"INSERT INTO delta.`{path}` VALUES (1, 'a'), (2, 'b'), (3, NULL), (4, 'c'), (5, 'b')")
                if writer == "Spark":
                    self.spark.run("SET spark.sql.sources.partitionOverwriteMode = dynamic")
                    self.spark.run(f"INSERT OVERWRITE delta.`{path}` {new}")
                    self.spark.run("SET spark.sql.sources.partitionOverwriteMode = static")
                else:
                    self.tarn.run(f"INSERT OVERWRITE delta.`{path}` PARTITION (p) {new}")
                self.assertEqual(self.both.of_tarn(path), self.both.of_spark(path))
                found.append(self.both.of_tarn(path))
        wanted = collections.Counter([("1", "'a'"), ("4", "'c'"), ("10", "'b'"), ("11", "None")])
        self.assertEqual(found, [wanted] * 4)


def add_tests(case):
    for table in values.TABLES:
        setattr(case, "test_" + table.name.replace(" ", "_"), lambda self, table=table: self.check(table))
