"""Folders that pyarrow wrote, made Delta tables by CONVERT TO DELTA, as delta-rs reads them."""
import datetime
import decimal
import os
import sys
import tempfile
import unittest

import deltalake
import pyarrow
import pyarrow.parquet

import partners

sys.path.append(os.path.join(partners.ROOT, "test", "golden"))
import lake  # noqa: E402

ROWS = 300
START = datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc)


def written():
    """Every kind of column that a footer has, or has not, bounds for; partitions that folders must encode."""
    places = ["a/b", "ü x", "100%"]
    return pyarrow.table({
        "id": pyarrow.array(range(ROWS), pyarrow.int64()),
        "long_text": ["x" * 50 + str(i) for i in range(ROWS)],
        "exact": [decimal.Decimal(i) / 100 for i in range(ROWS)],
        "moment": pyarrow.array([START + datetime.timedelta(hours=i) for i in range(ROWS)],
                                pyarrow.timestamp("us", "UTC")),
        "inexact": [None if i % 10 else float(i) for i in range(ROWS)],
        "fields": [{"a": i, "b": "é"} for i in range(ROWS)],
        "list": [[i, None] for i in range(ROWS)],
        "map": pyarrow.array([[("k", i)] for i in range(ROWS)], pyarrow.map_(pyarrow.string(), pyarrow.int64())),
        "day": [START.date() + datetime.timedelta(days=i % 3) for i in range(ROWS)],
        "place": [places[i % 3] for i in range(ROWS)],
    })


class Convert(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.session = lake.Lake()
        self.addCleanup(self.session.close)
        self.root = os.path.join(self.folder.name, "t")

    def test_rows_and_partitions_are_those_of_the_files(self):
        table = written()
        pyarrow.parquet.write_to_dataset(table, self.root, partition_cols=["day", "place"], max_rows_per_group=40)
        self.session.run(f"CONVERT TO DELTA parquet.`{self.root}` PARTITIONED BY (day DATE, place STRING)")
        expected = lake.comparable(table)
        self.assertEqual(lake.comparable(deltalake.DeltaTable(self.root).to_pyarrow_table()), expected)
        self.assertEqual(lake.comparable(self.session.rows(f"FROM delta.`{self.root}`")), expected)

    def test_bounds_of_footers_leave_out_no_row(self):
        table = written()
        table = table.set_column(4, "inexact", pyarrow.array([float("nan")] + [float(i) for i in range(1, ROWS)]))
        os.makedirs(self.root)
        for first in range(0, ROWS, 50):
            part = table.drop(["day", "place"]).slice(first, 50)
            pyarrow.parquet.write_table(part, os.path.join(self.root, f"{first}.parquet"), row_group_size=20)
        self.session.run(f"CONVERT TO DELTA parquet.`{self.root}`")
        for condition in ("id = 77", f"long_text = '{'x' * 50}299'", "exact > 2.98", "inexact > 1000",
                          "moment = TIMESTAMPTZ '2024-01-13 11:00:00+00'", "fields.a BETWEEN 100 AND 100"):
            counted = self.session.run(f"SELECT count(*) AS n FROM delta.`{self.root}` WHERE {condition}")
            self.assertEqual(counted, [{"n": "1"}], condition)

    def test_instants_of_old_files_are_instants(self):
        table = written().select(["id", "moment"])
        os.makedirs(self.root)
        pyarrow.parquet.write_table(table, os.path.join(self.root, "old.parquet"),
                                    use_deprecated_int96_timestamps=True)
        self.session.run(f"CONVERT TO DELTA parquet.`{self.root}`")
        self.assertEqual(lake.comparable(self.session.rows(f"FROM delta.`{self.root}`")), lake.comparable(table))

    def test_both_write_on(self):
        pyarrow.parquet.write_to_dataset(written().select(["id", "day"]), self.root, partition_cols=["day"])
        self.session.run(f"CONVERT TO DELTA parquet.`{self.root}` PARTITIONED BY (day DATE)")
        more = pyarrow.table({"id": [1000], "day": [START.date()]})
        deltalake.write_deltalake(self.root, more, mode="append")
        self.session.run(f"DELETE FROM delta.`{self.root}` WHERE id < 100")
        left = deltalake.DeltaTable(self.root).to_pyarrow_table().column("id").to_pylist()
        self.assertEqual(sorted(left), [*range(100, ROWS), 1000])


if __name__ == "__main__":
    unittest.main()
