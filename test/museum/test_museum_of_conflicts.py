"""What two writers at once lost, doubled or brought back: each a test, named for it.

The second writer is another session, or a commit by hand between BEGIN and COMMIT. Where two changes can both stand,
a writer may either unite them or end as Conflict; the rows are those of the statements that were not refused, run in
turn.
"""
import os
import shutil
import subprocess
import unittest

import pyarrow

from writing import TARN, VECTORS, Session, WritingTest

COPIES = {"delta.enableDeletionVectors": "false"}


class ConflictMuseum(WritingTest):
    def begin(self, *statements):
        """Another session, within a transaction that has run the statements."""
        other = self.open()
        self.run_all("BEGIN", *statements, session=other)
        return other

    def committed(self, session):
        """Whether COMMIT succeeded; it may end as Conflict only."""
        answer = session.answer("COMMIT")
        if "error" in answer:
            self.assertEqual(answer["error"]["kind"], "Conflict", answer)
        return "error" not in answer

    def in_both_modes(self):
        """A new table of ten rows with vectors, then one without."""
        for properties in (VECTORS, COPIES):
            self.elsewhere()
            self.create("k BIGINT, v VARCHAR", properties)
            self.run_all("INSERT INTO {t} SELECT i, 'old' FROM range(10) r(i)")
            yield properties

    def test_commit_of_another_writer_overwritten(self):
        """Trino 9583, Iceberg 970, Delta 683, 1410, 7567: the log entry of a version was written over that of
        somebody who was faster; both reported success, the rows of one were gone."""
        for _ in self.in_both_modes():
            blind = self.begin("INSERT INTO {t} VALUES (11, 'blind')")
            update = self.begin("UPDATE {t} SET v = 'x' WHERE k = 1")
            self.commit(self.data_file("theirs.parquet", pyarrow.table({"k": [100], "v": ["theirs"]})))
            with open(self.log(self.version()), "rb") as log:
                theirs = log.read()
            version = self.version()
            self.assertTrue(self.committed(blind))
            updated = self.committed(update)
            with open(self.log(version), "rb") as log:
                self.assertEqual(log.read(), theirs)
            self.check("SELECT v, count(*) FROM {t} GROUP BY v ORDER BY v",
                       [["blind", 1], ["old", 9 if updated else 10], ["theirs", 1]] + ([["x", 1]] if updated else []))

    def test_appends_of_many_processes_lost(self):
        """Iceberg 970: of 35 writers' rows a tenth was missing; every row of a statement that was answered is
        there."""
        self.create("writer BIGINT, n BIGINT")
        script = "".join(f"INSERT INTO delta.`{self.root}` VALUES ({{writer}}, {n});\n" for n in range(10))
        command = [TARN, "sql", "--lake", self.lake, "--format", "jsonl", "-c"]
        writers = [subprocess.Popen([*command, script.format(writer=writer)], stdout=subprocess.PIPE, text=True)
                   for writer in range(4)]
        for writer in writers:
            answers, _ = writer.communicate(timeout=120)
            self.assertEqual(answers.count('"rows_affected": 1'), 10, answers)
        self.check("SELECT count(*), count(DISTINCT (writer, n)) FROM {t}", [[40, 40]])
        self.assertEqual(self.version(), 40)

    def test_increments_of_many_processes_lost(self):
        """Trino 9583: between reading a row and writing it anew another writer's change got lost. Every increment that
        was answered is in the sum, whatever became of the others."""
        for _ in self.in_both_modes():
            self.run_all("INSERT OVERWRITE {t} SELECT i, '0' FROM range(3) r(i)")
            script = f"UPDATE delta.`{self.root}` SET v = CAST(v AS INTEGER) + 1 WHERE k = 1;\n" * 6
            command = [TARN, "sql", "--lake", self.lake, "--format", "jsonl", "--keep-going", "-c", script]
            writers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
            answers = "".join(writer.communicate(timeout=120)[0] for writer in writers)
            done = answers.count('"rows_affected": 1')
            self.assertEqual(done + answers.count('"Conflict"'), 18, answers)
            self.check("SELECT k, v FROM {t} ORDER BY k", [[0, 0], [1, done], [2, 0]])

    def test_two_overwrites_deleted_each_others_rows(self):
        """delta-rs 3622: of two replacements of the same rows the second, which had not seen the first, removed the
        rows that it had added; it must end as Conflict."""
        replace = "INSERT INTO {t} REPLACE WHERE p = 'a' SELECT 'a', i FROM range(%d, %d) r(i)"
        self.create("p VARCHAR, k BIGINT", clauses="PARTITIONED BY (p)")
        self.run_all("INSERT INTO {t} VALUES ('a', 1), ('a', 2), ('b', 1)")
        other = self.begin(replace % (10, 13))
        self.run_all(replace % (20, 23))
        self.assertFalse(self.committed(other))
        self.check("SELECT k FROM {t} WHERE p = 'a' ORDER BY k", [[20], [21], [22]])

    def test_overwrites_at_once_multiplied_the_table(self):
        """delta-rs 1254, datafusion-ducklake 146: two overwrites of the whole table both stood, one beside the
        other."""
        for _ in self.in_both_modes():
            other = self.begin("INSERT OVERWRITE {t} SELECT i, 'second' FROM range(10) r(i)")
            self.run_all("INSERT OVERWRITE {t} SELECT i, 'first' FROM range(10) r(i)")
            self.assertFalse(self.committed(other))
            self.check("SELECT v, count(*) FROM {t} GROUP BY v", [["first", 10]])

    def test_rewrite_without_data_change_doubled_appends(self):
        """Delta 550: a rewrite read rows that were committed after its snapshot, wrote them too and left their own
        file."""
        for _ in self.in_both_modes():
            other = self.begin("INSERT OVERWRITE {t} SELECT k, v FROM {t}")
            self.run_all("INSERT INTO {t} VALUES (100, 'appended')")
            self.committed(other)
            self.check("SELECT count(*), count(DISTINCT k), count(*) FILTER (v = 'appended') FROM {t}", [[11, 11, 1]])

    def test_two_changes_of_one_file_left_it_twice(self):
        """Delta 7163 (Kernel): removes were not compared, so that two deletes in one file both added it again, each
        with its own vector or copy: rows doubled, deletes lost."""
        for _ in self.in_both_modes():
            other = self.begin("DELETE FROM {t} WHERE k IN (1, 2)")
            self.run_all("DELETE FROM {t} WHERE k IN (7, 8)")
            rest = [0, 3, 4, 5, 6, 9] if self.committed(other) else [0, 1, 2, 3, 4, 5, 6, 9]
            self.check("SELECT k FROM {t} ORDER BY k", [[k] for k in rest])
            self.check("SELECT count(*) FROM {t}", [[len(rest)]])

    def test_two_updates_of_one_row_left_it_twice(self):
        """Delta 7163: the same row by both; only one may win."""
        for _ in self.in_both_modes():
            other = self.begin("UPDATE {t} SET v = 'theirs' WHERE k = 5")
            self.run_all("UPDATE {t} SET v = 'mine' WHERE k = 5")
            self.assertFalse(self.committed(other))
            self.check("SELECT v, count(*) FROM {t} GROUP BY v ORDER BY v", [["mine", 1], ["old", 9]])

    def test_clean_up_of_the_loser_deleted_live_files(self):
        """Trino 29361: after a conflict the loser deleted `its` files, among them those that it had only put a
        vector on; the table could not be read any more."""
        for _ in self.in_both_modes():
            other = self.begin("UPDATE {t} SET v = 'theirs' WHERE k = 5", "INSERT INTO {t} VALUES (77, 'theirs')")
            self.run_all("UPDATE {t} SET v = 'mine' WHERE k = 5")
            before = {name for name in os.listdir(self.root) if name.endswith(".parquet")}
            live = {row[0] for row in self.rows("SELECT DISTINCT _metadata.file_name FROM {t}")}
            self.assertFalse(self.committed(other))
            self.assertLessEqual(live, set(os.listdir(self.root)) & before)
            self.check("SELECT v, count(*) FROM {t} GROUP BY v ORDER BY v", [["mine", 1], ["old", 9]])
            self.run_all("UPDATE {t} SET v = 'again' WHERE k = 5", session=other)
            self.check("SELECT v, count(*) FROM {t} GROUP BY v ORDER BY v", [["again", 1], ["old", 9]])

    def test_rewrite_that_lands_brings_deleted_rows_back(self):
        """Iceberg 10312, Delta 3981, 7407: a compaction that had read before a delete landed wrote the deleted rows
        anew. Here the compaction wins, by hand, and the delete must not be lost on the way."""
        for _ in self.in_both_modes():
            other = self.begin("DELETE FROM {t} WHERE k = 5")
            add = self.actions(1, "add")[0]
            compacted = self.data_file("compacted.parquet", pyarrow.table({"k": range(10), "v": ["old"] * 10}))
            compacted["add"]["dataChange"] = False
            self.commit({"remove": {"path": add["path"], "partitionValues": {}, "dataChange": False,
                                    "deletionTimestamp": 1}}, compacted)
            deleted = self.committed(other)
            self.check("SELECT count(*), count(DISTINCT k), count(*) FILTER (k = 5) FROM {t}",
                       [[9, 9, 0]] if deleted else [[10, 10, 1]])
            self.run_all("DELETE FROM {t} WHERE k = 5", session=other)
            self.check("SELECT count(*), count(*) FILTER (k = 5) FROM {t}", [[9, 0]])

    def test_upserts_of_an_absent_key_doubled_it(self):
        """ducklake 906, 1393: DELETE that met no row left nothing to check, so that two DELETE and INSERT, or two
        MERGE, of one new key both stood."""
        upserts = (("DELETE FROM {t} WHERE k = 50", "INSERT INTO {t} VALUES (50, 'new')"),
                   ("MERGE INTO {t} USING (SELECT 50 AS k) s ON {t}.k = s.k WHEN MATCHED THEN UPDATE SET v = 'new' "
                    "WHEN NOT MATCHED THEN INSERT (k, v) VALUES (s.k, 'new')",))
        for upsert in upserts:
            for _ in self.in_both_modes():
                other = self.begin(*upsert)
                self.run_all("BEGIN", *upsert, "COMMIT")
                self.assertFalse(self.committed(other))
                self.check("SELECT count(*) FROM {t} WHERE k = 50", [[1]])

    def test_insert_from_the_table_itself_read_two_versions(self):
        """Trino 21324: the version that the rows came from and the one that conflicts were looked for from were
        two; a commit between them went unnoticed. Serializable: the answer is that of some order."""
        self.create("n BIGINT", {"delta.isolationLevel": "Serializable"})
        self.run_all("INSERT INTO {t} VALUES (0)")
        other = self.begin("INSERT INTO {t} SELECT count(*) FROM {t}")
        self.run_all("INSERT INTO {t} SELECT count(*) FROM {t}")
        self.assertFalse(self.committed(other))
        self.check("SELECT n FROM {t} ORDER BY n", [[0], [1]])

    def test_session_went_on_from_cleaned_up_versions(self):
        """delta-rs 3057, 3133: a session that had the table open kept files of a log that was cleaned up since, and
        wrote and read on from there: rows doubled, others missing."""
        self.create("k BIGINT, v VARCHAR", {"delta.checkpointInterval": "3", **VECTORS})
        stale = self.open()
        self.run_all("INSERT INTO {t} VALUES (1, 'old'), (2, 'old')")
        self.assertEqual(self.rows("SELECT count(*) FROM {t}", session=stale), [["2"]])
        self.run_all("UPDATE {t} SET v = 'new' WHERE k = 1", "INSERT INTO {t} VALUES (3, 'old')",
                     "DELETE FROM {t} WHERE k = 2")
        self.drop_commits_behind_checkpoint()
        self.run_all("INSERT INTO {t} VALUES (4, 'stale')", "UPDATE {t} SET v = 'newer' WHERE k = 1", session=stale)
        expected = [["1", "newer"], ["3", "old"], ["4", "stale"]]
        self.check("SELECT k, v FROM {t} ORDER BY k", expected)
        self.assertEqual(self.rows("SELECT k, v FROM {t} ORDER BY k", session=stale), expected)

    def test_change_under_a_new_schema(self):
        """HDFSLogStore (Delta 7567) and Trino 21727: a writer that planned under one schema committed under
        another."""
        for _ in self.in_both_modes():
            other = self.begin("INSERT INTO {t} VALUES (50, 'late')")
            metadata = self.actions(0, "metaData")[0]
            self.commit({"metaData": {**metadata, "schemaString": metadata["schemaString"].replace('"v"', '"w"')}})
            self.assertFalse(self.committed(other))
            self.check("SELECT count(*) FROM {t}", [[10]])


@unittest.skipUnless(shutil.which("strace"), "the answer of a system call is lost by strace: install it to run this")
class LostAnswers(WritingTest):
    def test_files_of_a_commit_that_may_have_landed_were_deleted(self):
        """Iceberg 2317, 3717, 4666, Trino 19277, ClickHouse 112096: the commit was there, only its answer was lost;
        the writer took it for failed and deleted the files that the table now had."""
        self.create("k BIGINT, v VARCHAR", VECTORS)
        self.run_all("INSERT INTO {t} SELECT i, 'old' FROM range(10) r(i)")
        trace, log = os.path.join(self.lake, "trace"), os.path.join(self.root, "_delta_log")
        for rows, (when, statement) in enumerate((("1", "INSERT INTO {t} VALUES (50, 'new')"),
                                                  ("1+", "INSERT INTO {t} VALUES (51, 'new')"),
                                                  ("1+", "UPDATE {t} SET v = 'new' WHERE k = 3")), start=11):
            before = self.version()
            done = subprocess.run(
                ["strace", "-f", "-P", log, "-o", trace, "-e", "trace=fsync,fdatasync", "-e",
                 f"inject=fsync,fdatasync:error=EIO:when={when}", TARN, "sql", "--lake", self.lake, "--format", "jsonl",
                 "-c", statement.replace("{t}", f"delta.`{self.root}`")], capture_output=True, text=True, timeout=60)
            with open(trace) as calls:
                self.assertIn("EIO", calls.read())
            self.assertEqual(self.version(), before + 1, done.stdout)
            self.check("SELECT count(*), count(DISTINCT k), count(*) FILTER (v = 'new') FROM {t}",
                       [[min(rows, 12), min(rows, 12), rows - 10]])


if __name__ == "__main__":
    unittest.main()
