"""Properties and settings whose effect is files or words: what the log of a table holds, and notices."""

import glob
import json
import os
import unittest

from lake import LakeTest


class SettingsTest(LakeTest):
    def told(self, statements, *flags):
        run = self.sql(statements, *flags)
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stderr

    def log_of(self, table):
        [[root]] = self.rows(f"SELECT location FROM table_detail('{table}')")
        return root + "/_delta_log"

    def checkpoints(self, table):
        return sorted(int(os.path.basename(name)[:20]) for name in glob.glob(self.log_of(table) + "/*.checkpoint*"))

    def statistics(self, table):
        """Of the file that the last commit adds."""
        commits = sorted(glob.glob(self.log_of(table) + "/" + "[0-9]" * 20 + ".json"))
        with open(commits[-1], encoding="utf-8") as lines:
            [add] = [json.loads(line)["add"] for line in lines if '"add"' in line]
        return json.loads(add["stats"])

    def test_a_checkpoint_every_so_many_commits(self):
        for table, properties in (("often", "TBLPROPERTIES ('delta.checkpointInterval' = '3')"), ("usual", "")):
            self.told(f"CREATE TABLE {table} (k INT) {properties};" + f"INSERT INTO {table} VALUES (1);" * 11)
        self.assertEqual(self.checkpoints("often"), [3, 6, 9])
        self.assertEqual(self.checkpoints("usual"), [10])

    def test_statistics_of_so_many_columns_or_of_those_that_are_named(self):
        for properties, columns in (
            ("'delta.dataSkippingNumIndexedCols' = '1'", {"a"}),
            ("'delta.dataSkippingNumIndexedCols' = '0'", set()),
            ("'delta.dataSkippingStatsColumns' = 'b, s.x'", {"b", "s"}),
            ("'owner' = 'me'", {"a", "b", "s"}),
        ):
            with self.subTest(properties):
                self.told(
                    f"CREATE OR REPLACE TABLE t (a INT, b INT, s STRUCT<x: INT, y: INT>) TBLPROPERTIES ({properties});"
                    "INSERT INTO t VALUES (1, 2, named_struct('x', 3, 'y', 4)); ", "--dialect", "spark")
                statistics = self.statistics("t")
                self.assertEqual(statistics["numRecords"], 1)
                self.assertEqual(set(statistics.get("minValues", {})), columns)
                if "Columns" in properties:
                    self.assertEqual(statistics["minValues"]["s"], {"x": 3})

    def test_unknown_names_are_told_of_when_they_look_like_known_ones(self):
        told = self.told("CREATE TABLE t (k INT) TBLPROPERTIES ('delta.chekpointInterval' = '3', 'team' = 'data')")
        self.assertIn("delta.checkpointInterval", told)
        self.assertNotIn("team", told)
        told = self.told("ALTER TABLE t SET TBLPROPERTIES ('appendOnly' = 'true', 'delta.appendOnly' = 'false')")
        self.assertIn("Did you mean delta.appendOnly?", told)
        self.assertNotIn("checkpointInterval", told)
        self.assertEqual(self.told("ALTER TABLE t SET TBLPROPERTIES ('delta.appendOnly' = 'true')"), "")
        told = self.told("SET spark.databricks.delta.autoCompact.enable = true")
        self.assertIn("Did you mean spark.databricks.delta.autoCompact.enabled?", told)
        told = self.told("SET spark.sql.shuffle.partitions = 8")
        self.assertIn("spark.sql.shuffle.partitions", told)
        self.assertNotIn("Did you mean", told)
        self.assertEqual(self.told("SET spark.databricks.delta.autoCompact.enabled = true"), "")


if __name__ == "__main__":
    unittest.main()
