"""Rows, files and logs that OPTIMIZE, VACUUM and log clean-up destroyed: each a test, named for it."""
import glob
import os
import shutil
import subprocess
import time
import unittest

from writing import ANSWER_LIMIT_S, TARN, VECTORS, WritingTest

NO_RETENTION = {"delta.deletedFileRetentionDuration": "interval 0 hours"}
DAY_S = 86_400


class UpkeepMuseum(WritingTest):
    def on_disk(self, ending):
        """Files of the table outside its log, from its root."""
        found = glob.glob(glob.escape(self.root) + "/**/*" + ending, recursive=True)
        return {os.path.relpath(name, self.root) for name in found if "_delta_log" not in name}

    def age(self, days):
        """Everything that there is was written so many days earlier."""
        self.settle()
        for folder, _, files in os.walk(self.root):
            for name in files:
                path = os.path.join(folder, name)
                stamp = os.stat(path).st_mtime - days * DAY_S
                os.utime(path, (stamp, stamp))

    def test_compacted_files_stayed_with_their_vectors(self):
        """Trino 31253, ducklake 189: OPTIMIZE removed the path without its vector; whoever replays the log reads
        the old file beside the new one, or deleted rows again."""
        self.create("x BIGINT", VECTORS)
        self.run_all("INSERT INTO {t} VALUES (1), (2), (3)", "INSERT INTO {t} VALUES (4), (5)",
                     "DELETE FROM {t} WHERE x = 1", "OPTIMIZE {t}")
        self.assertTrue(all(not action["dataChange"] for action in self.actions(self.version(), "remove")))
        self.assertEqual(glob.glob(glob.escape(self.root) + "/_delta_log/*.checkpoint.parquet"), [])
        self.check("SELECT x FROM {t} ORDER BY x", [[2], [3], [4], [5]])
        self.check_one_entry_per_file()

    def test_compaction_after_a_checkpoint_multiplied_rows(self):
        """delta-rs 3047, 3133: after a checkpoint each OPTIMIZE of one handle rewrote files of the checkpoint that
        were removed already; 4,000 rows became 12,000, and MERGE went on with them."""
        self.create("id BIGINT, v VARCHAR", VECTORS)
        other = self.open()
        for number in range(4):
            self.run_all(f"INSERT INTO {{t}} SELECT i + {number} * 1000, 'old' FROM range(1000) r(i)")
        self.assertEqual(self.rows("SELECT count(*) FROM {t}", session=other), [["4000"]])
        self.run_all("CHECKPOINT {t}", "OPTIMIZE {t}")
        version = self.version()
        self.run_all("OPTIMIZE {t}", "OPTIMIZE {t}")
        self.run_all("OPTIMIZE {t}", session=other)
        self.assertEqual(self.version(), version)
        self.run_all("MERGE INTO {t} USING (SELECT i AS id, 'new' AS v FROM range(3990, 4010) r(i)) s ON {t}.id = s.id "
                     "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *", "OPTIMIZE {t}", session=other)
        self.check("SELECT v, count(*), count(DISTINCT id) FROM {t} GROUP BY v ORDER BY v",
                   [["new", 20, 20], ["old", 3990, 3990]])

    def test_maintenance_changed_what_earlier_versions_read(self):
        """ducklake 1406: after a rewrite of files with deletions, writing further deletions out gave earlier versions
        the retired files beside the rewritten ones: about twice their rows."""
        self.create("k BIGINT", {**VECTORS, "delta.checkpointInterval": "4", "delta.logCompactionInterval": "3"})
        versions = {}

        def remember():
            self.settle()
            versions[self.version()] = self.rows("SELECT k FROM {t} ORDER BY k")

        def check_all(what):
            self.settle()
            for version, rows in versions.items():
                found = self.rows(f"SELECT k FROM {{t}} VERSION AS OF {version} ORDER BY k")
                self.assertEqual(found, rows, f"version {version} after {what}")

        for number in range(3):
            for statement in (f"INSERT INTO {{t}} SELECT i + {10 * number} FROM range(6) r(i)",
                              f"DELETE FROM {{t}} WHERE k = {10 * number + 1}"):
                self.run_all(statement)
                remember()
        upkeep = ["OPTIMIZE {t}", "CHECKPOINT {t}", "VACUUM {t}", "RESTORE TABLE {t} TO VERSION AS OF 4",
                  "OPTIMIZE {t}"]
        for round_number, statement in enumerate(upkeep):
            self.run_all(statement)
            check_all(statement)
            self.run_all(f"INSERT INTO {{t}} VALUES ({100 + round_number})", "DELETE FROM {t} WHERE k % 5 = 0")
            remember()
            check_all(f"writes behind {statement}")

    def test_compaction_by_one_partition_column_lost_the_others(self):
        """delta-rs 4528: OPTIMIZE with a filter on some of the partition columns merged files across the others,
        whose values became NULL."""
        self.create("a BIGINT, b VARCHAR, n BIGINT", clauses="PARTITIONED BY (a, b)")
        for number in range(3):
            self.run_all(f"INSERT INTO {{t}} SELECT i % 2, CASE WHEN i < 4 THEN 'x' END, {number} FROM range(8) r(i)")
        self.run_all("OPTIMIZE {t} WHERE a = 1", "OPTIMIZE {t} WHERE b = 'x'")
        for action in self.actions(self.version(), "add"):
            self.assertEqual(sorted(action["partitionValues"]), ["a", "b"])
        self.check("SELECT a, b, count(*), sum(n) FROM {t} GROUP BY a, b ORDER BY a, b NULLS LAST",
                   [[0, "x", 6, 6], [0, None, 6, 6], [1, "x", 6, 6], [1, None, 6, 6]])

    def test_files_of_an_open_transaction_vacuumed(self):
        """delta-rs 3645, 3835: VACUUM deleted what another writer had written and not yet committed; its commit
        then named files that were gone."""
        self.create("k BIGINT", VECTORS)
        self.run_all("INSERT INTO {t} SELECT i FROM range(100000) r(i)")
        other = self.open()
        self.run_all("BEGIN", "INSERT INTO {t} VALUES (-1)", "DELETE FROM {t} WHERE hash(k) % 3 = 0", session=other)
        expected = self.rows("SELECT count(*), sum(k) FROM {t}", session=other)
        self.run_all("VACUUM {t}")
        self.run_all("COMMIT", session=other)
        self.assertEqual(self.rows("SELECT count(*), sum(k) FROM {t}"), expected)

    def test_escaped_partitions_never_vacuumed(self):
        """delta-rs 4646: VACUUM said that it had deleted files of partitions with escaped names, and had looked for
        them where they were not. What it lists goes, and nothing else."""
        self.create("g VARCHAR, n BIGINT", NO_RETENTION, "PARTITIONED BY (g)")
        names = ("a b", "a%20b", "a~b", "é/ü=?#", "plain", "2026-01-01 05:00:00")
        values = ", ".join(f"('{name}', 1)" for name in names)
        self.run_all(f"INSERT INTO {{t}} VALUES {values}", "UPDATE {t} SET n = 2")
        self.assertEqual(len(self.on_disk(".parquet")), 12)
        self.age(1)
        listed = self.run_all("VACUUM {t} DRY RUN")["rows"]
        self.assertEqual(len(self.on_disk(".parquet")), 12)
        self.assertEqual(self.run_all("VACUUM {t}")["rows"][0][1], "6")
        self.assertEqual((len(listed), len(self.on_disk(".parquet"))), (6, 6))
        self.check("SELECT count(*), min(n), count(DISTINCT g) FROM {t}", [[6, 2, 6]])

    def test_live_vector_files_vacuumed(self):
        """Delta 1676, Trino 22809, delta-rs 3454: a VACUUM that knows of data files only deletes the vectors of
        live rows as strangers. Those that are superseded go, the others stay."""
        self.create("k BIGINT", {**VECTORS, **NO_RETENTION})
        self.run_all("INSERT INTO {t} SELECT i FROM range(200000) r(i)", "DELETE FROM {t} WHERE hash(k) % 3 = 0")
        first = self.on_disk(".bin")
        self.assertEqual(len(first), 1)
        self.run_all("DELETE FROM {t} WHERE hash(k) % 5 = 0")
        expected = self.rows("SELECT count(*), sum(k) FROM {t}")
        self.age(1)
        self.run_all("VACUUM {t}")
        self.assertEqual(self.rows("SELECT count(*), sum(k) FROM {t}"), expected)
        self.assertEqual(len(self.on_disk(".bin")), 1)
        self.assertFalse(first & self.on_disk(".bin"))

    def test_change_files_vacuumed_within_the_retention(self):
        """Delta 1365, 1515: VACUUM deleted recorded changes that the feed still offered. Within the retention they
        stay; beyond it the feed says so and does not leave them out."""
        self.create("k BIGINT, v VARCHAR", {"delta.enableChangeDataFeed": "true"})
        feed = f"SELECT count(*) FROM table_changes_by_path('{self.root}', 0)"
        self.run_all("INSERT INTO {t} SELECT i, 'old' FROM range(10) r(i)", "UPDATE {t} SET v = 'new' WHERE k < 3",
                     "DELETE FROM {t} WHERE k = 9", "VACUUM {t}")
        self.check(feed, [[10 + 6 + 1]])
        metadata = self.actions(0, "metaData")[0]
        metadata["configuration"].update(NO_RETENTION)
        self.commit({"metaData": metadata})
        self.age(1)
        self.run_all("VACUUM {t}", session=self.open())
        self.assertEqual(self.on_disk("cdc*.parquet"), set())
        self.refused(feed, "NotFound", "Corrupt", "InvalidInput", session=self.open())
        self.check("SELECT count(*) FROM {t}", [[9]])

    def test_log_without_a_checkpoint_cleaned_up(self):
        """delta-rs 2016, 2044: clean-up of expired commits asked for no checkpoint; without one the table was gone."""
        self.create("k BIGINT", {"delta.logRetentionDuration": "interval 0 days", "delta.checkpointInterval": "1000"})
        for number in range(12):
            self.run_all(f"INSERT INTO {{t}} VALUES ({number})")
            self.age(3)
        self.check("SELECT count(*) FROM {t}", [[12]])
        self.assertTrue(os.path.exists(self.log(0)))
        self.check("SELECT count(*) FROM {t} VERSION AS OF 3", [[3]])

    def test_last_checkpoint_cleaned_up(self):
        """delta-rs 2174: clean-up went by age alone and took the newest checkpoint, on which everything stood."""
        self.create("k BIGINT", {"delta.logRetentionDuration": "interval 0 days", "delta.checkpointInterval": "4"})
        for number in range(1, 15):
            self.run_all(f"INSERT INTO {{t}} VALUES ({number})")
            self.age(3)
            self.check("SELECT count(*), max(k) FROM {t}", [[number, number]])
        self.assertFalse(os.path.exists(self.log(0)), "nothing was ever cleaned up")
        self.assertTrue(os.path.exists(self.log(12, "checkpoint.parquet")))
        self.assertTrue(os.path.exists(self.log(12)))

    def test_log_cut_behind_a_broken_checkpoint(self):
        """delta-rs 2258, 4433: the commits that a broken checkpoint stood for were the only copy; they must stay."""
        self.create("k BIGINT", {"delta.logRetentionDuration": "interval 0 days",
                                 "delta.enableExpiredLogCleanup": "false", "delta.checkpointInterval": "4"})
        self.run_all(*(f"INSERT INTO {{t}} VALUES ({number})" for number in range(1, 5)))
        self.settle()
        with open(self.log(4, "checkpoint.parquet"), "r+b") as checkpoint:
            checkpoint.truncate(100)
        metadata = self.actions(0, "metaData")[0]
        metadata["configuration"].update({"delta.enableExpiredLogCleanup": "true", "delta.checkpointInterval": "2"})
        self.commit({"metaData": metadata})
        self.age(3)
        for number in range(5, 9):
            self.run_all(f"INSERT INTO {{t}} VALUES ({number})", session=self.open())
            self.check("SELECT count(*), max(k) FROM {t}", [[number, number]])

    def begin(self, *statements):
        other = self.open()
        self.run_all("BEGIN", *statements, session=other)
        return other

    def test_a_commit_below_a_cleaned_log_vanished(self):
        """ducklake 1472: what a transaction must be checked against was cleaned up before it committed; it then took a
        version below the checkpoint, reported success, and nobody ever read it."""
        for statement in ("INSERT INTO {t} VALUES (50, 'late')", "UPDATE {t} SET v = 'late' WHERE k = 1"):
            with self.subTest(statement):
                self.elsewhere()
                self.create("k BIGINT, v VARCHAR", {"delta.checkpointInterval": "4"})
                self.run_all("INSERT INTO {t} VALUES (1, 'old')")
                late = self.begin(statement)
                self.run_all("UPDATE {t} SET v = 'mine' WHERE k = 1", "INSERT INTO {t} VALUES (2, 'b')",
                             "INSERT INTO {t} VALUES (3, 'c')", "INSERT INTO {t} VALUES (4, 'd')")
                self.assertEqual(self.drop_commits_behind_checkpoint(), 4)
                self.assertEqual(late.answer("COMMIT")["error"]["kind"], "Conflict")
                self.check("SELECT k, v FROM {t} ORDER BY k", [["1", "mine"], ["2", "b"], ["3", "c"], ["4", "d"]])

    def test_own_clean_up_made_a_late_commit_vanish(self):
        """The same with nothing done by hand but the age of files: Tarn's own clean-up cuts the log under an open
        transaction."""
        self.create("k BIGINT, v VARCHAR", {"delta.checkpointInterval": "4",
                                            "delta.logRetentionDuration": "interval 0 days"})
        self.run_all("INSERT INTO {t} VALUES (1, 'old')")
        late = self.begin("UPDATE {t} SET v = 'late' WHERE k = 1")
        for number in range(2, 10):
            self.run_all(f"INSERT INTO {{t}} VALUES ({number}, 'x')")
            self.age(days=3)
        self.assertFalse(os.path.exists(self.log(2)))
        self.assertEqual(late.answer("COMMIT")["error"]["kind"], "Conflict")
        self.check("SELECT v FROM {t} WHERE k = 1", [["old"]])



@unittest.skipUnless(shutil.which("strace"), "strace holds a writer just before it commits: install it to run this")
class CompactionRace(WritingTest):
    def test_rows_deleted_while_compacting_came_back(self):
        """Iceberg 10312, Delta 3981, StarRocks 77709: a compaction that had read before a DELETE landed committed
        after it; the deleted rows were in the new file. Held just before its commit, it must look again."""
        for properties in (VECTORS, {"delta.enableDeletionVectors": "false"}):
            with self.subTest(properties):
                self.elsewhere()
                self.create("k BIGINT, v VARCHAR", properties)
                self.run_all(*(f"INSERT INTO {{t}} VALUES ({2 * n}, 'old'), ({2 * n + 1}, 'old')" for n in range(4)))
                target = self.log(self.version() + 1)
                optimize = subprocess.Popen(
                    ["strace", "-f", "-o", os.path.join(self.lake, "trace"), "-P", target, "-e",
                     "trace=renameat2,link,linkat", "-e", "inject=renameat2,link,linkat:delay_enter=3000000:when=1",
                     TARN, "sql", "--lake", self.lake, "--format", "jsonl", "-c", f"OPTIMIZE delta.`{self.root}`"],
                    stdout=subprocess.PIPE, text=True)
                limit = time.monotonic() + ANSWER_LIMIT_S
                while not glob.glob(glob.escape(self.root) + "/_delta_log/.tarn-tmp*"):
                    self.assertLess(time.monotonic(), limit)
                    self.assertIsNone(optimize.poll(), "it ended before it could be held")
                    time.sleep(0.01)
                self.run_all("DELETE FROM {t} WHERE k = 3", "UPDATE {t} SET v = 'new' WHERE k = 5",
                             "INSERT INTO {t} VALUES (8, 'late')")
                self.assertFalse(any("OPTIMIZE" in str(self.actions(version, "commitInfo"))
                                     for version in range(self.version() + 1)), "it committed first: nothing was held")
                answer, _ = optimize.communicate(timeout=ANSWER_LIMIT_S)
                if '"error"' in answer:
                    self.assertIn("Conflict", answer)
                self.check("SELECT v, count(*), count(DISTINCT k), sum(k) FROM {t} GROUP BY v ORDER BY v",
                           [["late", 1, 1, 8], ["new", 1, 1, 5], ["old", 6, 6, 20]])


if __name__ == "__main__":
    unittest.main()
