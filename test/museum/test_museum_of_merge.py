"""Rows that MERGE, UPDATE and DELETE lost, doubled or spoiled: each a test, named for it.

All run with deletion vectors and without.
"""
import unittest

from writing import VECTORS, WritingTest


class MergeMuseum(WritingTest):
    properties = {"delta.enableDeletionVectors": "false"}

    def hundred(self):
        self.create("id BIGINT, v VARCHAR, cost DOUBLE", self.properties)
        self.run_all("INSERT INTO {t} SELECT i, 'old', CASE WHEN i % 2 = 0 THEN i END FROM range(50) r(i)",
                     "INSERT INTO {t} SELECT i, 'old', CASE WHEN i % 2 = 0 THEN i END FROM range(50, 100) r(i)")

    def test_source_with_more_columns_than_the_target_dropped_rows(self):
        """Delta 2104 (fixed by 2128): with more columns in the source than in the table, the flag that says `delete
        this row` was read from another column: 669 of 12.7 million copied rows were dropped at random."""
        self.hundred()
        self.run_all("MERGE INTO {t} USING (SELECT i AS id, 'new' AS v, i AS cost, true AS x1, i AS x2, NULL AS x3 "
                     "FROM range(90, 110) r(i)) s ON {t}.id = s.id "
                     "WHEN MATCHED AND s.x2 > 95 THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *")
        self.check("SELECT v, count(*), min(id), max(id) FROM {t} GROUP BY v ORDER BY v",
                   [["new", 14, 96, 109], ["old", 96, 0, 95]])

    def test_source_read_from_the_target_nulled_columns(self):
        """Delta 482: with a source made from the target itself, rows that the delete clause spared came back with
        NULL in every other column."""
        self.hundred()
        self.run_all("MERGE INTO {t} USING (SELECT id, v, cost FROM {t} WHERE id < 60) s ON {t}.id = s.id "
                     "WHEN MATCHED AND s.id < 10 THEN DELETE")
        self.check("SELECT count(*), count(v), count(cost), min(id), sum(id) FROM {t}", [[90, 90, 45, 10, 4905]])

    def test_matched_rows_outside_the_predicate_were_deleted(self):
        """delta-rs 2158: rows that met the key but not `t.cost IS NULL` were dropped with the file they were in."""
        self.hundred()
        self.run_all("MERGE INTO {t} USING (SELECT i AS id, 7.0 AS cost FROM range(100) r(i)) s "
                     "ON {t}.id = s.id AND {t}.cost IS NULL WHEN MATCHED THEN UPDATE SET cost = s.cost")
        self.check("SELECT count(*), count(cost), count(*) FILTER (cost = 7), sum(id) FROM {t}", [[100, 100, 50, 4950]])

    def test_target_predicate_truncated_the_table(self):
        """delta-rs 2320, 2362: a condition on the target alone served as filter of the rows to copy; the others of
        the files that were rewritten were lost."""
        self.hundred()
        self.run_all("MERGE INTO {t} USING (SELECT i AS id, 'new' AS v FROM range(40, 120) r(i)) s "
                     "ON {t}.id >= 45 AND {t}.id = s.id WHEN MATCHED THEN UPDATE SET v = s.v "
                     "WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, s.v)")
        self.check("SELECT v, count(*), sum(id) FROM {t} GROUP BY v ORDER BY v",
                   [["new", 80, sum(range(40, 120))], ["old", 45, sum(range(45))]])

    def test_not_matched_by_source_skipped_what_the_condition_pruned(self):
        """Paimon 9155: conditions on the target alone pruned files, but rows that can match nothing are the very
        ones that WHEN NOT MATCHED BY SOURCE is for."""
        self.create("a BIGINT, c VARCHAR, pt VARCHAR", self.properties, "PARTITIONED BY (pt)")
        self.run_all("INSERT INTO {t} VALUES (1, 'c1', 'p1'), (2, 'c2', 'p1'), (3, 'c3', 'p2'), (4, 'c4', 'p2')",
                     "MERGE INTO {t} USING (SELECT 1 AS a) s ON {t}.a = s.a AND {t}.pt = 'p1' "
                     "WHEN MATCHED THEN UPDATE SET c = 'hit' WHEN NOT MATCHED BY SOURCE THEN UPDATE SET c = 'stale'")
        self.check("SELECT a, c, pt FROM {t} ORDER BY a",
                   [[1, "hit", "p1"], [2, "stale", "p1"], [3, "stale", "p2"], [4, "stale", "p2"]])

    def test_several_source_rows_for_one_row_multiplied_it(self):
        """delta-rs 2407, 2961 (and ducklake 520): a row matched by several rows of the source was written once for
        each of them; it is ambiguous and must be refused, with the table as it was."""
        self.hundred()
        before = self.version()
        source = "(SELECT * FROM (VALUES (1, 'a'), (1, 'b'), (1, 'c'), (2, 'd'), (2, 'e')) r(id, v)) s"
        for clause in ("UPDATE SET v = s.v", "UPDATE SET *"):
            self.refused(f"MERGE INTO {{t}} USING (SELECT id, v, 1.0 AS cost FROM {source}) s ON {{t}}.id = s.id "
                         f"WHEN MATCHED THEN {clause}", "InvalidInput")
        self.refused(f"MERGE INTO {{t}} USING {source} ON {{t}}.id = s.id "
                     "WHEN MATCHED AND s.v IN ('a', 'b') THEN DELETE WHEN MATCHED THEN UPDATE SET v = s.v "
                     "WHEN NOT MATCHED THEN INSERT (id, v) VALUES (s.id, s.v)",
                     "InvalidInput")
        self.assertEqual(self.version(), before)
        self.check("SELECT count(*), count(*) FILTER (v = 'old') FROM {t}", [[100, 100]])

    def test_second_match_that_no_clause_takes_is_no_second_match(self):
        """delta-rs 4359: several matches are ambiguous only where more than one of them does something."""
        self.hundred()
        self.run_all("MERGE INTO {t} USING (SELECT * FROM (VALUES (1, 'a'), (1, 'b')) r(id, v)) s ON {t}.id = s.id "
                     "WHEN MATCHED AND s.v = 'b' THEN UPDATE SET v = s.v")
        self.check("SELECT v, count(*) FROM {t} GROUP BY v ORDER BY v", [["b", 1], ["old", 99]])

    def test_unique_matches_in_large_files_were_refused(self):
        """delta-rs 4471, 4475, 4572: rows were known by their number in a batch of 8,192, so that two rows of one
        file were taken for one that had matched twice; where the check is not made, one of them is lost instead."""
        self.create("id BIGINT, scenario VARCHAR, v BIGINT", self.properties, "PARTITIONED BY (scenario)")
        rows = 8193 * 3
        self.run_all(f"INSERT INTO {{t}} SELECT i, chr(65 + CAST(i % 2 AS INTEGER)), 0 FROM range({rows * 2}) r(i)",
                     f"MERGE INTO {{t}} USING (SELECT i AS id, chr(65 + CAST(i % 2 AS INTEGER)) AS scenario, i AS v "
                     f"FROM range({rows * 2 + 5}) r(i)) s ON {{t}}.id = s.id AND {{t}}.scenario = s.scenario "
                     "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *")
        self.check("SELECT count(*), count(DISTINCT id), count(*) FILTER (id = v) FROM {t}", [[rows * 2 + 5] * 3])

    def test_merge_into_a_partition_with_a_space_doubled_it(self):
        """delta-rs 4352: the new file was added, but the old one's encoded path was not found to be removed; every
        further MERGE of the same rows added them again."""
        self.create("g VARCHAR, region VARCHAR, v BIGINT", self.properties, "PARTITIONED BY (g)")
        merge = ("MERGE INTO {t} USING (SELECT g, region, 1 AS v "
                 "FROM (VALUES ('a b'), ('a%20b'), ('ab'), ('é/ü=?#')) x(g), (VALUES ('A'), ('B'), ('C')) y(region)) s "
                 "ON {t}.g = s.g AND {t}.region = s.region "
                 "WHEN MATCHED THEN UPDATE SET v = {t}.v + s.v WHEN NOT MATCHED THEN INSERT *")
        self.run_all(merge, merge, merge)
        self.check("SELECT count(*), count(DISTINCT g), min(v), max(v) FROM {t}", [[12, 4, 3, 3]])

    def test_update_of_a_dense_partition_doubled_it(self):
        """Sail 2548: a MERGE with the partition as a literal copied the whole partition beside the old one, and
        with vectors changed nothing at all."""
        self.create("id BIGINT, day TIMESTAMP, v BIGINT", self.properties, "PARTITIONED BY (day)")
        self.run_all("INSERT INTO {t} SELECT i, TIMESTAMP '2026-01-01 00:00:00' "
                     "+ to_days(CAST(greatest(i - 19995, 0) AS INTEGER)), 0 FROM range(20001) r(i)",
                     "MERGE INTO {t} USING (SELECT i * 40 AS id FROM range(400) r(i)) s "
                     "ON {t}.day = TIMESTAMP '2026-01-01 00:00:00' AND {t}.id = s.id "
                     "WHEN MATCHED THEN UPDATE SET v = 1")
        self.check("SELECT count(*), sum(v), count(DISTINCT id) FROM {t}", [[20001, 400, 20001]])

    def test_delete_took_the_rows_whose_answer_is_null(self):
        """Sail 2321: rows were kept where NOT (predicate); where the predicate is NULL that keeps nothing."""
        self.hundred()
        self.assertEqual(self.run_all("DELETE FROM {t} WHERE cost > 9")["rows_affected"], 45)
        self.check("SELECT count(*), count(cost) FROM {t}", [[55, 5]])
        self.assertEqual(self.run_all("UPDATE {t} SET v = 'x' WHERE cost < 100")["rows_affected"], 5)
        self.check("SELECT v, count(*) FROM {t} GROUP BY v ORDER BY v", [["old", 50], ["x", 5]])

    def test_failed_cast_became_null(self):
        """Delta 1483: MERGE wrote text into a date column as NULL; it must fail and change nothing."""
        self.create("id BIGINT, d DATE", self.properties)
        self.run_all("INSERT INTO {t} VALUES (1, DATE '2026-01-01')")
        before = self.version()
        self.refused("MERGE INTO {t} USING (SELECT i AS id, 'Active' AS d FROM range(1, 3) r(i)) s ON {t}.id = s.id "
                     "WHEN MATCHED THEN UPDATE SET d = s.d WHEN NOT MATCHED THEN INSERT (id, d) VALUES (s.id, s.d)",
                     "InvalidInput")
        self.assertEqual(self.version(), before)
        self.check("SELECT id, d FROM {t}", [[1, "2026-01-01"]])


class MergeMuseumWithVectors(MergeMuseum):
    properties = VECTORS


if __name__ == "__main__":
    unittest.main()
