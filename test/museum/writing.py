"""What the tests of writers share: sessions of the binary that stay open, and a look at what they left on disk."""
import glob
import json
import os
import subprocess
import tempfile
import unittest

import pyarrow.parquet

HERE = os.path.dirname(os.path.abspath(__file__))
TARN = os.environ.get("TARN_BIN", os.path.join(os.path.dirname(os.path.dirname(HERE)), "build", "release", "tarn"))
VECTORS = {"delta.enableDeletionVectors": "true"}
ANSWER_LIMIT_S = 60


class Session:
    """A `tarn sql` that answers one statement after another; {t} is the table."""

    def __init__(self, lake, table):
        self.table = table
        self.process = subprocess.Popen([TARN, "sql", "--lake", lake, "--format", "jsonl", "--keep-going", "-"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def answer(self, statement):
        self.process.stdin.write(statement.replace("{t}", f"delta.`{self.table}`") + ";\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError(f"no answer to {statement}")
        return json.loads(line)

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(ANSWER_LIMIT_S)
        finally:
            self.process.kill()
            self.process.stdout.close()


class WritingTest(unittest.TestCase):
    """One table in a folder; every test ends with a process of its own that reads it anew."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.lake = folder.name
        self.root = os.path.join(folder.name, "a table")
        self.session = self.open()

    def open(self):
        session = Session(self.lake, self.root)
        self.addCleanup(session.close)
        return session

    def settle(self):
        """Until what comes behind the commits of the test's own session, its checkpoints too, is done."""
        self.session.close()
        self.session = self.open()

    def elsewhere(self):
        """From here on the table is a new one in another folder."""
        self.root += " more"
        self.session.table = self.root

    def run_all(self, *statements, session=None):
        """Runs what must succeed; gives the last answer."""
        for statement in statements:
            answer = (session or self.session).answer(statement)
            self.assertNotIn("error", answer, statement)
        return answer

    def refused(self, statement, *kinds, session=None):
        answer = (session or self.session).answer(statement)
        self.assertIn("error", answer, statement)
        self.assertIn(answer["error"]["kind"], kinds, answer["error"]["message"])

    def create(self, columns, properties=None, clauses=""):
        listed = ", ".join(f"'{key}' = '{value}'" for key, value in (properties or {}).items())
        self.run_all(f"CREATE TABLE {{t}} ({columns}) {clauses}" + (f" TBLPROPERTIES ({listed})" if listed else ""))

    def rows(self, select, session=None):
        """What a new process reads, unless a session is named; everything as text."""
        reader = session or Session(self.lake, self.root)
        try:
            return self.run_all(select, session=reader)["rows"]
        finally:
            if session is None:
                reader.close()

    def check(self, select, expected):
        self.assertEqual(self.rows(select), [[None if cell is None else str(cell) for cell in row] for row in expected])

    def log(self, version, kind="json"):
        return os.path.join(self.root, "_delta_log", f"{version:020}.{kind}")

    def version(self):
        commits = glob.glob(glob.escape(self.root) + "/_delta_log/*.json")
        return max(int(os.path.basename(name)[:20]) for name in commits)

    def actions(self, version, kind=None):
        """The actions of a commit; those of one kind without their envelope."""
        with open(self.log(version)) as lines:
            read = [json.loads(line) for line in lines]
        return [action[kind] for action in read if kind in action] if kind else read

    def write_version(self, version, actions):
        with open(self.log(version), "w") as log:
            log.writelines(json.dumps(action) + "\n" for action in actions)

    def commit(self, *actions):
        """A commit of somebody else, on top of what there is."""
        self.write_version(self.version() + 1, [{"commitInfo": {"operation": "WRITE", "engineInfo": "hand"}}, *actions])

    def data_file(self, name, table, **layout):
        """Writes a data file and gives the add action of it, without statistics but the count."""
        path = os.path.join(self.root, name)
        pyarrow.parquet.write_table(table, path, **layout)
        return {"add": {"path": name, "partitionValues": {}, "size": os.path.getsize(path), "modificationTime": 1,
                        "dataChange": True, "stats": json.dumps({"numRecords": table.num_rows})}}

    def check_one_entry_per_file(self):
        """What is live by path and vector; a remove that does not name the vector leaves the old entry."""
        live = {}
        for version in range(self.version() + 1):
            for action in self.actions(version, "remove"):
                live.pop((action["path"], str(action.get("deletionVector"))), None)
            for action in self.actions(version, "add"):
                live[(action["path"], str(action.get("deletionVector")))] = action
        paths = [path for path, _ in live]
        self.assertEqual(len(paths), len(set(paths)), paths)

    def drop_commits_behind_checkpoint(self):
        """What log clean-up leaves: the last checkpoint, its version, and what follows."""
        self.settle()
        checkpoints = glob.glob(glob.escape(self.root) + "/_delta_log/*.checkpoint*parquet")
        self.assertTrue(checkpoints)
        last = max(int(os.path.basename(name)[:20]) for name in checkpoints)
        for version in range(last):
            for kind in ("json", "crc", "checkpoint.parquet"):
                if os.path.exists(self.log(version, kind)):
                    os.remove(self.log(version, kind))
        return last
