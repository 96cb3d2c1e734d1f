"""One `tarn sql` that answers statement by statement, and rows as multisets."""
import collections
import glob
import json
import os
import shutil
import subprocess
import tempfile
import urllib.parse

import pyarrow.parquet

import cells

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TARN = os.environ.get("TARN_BIN", os.path.join(ROOT, "build", "release", "tarn"))


class Kept:
    """A folder of somebody else, which stays."""

    def __init__(self, name):
        self.name = name

    def cleanup(self):
        pass


class Lake:
    """One `tarn sql` in conversation: a statement in, its answer line out. Its lake goes with it, but for a folder that
    was given."""

    def __init__(self, folder=None):
        self.folder = Kept(folder) if folder else tempfile.TemporaryDirectory()
        self.process = subprocess.Popen(
            [TARN, "sql", "--lake", self.folder.name, "--format", "jsonl", "--keep-going", "-"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=30)
        self.process.stdout.close()
        self.folder.cleanup()

    def rows(self, query):
        """The query's rows with their types, by way of a Parquet file."""
        target = os.path.join(self.folder.name, "answer.parquet")
        self.run(f"COPY ({query}) TO '{target}' (FORMAT parquet)")
        return pyarrow.parquet.ParquetFile(target).read()

    def run(self, statement):
        """The statement's rows as objects of text."""
        self.process.stdin.write(statement + ";\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("tarn sql ended")
        answer = json.loads(line)
        if "error" in answer:
            raise RuntimeError(f"{answer['error']['kind']}: {answer['error']['message']}")
        names = [column["name"] for column in answer.get("columns", [])]
        return [dict(zip(names, row)) for row in answer.get("rows", [])]

    def filled_in(self, path, template):
        """A copy of a table whose log names a folder of its own by a mark."""
        mark, folder = template
        copy = os.path.join(self.folder.name, "filled in", os.path.basename(path))
        shutil.copytree(path, copy, dirs_exist_ok=True)
        for commit in glob.glob(os.path.join(copy, "_delta_log", "*.json")):
            with open(commit) as text:
                lines = text.read()
            with open(commit, "w") as text:
                text.write(lines.replace(mark, urllib.parse.quote(os.path.join(copy, folder))))
        return copy


def comparable(table):
    """A table with types as its names and the multiset of its rows."""
    names = sorted(table.column_names)
    columns = [[cells.exact(value) for value in table.column(name).to_pylist()] for name in names]
    return names, bag(zip(*columns))


def bag(rows):
    return collections.Counter(json.dumps(row, sort_keys=True) for row in rows)
