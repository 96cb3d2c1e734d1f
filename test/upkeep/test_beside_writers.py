"""Clustering, ZORDER, REORG, VACUUM, CLONE, RESTORE and `tarn table maintain` beside processes that append, update and
delete: no row of theirs is lost, doubled or old, none changes its id, each clone is a version of its source, and each
restored table is the version that was named.

Naive code fails here: one that commits a rewrite over rows that were deleted or changed meanwhile.
"""
import collections
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import unittest

import deltalake

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(os.path.dirname(HERE), "golden"))
import lake  # noqa: E402

WRITERS, STATEMENTS, STRETCH, OWN = 3, 15, 1_000_000, 2000
MAINTAIN_LIMIT_S = 120
UPKEEP = ("OPTIMIZE {t}", "REORG TABLE {t} APPLY (PURGE)", "CREATE OR REPLACE TABLE shallow SHALLOW CLONE {t}",
          "CREATE OR REPLACE TABLE deep DEEP CLONE {t}", "VACUUM {t}", "OPTIMIZE {t} {whole}")
PROPERTIES = ("'delta.enableDeletionVectors' = '{vectors}', 'delta.enableRowTracking' = 'true', "
              "'delta.targetFileSize' = '{size}'")
SIZE = "64kb"


class Writer(threading.Thread):
    """Changes rows of its own stretch of keys, and knows what they must be."""

    def __init__(self, number, folder, table):
        super().__init__()
        self.chance, self.table, self.lake = random.Random(number), table, lake.Lake(folder)
        self.next, self.rows, self.conflicts, self.failure = number * STRETCH, {}, 0, None

    def run(self):
        try:
            for _ in range(STATEMENTS):
                self.step()
        except Exception as failure:  # told where it is asked for
            self.failure = failure

    def step(self):
        part, which = self.chance.randrange(11), self.chance.randrange(3)
        mine = f"k >= {self.next // STRETCH * STRETCH} AND k < {self.next // STRETCH * STRETCH + STRETCH}"
        if which == 0 or not self.rows:
            if self.done(f"INSERT INTO {self.table} SELECT i, 0 FROM range({self.next}, {self.next + OWN}) r(i)"):
                self.rows.update(dict.fromkeys(range(self.next, self.next + OWN), 0))
                self.next += OWN
        elif which == 1 and self.done(f"UPDATE {self.table} SET v = v + 1 WHERE k % 11 = {part} AND {mine}"):
            self.rows.update({key: self.rows[key] + 1 for key in self.rows if key % 11 == part})
        elif which == 2 and self.done(f"DELETE FROM {self.table} WHERE k % 11 = {part} AND {mine}"):
            self.rows = {key: value for key, value in self.rows.items() if key % 11 != part}

    def done(self, statement):
        try:
            self.lake.run(statement)
        except RuntimeError as refusal:
            if not str(refusal).startswith("Conflict"):
                raise
            self.conflicts += 1
            return False
        return True


class BesideWriters(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder, self.root = folder.name, os.path.join(folder.name, "a table")
        self.table, self.history = f"delta.`{self.root}`", f"table_history('delta.\"{self.root}\"')"
        self.lake = lake.Lake(self.folder)
        self.addCleanup(self.lake.close)

    def ids(self):
        """By key; no two rows have one."""
        answer = self.lake.run(f"SELECT k, _metadata.row_id AS id FROM {self.table}")
        found = {int(row["k"]): row["id"] for row in answer}
        self.assertEqual(len(set(found.values())), len(answer))
        return found

    def tend(self, writers, whole):
        """Until they are done, and once more; gives how often each was done."""
        done = collections.Counter()
        while True:
            is_last = not any(writer.is_alive() for writer in writers)
            for statement in UPKEEP:
                try:
                    self.lake.run(statement.format(t=self.table, whole=whole))
                except RuntimeError as refusal:
                    self.assertRegex(str(refusal), "^Conflict")
                    continue
                done[statement] += 1
                if "CLONE" in statement:
                    self.check_clone(statement.split()[4])
            if is_last:
                return done

    def check_clone(self, name):
        source = self.lake.run(f"SELECT operationParameters['sourceVersion'] AS v FROM table_history('{name}') LIMIT 1")
        rows = "SELECT count(*) AS n, sum(CAST(hash(k, v) AS HUGEINT)) AS hashes FROM "
        wanted = self.lake.run(f"{rows}{self.table} VERSION AS OF {source[0]['v']}")
        self.assertEqual(self.lake.run(rows + name), wanted)

    def maintain(self, writers):
        """The same by processes of `tarn table maintain`; gives how often each of its steps was done."""
        done = collections.Counter()
        while True:
            is_last = not any(writer.is_alive() for writer in writers)
            run = subprocess.run([lake.TARN, "table", "maintain", "--lake", self.folder, "--format", "json"],
                                 capture_output=True, text=True, timeout=MAINTAIN_LIMIT_S, check=False)
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
            done.update(step["action"] for step in json.loads(run.stdout)["steps"] if step["state"] == "done")
            if is_last:
                return done

    def restore(self, writers):
        """To versions of a while ago, until the writers are done; gives how often."""
        chance, done = random.Random(7), 0
        while any(writer.is_alive() for writer in writers):
            latest = self.versions()[-1]
            wanted = chance.randrange(max(1, latest - 6), latest + 1)
            try:
                self.lake.run(f"RESTORE TABLE {self.table} TO VERSION AS OF {wanted}")
            except RuntimeError as refusal:
                self.assertRegex(str(refusal), "^Conflict")
                continue
            done += 1
        return done

    def versions(self):
        answer = self.lake.run(f"SELECT version FROM {self.history} ORDER BY version")
        return [int(row["version"]) for row in answer]

    def only_in(self, one, other):
        """How many rows of a version another has not."""
        rows = [f"(SELECT k, v FROM {self.table} VERSION AS OF {version})" for version in (one, other)]
        return int(self.lake.run(f"SELECT count(*) AS n FROM ({rows[0]} EXCEPT ALL {rows[1]})")[0]["n"])

    def check_history(self):
        """Each version is the one before it and what its statement says; a restored one is what it names."""
        names = ("numDeletedRows", "numUpdatedRows", "numOutputRows")
        metrics = ", ".join(f"operationMetrics['{name}'] AS {name}" for name in names)
        history = self.lake.run(f"SELECT version, operation, operationParameters['version'] AS wanted, {metrics} "
                                f"FROM {self.history} WHERE version > 0 ORDER BY version")
        seen = collections.Counter(row["operation"] for row in history)
        for row in history:
            version, before = int(row["version"]), int(row["version"]) - 1
            lost, gained = self.only_in(before, version), self.only_in(version, before)
            expected = {
                "WRITE": lambda: (0, int(row["numOutputRows"])),
                "DELETE": lambda: (int(row["numDeletedRows"]), 0),
                "UPDATE": lambda: (int(row["numUpdatedRows"]),) * 2,
                "RESTORE": lambda: (lost, gained),
            }[row["operation"]]()
            self.assertEqual((lost, gained), expected, row)
            if row["operation"] == "RESTORE":
                wanted = int(row["wanted"])
                self.assertEqual((self.only_in(wanted, version), self.only_in(version, wanted)), (0, 0), row)
        return seen

    def in_the_lake(self):
        """What `tarn table maintain` tends, which knows no tables by their paths."""
        self.table, self.history = "main.t", "table_history('main.t')"

    def purged(self):
        """How many deletion vectors were written out of the table's files, by each operation."""
        answer = self.lake.run(f"SELECT operation, sum(CAST(operationMetrics['numDeletionVectorsRemoved'] AS BIGINT)) "
                               f"AS n FROM {self.history} WHERE operation IN ('REORG', 'OPTIMIZE') GROUP BY ALL")
        return {row["operation"]: int(row["n"]) for row in answer}

    def check(self, clause, vectors, tend, expected, size=SIZE):
        self.lake.run(f"CREATE TABLE {self.table} (k BIGINT, v BIGINT) {clause} "
                      f"TBLPROPERTIES ({PROPERTIES.format(vectors=vectors, size=size)})")
        [detail] = self.lake.run(f"DESCRIBE DETAIL {self.table}")
        self.root = detail["location"]
        writers = [Writer(number, self.folder, self.table) for number in range(WRITERS)]
        for writer in writers:
            self.addCleanup(writer.lake.close)
            writer.done(f"INSERT INTO {self.table} SELECT i, 0 FROM range({writer.next}, {writer.next + OWN}) r(i)")
            writer.rows = dict.fromkeys(range(writer.next, writer.next + OWN), 0)
            writer.next += OWN
        before = self.ids()
        for writer in writers:
            writer.start()
        done = tend(writers)
        for writer in writers:
            writer.join()
            self.assertIsNone(writer.failure)
        self.assertLessEqual(set(expected), set(done))
        wanted = {key: value for writer in writers for key, value in writer.rows.items()}
        answer = self.lake.run(f"SELECT k, v FROM {self.table}")
        found = {int(row["k"]): int(row["v"]) for row in answer}
        self.assertEqual(len(found), len(answer))
        self.assertTrue(found == wanted, f"{len(found)} rows for {len(wanted)}")
        after = self.ids()
        moved = [key for key in before if after.get(key, before[key]) != before[key]]
        self.assertEqual(moved, [])
        counted = deltalake.QueryBuilder().register("t", deltalake.DeltaTable(self.root)).execute(
            "SELECT count(*) AS n, sum(v) AS v FROM t").read_all()
        self.assertEqual([column[0].as_py() for column in counted.columns], [len(wanted), sum(wanted.values())])
        print(clause, vectors, size, dict(done), "purged:", self.purged(),
              "conflicts of writers:", sum(writer.conflicts for writer in writers))

    def test_restore(self):
        self.lake.run(f"CREATE TABLE {self.table} (k BIGINT, v BIGINT) "
                      f"TBLPROPERTIES ({PROPERTIES.format(vectors='true', size=SIZE)})")
        writers = [Writer(number, self.folder, self.table) for number in range(WRITERS)]
        for writer in writers:
            self.addCleanup(writer.lake.close)
            writer.done(f"INSERT INTO {self.table} SELECT i, 0 FROM range({writer.next}, {writer.next + OWN}) r(i)")
            writer.next += OWN
        for writer in writers:
            writer.start()
        done = self.restore(writers)
        for writer in writers:
            writer.join()
            self.assertIsNone(writer.failure)
        seen = self.check_history()
        self.assertEqual(seen["RESTORE"], done)
        self.assertGreater(done, 3, seen)
        self.assertGreater(seen["UPDATE"] + seen["DELETE"], 3, seen)
        counted = deltalake.QueryBuilder().register("t", deltalake.DeltaTable(self.root)).execute(
            "SELECT count(*) AS n FROM t").read_all()
        [mine] = self.lake.run(f"SELECT count(*) AS n FROM {self.table}")
        self.assertEqual(str(counted[0][0].as_py()), mine["n"])
        print("restored:", done, dict(seen), "conflicts of writers:", sum(writer.conflicts for writer in writers))

    def check_statements(self, clause, whole, vectors):
        self.check(clause, vectors, lambda writers: self.tend(writers, whole), UPKEEP)
        # What was deleted was hidden by vectors, and these were purged while others wrote.
        self.assertEqual(sum(self.purged().values()) > 0, vectors == "true")

    def test_a_clustered_table(self):
        self.check_statements("CLUSTER BY (v)", "FULL", "true")

    def test_a_clustered_table_without_vectors(self):
        self.check_statements("CLUSTER BY (v)", "FULL", "false")

    def test_a_plain_table_along_a_curve(self):
        self.check_statements("", "ZORDER BY (v, k)", "true")

    def test_maintenance_of_a_plain_table(self):
        self.in_the_lake()
        self.check("", "true", self.maintain, ("compact", "checkpoint"))

    def test_maintenance_of_a_clustered_table(self):
        self.in_the_lake()
        self.check("CLUSTER BY (v)", "true", self.maintain, ("cluster", "checkpoint"))

    def test_maintenance_purges_vectors(self):
        # Each file of an INSERT is large enough to stay as it is, but for its deleted rows.
        self.in_the_lake()
        self.check("", "true", self.maintain, ("purge", "checkpoint"), "4kb")
        self.assertGreater(self.purged()["OPTIMIZE"], 0)

    def test_maintenance_of_tiny_files(self):
        """It ended with an error where writers touched some file each time."""
        self.in_the_lake()
        self.check("", "true", self.maintain, ("compact", "checkpoint"), "8kb")


if __name__ == "__main__":
    unittest.main()
