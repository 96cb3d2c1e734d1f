"""One feature through Tarn, a partner, and Tarn again: after each step both must read the rows that a model holds.

A cell is what came of a step: equal rows, or who refused it in which words. Whatever else comes stands in `wrong`.
"""
import glob
import json
import os
import re
import sys
import traceback
from dataclasses import dataclass, field

import partners
import steps

sys.path.append(os.path.join(partners.ROOT, "test", "golden"))
import lake  # noqa: E402

READ_STEPS = ("create", "append", "overwrite", "update", "delete", "merge", "optimize", "feed", "vacuum", "checkpoint",
              "alter", "append after")
# Before these the partner reads what came before: the files go, or the columns change.
READ_BEFORE = ("vacuum", "alter")
WRITE_STEPS = (*partners.OPERATIONS, "feed")


@dataclass(frozen=True)
class Cell:
    """`who` is "" where the rows were equal."""
    who: str = ""
    words: str = ""


EQUAL = Cell()


@dataclass
class Outcome:
    """By step: what Tarn did and the partner read; what the partner did and Tarn read; what Tarn did on top of it."""
    feature: object
    path: str
    read: dict = field(default_factory=dict)
    written: dict = field(default_factory=dict)
    on_top: dict = field(default_factory=dict)
    wrong: list = field(default_factory=list)


def last_version(path):
    names = os.listdir(os.path.join(path, "_delta_log"))
    return max(int(name[:20]) for name in names if re.fullmatch(r"\d{20}\.json", name))


def set_by_hand(path, properties):
    """Properties into the first commit."""
    log = os.path.join(path, "_delta_log")
    commit = os.path.join(log, "0" * 20 + ".json")
    with open(commit) as file:
        actions = [json.loads(line) for line in file]
    for action in actions:
        if "metaData" in action:
            action["metaData"]["configuration"].update(properties)
        if "commitInfo" in action and "delta.enableInCommitTimestamps" in properties:
            action["commitInfo"]["inCommitTimestamp"] = action["commitInfo"]["timestamp"]
    with open(commit, "w") as file:
        file.writelines(json.dumps(action) + "\n" for action in actions)
    for checksum in glob.glob(os.path.join(log, "*.crc")):
        os.remove(checksum)


class Run:
    def __init__(self, feature, partner, folder):
        self.feature, self.partner = feature, partner
        self.path = os.path.join(folder, partner.name, feature.file_name)
        self.table = f"delta.`{self.path}`"
        self.outcome = Outcome(feature, self.path)
        self.rows, self.ids = {}, {}
        self.is_altered, self.feed_from = False, 0
        self.unread = []
        self.lake = lake.Lake()

    def run(self):
        try:
            self.create()
            self.first_of_tarn()
            self.of_partner()
            self.on_top()
        except Exception:  # whatever it is, the other features go on
            self.outcome.wrong.append(traceback.format_exc())
        finally:
            self.lake.close()
        return self.outcome

    def create(self):
        self.lake.run(self.feature.create(self.path))
        if self.feature.by_hand:
            set_by_hand(self.path, self.feature.by_hand)
            self.lake.close()
            self.lake = lake.Lake()
        self.compare(self.outcome.read, "create")

    def first_of_tarn(self):
        for name, statements, change in steps.first_of_tarn(self.feature, self.table):
            if name in READ_BEFORE:
                self.let_partner_read()
            if name == "feed":
                self.compare_feeds(self.outcome.read)
                continue
            self.is_altered = self.is_altered or name == "alter"
            self.do(self.outcome.read, name, statements, change)
            if name == "alter":
                self.feed_from = last_version(self.path) + 1

    def of_partner(self):
        changes = steps.of_partner()
        for name in partners.OPERATIONS:
            try:
                self.partner.operate(name, self.feature, self.path)
            except partners.Refused as refusal:
                self.outcome.written[name] = Cell(self.partner.name, str(refusal))
                continue
            changes[name](self.rows)
            self.compare(self.outcome.written, name)
        self.let_partner_read()
        self.compare_feeds(self.outcome.written)

    def on_top(self):
        for name, statements, change in steps.on_top_of_partner(self.feature, self.table):
            self.do(self.outcome.on_top, name, statements, change)
        self.let_partner_read(only_last=True)
        self.compare_feeds(self.outcome.on_top)

    def do(self, cells, name, statements, change):
        for statement in statements:
            try:
                self.lake.run(statement)
            except RuntimeError as refusal:
                cells[name] = Cell("Tarn", str(refusal))
                return
        change(self.rows)
        self.compare(cells, name)

    def read(self, version, with_row_ids):
        select = self.feature.select(self.is_altered, with_row_ids)
        answer = self.lake.run(f"SELECT {select} FROM {self.table} VERSION AS OF {version}")
        return partners.in_order(row.values() for row in answer)

    def compare(self, cells, name):
        """Tarn with the model, now; the partner with Tarn when it reads a few versions in one go."""
        version = last_version(self.path)
        ours = self.read(version, True)
        self.expect(name, {int(row[0]): row[1] for row in ours}, self.rows, "Tarn against the model")
        if self.feature.has_row_ids:
            self.check_row_ids(name, ours)
        if not self.partner.has_row_ids:
            ours = self.read(version, False)
        self.unread.append((cells, name, version, ours))

    def let_partner_read(self, only_last=False):
        """What it has not read yet, or the last of that; columns must be the same in it."""
        unread, self.unread = self.unread, []
        select = self.partner.select(self.feature, self.is_altered)
        versions = sorted({version for _, _, version, _ in unread})
        try:
            theirs = self.partner.read(self.path, select, versions[-1:] if only_last else versions)
        except partners.Refused as refusal:
            for cells, name, _, _ in unread:
                cells[name] = Cell(self.partner.name, str(refusal))
            return
        for cells, name, version, ours in unread:
            if version in theirs:
                self.expect(name, theirs[version], ours, f"{self.partner.name} against Tarn")
            cells.setdefault(name, EQUAL)

    def check_row_ids(self, name, rows):
        """A row keeps its id as long as it lives, and no two have one."""
        ids = {int(row[0]): row[-2] for row in rows}
        if len(set(ids.values())) != len(ids) or None in ids.values():
            self.outcome.wrong.append(f"{name}: row ids that are no ids: {sorted(ids.items())[:5]}")
        if name != "overwrite":
            moved = [(key, self.ids[key], ids[key]) for key in ids if self.ids.get(key, ids[key]) != ids[key]]
            if moved:
                self.outcome.wrong.append(f"{name}: rows that got another id (key, then, now): {moved[:5]}")
        self.ids = ids

    def compare_feeds(self, cells):
        if not self.feature.has_feed:
            return
        last = last_version(self.path)
        column = self.feature.text_after if self.is_altered else "v"
        ours = partners.in_order(row.values() for row in self.lake.run(
            f"SELECT k, `{column}`, _change_type, _commit_version "
            f"FROM table_changes_by_path('{self.path}', {self.feed_from}, {last})"))
        try:
            theirs = self.partner.changes(self.path, column, self.feed_from, last)
        except partners.Refused as refusal:
            cells["feed"] = Cell(self.partner.name, str(refusal))
            return
        self.expect("feed", theirs, ours, f"{self.partner.name} against Tarn")
        cells["feed"] = EQUAL

    def expect(self, step, found, wanted, who):
        if found == wanted:
            return
        found, wanted = ([repr(item) for item in (part.items() if isinstance(part, dict) else part)]
                         for part in (found, wanted))
        surplus, missing = sorted(set(found) - set(wanted)), sorted(set(wanted) - set(found))
        self.outcome.wrong.append(f"{step}, {who}: {len(found)} rows for {len(wanted)}; surplus {surplus[:3]}, "
                                  f"missing {missing[:3]}")
