"""VACUUM against a replay of the log by other code (replay.py): after random histories, with a retention that ends
between two of their commits, the files on disk are exactly those that it may not take, DRY RUN lists exactly what the
run takes, every version within the retention reads as before, and so do shallow clones.

Naive code fails here: one that takes all that the newest version does not name (versions within the retention become
unreadable), one that knows of data files only (vectors, recorded changes), one that lists other files than it deletes,
one that does not ask clones.
"""
import collections
import os
import random
import sys
import tempfile
import time
import unittest

import deltalake

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(os.path.dirname(HERE), "golden"))
import lake  # noqa: E402
import replay  # noqa: E402

SEEDS = range(40) if os.environ.get("TARN_LONG") == "1" else range(6)
ROUNDS, STATEMENTS, ROWS = 3, 6, 12_000
# The retention ends within a pause of all writers; so long may a VACUUM take to look at the clock.
PAUSE_S, MARGIN_S = 2.0, 0.2
HOUR_S = 3600
LONG_AGO_S = 10 * 24 * HOUR_S
GROUPS = "CASE i % 4 WHEN 0 THEN 'a b' WHEN 1 THEN 'x%20y' WHEN 2 THEN 'e=/f' END"
FEED = "delta.enableChangeDataFeed"


class History:
    """A random table of a lake, what it holds at each version, and clones of it."""

    def __init__(self, seed, folder):
        self.chance = random.Random(seed)
        self.root = os.path.join(folder, "a table")
        self.folder, self.table = folder, f"delta.`{self.root}`"
        self.next_key, self.clones, self.not_ours = 0, {}, set()
        self.open()
        self.properties = {
            "delta.enableDeletionVectors": self.coin(), FEED: self.coin(),
            "delta.enableRowTracking": self.coin(), "delta.checkpointInterval": self.chance.choice((2, 3, 1000)),
            "delta.checkpointPolicy": self.chance.choice(("classic", "v2")),
            "delta.columnMapping.mode": self.chance.choice(("none", "name"))}
        listed = ", ".join(f"'{key}' = '{value}'" for key, value in self.properties.items())
        clause = self.chance.choice(("", "PARTITIONED BY (g)"))
        self.run(f"CREATE TABLE {self.table} (k BIGINT, g STRING, v BIGINT) {clause} TBLPROPERTIES ({listed})")
        self.append(ROWS)

    def open(self):
        self.lake = lake.Lake(self.folder)
        self.run("SET spark.databricks.delta.retentionDurationCheck.enabled = false")

    def reopen(self):
        self.lake.close()
        self.open()

    @property
    def has_feed(self):
        return self.properties[FEED] == "true"

    def coin(self):
        return self.chance.choice(("true", "false"))

    def run(self, statement):
        return self.lake.run(statement)

    def source(self, first, count):
        return f"SELECT i AS k, {GROUPS} AS g, i AS v FROM range({first}, {first + count}) r(i)"

    def append(self, count=100):
        self.run(f"INSERT INTO {self.table} {self.source(self.next_key, count)}")
        self.next_key += count

    def step(self, readable):
        """One statement; RESTORE goes to one of the versions that can still be read."""
        which, part, table = self.chance.randrange(11), self.chance.randrange(7), self.table
        if which < 2:
            self.append()
        elif which < 4:
            self.run(f"DELETE FROM {table} WHERE hash(k) % 7 = {part}")
        elif which == 4:
            self.run(f"UPDATE {table} SET v = v + 1 WHERE hash(k) % 7 = {part}")
        elif which == 5:
            self.run(f"MERGE INTO {table} t USING ({self.source(self.next_key - 50, 100)}) s ON t.k = s.k "
                     "WHEN MATCHED AND s.k % 3 = 0 THEN DELETE WHEN MATCHED THEN UPDATE SET v = -1 "
                     "WHEN NOT MATCHED THEN INSERT *")
            self.next_key += 50
        elif which == 6:
            self.run(self.chance.choice((f"OPTIMIZE {table}", f"OPTIMIZE {table} ZORDER BY (v)",
                                         f"REORG TABLE {table} APPLY (PURGE)")))
        elif which == 7:
            self.run(f"RESTORE TABLE {table} TO VERSION AS OF {self.chance.choice(readable)}")
        elif which == 8:
            self.run(f"INSERT OVERWRITE {table} {self.source(0, 500)}")
        else:
            self.clone()

    def clone(self):
        """A shallow clone in the lake, that then goes its own way."""
        name = f"clone{len(self.clones)}"
        self.clones[name] = os.path.join(self.folder, name)
        self.run(f"CREATE TABLE {name} SHALLOW CLONE {self.table} LOCATION '{self.clones[name]}'")
        for statement in self.chance.sample((f"DELETE FROM {name} WHERE hash(k) % 5 = 1",
                                             f"UPDATE {name} SET v = 7 WHERE k < 20",
                                             f"INSERT OVERWRITE {name} {self.source(0, 10)}",
                                             f"OPTIMIZE {name}"), 2):
            self.run(statement)

    def litter(self):
        """Files of nobody, old and young, where they are VACUUM's affair and where they are not."""
        number = self.chance.randrange(10 ** 9)
        for folder, is_ours in (("", True), ("_change_data", True), ("g=a%20b", True), ("_hidden", False)):
            for age_s in (LONG_AGO_S, 0):
                path = os.path.join(self.root, folder, f"part-{number}-{age_s}.parquet")
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w") as file:
                    file.write("rows of nobody")
                os.utime(path, (time.time() - age_s,) * 2)
                if not is_ours:
                    self.not_ours.add(path)

    def on_disk(self):
        found = {}
        for folder, _, names in os.walk(self.root):
            if os.path.basename(folder) != "_delta_log" and "/_delta_log/" not in folder:
                found.update({os.path.join(folder, name): os.stat(os.path.join(folder, name)) for name in names})
        return found

    def rows(self, root, version):
        """How many, and the sum of their hashes: of a multiset."""
        return self.run("SELECT count(*) AS rows, sum(CAST(hash(k, g, v) AS HUGEINT)) AS hashes "
                        f"FROM delta.`{root}` VERSION AS OF {version}")

    def changes(self, first):
        return self.run("SELECT count(*) AS rows, sum(CAST(hash(k, g, v, _change_type, _commit_version) AS HUGEINT)) "
                        f"AS hashes FROM table_changes_by_path('{self.root}', {first})")


class VacuumReplay(unittest.TestCase):
    seen = collections.Counter()

    def check(self, seed):
        with tempfile.TemporaryDirectory() as folder:
            self.history = History(seed, folder)
            try:
                self.vacuum_between_writes()
            finally:
                self.history.lake.close()

    def vacuum_between_writes(self):
        history, pauses, readable = self.history, [], [1]
        for _ in range(ROUNDS):
            for is_paused in (True, False):
                for _ in range(STATEMENTS):
                    history.step(readable)
                    readable = [*readable, *range(readable[-1] + 1, replay.Log(history.root).last + 1)]
                history.litter()
                if is_paused:
                    pauses.append(time.time())
                    time.sleep(PAUSE_S)
            time.sleep(MARGIN_S)  # longer than a tick of the file system's clock
            self.check_replay()
            pause_s = history.chance.choice((*pauses, None))
            readable = self.vacuum(readable, pause_s)

    def check_replay(self):
        """The replay itself: checkpoints and delta-rs name the same files."""
        log = replay.Log(self.history.root)
        data = [{path for path in log.live(version) if path.endswith(".parquet")} for version in range(log.last + 1)]
        for version, files in log.checkpoints():
            self.assertEqual(files, data[version], f"checkpoint {version}")
        theirs = deltalake.DeltaTable(self.history.root).file_uris()
        self.assertEqual({os.path.basename(path) for path in theirs},
                         {os.path.basename(path) for path in data[log.last]}, "delta-rs")

    def vacuum(self, readable, pause_s):
        """With a retention that ends in that pause, or now. Gives the versions that can still be read."""
        history = self.history
        self.vacuum_a_clone()
        cut_s = time.time() if pause_s is None else pause_s + MARGIN_S
        log, there = replay.Log(history.root), history.on_disk()
        logs = [log, *(replay.Log(root) for root in history.clones.values())]
        needed = set().union(*(one.needed_since(cut_s) for one in logs))
        old = {path for path, stat in there.items() if stat.st_mtime < cut_s} - history.not_ours
        # But for those that an earlier run with a shorter retention took files of.
        rows = {(one.root, version): history.rows(one.root, version) for one in logs
                for version in range(one.first_since(cut_s), one.last + 1) if one.is_whole(version)}
        first = log.first_since(cut_s)
        has_feed = history.has_feed and first < log.last and all(map(os.path.exists, log.needed_since(cut_s)))
        feed = history.changes(first + 1) if has_feed else None

        def run(clauses):
            began_s = time.time()
            hours = 0 if pause_s is None else (began_s - cut_s) / HOUR_S
            answer = history.run(f"VACUUM {history.table} {clauses.format(f'RETAIN {hours:.9f} HOURS')}")
            took_s = time.time() - began_s
            if pause_s is not None and cut_s + took_s >= pause_s + PAUSE_S:  # its retention may have ended elsewhere
                self.seen["too slow"] += 1
                self.skipTest(f"VACUUM took {took_s:.1f} s, the writers pause {PAUSE_S} s: needs a quieter machine")
            return {row["path"]: row for row in answer}

        lite, listed = run("LITE {} DRY RUN"), run("{} DRY RUN")
        self.assertEqual(set(history.on_disk()), set(there), "DRY RUN")
        self.assertEqual(set(lite), (old & log.once_named()) - needed, "what LITE lists")
        self.assertEqual(set(listed), old - needed, "what DRY RUN lists")
        for path, row in listed.items():
            self.assertEqual(int(row["sizeInBytes"]), there[path].st_size, path)
        told = run("{}")[history.root]
        gone = set(there) - set(history.on_disk())
        self.assertEqual(gone, set(listed), "what the run takes and DRY RUN listed")
        self.assertEqual((int(told["numDeletedFiles"]), int(told["sizeOfDeletedData"])),
                         (len(gone), sum(there[path].st_size for path in gone)))
        self.seen["taken"] += len(gone)
        self.seen["kept for clones"] += len(old & (needed - log.needed_since(cut_s)))
        self.seen["old versions kept"] += log.last - first
        self.check_versions(readable, rows, feed, first)
        log = replay.Log(history.root)
        return [version for version in range(1, log.last + 1) if log.is_whole(version)]

    def vacuum_a_clone(self):
        """It takes what is the clone's, and nothing of its source."""
        history = self.history
        if history.clones:
            before = set(history.on_disk())
            name = history.chance.choice(sorted(history.clones))
            rows = history.run(f"SELECT * FROM {name} ORDER BY ALL")
            time.sleep(MARGIN_S)
            history.run(f"VACUUM {name} RETAIN 0 HOURS")
            self.assertEqual(set(history.on_disk()), before, "the source behind a VACUUM of its clone")
            self.assertEqual(history.run(f"SELECT * FROM {name} ORDER BY ALL"), rows)

    def check_versions(self, readable, rows, feed, first):
        """Within the retention all is as it was, by a process of its own; beyond it a version is whole or refused."""
        history = self.history
        history.reopen()
        for (root, version), wanted in rows.items():
            self.assertEqual(history.rows(root, version), wanted, f"{os.path.basename(root)}, version {version}")
        if feed is not None:
            self.assertEqual(history.changes(first + 1), feed)
        log = replay.Log(history.root)
        for version in readable:
            if version < first and not log.is_whole(version):
                with self.assertRaisesRegex(RuntimeError, "^NotFound"):
                    history.rows(history.root, version)


    @classmethod
    def tearDownClass(cls):
        print(dict(cls.seen))
        wanted = ("taken", "kept for clones", "old versions kept")
        assert cls.seen["too slow"] or all(cls.seen[what] for what in wanted), cls.seen


def add_tests():
    for seed in SEEDS:
        setattr(VacuumReplay, f"test_history_{seed}", lambda self, seed=seed: self.check(seed))


add_tests()

if __name__ == "__main__":
    unittest.main()
