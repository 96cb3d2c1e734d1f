"""FSCK REPAIR TABLE of tables whose deletion vectors are gone: rows that were deleted never come back, and what leaves
the table with them is said."""
import glob
import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(os.path.dirname(HERE), "golden"))
import lake  # noqa: E402


class Fsck(unittest.TestCase):
    def setUp(self):
        self.lake = lake.Lake()
        self.addCleanup(self.lake.close)
        self.root = os.path.join(self.lake.folder.name, "t")
        self.table, self.history = f"delta.`{self.root}`", f"table_history('delta.\"{self.root}\"')"
        for statement in (
                "CREATE TABLE {t} (k BIGINT) TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')",
                "INSERT INTO {t} SELECT i FROM range(200000) r(i)", "INSERT INTO {t} SELECT i FROM range(-50, 0) r(i)",
                "DELETE FROM {t} WHERE k >= 0 AND hash(k) % 3 = 0"):
            self.lake.run(statement.format(t=self.table))
        self.count = self.number("SELECT count(*) AS n FROM {t} WHERE k >= 0")
        [self.vector] = glob.glob(glob.escape(self.root) + "/*.bin")
        [found] = self.lake.run(f"SELECT DISTINCT filename AS f FROM {self.table} WHERE k > 0")
        self.file = found["f"]

    def number(self, query):
        return int(self.lake.run(query.format(t=self.table))[0]["n"])

    def notices(self, statement):
        """Of a process of its own, which shows them."""
        run = subprocess.run([lake.TARN, "sql", "--lake", self.lake.folder.name, "-c", statement],
                             capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stderr

    def test_a_file_without_its_vector_leaves_and_its_live_rows_are_told(self):
        os.remove(self.vector)
        with self.assertRaises(RuntimeError):
            self.number("SELECT sum(k) AS n FROM {t}")
        broken = {"dataFilePath": os.path.basename(self.file), "dataFileMissing": "false",
                  "deletionVectorPath": os.path.basename(self.vector), "deletionVectorFileMissing": "true"}
        self.assertEqual(self.lake.run(f"FSCK REPAIR TABLE {self.table} DRY RUN"), [broken])
        told = self.notices(f"FSCK REPAIR TABLE {self.table} DRY RUN")
        self.assertIn(f" {self.count} that were not deleted", told)
        self.assertIn(self.file, told)
        self.assertEqual(self.number(f"SELECT max(version) AS n FROM {self.history}"), 3)
        self.assertEqual(self.lake.run(f"FSCK REPAIR TABLE {self.table}"), [broken])
        self.assertEqual(self.number("SELECT count(*) AS n FROM {t}"), 50)
        self.assertTrue(os.path.exists(self.file))
        [last] = self.lake.run(f"SELECT operation, operationMetrics['numMissingFiles'] AS files, "
                               f"operationMetrics['numMissingDeletionVectors'] AS vectors "
                               f"FROM {self.history} LIMIT 1")
        self.assertEqual(last, {"operation": "FSCK", "files": "0", "vectors": "1"})
        self.assertEqual(self.lake.run(f"FSCK REPAIR TABLE {self.table}"), [])

    def test_a_file_that_is_gone_with_its_vector_is_only_gone(self):
        os.remove(self.vector)
        os.remove(self.file)
        told = self.notices(f"FSCK REPAIR TABLE {self.table}")
        self.assertNotIn("not deleted", told)
        self.assertEqual(self.number("SELECT count(*) AS n FROM {t}"), 50)


if __name__ == "__main__":
    unittest.main()
