"""EXPLAIN of statements that tend a table says what they then do."""

import os
import unittest

from lake import LakeTest


class ExplainTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.done(
            "CREATE TABLE t (a INT, p INT) PARTITIONED BY (p) TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')",
            *(f"INSERT INTO t SELECT i, i % 2 FROM range({n}, {n + 1000}) r(i)" for n in range(0, 4000, 1000)),
        )

    def done(self, *statements):
        run = self.sql("; ".join(statements))
        self.assertEqual(run.returncode, 0, run.stderr)

    def plan(self, statement):
        """Steps as (action, object, files, bytes)."""
        return [
            (action, about, files and int(files), size and int(size))
            for action, about, files, size, _ in self.rows("EXPLAIN " + statement)
        ]

    def metrics(self):
        [[metrics]] = self.rows("SELECT CAST(operationMetrics AS JSON) FROM table_history('t') LIMIT 1")
        return metrics

    def figures(self, *names):
        wanted = ", ".join(f"operationMetrics['{name}']" for name in names)
        [row] = self.rows(f"SELECT {wanted} FROM table_history('t') LIMIT 1")
        return [int(value) for value in row]

    def test_optimize(self):
        plan = self.plan("OPTIMIZE t")
        self.assertEqual([step[:3] for step in plan], [("rewrite", "p=0", 4), ("rewrite", "p=1", 4)])
        [one] = self.plan("OPTIMIZE t WHERE p = 1")
        self.assertEqual(one, plan[1])
        self.assertEqual([step[:3] for step in self.plan("OPTIMIZE t ZORDER BY (a)")], [step[:3] for step in plan])
        self.done("OPTIMIZE t")
        self.assertEqual(self.figures("numRemovedFiles", "numRemovedBytes"), [8, sum(step[3] for step in plan)])
        self.assertEqual(self.plan("OPTIMIZE t"), [])

    def test_optimize_of_a_table_that_chooses_its_columns(self):
        self.done(
            "CREATE TABLE u (a INT, b STRING) CLUSTER BY AUTO TBLPROPERTIES ('delta.targetFileSize' = '20000')",
            *(f"INSERT INTO u SELECT (i * 7919) % 20000, 'text ' || i FROM range({n}, {n + 1000}) r(i)"
              for n in range(0, 20000, 1000)),
            *(f"SELECT * FROM u WHERE a = {10_000 + a}" for a in range(5)),
        )
        first, second = self.rows("EXPLAIN OPTIMIZE u")
        self.assertEqual(first[:2], ["cluster by", "a"])
        self.assertEqual((second[0], second[2]), ("rewrite", "20"))
        self.assertIn("curve through a", second[4])
        self.assertEqual(self.rows("SELECT clusteringColumns FROM table_detail('u')"), [["[]"]])

    def test_reorg_and_vacuum(self):
        self.done("DELETE FROM t WHERE a = 7")
        [step] = self.plan("REORG TABLE t APPLY (PURGE)")
        self.assertEqual(step[:3], ("rewrite", "p=1", 1))
        self.done("REORG TABLE t APPLY (PURGE)")
        self.assertEqual(self.figures("numRemovedFiles", "numRemovedBytes"), [1, step[3]])
        self.assertEqual(self.plan("REORG TABLE t APPLY (PURGE)"), [])
        self.assertEqual(self.plan("VACUUM t"), [])
        self.done("ALTER TABLE t SET TBLPROPERTIES ('delta.deletedFileRetentionDuration' = 'interval 0 hours')")
        [step] = self.plan("VACUUM t")
        run = self.lines("VACUUM t")[-1]["rows"][0]
        self.assertEqual(step, ("delete", None, int(run[1]), int(run[2])))
        self.assertEqual(self.plan("VACUUM t"), [])

    def test_restore_and_clone(self):
        plan = self.plan("RESTORE t TO VERSION AS OF 2")
        self.assertEqual([step[:3] for step in plan], [("remove", None, 4)])
        self.done("RESTORE t TO VERSION AS OF 2")
        self.assertEqual(self.figures("numRemovedFiles", "removedFilesSize"), [4, plan[0][3]])
        self.assertEqual([step[:3] for step in self.plan("RESTORE t TO VERSION AS OF 4")], [("add", None, 4)])
        self.assertEqual([step[:3] for step in self.plan("CREATE TABLE c SHALLOW CLONE t")], [("add", None, 4)])
        self.assertEqual([step[:3] for step in self.plan("CREATE TABLE c CLONE t")], [("copy", None, 4)])
        self.done("CREATE TABLE c CLONE t", "INSERT INTO t VALUES (1, 1)", "INSERT INTO c VALUES (2, 2)")
        again = self.plan("CREATE OR REPLACE TABLE c CLONE t")
        self.assertEqual([step[:3] for step in again], [("copy", None, 1), ("remove", None, 1)])
        self.assertEqual(self.plan("CREATE TABLE IF NOT EXISTS c CLONE t"), [])

    def test_fsck_manifests_features_and_conversion(self):
        [[root]] = self.rows("SELECT location FROM table_detail('t')")
        self.assertEqual(self.plan("GENERATE symlink_format_manifest FOR TABLE t")[0][:3], ("write", None, 2))
        self.assertFalse(os.path.exists(root + "/_symlink_format_manifest"))
        self.done("DELETE FROM t WHERE a = 7")
        [rewrite, barrier, drop] = self.plan("ALTER TABLE t DROP FEATURE deletionVectors")[-3:]
        self.assertEqual((rewrite[0], barrier[0], drop[0]), ("alter", "checkpoint", "drop"))
        [gone] = self.rows("SELECT filename FROM t WHERE a = 8 LIMIT 1")
        size = os.path.getsize(gone[0])
        os.remove(gone[0])
        self.assertEqual(self.plan("FSCK REPAIR TABLE t"), [("remove", None, 1, size)])
        self.done("FSCK REPAIR TABLE t")
        folder = os.path.join(self.lake, "foreign")
        self.done(f"COPY (SELECT 1 AS a) TO '{folder}' (FORMAT parquet, PER_THREAD_OUTPUT)")
        [step] = self.plan(f"CONVERT TO DELTA parquet.`{folder}`")
        self.assertEqual(step[:3], ("add", None, 1))
        self.assertFalse(os.path.exists(folder + "/_delta_log"))
        self.done(f"CONVERT TO DELTA parquet.`{folder}`")
        self.assertEqual(self.plan(f"CONVERT TO DELTA parquet.`{folder}`"), [])


if __name__ == "__main__":
    unittest.main()
