"""What the log of a Delta table says, replayed apart from Tarn: which files each version needs. Paths are whole."""
import glob
import json
import os
import re
import urllib.parse
import uuid

import pyarrow.parquet

DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"


def from_z85(text):
    """Five letters are four bytes."""
    found = b""
    for at in range(0, len(text), 5):
        number = 0
        for letter in text[at:at + 5]:
            number = number * 85 + DIGITS.index(letter)
        found += number.to_bytes(4, "big")
    return found


class Log:
    """A table's log as it is now."""

    def __init__(self, root):
        self.root = root
        self.commits, self.times_s = {}, {}
        for name in glob.glob(os.path.join(glob.escape(root), "_delta_log", "*.json")):
            if re.fullmatch(r"\d{20}\.json", os.path.basename(name)):
                version = int(os.path.basename(name)[:20])
                with open(name) as lines:
                    self.commits[version] = [json.loads(line) for line in lines]
                self.times_s[version] = os.stat(name).st_mtime
        assert sorted(self.commits) == list(range(len(self.commits))), "the replay begins with the first commit"

    @property
    def last(self):
        return max(self.commits)

    def whole(self, path):
        """A path of the log: escaped, from the root or a URL."""
        path = urllib.parse.unquote(path)
        path = re.sub(r"^file:/+", "/", path)
        return os.path.normpath(os.path.join(self.root, path))

    def vector_file(self, vector):
        if not vector or vector["storageType"] == "i":
            return None
        text = vector["pathOrInlineDv"]
        if vector["storageType"] == "p":
            return self.whole(text)
        name = f"deletion_vector_{uuid.UUID(bytes=from_z85(text[-20:]))}.bin"
        return os.path.join(self.root, text[:-20], name)

    def files_of(self, action):
        vector = self.vector_file(action.get("deletionVector"))
        return {self.whole(action["path"]), *([vector] if vector else [])}

    def live(self, version):
        """The files of a version: data and vectors."""
        entries = {}
        for number in range(version + 1):
            for action in self.commits[number]:
                if "remove" in action:
                    entries.pop(self.whole(action["remove"]["path"]), None)
            for action in self.commits[number]:
                if "add" in action:
                    entries[self.whole(action["add"]["path"])] = self.files_of(action["add"])
        return set().union(*entries.values())

    def is_whole(self, version):
        return all(os.path.exists(path) for path in self.live(version))

    def first_since(self, cut_s):
        """The version that was the newest at that moment."""
        young = [version for version, time_s in self.times_s.items() if time_s >= cut_s]
        return max(min(young, default=self.last + 1) - 1, 0)

    def needed_since(self, cut_s):
        """By the versions that could be read since then, and by the changes that made them."""
        first = self.first_since(cut_s)
        found = set().union(*(self.live(version) for version in range(first, self.last + 1)))
        for version in range(first + 1, self.last + 1):
            found |= {self.whole(action["cdc"]["path"]) for action in self.commits[version] if "cdc" in action}
        return found

    def once_named(self):
        """What commits took out, and recorded changes."""
        found = set()
        for actions in self.commits.values():
            for action in actions:
                if "remove" in action:
                    found |= self.files_of(action["remove"])
                if "cdc" in action:
                    found.add(self.whole(action["cdc"]["path"]))
        return found

    def checkpoints(self):
        """Of each classic checkpoint the version and its live data files."""
        for name in glob.glob(os.path.join(glob.escape(self.root), "_delta_log", "*.checkpoint.parquet")):
            rows = pyarrow.parquet.ParquetFile(name).read(columns=["add"]).column("add").to_pylist()
            files = {self.whole(row["path"]) for row in rows if row and row["path"]}
            if files:
                yield int(os.path.basename(name)[:20]), files
