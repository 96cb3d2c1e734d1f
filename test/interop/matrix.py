"""One feature through Tarn, a partner, and Tarn again, then through what tends tables: at each step both must read the
rows that a model holds (modelled_table.py).
"""
import glob
import json
import os
import sys
import traceback
from dataclasses import dataclass, field

import modelled_table
import partners
import steps
import tending

sys.path.append(os.path.join(partners.ROOT, "test", "golden"))
import lake  # noqa: E402

READ_STEPS = ("create", "append", "overwrite", "update", "delete", "merge", "optimize", "feed", "vacuum", "checkpoint",
              "alter", "append after", *steps.EVOLVING)
# Before these the partner reads what came before: the files go, or the columns change.
READ_BEFORE = ("vacuum", "alter", *steps.EVOLVING)
WRITE_STEPS = (*partners.OPERATIONS, "feed")
ON_TOP_STEPS = tuple(step for step in WRITE_STEPS if step != partners.EVOLVE)


@dataclass
class Outcome:
    """By step: what Tarn did and the partner read; what the partner did and Tarn read; what Tarn did on top of it; how
    it tended the table; and what both did to its clones."""
    feature: object
    path: str
    read: dict = field(default_factory=dict)
    written: dict = field(default_factory=dict)
    on_top: dict = field(default_factory=dict)
    tended: dict = field(default_factory=dict)
    shallow: dict = field(default_factory=dict)
    deep: dict = field(default_factory=dict)
    wrong: list = field(default_factory=list)

    def parts(self):
        return self.read, self.written, self.on_top, self.tended, self.shallow, self.deep


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
        self.feature = feature
        self.outcome = Outcome(feature, os.path.join(folder, partner.name, feature.file_name))
        self.lake = lake.Lake()
        self.table = modelled_table.ModelledTable(feature, partner, self.outcome.path, self.lake, self.outcome.wrong)

    def run(self):
        try:
            self.create()
            self.first_of_tarn()
            self.table.let_partner_do(self.outcome.written, partners.OPERATIONS, steps.of_partner())
            self.table.compare_feeds(self.outcome.written)
            self.on_top()
            tending.Tending(self.table, self.outcome).run()
        except Exception:  # whatever it is, the other features go on
            self.outcome.wrong.append(traceback.format_exc())
        finally:
            self.lake.close()
        return self.outcome

    def create(self):
        self.lake.run(self.feature.create(self.outcome.path))
        if self.feature.by_hand:
            set_by_hand(self.outcome.path, self.feature.by_hand)
            self.lake.close()
            self.lake = self.table.lake = lake.Lake()
        self.table.compare(self.outcome.read, "create")

    def first_of_tarn(self):
        for name, statements, change, *grown in steps.first_of_tarn(self.feature, self.table.table):
            if name in READ_BEFORE:
                self.table.let_partner_read()
            if name == "feed":
                self.table.compare_feeds(self.outcome.read)
                continue
            self.table.is_altered = self.table.is_altered or name == "alter"
            self.table.do(self.outcome.read, name, statements, change, *grown)
            if name == "alter":
                self.table.feed_from = modelled_table.last_version(self.outcome.path) + 1

    def on_top(self):
        for name, statements, change in steps.on_top_of_partner(self.feature, self.table.table):
            self.table.do(self.outcome.on_top, name, statements, change)
        self.table.let_partner_read(only_last=True)
        self.table.compare_feeds(self.outcome.on_top)
