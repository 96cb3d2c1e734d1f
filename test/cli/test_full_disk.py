"""A disk that is full, or nearly: tables stay readable at their last version, and the next run goes on."""

import os
import subprocess
import tempfile
import unittest

from lake import LakeTest, tarn

DISK_KIB = 24 * 1024
ROWS = 2000


def fill(path, leave_kib):
    """Writes until the disk is full, then gives `leave_kib` back."""
    with open(path, "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass
        file.truncate(max(0, file.tell() - leave_kib * 1024))


class FullDisk(LakeTest):
    def setUp(self):
        self.temp = tempfile.TemporaryDirectory()
        self.disk = self.temp.name
        self.addCleanup(self.temp.cleanup)
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={DISK_KIB}k", "tmpfs", self.disk],
            capture_output=True, text=True, check=False,
        )
        if mounted.returncode != 0:
            self.skipTest("a tmpfs cannot be mounted (run as root): " + mounted.stderr.strip())
        self.addCleanup(subprocess.run, ["umount", "-l", self.disk], check=True)
        self.lake = os.path.join(self.disk, "lake")
        self.filler = os.path.join(self.disk, "filler")
        self.write("tarn.yml", "name: tiny\n")
        self.write("sources/s.yml", "name: s\nroot: landing\ntables:\n"
                   "  - {table: bronze.t, path: '*.csv', format: csv}\n")
        self.write("models/silver/t.sql", "select a::bigint as a, b from {{ source('bronze', 't') }}\n")
        self.land(1)
        self.run_lake("ingest")
        self.run_lake("build")

    def tearDown(self):
        """Nothing yet: the folder goes once its disk is unmounted, in the clean-ups."""

    def write(self, name, text):
        path = os.path.join(self.lake, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def land(self, number):
        """A file of rows that do not compress."""
        rows = (f"{i},{os.urandom(24).hex()}\n" for i in range(ROWS))
        self.write(f"landing/{number}.csv", "a,b\n" + "".join(rows))

    def run_lake(self, command):
        return tarn(command, "--lake", self.lake)

    def counts(self):
        answers = [self.sql(f"select count(*) from {table}", "--format", "csv")
                   for table in ("bronze.t", "silver.t")]
        self.assertEqual([run.stderr for run in answers], ["", ""])
        return [int(run.stdout.split()[1]) for run in answers]

    def test_a_full_disk_is_told_with_its_remedy_and_tables_stay_readable(self):
        self.land(2)
        fill(self.filler, 0)
        for command in ("ingest", "build"):
            run = self.run_lake(command)
            self.assertEqual(run.returncode, 1, run)
            self.assertIn("LimitExceeded", run.stderr)
            self.assertIn("make room", run.stderr)
        run = self.sql("insert into bronze.t (a) values ('1')")
        self.assertEqual(run.returncode, 1, run)
        self.assertIn("make room", run.stderr)
        self.assertEqual(self.counts(), [ROWS, ROWS])
        os.remove(self.filler)
        self.assertEqual(self.run_lake("ingest").returncode, 0)
        self.assertEqual(self.run_lake("build").returncode, 0)
        self.assertEqual(self.counts(), [2 * ROWS, 2 * ROWS])

    def test_wherever_the_room_ends_nothing_is_lost_or_doubled(self):
        """Each step of the room left ends the writes at another place."""
        landed = 1
        ended = set()
        for leave_kib in (4, 16, 32, 40, 48, 64, 96, 128, 160, 192, 256, 320, 400):
            self.land(landed + 1)
            before = self.counts()
            fill(self.filler, leave_kib)
            runs = [self.run_lake(command) for command in ("ingest", "build")]
            ended.add(tuple(run.returncode for run in runs))
            for run in runs:
                self.assertIn(run.returncode, (0, 1), run)
                if run.returncode == 1:
                    self.assertIn("LimitExceeded", run.stdout + run.stderr, leave_kib)
            for now, then in zip(self.counts(), before):
                self.assertIn(now, (then, then + ROWS), leave_kib)
            os.remove(self.filler)
            landed += 1
            for command in ("ingest", "build"):
                run = self.run_lake(command)
                self.assertEqual(run.returncode, 0, run)
            self.assertEqual(self.counts(), [landed * ROWS, landed * ROWS])
        self.assertGreater(len(ended), 1, "no step made a difference")


if __name__ == "__main__":
    unittest.main()
