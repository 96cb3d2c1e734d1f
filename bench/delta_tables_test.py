import datetime
import decimal
import os
import tempfile
import unittest

import deltalake
import pyarrow as pa

import delta_tables
import vectors

ROWS = 200_000


def numbers(first, count):
    return pa.table({"id": pa.array(range(first, first + count), pa.int64())})


class Deleted(unittest.TestCase):
    """delta-rs reads the vectors: it checks the magic number, the sizes and the CRC."""

    def kept(self, keep, sizes=(ROWS, 10)):
        with tempfile.TemporaryDirectory() as folder:
            plain, deleted = os.path.join(folder, "plain"), os.path.join(folder, "deleted")
            os.mkdir(plain)
            os.mkdir(deleted)
            starts = [sum(sizes[:number]) for number in range(len(sizes))]
            delta_tables.write(plain, "t", [numbers(start, size) for start, size in zip(starts, sizes)])
            delta_tables.delete_some(plain, deleted, "t", keep)
            query = deltalake.QueryBuilder().register("t", deltalake.DeltaTable(deleted))
            rows = query.execute("SELECT id FROM t").read_all()
            return sorted(rows.column("id").to_pylist())

    def test_few_rows_of_a_container(self):
        expected = [row for row in range(ROWS) if row % 100 != 37] + list(range(ROWS, ROWS + 10))
        self.assertEqual(self.kept(lambda row: row % 100 != 37), expected)

    def test_many_rows_of_a_container(self):
        # More than 4096 of 65536: the container is a set of bits.
        expected = list(range(0, ROWS, 3)) + [ROWS + row for row in range(0, 10, 3)]
        self.assertEqual(self.kept(lambda row: row % 3 == 0), expected)

    def test_no_row(self):
        self.assertEqual(len(self.kept(lambda row: True)), ROWS + 10)


class Z85(unittest.TestCase):
    def test_the_word_of_the_specification(self):
        self.assertEqual(vectors.z85(bytes([0x86, 0x4F, 0xD2, 0x6F, 0xB5, 0x59, 0xF7, 0x5B])), "HelloWorld")


class Bounds(unittest.TestCase):
    def test_an_upper_bound_that_is_cut_lies_above(self):
        word = "z" * 40
        self.assertGreater(delta_tables.bound(word, True), word)
        self.assertLess(delta_tables.bound(word, False), word)

    def test_dates_and_decimals_as_json(self):
        self.assertEqual(delta_tables.bound(datetime.date(1998, 9, 2), True), "1998-09-02")
        self.assertEqual(delta_tables.bound(decimal.Decimal("1.25"), False), 1.25)


if __name__ == "__main__":
    unittest.main()
