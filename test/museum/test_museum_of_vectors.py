"""Rows that writers lost, kept or doubled with deletion vectors: each a test, named for it."""
import os
import unittest

import pyarrow

from writing import VECTORS, WritingTest

FEED = {**VECTORS, "delta.enableChangeDataFeed": "true"}
PAGES = {"write_page_index": True, "data_page_size": 1024, "write_batch_size": 64, "use_dictionary": False,
         "row_group_size": 25_000}


class VectorMuseum(WritingTest):
    def ten_rows(self, properties=None, **create):
        self.create("a BIGINT, p VARCHAR", properties or VECTORS, **create)
        self.run_all("INSERT INTO {t} SELECT i, 'I love whitespaces' FROM range(10) r(i)")

    def test_second_delete_in_a_file_doubled_the_table(self):
        """Trino 24648: the remove of a repeated DELETE lacked the vector it replaced; 10 rows became 17."""
        self.ten_rows()
        self.run_all("DELETE FROM {t} WHERE a = 5", "DELETE FROM {t} WHERE a = 9", "UPDATE {t} SET p = 'x' WHERE a = 1")
        self.check("SELECT count(*), sum(a) FROM {t}", [[8, 31]])
        self.check_one_entry_per_file()

    def test_second_delete_in_a_partition_with_a_space_doubled_it(self):
        """Trino 26299: the same where the path of the file is percent-encoded; 9 rows became 18."""
        self.ten_rows(clauses="PARTITIONED BY (p)")
        self.run_all("DELETE FROM {t} WHERE a = 5", "DELETE FROM {t} WHERE a = 9")
        self.check("SELECT count(*), sum(a), count(DISTINCT p) FROM {t}", [[8, 31, 1]])
        self.check_one_entry_per_file()

    def test_last_rows_of_a_file_stayed(self):
        """Trino 23229: the range of kept rows went one row past the end, so that a file was never seen to be empty."""
        self.ten_rows()
        self.run_all("DELETE FROM {t} WHERE a < 9")
        self.check("SELECT a FROM {t}", [[9]])
        self.run_all("UPDATE {t} SET a = 30 WHERE a = 9")
        self.check("SELECT a FROM {t}", [[30]])
        self.assertEqual(self.run_all("DELETE FROM {t} WHERE a = 30")["rows_affected"], 1)
        self.check("SELECT count(*) FROM {t}", [[0]])
        self.check("SELECT a FROM {t} WHERE a >= 0", [])

    def test_whole_files_with_vectors_outlived_their_delete(self):
        """Trino 30343: DELETE without a predicate and CREATE OR REPLACE removed the path without its vector, so
        that the rows that were left came back."""
        for statement, rest in (("DELETE FROM {t}", [[0]]), ("TRUNCATE {t}", [[0]]),
                                ("DELETE FROM {t} WHERE a >= 0", [[0]]),
                                ("INSERT OVERWRITE {t} VALUES (1, 'new')", [[1]]),
                                ("CREATE OR REPLACE TABLE {t} AS SELECT 1 AS a, 'new' AS p", [[1]])):
            with self.subTest(statement):
                self.elsewhere()
                self.ten_rows()
                self.run_all("DELETE FROM {t} WHERE a = 5", "DELETE FROM {t} WHERE a = 6", statement)
                self.check("SELECT count(*) FROM {t}", rest)
                self.check_one_entry_per_file()

    def test_rows_behind_skipped_pages_were_deleted_instead(self):
        """Trino 28885: with pages skipped by the column index, positions were counted in what was read, not in the
        file: DELETE hid other rows than those that it found."""
        for properties in (VECTORS, {"delta.enableDeletionVectors": "false"}):
            with self.subTest(properties):
                self.elsewhere()
                self.create("k BIGINT, v VARCHAR", properties)
                self.commit(self.data_file("pages.parquet", pyarrow.table({
                    "k": range(60_000), "v": [f"text{i // 10_000}" for i in range(60_000)]}), **PAGES))
                self.assertEqual(self.run_all("DELETE FROM {t} WHERE v = 'text5'")["rows_affected"], 10_000)
                self.assertEqual(self.run_all("UPDATE {t} SET v = 'new' WHERE k = 41234")["rows_affected"], 1)
                self.check("SELECT v, count(*), min(k), max(k) FROM {t} GROUP BY v ORDER BY v",
                           [["new", 1, 41234, 41234]]
                           + [[f"text{i}", 10_000 - (i == 4), i * 10_000, i * 10_000 + 9999] for i in range(5)])

    def test_hidden_row_of_a_later_page_came_back(self):
        """Trino 22972: the vector was applied by positions that skipped pages had shifted; a row updated in the
        second page was read old and new, and filters dropped live ones."""
        self.create("k BIGINT", VECTORS)
        self.commit(self.data_file("pages.parquet", pyarrow.table({"k": range(1, 50_002)}), **PAGES))
        self.run_all("UPDATE {t} SET k = 99999 WHERE k = 50001", "DELETE FROM {t} WHERE k = 20001")
        self.check("SELECT count(*), count(DISTINCT k) FROM {t}", [[50_000, 50_000]])
        self.check("SELECT k FROM {t} WHERE k > 49999 ORDER BY k", [[50_000], [99_999]])
        self.check("SELECT k FROM {t} WHERE k BETWEEN 20000 AND 20002 ORDER BY k", [[20_000], [20_002]])

    def test_vector_of_a_partitioned_table_hid_everything(self):
        """Trino 21737: with partition columns beside the vector's no row was read at all."""
        self.create("id INTEGER, part INTEGER", VECTORS, "PARTITIONED BY (part)")
        self.run_all("INSERT INTO {t} VALUES (1, 1), (2, 1)", "DELETE FROM {t} WHERE id = 1")
        self.check("SELECT id, part FROM {t}", [[2, 1]])
        self.check("SELECT part FROM {t}", [[1]])

    def test_preimages_missing_from_the_feed(self):
        """Trino 23620: with vectors on, UPDATE recorded its new rows in the change feed and not the old ones."""
        self.ten_rows(FEED)
        self.run_all("UPDATE {t} SET a = 30 WHERE a = 3", "DELETE FROM {t} WHERE a = 4")
        rows = self.rows(f"SELECT a, _change_type, _commit_version FROM table_changes_by_path('{self.root}', 2) "
                         "ORDER BY a, 2")
        self.assertEqual(rows, [["3", "update_preimage", "2"], ["4", "delete", "3"],
                                ["30", "update_postimage", "2"]])

    def test_feed_of_a_merge_with_vectors_told_half(self):
        """Trino 23620, by MERGE: every clause is in the feed, each row once."""
        self.ten_rows(FEED)
        self.run_all("MERGE INTO {t} USING (SELECT i AS a FROM range(8, 12) r(i)) s ON {t}.a = s.a "
                     "WHEN MATCHED AND s.a = 8 THEN DELETE WHEN MATCHED THEN UPDATE SET p = 'new' "
                     "WHEN NOT MATCHED THEN INSERT (a, p) VALUES (s.a, 'in')")
        rows = self.rows(f"SELECT a, p, _change_type FROM table_changes_by_path('{self.root}', 2) ORDER BY ALL")
        self.assertEqual(rows, [["8", "I love whitespaces", "delete"],
                                ["9", "I love whitespaces", "update_preimage"], ["9", "new", "update_postimage"],
                                ["10", "in", "insert"], ["11", "in", "insert"]])

    def test_vectors_forgotten_when_the_property_went_off(self):
        """Trino 30685: with delta.enableDeletionVectors off again the vectors of a checkpoint were not applied;
        deleted rows came back. The property is for writers."""
        self.ten_rows({**VECTORS, "delta.checkpointInterval": "2"})
        self.run_all("DELETE FROM {t} WHERE a = 5")
        metadata = self.actions(0, "metaData")[0]
        metadata["configuration"]["delta.enableDeletionVectors"] = "false"
        self.assertEqual(self.drop_commits_behind_checkpoint(), 2)
        self.commit({"metaData": metadata})
        self.check("SELECT count(*), sum(a) FROM {t}", [[9, 40]])
        self.run_all("DELETE FROM {t} WHERE a = 6")
        self.check("SELECT count(*), sum(a) FROM {t}", [[8, 34]])
        self.assertEqual([add for add in self.actions(self.version(), "add") if "deletionVector" in add], [])

    def test_change_that_matches_nothing_left_vectors_behind(self):
        """Sail 1673 (review): DELETE of rows that a vector already hides committed a new vector; it deletes
        nothing."""
        self.ten_rows()
        self.run_all("DELETE FROM {t} WHERE a = 5")
        files = sorted(os.listdir(self.root))
        self.assertEqual(self.run_all("DELETE FROM {t} WHERE a = 5")["rows_affected"], 0)
        self.assertEqual(self.run_all("UPDATE {t} SET p = 'x' WHERE a = 5")["rows_affected"], 0)
        self.assertEqual(sorted(os.listdir(self.root)), files)
        self.check("SELECT count(*) FROM {t}", [[9]])
        self.check_one_entry_per_file()


if __name__ == "__main__":
    unittest.main()
