"""Golden Delta tables of other implementations, read by `tarn sql` and compared row for row.

A table that Tarn does not read yet stands in known_gaps.txt with its reason; a gap that has closed fails here until
it is struck from that list, so the list only ever says what is true. One test an item.
"""
import csv
import glob
import os
import unittest

import pyarrow
import pyarrow.parquet

import cells
import facts
import plan
from lake import Lake, bag

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
GOLDEN = os.path.join(os.path.dirname(ROOT), "shared", "golden")


# Nothing else is an answer to a table that is not to be read.
REFUSALS = ("NotFound", "Corrupt", "Unsupported")


def known_gaps():
    with open(os.path.join(HERE, "known_gaps.txt")) as gaps:
        lines = [line.rstrip("\n") for line in gaps if line.strip() and not line.startswith("#")]
    return dict(line.split("\t", 1) for line in lines)


def cut(table, names, form):
    """Rows of those columns, found by exact spelling, else without case."""
    folded = {}
    for name in table.column_names:
        folded.setdefault(name.lower(), name)
    columns = [table.column(name if name in table.column_names else folded[name.lower()]).to_pylist() for name in names]
    return [[form(value) for value in row] for row in zip(*columns)]


def named_columns(comment, otherwise):
    return [name.strip() for name in comment.split("columns ", 1)[1].split(",")] if "columns " in comment else otherwise


def expectation(lake, check):
    """(column names or None, rows, form), or nothing where the origin gives no rows."""
    if check.startswith("parquet:"):
        files = sorted(glob.glob(os.path.join(GOLDEN, check[8:].split(" (")[0].strip())))
        table = pyarrow.concat_tables([pyarrow.parquet.ParquetFile(file).read() for file in files],
                                      promote_options="permissive")
        return table.column_names, cut(table, table.column_names, cells.exact), cells.exact
    if check.startswith("sql:"):
        query, _, comment = check[4:].partition(" -- ")
        table = lake.rows(query)
        names = named_columns(comment, table.column_names)
        return names, cut(table, names, cells.exact), cells.exact
    if check.startswith("csv:"):
        file, _, comment = check[4:].partition(" -- ")
        with open(os.path.join(GOLDEN, file.split(" (")[0].strip()), newline="") as text:
            rows = list(csv.DictReader(text))
        names = named_columns(comment, list(rows[0]))
        return names, [[cells.loose(row[name]) for name in names] for row in rows], cells.loose
    return None


def verdict(lake, item):
    """Nothing when Tarn is right, else what is wrong."""
    if item["template"]:
        item = dict(item, path=lake.filled_in(item["path"], item["template"]))
    allowed, _ = plan.PROVISOS.get(item["name"], (None, None))
    try:
        table = lake.rows(plan.query(item))
    except RuntimeError as refusal:
        kind = str(refusal).partition(":")[0]
        return None if kind == allowed or (item["refused"] and kind in REFUSALS) else str(refusal)
    if item["refused"]:
        return "read, where a refusal is right"
    expected = expectation(lake, item["check"])
    if expected is None:
        wrong = facts.wrong_aggregates(table, item)
        if item["rows"] not in (None, table.num_rows):
            wrong.append(f"{table.num_rows} rows, {item['rows']} are right")
        if item["check"].startswith("check:"):
            wrong += facts.wrong_checks(lake, plan.source(item), item["check"])
        return "; ".join(wrong) or None
    names, rows, form = expected
    got = cut(table, names or table.column_names, form)
    missing, surplus = bag(rows) - bag(got), bag(got) - bag(rows)
    if not missing and not surplus:
        return None
    return f"{len(rows)} rows are right, {len(got)} came; missing {list(missing)[:1]}, surplus {list(surplus)[:1]}"


@unittest.skipUnless(os.path.isdir(GOLDEN), f"the golden tables are not beside the project ({GOLDEN})")
class Golden(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lake = Lake()
        cls.gaps = known_gaps()

    @classmethod
    def tearDownClass(cls):
        cls.lake.close()

    def check(self, item):
        wrong = verdict(self.lake, item)
        if item["name"] in self.gaps:
            self.assertIsNotNone(wrong, "this gap has closed: strike it from known_gaps.txt")
        else:
            self.assertIsNone(wrong)


    def check_log(self, path, state):
        """The log's state on the snapshot: version, live files, and what else the manifest names."""
        detail, = self.lake.run(f"DESCRIBE DETAIL delta.`{path}`")
        self.assertEqual((int(detail["version"]), int(detail["numFiles"])), (state["version"], state["active_files"]))
        if "earliest_commit" in state:
            with self.assertRaisesRegex(RuntimeError, "NotFound"):
                self.lake.run(f"SELECT * FROM delta.`{path}` VERSION AS OF {state['earliest_commit'] - 1}")
        if "commitInfo" in state:
            last = self.lake.run(f"DESCRIBE HISTORY delta.`{path}`")[0]
            self.assertEqual(last["operation"], state["commitInfo"]["operation"])


def add_tests():
    for path, table, state in plan.log_items(GOLDEN):
        def test_log(self, table=table, state=state):
            self.check_log(table, state)
        setattr(Golden, f"test_{path}#log", test_log)
    for item in plan.items(GOLDEN):
        def test(self, item=item):
            self.check(item)
        name = "test_" + item["name"]
        while hasattr(Golden, name):
            name += "'"  # a second expectation of the same version
        setattr(Golden, name, test)


if os.path.isdir(GOLDEN):
    add_tests()

if __name__ == "__main__":
    unittest.main()
