"""What tends a table and changes none of its rows: ZORDER BY, REORG, RESTORE, CLONE and CLUSTER BY by Tarn, each behind
changes that leave it something to do; the partner reads what comes of it, and both write to the clones.
"""
import glob
import json
import os

import features
import modelled_table
import steps

TENDED_STEPS = ("zorder", "reorg", "restore", "feed", "cluster")
CLONE_OPERATIONS = ("append", "update", "delete", "merge")
CLONE_STEPS = ("clone", "ours", *CLONE_OPERATIONS, "optimize", "source")
APPENDED_TO_CLONE = (5300, 5301, 5302)
# What a step's last commit calls itself, so that none passes by doing nothing.
OPERATIONS = {"zorder": "OPTIMIZE", "reorg": "REORG", "restore": "RESTORE", "cluster": "OPTIMIZE", "clone": "CLONE"}


def last_operation(path):
    commit = os.path.join(path, "_delta_log", f"{modelled_table.last_version(path):020}.json")
    with open(commit) as file:
        infos = [action["commitInfo"] for action in map(json.loads, file) if "commitInfo" in action]
    return infos[0]["operation"]


def files(path):
    """The table's last version and all of its files but the log's, whose checkpoints come when they are written."""
    names = [name for name in glob.glob(os.path.join(path, "**"), recursive=True) if os.path.isfile(name)]
    return modelled_table.last_version(path), sorted(name for name in names if "_delta_log" not in name)


class Tending:
    def __init__(self, table, outcome):
        self.table, self.feature, self.outcome = table, table.feature, outcome
        self.column = f"`{self.feature.text_after}`"
        self.next_key = 7000

    def run(self):
        name = self.table.table
        if self.feature.clauses != features.CLUSTERED:  # these have their own curve
            self.tend("zorder", [f"OPTIMIZE {name} ZORDER BY (k, {self.column})"])
        self.tend("reorg", [f"REORG TABLE {name} APPLY (PURGE)"], is_idle=not self.feature.has_vectors)
        self.restore()
        self.table.compare_feeds(self.outcome.tended,
                                 self.table.partner.misread_removal if self.feature.has_vectors else None)
        self.clone("SHALLOW", self.outcome.shallow)
        self.clone("DEEP", self.outcome.deep)
        if self.feature.clauses != features.PARTITIONED:
            self.tend("cluster", [f"ALTER TABLE {name} CLUSTER BY ({self.column}, k)", f"OPTIMIZE {name} FULL"])
        self.table.let_partner_read()

    def change(self, table):
        """Two files more, and rows gone from old ones where they may go: 7000 ... 7039, without those of a rest."""
        first, self.next_key = self.next_key, self.next_key + 40
        rest = first // 40 % 8 + 10
        for start in (first, first + 20):
            self.table.lake.run(f"INSERT INTO {table.table} BY NAME {self.feature.rows(start, 20, True)}")
            steps.append_rows(table.rows, start, 20)
        if self.feature.may_delete:
            self.table.lake.run(f"DELETE FROM {table.table} WHERE k % 40 = {rest}")
            steps.delete_rows(table.rows, lambda key: key % 40 == rest)
        table.look("change")

    def tend(self, name, statements, is_idle=False):
        self.change(self.table)
        if self.table.do(self.outcome.tended, name, statements, steps.nothing) and not is_idle:
            self.check_operation(name, self.table.path)

    def check_operation(self, name, path):
        if last_operation(path) != OPERATIONS[name]:
            self.outcome.wrong.append(f"{os.path.basename(path)}, {name}: the last commit is {last_operation(path)}")

    def restore(self):
        version, bring_back = modelled_table.last_version(self.table.path), self.table.kept()
        self.change(self.table)
        if self.table.do(self.outcome.tended, "restore",
                         [f"RESTORE TABLE {self.table.table} TO VERSION AS OF {version}"], bring_back):
            self.check_operation("restore", self.table.path)

    def clone(self, kind, cells):
        """The source's rows and ids; then changes by both, of which the source's files know nothing."""
        source = files(self.table.path)
        clone = self.table.twin(f"{self.table.path}_{kind.lower()}_clone")
        if not clone.do(cells, "clone", [f"CREATE TABLE {clone.table} {kind} CLONE {self.table.table}"], steps.nothing):
            return
        self.check_operation("clone", clone.path)
        self.change(clone)
        clone.compare(cells, "ours")
        clone.let_partner_read()
        clone.let_partner_do(cells, CLONE_OPERATIONS, steps.of_partner(APPENDED_TO_CLONE), APPENDED_TO_CLONE)
        clone.do(cells, "optimize", [f"OPTIMIZE {clone.table}"], steps.nothing)
        clone.let_partner_read()
        if files(self.table.path) != source:
            self.outcome.wrong.append(f"{kind} CLONE: the source's files are others than before")
        self.table.compare(cells, "source")
