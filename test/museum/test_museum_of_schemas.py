"""Values that were lost or let in through schemas, constraints and identity columns: each a test, named for it."""
import json
import unittest

from writing import VECTORS, WritingTest

MAPPED = {"delta.columnMapping.mode": "name"}


class SchemaMuseum(WritingTest):
    def field(self, name):
        """A column as the newest metadata has it."""
        newest = [action for version in range(self.version() + 1) for action in self.actions(version, "metaData")][-1]
        return [field for field in json.loads(newest["schemaString"])["fields"] if field["name"] == name][0]

    def test_dropped_column_revived_by_its_name(self):
        """Delta 1064, 2706: a column added under the name of a dropped one had its values; a new column is NULL in
        the rows that were there, and what is written to it stays apart."""
        self.create("k BIGINT, v VARCHAR", {**MAPPED, **VECTORS})
        self.run_all("INSERT INTO {t} VALUES (1, 'secret'), (2, 'secret')", "ALTER TABLE {t} DROP COLUMN v",
                     "ALTER TABLE {t} ADD COLUMN v VARCHAR", "INSERT INTO {t} VALUES (3, 'new')")
        self.check("SELECT k, v FROM {t} ORDER BY k", [[1, None], [2, None], [3, "new"]])
        self.run_all("UPDATE {t} SET k = 10 WHERE k = 1")
        self.check("SELECT k, v FROM {t} ORDER BY k", [[2, None], [3, "new"], [10, None]])
        self.check("SELECT count(*) FROM {t} WHERE v = 'secret'", [[0]])

    def test_swapped_names_swapped_values(self):
        """Delta 958 (why mapping is needed): a rename that changes the log only must not change which values a name
        has, nor may a rewrite by name."""
        self.create("a VARCHAR, b VARCHAR", MAPPED)
        self.run_all("INSERT INTO {t} VALUES ('was a', 'was b')", "ALTER TABLE {t} RENAME COLUMN a TO c",
                     "ALTER TABLE {t} RENAME COLUMN b TO a", "ALTER TABLE {t} RENAME COLUMN c TO b")
        self.check("SELECT a, b FROM {t}", [["was b", "was a"]])
        self.run_all("UPDATE {t} SET a = a || '!'", "INSERT INTO {t} (a, b) VALUES ('x', 'y')")
        self.check("SELECT a, b FROM {t} ORDER BY a", [["was b!", "was a"], ["x", "y"]])

    def test_generation_expression_lost(self):
        """delta-rs 4186: a write that touched the schema dropped the expression of generated columns; from then on
        they were NULL. They are computed after every change of the schema, and checked."""
        self.create("d DATE, y INTEGER GENERATED ALWAYS AS (YEAR(d)), n BIGINT")
        expression = self.field("y")["metadata"]["delta.generationExpression"]
        self.run_all("INSERT INTO {t} (d, n) VALUES (DATE '2024-05-01', 1)", "ALTER TABLE {t} ADD COLUMN m BIGINT",
                     "INSERT INTO {t} (d, m) VALUES (DATE '2025-05-01', 2)",
                     "UPDATE {t} SET d = DATE '2026-01-01' WHERE n = 1",
                     "MERGE INTO {t} USING (SELECT DATE '2027-01-01' AS d) s ON {t}.d = s.d "
                     "WHEN NOT MATCHED THEN INSERT (d) VALUES (s.d)")
        self.assertEqual(self.field("y")["metadata"]["delta.generationExpression"], expression)
        self.check("SELECT y, n, m FROM {t} ORDER BY y", [[2025, None, 2], [2026, 1, None], [2027, None, None]])
        self.refused("UPDATE {t} SET y = 1999", "InvalidInput")

    def test_null_let_into_a_column_without_nulls(self):
        """delta-rs 2991, Trino 21619: MERGE wrote NULL into NOT NULL columns, explicitly or by leaving them out;
        the next reader or writer failed. The statement is refused, and the table is as it was."""
        self.create("id BIGINT NOT NULL, flag BOOLEAN NOT NULL, s VARCHAR")
        source = "(SELECT * FROM (VALUES (1, true), (2, NULL), (3, false)) r(id, flag)) s"
        for table in ("empty", "with a row"):
            before = self.version()
            for clause in ("INSERT (id, flag) VALUES (s.id, s.flag)", "INSERT (id) VALUES (s.id)"):
                self.refused(f"MERGE INTO {{t}} USING {source} ON {{t}}.id = s.id "
                             f"WHEN MATCHED THEN UPDATE SET flag = s.flag WHEN NOT MATCHED THEN {clause}",
                             "InvalidInput")
            self.refused("INSERT INTO {t} (id) VALUES (4)", "InvalidInput")
            self.assertEqual(self.version(), before, table)
            self.run_all("INSERT INTO {t} VALUES (2, true, 'a')")
        self.check("SELECT count(*), count(flag) FROM {t}", [[2, 2]])

    def test_rows_that_the_source_lacks_refused_for_their_nulls(self):
        """delta-rs 4527: NOT NULL was checked on the joined rows, where those without a match have NULL for the
        source; a correct MERGE could not be run."""
        self.create("id VARCHAR NOT NULL, path VARCHAR, n BIGINT")
        self.run_all("INSERT INTO {t} SELECT 'd' || i, 'p', NULL FROM range(100) r(i)",
                     "MERGE INTO {t} USING (SELECT 'd' || i AS id, i AS n FROM range(50, 120) r(i)) s ON {t}.id = s.id "
                     "WHEN MATCHED THEN UPDATE SET n = s.n WHEN NOT MATCHED THEN INSERT (id, n) VALUES (s.id, s.n) "
                     "WHEN NOT MATCHED BY SOURCE THEN UPDATE SET path = 'gone'")
        self.check("SELECT count(*), count(id), count(n), count(*) FILTER (path = 'gone') FROM {t}",
                   [[120, 120, 70, 50]])

    def test_new_column_without_nulls_for_rows_that_have_it_not(self):
        """PostHog 74674: a NOT NULL column was added to a table with rows, which can never meet it: no compaction
        and no rewrite of the old files could be run any more."""
        self.create("k BIGINT")
        self.run_all("INSERT INTO {t} VALUES (1)")
        self.refused("ALTER TABLE {t} ADD COLUMN v BIGINT NOT NULL", "InvalidInput", "Unsupported")
        self.run_all("ALTER TABLE {t} ADD COLUMN v BIGINT", "UPDATE {t} SET k = 2")
        self.check("SELECT k, v FROM {t}", [[2, None]])

    def test_constraint_passed_over_by_changes(self):
        """Spark 50971: CHECK held for INSERT only. UPDATE and both actions of MERGE are checked too, NULL is no
        pass in Delta, and what was there before a violation stays."""
        self.create("k BIGINT, v BIGINT", VECTORS)
        self.run_all("INSERT INTO {t} VALUES (1, 1), (2, 2)", "ALTER TABLE {t} ADD CONSTRAINT c CHECK (v > 0)")
        before = self.version()
        for statement in ("INSERT INTO {t} VALUES (3, 0)", "UPDATE {t} SET v = -v", "UPDATE {t} SET v = NULL",
                          "MERGE INTO {t} USING (SELECT 1 AS k) s ON {t}.k = s.k WHEN MATCHED THEN UPDATE SET v = 0",
                          "MERGE INTO {t} USING (SELECT 9 AS k) s ON {t}.k = s.k "
                          "WHEN NOT MATCHED THEN INSERT (k, v) VALUES (s.k, -9)"):
            self.refused(statement, "InvalidInput")
        self.assertEqual(self.version(), before)
        self.run_all("UPDATE {t} SET v = v + 1", "DELETE FROM {t} WHERE k = 1")
        self.check("SELECT k, v FROM {t} ORDER BY k", [[2, 3]])
        self.refused("ALTER TABLE {t} ADD CONSTRAINT d CHECK (k > 2)", "InvalidInput")

    def test_high_water_mark_below_the_start(self):
        """Delta 3989: MERGE that only updated set the mark of an identity column by the values that users had
        given, below its start; later values were not those promised, or came twice."""
        self.create("id BIGINT GENERATED BY DEFAULT AS IDENTITY (START WITH 100 INCREMENT BY 10), v VARCHAR")
        self.run_all("INSERT INTO {t} (id, v) VALUES (5, 'a')",
                     "MERGE INTO {t} USING (SELECT 5 AS id, 'b' AS v) s ON {t}.id = s.id "
                     "WHEN MATCHED THEN UPDATE SET v = s.v WHEN NOT MATCHED THEN INSERT (v) VALUES (s.v)",
                     "INSERT INTO {t} (v) VALUES ('c')", "INSERT INTO {t} (v) VALUES ('d')", session=self.open())
        ids = [int(row[0]) for row in self.rows("SELECT id FROM {t} WHERE v IN ('c', 'd')")]
        self.assertEqual(len(set(ids)), 2)
        self.assertTrue(all(value >= 100 and value % 10 == 0 for value in ids), ids)

    def test_two_writers_given_the_same_identities(self):
        """Delta 3971: values were drawn under one mark and committed under another; two writers at once had the
        same. The second ends as Conflict, or has others."""
        self.create("id BIGINT GENERATED ALWAYS AS IDENTITY, v VARCHAR")
        self.run_all("INSERT INTO {t} (v) VALUES ('first')")
        other = self.open()
        self.run_all("BEGIN", "INSERT INTO {t} (v) SELECT 'theirs' FROM range(5)", session=other)
        self.run_all("INSERT INTO {t} (v) SELECT 'mine' FROM range(5)")
        answer = other.answer("COMMIT")
        if "error" in answer:
            self.assertEqual(answer["error"]["kind"], "Conflict")
            self.run_all("INSERT INTO {t} (v) SELECT 'theirs' FROM range(5)", session=other)
        self.check("SELECT count(*), count(DISTINCT id) FROM {t}", [[11, 11]])
        self.refused("INSERT INTO {t} (id, v) VALUES (1, 'again')", "InvalidInput")


if __name__ == "__main__":
    unittest.main()
