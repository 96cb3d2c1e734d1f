"""Clustering, ZORDER, REORG, VACUUM and CLONE beside processes that append, update and delete: no row of theirs is
lost, doubled or old, none changes its id, and each clone is a version of its source.

Naive code fails here: one that commits a rewrite over rows that were deleted or changed meanwhile.
"""
import collections
import os
import random
import sys
import tempfile
import threading
import unittest

import deltalake

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(os.path.dirname(HERE), "golden"))
import lake  # noqa: E402

WRITERS, STATEMENTS, STRETCH, OWN = 3, 15, 1_000_000, 2000
UPKEEP = ("OPTIMIZE {t}", "REORG TABLE {t} APPLY (PURGE)", "CREATE OR REPLACE TABLE shallow SHALLOW CLONE {t}",
          "CREATE OR REPLACE TABLE deep DEEP CLONE {t}", "VACUUM {t}", "OPTIMIZE {t} {whole}")
PROPERTIES = ("'delta.enableDeletionVectors' = '{vectors}', 'delta.enableRowTracking' = 'true', "
              "'delta.targetFileSize' = '64kb'")


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
        self.table = f"delta.`{self.root}`"
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

    def check(self, clause, whole, vectors):
        self.lake.run(f"CREATE TABLE {self.table} (k BIGINT, v BIGINT) {clause} "
                      f"TBLPROPERTIES ({PROPERTIES.format(vectors=vectors)})")
        writers = [Writer(number, self.folder, self.table) for number in range(WRITERS)]
        for writer in writers:
            self.addCleanup(writer.lake.close)
            writer.done(f"INSERT INTO {self.table} SELECT i, 0 FROM range({writer.next}, {writer.next + OWN}) r(i)")
            writer.rows = dict.fromkeys(range(writer.next, writer.next + OWN), 0)
            writer.next += OWN
        before = self.ids()
        for writer in writers:
            writer.start()
        done = self.tend(writers, whole)
        for writer in writers:
            writer.join()
            self.assertIsNone(writer.failure)
        self.assertEqual(set(done), set(UPKEEP))
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
        print(clause, vectors, dict(done), "conflicts of writers:", sum(writer.conflicts for writer in writers))

    def test_a_clustered_table(self):
        self.check("CLUSTER BY (v)", "FULL", "true")

    def test_a_clustered_table_without_vectors(self):
        self.check("CLUSTER BY (v)", "FULL", "false")

    def test_a_plain_table_along_a_curve(self):
        self.check("", "ZORDER BY (v, k)", "true")


if __name__ == "__main__":
    unittest.main()
