"""A table that Tarn and a partner read, beside a model of its rows: after each step both must read what that holds.

A cell is what came of a step: equal rows, or who refused it in which words. Whatever else comes stands in `wrong`.
"""
import collections
import os
import re
from dataclasses import dataclass

import partners


@dataclass(frozen=True)
class Cell:
    """`who` is "" where the rows were equal."""
    who: str = ""
    words: str = ""


EQUAL = Cell()


def last_version(path):
    names = os.listdir(os.path.join(path, "_delta_log"))
    return max(int(name[:20]) for name in names if re.fullmatch(r"\d{20}\.json", name))


class ModelledTable:
    def __init__(self, feature, partner, path, lake, wrong):
        self.feature, self.partner, self.path, self.lake, self.wrong = feature, partner, path, lake, wrong
        self.table = f"delta.`{path}`"
        # By key: the text, the values of each column that a step added (of keys that are gone, too), and the row's id.
        self.rows, self.grown, self.ids = {}, {}, {}
        self.is_altered, self.feed_from = False, 0
        self.unread = []

    def twin(self, path):
        """A clone's: with the same rows, ids and columns."""
        made = ModelledTable(self.feature, self.partner, path, self.lake, self.wrong)
        made.rows, made.ids, made.is_altered = dict(self.rows), dict(self.ids), self.is_altered
        made.grown = {name: dict(values) for name, values in self.grown.items()}
        return made

    def kept(self):
        """What makes the model what it is now."""
        rows, ids = dict(self.rows), dict(self.ids)

        def bring_back(_):
            self.rows, self.ids = dict(rows), dict(ids)
        return bring_back

    def do(self, cells, name, statements, change, grown=None):
        """By Tarn; `grown` is the column that comes with it and its values. False when it was refused."""
        for statement in statements:
            try:
                self.lake.run(statement)
            except RuntimeError as refusal:
                cells[name] = Cell("Tarn", str(refusal))
                return False
        change(self.rows)
        self.grown.update([grown] if grown else [])
        self.compare(cells, name)
        return True

    def let_partner_do(self, cells, operations, changes, appended=partners.APPENDED):
        for name in operations:
            grows = name == partners.EVOLVE
            if grows:
                self.let_partner_read()
            try:
                self.partner.operate(name, self.feature, self.path, appended)
            except partners.Refused as refusal:
                cells[name] = Cell(self.partner.name, str(refusal))
                continue
            changes[name](self.rows)
            if grows:
                self.grown[partners.THEIRS] = dict.fromkeys(partners.EVOLVED, "new")
            self.compare(cells, name)
        self.let_partner_read()

    def read(self, version, with_row_ids):
        select = self.feature.select(self.is_altered, with_row_ids, self.grown)
        answer = self.lake.run(f"SELECT {select} FROM {self.table} VERSION AS OF {version}")
        return partners.in_order(row.values() for row in answer)

    def look(self, name):
        """Tarn with the model, now; gives the version and its rows."""
        version = last_version(self.path)
        ours = self.read(version, True)
        first = len(ours[0]) - 2 * self.feature.has_row_ids - len(self.grown) if ours else 0
        found = [(row[0], row[1], *row[first:first + len(self.grown)]) for row in ours]
        wanted = [(key, value, *(values.get(key) for values in self.grown.values()))
                  for key, value in self.rows.items()]
        self.expect(name, partners.in_order(found), partners.in_order(wanted), "Tarn against the model")
        if self.feature.has_row_ids:
            self.check_row_ids(name, ours)
        return version, ours

    def compare(self, cells, name):
        """Tarn with the model, now; the partner with Tarn when it reads a few versions in one go."""
        version, ours = self.look(name)
        if not self.partner.has_row_ids:
            ours = self.read(version, False)
        self.unread.append((cells, name, version, ours))

    def let_partner_read(self, only_last=False):
        """What it has not read yet, or the last of that; columns must be the same in it."""
        unread, self.unread = self.unread, []
        if not unread:
            return
        select = self.partner.select(self.feature, self.is_altered, self.grown)
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
        if len(set(ids.values())) != len(rows) or None in ids.values():
            self.wrong.append(f"{name}: row ids that are no ids: {sorted(ids.items())[:5]}")
        if name != "overwrite":
            moved = [(key, self.ids[key], ids[key]) for key in ids if self.ids.get(key, ids[key]) != ids[key]]
            if moved:
                self.wrong.append(f"{name}: rows that got another id (key, then, now): {moved[:5]}")
        self.ids = ids

    def compare_feeds(self, cells, misread=None):
        """`misread`: what the partner is known to make of the last version, if it makes that of it."""
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
        cells["feed"] = EQUAL
        if misread and theirs != ours:
            cells["feed"] = Cell(self.partner.name, misread)
            theirs, ours = ([row for row in rows if row[-1] != str(last)] for rows in (theirs, ours))
        self.expect("feed", theirs, ours, f"{self.partner.name} against Tarn")

    def expect(self, step, found, wanted, who):
        if found == wanted:
            return
        surplus, missing = (sorted((collections.Counter(map(repr, one)) - collections.Counter(map(repr, other))))
                            for one, other in ((found, wanted), (wanted, found)))
        self.wrong.append(f"{os.path.basename(self.path)}, {step}, {who}: {len(found)} rows for {len(wanted)}; "
                          f"surplus {surplus[:3]}, missing {missing[:3]}")
