"""Bounds and Bloom filters in the footers of data files that do not bound what DuckDB takes them to bound: a filter
finds its rows all the same."""
import math
import struct
import unittest

from parquet import OldBounds, column, group, int96, text, timestamp
from tables import TablesTest, field, struct_of

PARQUET_CPP = "parquet-cpp version 1.5.1-SNAPSHOT"


class Bounds(TablesTest):
    def found(self, kind, node, rows, tests, **more):
        """Every test is true of one row; `c` is the column."""
        table = self.table([field("c", kind)]).add([node], [{"c": row} for row in rows], **more)
        for test in tests:
            self.assertEqual(self.rows(f"SELECT count(*) FROM t WHERE {test}", table), [["1"]], test)

    def test_text_in_the_order_of_signed_bytes(self):
        """Before 2017 text was compared byte by byte as signed numbers."""
        bounds = OldBounds((b"\xc3\xa9", b"a"))
        tests = ["c = 'é'", "c > 'b'", "c IN ('x', 'é')", "c = 'a'", "c < 'b'", "c LIKE 'é%'"]
        self.found("string", text("c", bounds=bounds), ["a", "é"], tests)
        self.found("string", column("c", "BYTE_ARRAY", bounds=bounds), ["a", "é"], tests)
        self.found("binary", column("c", "BYTE_ARRAY", bounds=bounds), [b"a", b"\xc3\xa9"],
                   ["c = '\\xC3\\xA9'::BLOB", "c > 'b'::BLOB", "c = 'a'::BLOB"])

    def test_text_below_a_struct_in_the_order_of_signed_bytes(self):
        node = group("c", text("x", bounds=OldBounds((b"\xc3\xa9", b"a"))))
        self.found(struct_of(x="string"), node, [{"x": "a"}, {"x": "é"}, None], ["c.x = 'é'", "c.x > 'b'", "c.x = 'a'"])

    def test_text_whose_bounds_are_cut(self):
        self.found("string", text("c", bounds=(b"\xc3", b"\xc4")), ["é"], ["c = 'é'", "c >= 'é'", "c <> 'e'"])
        self.found("string", text("c", bounds=(b"aaaaaaaaaa", b"aaaaaaaaab")), ["aaaaaaaaaaz", "aaaaaaaaaaa"],
                   ["c = 'aaaaaaaaaaz'", "c > 'aaaaaaaaaam'", "c <> 'aaaaaaaaaaz'", "c IN ('b', 'aaaaaaaaaaz')"])

    def test_bytes_of_fixed_length(self):
        node = column("c", "FIXED_LEN_BYTE_ARRAY", length=2, bounds=(b"\x01\x00", b"\xff\x00"))
        self.found("binary", node, [b"\x01\x00", b"\xff\x00"], ["c = '\\xFF\\x00'::BLOB", "c < '\\x02'::BLOB"])

    def test_unsigned_numbers_in_the_order_of_signed_ones(self):
        large = 2**31 + 5
        bounds = OldBounds((struct.pack("<I", large), struct.pack("<I", 1)))
        node = column("c", "INT32", converted="UINT_32", bounds=bounds)
        self.found("long", node, [1, large - 2**32], [f"c = {large}", "c = 1", "c > 7", "c < 7"])

    def test_decimals_in_the_order_of_bytes(self):
        """0.01, 2.56, 0.02 is the order of their bytes, 1.29, 0.01, 3.84 that of their bytes as signed numbers."""
        for physical, rows, tests in (
                ("BYTE_ARRAY", [b"\x01", b"\x01\x00", b"\x02"], ["c = 2.56", "c > 1", "c = 0.01"]),
                ("FIXED_LEN_BYTE_ARRAY", [b"\x00\x81", b"\x00\x01", b"\x01\x80"], ["c = 0.01", "c < 1", "c = 3.84"])):
            node = column("c", physical, converted="DECIMAL", decimal=(4, 2), length=2)
            for bounds, created_by in ((OldBounds((rows[0], rows[2])), None), ((rows[0], rows[2]), PARQUET_CPP)):
                node.bounds = bounds
                self.found("decimal(4,2)", node, rows, tests, created_by=created_by)

    def test_int96_has_no_order(self):
        rows = [int96(second * 10**9) for second in (-10**9, 0, 10**9)]
        tests = ["c = to_timestamp(1000000000)", "c < TIMESTAMPTZ '1969-01-01 00:00:00+00'", "c > to_timestamp(1)"]
        for bounds in ((rows[0], rows[1]), OldBounds((rows[1], rows[1])), (rows[1], rows[2])):
            self.found("timestamp", column("c", "INT96", bounds=bounds), rows, tests)

    def test_nan_and_the_two_zeros(self):
        for physical, kind, form in (("DOUBLE", "double", "<d"), ("FLOAT", "float", "<f")):
            nan = struct.pack(form, math.nan)
            self.found(kind, column("c", physical, bounds=(nan, nan)), [1.5, math.nan],
                       ["c = 1.5", "c = 'nan'", "c > 2", "c < 2"])
            self.found(kind, column("c", physical, bounds=(1.5, 2.5)), [1.5, math.nan, 2.5],
                       ["c = 'nan'", "c > 3", "c < 2"])
            self.found(kind, column("c", physical, bounds=(0.0, 0.0)), [-0.0],
                       ["c = 0", "c = -0.0", "c <= -0.0", "c >= 0"])
            self.found(kind, column("c", physical, bounds=OldBounds((-0.0, -0.0))), [0.0], ["c = 0", "c >= 0.0"])
        node = group("c", column("x", "DOUBLE", bounds=(1.5, 1.5)))
        self.found(struct_of(x="double"), node, [{"x": 1.5}, {"x": math.nan}], ["c.x = 'nan'", "c.x > 2", "c.x = 1.5"])

    def test_bounds_that_are_no_values(self):
        """Empty ones stand where a writer had none."""
        decimal = {"converted": "DECIMAL", "decimal": (5, 2)}
        for kind, node, row, test in (
                ("integer", column("c", "INT32"), 7, "c = 7"), ("long", column("c", "INT64"), 7, "c = 7"),
                ("double", column("c", "DOUBLE"), 7.0, "c = 7"), ("date", column("c", "INT32", converted="DATE"), 7,
                                                                  "c = DATE '1970-01-08'"),
                ("timestamp", column("c", "INT64", logical=timestamp("MICROS", True)), 0, "c = to_timestamp(0)"),
                ("boolean", column("c", "BOOLEAN"), True, "c"),
                ("decimal(5,2)", column("c", "INT32", **decimal), 700, "c = 7"),
                ("decimal(5,2)", column("c", "FIXED_LEN_BYTE_ARRAY", length=3, **decimal), b"\x00\x02\xbc", "c = 7")):
            for bounds in ((b"", b""), OldBounds((b"", b"")), (b"\x00" * 5, b"\x00" * 5)):
                with self.subTest(f"{kind} {bounds}"):
                    node.bounds = bounds
                    self.found(kind, node, [row], [test])

    def test_bounds_that_hold_still_skip(self):
        for kind, node, rows, test in (
                ("long", column("c", "INT64", bounds=(1, 2)), [1, 2, 3], "c = 3"),
                ("long", column("c", "INT64", bounds=OldBounds((1, 2))), [1, 2, 3], "c = 3"),
                ("string", text("c", bounds=(b"a", b"b")), ["a", "b", "x"], "c = 'x'")):
            table = self.one(kind, node, rows)
            self.assertEqual(self.rows(f"SELECT count(*) FROM t WHERE {test}", table), [["0"]], test)


if __name__ == "__main__":
    unittest.main()
