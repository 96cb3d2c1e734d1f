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

    def check(self, item):
        try:
            theirs = comparable(rows_of_delta_rs(item))
        except Exception as refusal:  # any of a dozen classes of the Rust side
            self.assertIn(item["name"], UNREAD, f"delta-rs: {refusal}")
            return
        self.assertNotIn(item["name"], UNREAD, "delta-rs reads this by now: strike it from UNREAD")
        ours = comparable(self.lake.rows(plan.query(item)))
        self.assertEqual(ours, theirs)


def add_tests():
    for item in plan.readable_items(GOLDEN, APART):
        setattr(DeltaRs, "test_" + item["name"], lambda self, item=item: self.check(item))


if os.path.isdir(GOLDEN):
    add_tests()

if __name__ == "__main__":
    unittest.main()
