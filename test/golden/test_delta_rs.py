"""The golden tables through delta-rs (its query engine) and through Tarn, row for row, where both read them.

What delta-rs cannot read stands in UNREAD with the reason; a table that it reads by now fails here until it is struck
from that list. What Tarn refuses or lacks is test_golden's matter.
"""
import os
import unittest

import deltalake
import pyarrow

import plan
from lake import ROOT, Lake, comparable

GOLDEN = os.path.join(os.path.dirname(ROOT), "shared", "golden")

# What delta-rs refuses.
UNREAD = {
    "delta-golden/type-widening@2": "the feature typeWidening-preview",
    "kernel-rs/type-widening@2": "the feature typeWidening-preview",
    "delta-kernel-bench/basic_catalog_managed/delta@1": "catalog-managed",
    "delta-kernel-java/spark-shredded-variant-preview-delta@2": "the feature variantShredding-preview",
    "delta-spark/variant-stats-nested-no-checkpoint@1": "the feature variantShredding-preview",
    "delta-spark/variant-stats-with-struct-no-checkpoint@1": "the feature variantShredding-preview",
    "kernel-rs/table-with-geo@0": "the type geometry",
}

# Both may read them, but not into one form.
APART = {"delta-kernel-java/spark-variant-stable-feature-checkpoint@1": "Arrow has no one form of a variant"}


# Its feed decodes percents twice, or not at all.
_PATHS = "delta-rs looks for a file whose name it did not decode"
UNREAD_FEEDS = {
    "kernel-rs/cdf-column-mapping-name-mode-3-7@1..latest#cdf": "column mapping in feeds",
    "kernel-rs/cdf-table-data-change@0..1#cdf": _PATHS,
    "kernel-rs/cdf-table-delete-conditional-all-rows@0..latest#cdf": _PATHS,
    "kernel-rs/cdf-table-delete-conditional-two-rows@0..latest#cdf": _PATHS,
    "kernel-rs/cdf-table-delete-unconditional@0..latest#cdf": _PATHS,
    "kernel-rs/cdf-table-partitioned@0..2#cdf": _PATHS,
    "kernel-rs/cdf-table-update-ops@0..2#cdf": _PATHS,
}


def changes_of_delta_rs(item):
    first, last = item["changes"]
    until = {} if last is None else {"ending_version": last}
    return pyarrow.table(deltalake.DeltaTable(item["path"]).load_cdf(starting_version=first, **until))


def rows_of_delta_rs(item):
    table = deltalake.DeltaTable(item["path"], version=item["version"])
    reader = deltalake.QueryBuilder().register("t", table).execute("SELECT * FROM t")
    return pyarrow.table(reader) if not isinstance(reader, pyarrow.Table) else reader


@unittest.skipUnless(os.path.isdir(GOLDEN), f"the golden tables are not beside the project ({GOLDEN})")
class DeltaRs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.lake = Lake()

    @classmethod
    def tearDownClass(cls):
        cls.lake.close()

    def theirs(self, read, item, unread):
        """Their rows, or None where they are known not to read it."""
        try:
            rows = read(item)
        except Exception as refusal:  # any of a dozen classes of the Rust side
            self.assertIn(item["name"], unread, f"delta-rs: {refusal}")
            return None
        self.assertNotIn(item["name"], unread, "delta-rs reads this by now: strike it from the list")
        return rows

    def check(self, item):
        theirs = self.theirs(rows_of_delta_rs, item, UNREAD)
        if theirs is not None:
            self.assertEqual(comparable(self.lake.rows(plan.query(item))), comparable(theirs))

    def check_feed(self, item):
        theirs = self.theirs(changes_of_delta_rs, item, UNREAD_FEEDS)
        if theirs is not None:  # the times are the files', which a copy does not keep
            ours = self.lake.rows(plan.query(item)).drop_columns(["_commit_timestamp"])
            self.assertEqual(comparable(ours), comparable(theirs.drop_columns(["_commit_timestamp"])))


def add_tests():
    for item in plan.readable_items(GOLDEN, APART):
        setattr(DeltaRs, "test_" + item["name"], lambda self, item=item: self.check(item))
    for item in plan.feed_items(GOLDEN):
        setattr(DeltaRs, "test_" + item["name"], lambda self, item=item: self.check_feed(item))


if os.path.isdir(GOLDEN):
    add_tests()

if __name__ == "__main__":
    unittest.main()
