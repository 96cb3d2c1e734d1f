"""Rows and tables lost through the checkpoints that writers made: each a test, named for it."""
import glob
import os
import unittest

import deltalake
import pyarrow.parquet

from writing import VECTORS, WritingTest


class CheckpointMuseum(WritingTest):
    def checkpoint(self, version):
        self.settle()
        return pyarrow.parquet.read_table(self.log(version, "checkpoint.parquet"))

    def test_add_before_its_remove_was_lost(self):
        """Trino 31252 (fixed by 30985): a checkpoint writer that knew files by path alone, in the order of the
        lines, took the remove of the entry without a vector for one of the entry with it: the file was gone for all
        readers."""
        self.create("k BIGINT", {**VECTORS, "delta.checkpointInterval": "3"})
        self.run_all("INSERT INTO {t} SELECT i FROM range(10) r(i)", "DELETE FROM {t} WHERE k = 5")
        lines = self.actions(2)
        self.write_version(2, sorted(lines, key=lambda action: ["add", "remove", "commitInfo"].index(*action)))
        self.assertIn("add", self.actions(2)[0])
        self.run_all("INSERT INTO {t} VALUES (100)", session=self.open())
        actions = self.checkpoint(3).to_pylist()
        vectors = [add["add"].get("deletionVector") for add in actions if add["add"]]
        self.assertEqual(sorted(vector["cardinality"] if vector else 0 for vector in vectors), [0, 1])
        self.assertEqual(self.drop_commits_behind_checkpoint(), 3)
        self.check("SELECT count(*), sum(k) FROM {t}", [[10, 140]])
        self.run_all("DELETE FROM {t} WHERE k = 6", session=self.open())
        self.check("SELECT count(*), sum(k) FROM {t}", [[9, 134]])

    def test_vector_without_an_offset_got_one(self):
        """Trino 30985: an absent offset of a vector was written as 0, which is another file's identity: the remove
        that follows meets nothing and the file is there twice."""
        self.create("k BIGINT", {**VECTORS, "delta.checkpointInterval": "2"})
        self.run_all("INSERT INTO {t} SELECT i FROM range(10) r(i)", "DELETE FROM {t} WHERE k = 5")
        vector = [row["add"]["deletionVector"] for row in self.checkpoint(2).to_pylist() if row["add"]][0]
        committed = self.actions(2, "add")[0]["deletionVector"]
        self.assertEqual({key: value for key, value in vector.items() if value is not None}, committed)
        self.drop_commits_behind_checkpoint()
        self.run_all("DELETE FROM {t} WHERE k = 6", session=self.open())
        self.check("SELECT count(*) FROM {t}", [[8]])

    def test_columns_without_statistics_matched_nothing(self):
        """delta-rs 3201: a checkpoint gave columns outside dataSkippingStatsColumns bounds that no row met."""
        self.create("d DATE, r DATE, n BIGINT",
                    {"delta.dataSkippingStatsColumns": "r", "delta.checkpointInterval": "2"})
        self.run_all(*(f"INSERT INTO {{t}} SELECT DATE '2020-01-0{day}' + i, DATE '2020-01-0{day}' + i, i "
                       "FROM (VALUES (0), (1)) x(i)" for day in (1, 2)))
        self.drop_commits_behind_checkpoint()
        self.check("SELECT count(*) FROM {t} WHERE d >= DATE '2020-01-01'", [[4]])
        self.check("SELECT count(*) FROM {t} WHERE n = 1 AND r >= DATE '2020-01-01'", [[2]])
        self.check("SELECT count(*) FROM {t} WHERE d IS NOT NULL AND n IS NOT NULL", [[4]])

    def test_columns_beyond_those_with_statistics_broke_it(self):
        """delta-rs 2493, 2675: with more columns than have statistics, among them some that are never null, no
        checkpoint could be written, or it held nulls where its schema allowed none."""
        columns = ", ".join(f"c{number} BIGINT NOT NULL" for number in range(40))
        for limit in ("32", "1", "0"):
            self.elsewhere()
            self.create(columns, {"delta.dataSkippingNumIndexedCols": limit, "delta.checkpointInterval": "2"})
            values = ", ".join(f"i + {number}" for number in range(40))
            insert = f"INSERT INTO {{t}} SELECT {values} FROM range(5) r(i)"
            self.run_all(insert, insert)
            self.assertEqual(self.drop_commits_behind_checkpoint(), 2)
            self.check("SELECT count(*), min(c0), max(c39) FROM {t} WHERE c39 >= 39 AND c0 < 5", [[10, 0, 43]])

    def test_overwritten_partitions_made_it_unreadable(self):
        """Sail 2243: the removes of a partitioned table have no parsed partition values; a checkpoint whose schema
        allowed no nulls there could never be read again."""
        self.create("wk VARCHAR NOT NULL, n BIGINT", {"delta.checkpointInterval": "5"}, "PARTITIONED BY (wk)")
        for number in range(7):
            self.run_all(f"INSERT OVERWRITE {{t}} SELECT 'w' || i, {number} FROM range(3) r(i)")
        self.assertEqual(self.drop_commits_behind_checkpoint(), 5)
        self.check("SELECT wk, n FROM {t} ORDER BY wk", [["w0", 6], ["w1", 6], ["w2", 6]])
        self.run_all("INSERT INTO {t} REPLACE WHERE wk = 'w1' SELECT 'w1', 100", session=self.open())
        self.check("SELECT sum(n), count(*) FROM {t}", [[112, 3]])

    def test_null_partitions_garbled(self):
        """Delta 687: a NULL among the partition values shifted names and values in the checkpoint's map."""
        self.create("account VARCHAR, day BIGINT, v VARCHAR", {"delta.checkpointInterval": "2"},
                    "PARTITIONED BY (account, day)")
        self.run_all("INSERT INTO {t} VALUES ('1', 20191215, 'a'), (NULL, 20191215, 'b'), ('2', NULL, 'c')",
                     "INSERT INTO {t} VALUES (NULL, NULL, 'd')")
        values = [dict(row["add"]["partitionValues"]) for row in self.checkpoint(2).to_pylist() if row["add"]]
        self.assertEqual(sorted((value["account"] or "", value["day"] or "") for value in values),
                         [("", ""), ("", "20191215"), ("1", "20191215"), ("2", "")])
        self.drop_commits_behind_checkpoint()
        self.check("SELECT v, account, day FROM {t} ORDER BY v",
                   [["a", 1, 20191215], ["b", None, 20191215], ["c", 2, None], ["d", None, None]])
        self.check("SELECT v FROM {t} WHERE account IS NULL AND day = 20191215", [["b"]])

    def test_files_of_a_replaced_table_not_found(self):
        """delta-rs 2507: after CREATE OR REPLACE TABLE AS SELECT readers found no file in the table. The partner's
        own view of the log must have them, with their partitions, from commits and from the checkpoint."""
        replace = ("CREATE OR REPLACE TABLE {t} PARTITIONED BY (p) TBLPROPERTIES ('delta.checkpointInterval' = '2') "
                   "AS SELECT i AS k, i % 3 AS p FROM range(9) r(i)")
        self.create("k BIGINT, p BIGINT", clauses="PARTITIONED BY (p)")
        for last in range(1, 4):
            self.run_all(replace)
            adds = deltalake.DeltaTable(self.root).get_add_actions(flatten=True)
            listed = pyarrow.table(adds).to_pydict()
            self.assertEqual(sorted(listed["partition.p"]), [0, 1, 2])
            self.assertEqual(sum(listed["num_records"]), 9)
            self.assertEqual(self.version(), last)
        self.drop_commits_behind_checkpoint()
        self.check("SELECT count(*), sum(k) FROM {t} WHERE p IN (0, 2)", [[6, 24]])

    def test_two_metadata_actions_in_one_commit(self):
        """delta-rs 3785: an overwrite that changed the schema committed its metadata twice; which one counts is for
        every reader to guess. One of each kind at most."""
        self.create("k BIGINT")
        self.run_all("CREATE OR REPLACE TABLE {t} TBLPROPERTIES ('delta.enableDeletionVectors' = 'true') "
                     "AS SELECT 1 AS a, 2 AS b",
                     "CREATE OR REPLACE TABLE {t} (x VARCHAR)", "INSERT INTO {t} VALUES ('a')",
                     "INSERT OVERWRITE {t} VALUES ('b')", "DELETE FROM {t}")
        for version in range(self.version() + 1):
            for kind in ("metaData", "protocol", "commitInfo"):
                self.assertLessEqual(len(self.actions(version, kind)), 1, (version, kind))

    def test_pointer_to_the_checkpoint_empty_or_wrong(self):
        """Trino 22748, delta-rs 1863: `_last_checkpoint` was left empty, or named a version that had none, and the
        table could not be read once its old commits were gone. It is a hint."""
        self.create("k BIGINT", {"delta.checkpointInterval": "2"})
        self.run_all("INSERT INTO {t} VALUES (1)", "INSERT INTO {t} VALUES (2)", "INSERT INTO {t} VALUES (3)")
        self.drop_commits_behind_checkpoint()
        hint = os.path.join(self.root, "_delta_log", "_last_checkpoint")
        for number, text in enumerate(("", "{", '{"version":1,"size":1}', '{"version":77,"size":1}', None)):
            if text is None:
                os.remove(hint)
            else:
                with open(hint, "w") as pointer:
                    pointer.write(text)
            self.run_all(f"INSERT INTO {{t}} VALUES ({10 + number})", session=self.open())
            self.check("SELECT count(*), min(k), max(k) FROM {t}", [[4 + number, 1, 10 + number]])

    def test_broken_checkpoint_made_a_whole_log_useless(self):
        """delta-rs 2258, 4433, Delta 5458: a writer died within its checkpoint, or two wrote one object; the
        commits were all there, and nobody could open the table. Written on, nothing may be lost either."""
        self.create("k BIGINT", {"delta.checkpointInterval": "2"})
        for number in range(1, 5):
            self.run_all(f"INSERT INTO {{t}} VALUES ({number})")
        for damage in (b"", b"PAR1", b"PAR1 cut off in the middle"):
            self.settle()
            for name in glob.glob(glob.escape(self.root) + "/_delta_log/*.checkpoint.parquet"):
                with open(name, "wb") as checkpoint:
                    checkpoint.write(damage)
            count = int(self.rows("SELECT count(*) FROM {t}")[0][0])
            self.assertEqual(count, self.version())
            self.run_all("INSERT INTO {t} VALUES (10)", session=self.open())
            self.check("SELECT count(*) FROM {t}", [[count + 1]])


if __name__ == "__main__":
    unittest.main()
