"""Every type in every physical form that writers have used, read as the table's schema says."""
import decimal
import struct
import unittest

import pyarrow.parquet

from parquet import REPEATED, REQUIRED, column, group, int96, text, timestamp
from tables import TablesTest, array_of, field, map_of, struct_of

SECOND = 1_000_000_000


class Leaves(TablesTest):
    def test_text_without_its_mark_is_text(self):
        table = self.one("string", column("c", "BYTE_ARRAY"), ["é", None, "a\\x41"])
        self.assertEqual(self.cells(table), ["é", None, "a\\x41"])
        self.assertEqual(self.cells(table, "typeof(c)"), ["VARCHAR"] * 3)
        self.assertEqual(self.rows("SELECT length(c) FROM t WHERE c = 'é'", table), [["1"]])

    def test_text_without_its_mark_within_lists_and_maps(self):
        element = group("list", column("element", "BYTE_ARRAY"), rep=REPEATED)
        table = self.one(array_of("string"), group("c", element, converted="LIST"),
                         [{"list": [{"element": "x"}, {"element": None}]}, {"list": []}, None])
        self.assertEqual(self.cells(table), ["[x, NULL]", "[]", None])
        entry = group("key_value", column("key", "BYTE_ARRAY", rep=REQUIRED),
                      column("value", "BYTE_ARRAY"), rep=REPEATED)
        table = self.one(map_of("string", "binary"), group("c", entry, converted="MAP"),
                         [{"key_value": [{"key": "k", "value": b"\xff"}]}])
        self.assertEqual(self.cells(table), ["{k=\\xFF}"])

    def test_what_is_no_utf8_is_corrupt(self):
        self.refused(self.one("string", column("c", "BYTE_ARRAY"), [b"\xff\xfe"]), "Corrupt")

    def test_marked_bytes_stay_bytes(self):
        table = self.one("binary", text("c"), ["\\x41", "é"])
        self.assertEqual(self.cells(table, "hex(c)"), ["5C783431", "C3A9"])
        self.assertEqual(self.cells(table, "typeof(c)"), ["BLOB"] * 2)

    def test_fixed_bytes_are_bytes(self):
        table = self.one("binary", column("c", "FIXED_LEN_BYTE_ARRAY", length=2), [b"ab", None])
        self.assertEqual(self.cells(table, "hex(c)"), ["6162", None])

    def test_decimals_in_every_physical_form(self):
        numbers = [decimal.Decimal("1234.56"), decimal.Decimal("-0.01"), None]
        unscaled = [None if number is None else int(number.scaleb(2)) for number in numbers]
        wide = [None if number is None else number.to_bytes(9, "big", signed=True) for number in unscaled]
        short = [None if number is None else number.to_bytes(3, "big", signed=True) for number in unscaled]
        for node, values in (
                (column("c", "INT32", converted="DECIMAL", decimal=(9, 2)), unscaled),
                (column("c", "INT64", converted="DECIMAL", decimal=(18, 2)), unscaled),
                (column("c", "FIXED_LEN_BYTE_ARRAY", converted="DECIMAL", decimal=(20, 2), length=9), wide),
                (column("c", "BYTE_ARRAY", converted="DECIMAL", decimal=(10, 2)), short)):
            with self.subTest(node.physical):
                table = self.one("decimal(20,2)", node, values)
                self.assertEqual(self.cells(table), ["1234.56", "-0.01", None])

    def test_types_without_the_marks_of_before_2017(self):
        for physical, length, number in (("INT32", None, 1234), ("INT64", None, 1234),
                                         ("BYTE_ARRAY", None, b"\x04\xd2"),
                                         ("FIXED_LEN_BYTE_ARRAY", 3, b"\x00\x04\xd2")):
            node = column("c", physical, length=length, logical=("DECIMAL", 5, 2))
            self.assertEqual(self.cells(self.one("decimal(5,2)", node, [number, None])), ["12.34", None], physical)
        self.refused(self.one("decimal(38,2)", column("c", "INT32", logical=("DECIMAL", 39, 2)), [1]), "Corrupt")
        node = column("c", "INT32", logical=("INTEGER", 32, False))
        self.assertEqual(self.cells(self.one("long", node, [-1])), [str(2**32 - 1)])
        node = column("c", "INT64", logical=("INTEGER", 64, False))
        self.assertEqual(self.cells(self.one("decimal(20,0)", node, [-1])), [str(2**64 - 1)])
        node = column("c", "INT32", logical=("INTEGER", 32, True))
        self.assertEqual(self.cells(self.one("integer", node, [-1])), ["-1"])

    def test_a_decimal_that_would_be_rounded_is_refused(self):
        node = column("c", "INT32", converted="DECIMAL", decimal=(9, 4))
        self.refused(self.one("decimal(9,2)", node, [12345]), "Corrupt", "column c", "part-0.parquet")

    def test_a_decimal_that_does_not_fit_is_an_error(self):
        node = column("c", "INT64", converted="DECIMAL", decimal=(18, 2))
        self.refused(self.one("decimal(5,2)", node, [123456789]), "Corrupt", "part-0.parquet")

    def test_numbers_of_another_kind_are_refused(self):
        for kind, node, values in (("int", text("c"), ["7"]), ("long", column("c", "DOUBLE"), [1.5]),
                                   ("float", column("c", "DOUBLE"), [0.1]), ("string", column("c", "INT32"), [7]),
                                   ("boolean", column("c", "INT32"), [1]), ("double", column("c", "INT64"), [2**60]),
                                   ("timestamp", column("c", "INT32", converted="DATE"), [1])):
            with self.subTest(kind):
                kind = {"int": "integer"}.get(kind, kind)
                self.refused(self.one(kind, node, values), "Corrupt", "column c", "part-0.parquet")

    def test_a_struct_where_a_number_should_be(self):
        table = self.one("integer", group("c", column("x", "INT32")), [{"x": 1}])
        self.refused(table, "Corrupt", "column c", "part-0.parquet")
        self.refused(self.one(struct_of(x="integer"), column("c", "INT32"), [1]), "Corrupt", "column c")

    def test_unsigned_integers_of_other_writers(self):
        table = self.one("long", column("c", "INT32", converted="UINT_32"), [-1])
        self.assertEqual(self.cells(table), ["4294967295"])

    def test_dates_without_their_mark(self):
        self.assertEqual(self.cells(self.one("date", column("c", "INT32"), [-719162, 2932896])),
                         ["0001-01-01", "9999-12-31"])

    def test_void_is_null_even_where_the_file_has_a_value(self):
        table = self.table([field("c", "void"), field("s", struct_of(v="void", x="integer"))])
        table.add([column("c", "INT32"), group("s", column("v", "INT32"), column("x", "INT32"))],
                  [{"c": 1, "s": {"v": 2, "x": 3}}]).add([group("s", column("x", "INT32"))], [{"s": {"x": 4}}])
        self.assertEqual(self.rows("SELECT c, s.v, s.x FROM t ORDER BY 3", table),
                         [[None, None, "3"], [None, None, "4"]])
        self.assertEqual(len(self.rows("SELECT * FROM t", table)), 2)

    def test_nan_is_found_beyond_the_bounds(self):
        path = self.one("double", column("c", "DOUBLE"), [1.0]).folder
        pyarrow.parquet.write_table(pyarrow.table({"c": [1.0, float("nan")]}), path + "/part-0.parquet")
        rows = self.rows(f"SELECT count(*) FROM delta.`{path}` WHERE c > 5")
        self.assertEqual(rows, [["1"]])

    def test_geometry_is_bytes_and_named(self):
        point = struct.pack("<BIdd", 1, 1, 1.0, 2.0)
        table = self.one("geometry(OGC:CRS84)", column("c", "BYTE_ARRAY"), [point], features=["geospatial"])
        self.assertEqual(self.cells(table, "hex(c)"), [point.hex().upper()])
        self.assertEqual(self.cells(table, "typeof(c)"), ["BLOB"])

    def test_an_error_of_the_statement_is_not_the_files(self):
        table = self.one("string", text("c"), ["x"])
        self.refused(table, "InvalidInput", query="SELECT CAST(c AS INTEGER) FROM t")
        self.refused(table, "InvalidInput", query="SELECT * FROM t WHERE CAST(c AS INTEGER) = 1")


class Times(TablesTest):
    def instants(self, node, values, kind="timestamp", zone="UTC"):
        table = self.one(kind, node, values)
        self.rows(f"SET TimeZone = '{zone}'")
        try:
            return self.cells(table, "epoch_us(c)" if kind == "timestamp" else "CAST(c AS VARCHAR)")
        finally:
            self.rows("SET TimeZone = 'UTC'")

    def test_int96_from_the_year_1_to_9999(self):
        far = [-62_135_596_800 * SECOND, 253_402_300_799 * SECOND, 1_000]
        got = self.instants(column("c", "INT96"), [int96(nanos) for nanos in far])
        self.assertEqual(got, [str(nanos // 1000) for nanos in far])

    def test_instants_do_not_depend_on_the_sessions_zone(self):
        for node, value in ((column("c", "INT96"), int96(5 * SECOND)),
                            (column("c", "INT64", converted="TIMESTAMP_MILLIS"), 5_000),
                            (column("c", "INT64", logical=timestamp("MICROS", False)), 5_000_000),
                            (column("c", "INT64", logical=timestamp("NANOS", True)), 5 * SECOND),
                            (column("c", "INT64", logical=timestamp("NANOS", False)), 5 * SECOND)):
            with self.subTest(str(node.logical or node.converted or node.physical)):
                self.assertEqual(self.instants(node, [value], zone="Asia/Tokyo"), ["5000000"])
                self.assertEqual(self.instants(node, [value], "timestamp_ntz", "Asia/Tokyo"), ["1970-01-01 00:00:05"])

    def test_wall_clocks_marked_as_instants(self):
        node = column("c", "INT64", logical=timestamp("MICROS", True))
        self.assertEqual(self.instants(node, [5_000_000], "timestamp_ntz", "Asia/Tokyo"), ["1970-01-01 00:00:05"])

    def test_times_are_the_tables_types_below_lists_and_structs(self):
        element = group("list", column("element", "INT96"), rep=REPEATED)
        table = self.one(array_of("timestamp"), group("c", element, converted="LIST"),
                         [{"list": [{"element": int96(5 * SECOND)}]}])
        self.assertEqual(self.cells(table, "typeof(c)"), ["TIMESTAMP WITH TIME ZONE[]"])
        table = self.one(struct_of(a="timestamp"), group("c", column("a", "INT96")), [{"a": int96(5 * SECOND)}])
        self.assertEqual(self.cells(table, "epoch_us(c.a)"), ["5000000"])


class Lists(TablesTest):
    def test_the_element_has_any_name(self):
        for outer, inner in (("list", "element"), ("list", "item"), ("bag", "array_element"), ("array", "x")):
            node = group("c", group(outer, column(inner, "INT32"), rep=REPEATED), converted="LIST")
            table = self.one(array_of("integer"), node, [{outer: [{inner: 1}, {inner: None}]}, {outer: []}, None])
            self.assertEqual(self.cells(table), ["[1, NULL]", "[]", None], outer)

    def test_two_levels(self):
        node = group("c", column("array", "INT32", rep=REPEATED), converted="LIST")
        table = self.one(array_of("integer"), node, [{"array": [1, 2]}, {"array": []}, None])
        self.assertEqual(self.cells(table), ["[1, 2]", "[]", None])

    def test_no_mark_at_all(self):
        table = self.one(array_of("integer"), column("c", "INT32", rep=REPEATED), [[1, 2], []])
        self.assertEqual(self.cells(table), ["[1, 2]", "[]"])

    def test_a_struct_of_one_field_is_the_element(self):
        for name in ("array", "c_tuple"):
            node = group("c", group(name, column("x", "INT32"), rep=REPEATED), converted="LIST")
            table = self.one(array_of(struct_of(x="integer")), node,
                             [{name: [{"x": 1}, {"x": None}]}, {name: []}, None])
            self.assertEqual(self.cells(table), ["[{'x': 1}, {'x': NULL}]", "[]", None], name)

    def test_a_struct_of_one_struct_is_the_element(self):
        inner = group("x", column("x", "INT32"))
        node = group("c", group("array", inner, rep=REPEATED), converted="LIST")
        table = self.one(array_of(struct_of(x=struct_of(x="integer"))), node,
                         [{"array": [{"x": {"x": 1}}, {"x": None}]}])
        self.assertEqual(self.cells(table), ["[{'x': {'x': 1}}, {'x': NULL}]"])

    def test_two_levels_of_a_struct_of_two(self):
        node = group("c", group("array", column("x", "INT32"), column("y", "BYTE_ARRAY"),
                                  rep=REPEATED), converted="LIST")
        table = self.one(array_of(struct_of(y="string", x="integer")), node, [{"array": [{"x": 1, "y": "a"}]}])
        self.assertEqual(self.cells(table), ["[{'y': a, 'x': 1}]"])

    def test_lists_of_lists_of_two_levels(self):
        inner = group("array", column("array", "INT32", rep=REPEATED), rep=REPEATED, converted="LIST")
        table = self.one(array_of(array_of("integer")), group("c", inner, converted="LIST"),
                         [{"array": [{"array": [1]}, {"array": []}]}])
        self.assertEqual(self.cells(table), ["[[1], []]"])

    def test_map_entries_of_any_name(self):
        entry = group("map", column("k", "INT32", rep=REQUIRED), column("v", "BYTE_ARRAY"), rep=REPEATED,
                      converted="MAP_KEY_VALUE")
        table = self.one(map_of("integer", struct_of(x="integer")), group("c", group(
            "map", column("k", "INT32", rep=REQUIRED), group("v", column("x", "INT32"), column("y", "INT32")),
            rep=REPEATED), converted="MAP"), [{"map": [{"k": 1, "v": {"x": 2, "y": 3}}]}])
        self.assertEqual(self.cells(table), ["{1={'x': 2}}"])
        table = self.one(map_of("integer", "string"), group("c", entry, converted="MAP"),
                         [{"map": [{"k": 1, "v": "a"}]}])
        self.assertEqual(self.cells(table), ["{1=a}"])


class Shapes(TablesTest):
    def test_fields_in_another_order_and_more_of_them(self):
        node = group("c", column("z", "INT32"), column("b", "INT32"), column("a", "INT32"))
        table = self.one(struct_of(a="integer", b="long"), node, [{"a": 1, "b": 2, "z": 3}, None])
        self.assertEqual(self.cells(table), ["{'a': 1, 'b': 2}", None])
        self.assertEqual(self.rows("SELECT c.a FROM t WHERE c.b = 2", table), [["1"]])

    def test_fields_that_the_file_lacks_are_null_at_every_level(self):
        inner = struct_of(a="integer", n="string", d=struct_of(x="integer"))
        node = group("c", column("a", "INT32"))
        self.assertEqual(self.cells(self.one(inner, node, [{"a": 1}, None])), ["{'a': 1, 'n': NULL, 'd': NULL}", None])
        listed = group("c", group("list", group("element", column("a", "INT32")), rep=REPEATED), converted="LIST")
        table = self.one(array_of(inner), listed,
                         [{"list": [{"element": {"a": 1}}, {"element": None}]}, {"list": []}, None])
        self.assertEqual(self.cells(table), ["[{'a': 1, 'n': NULL, 'd': NULL}, NULL]", "[]", None])
        self.assertEqual(self.cells(table, "count(*) FILTER (c[1].n IS NULL)"), ["3"])

    def test_no_field_of_a_struct_is_in_the_file(self):
        table = self.one(struct_of(a="integer"), group("c", column("z", "INT32")), [{"z": 1}, None])
        self.assertEqual(self.cells(table), ["{'a': NULL}", None])

    def test_columns_that_the_file_lacks(self):
        table = self.table([field("a", "integer"), field("b", array_of("integer")), field("c", struct_of(x="integer"))])
        table.add([column("a", "INT32")], [{"a": 1}])
        self.assertEqual(self.rows("SELECT * FROM t", table), [["1", None, None]])
        self.assertEqual(self.rows("SELECT a FROM t WHERE c.x IS NULL AND b IS NULL", table), [["1"]])
        self.assertEqual(self.rows("SELECT a FROM t WHERE c.x = 1", table), [])

    def test_names_with_dots_spaces_and_quotes(self):
        names = ["a.b", "a b", "a`b", 'a"b', "a'b", "é", "a=b;{}"]
        table = self.table([field(name, "integer") for name in names] + [field("s", struct_of(**{"x.y": "integer"}))])
        table.add([column(name, "INT32") for name in names] + [group("s", column("x.y", "INT32"))],
                  [{**{name: number for number, name in enumerate(names)}, "s": {"x.y": 9}}])
        answer = self.answer("SELECT * FROM t", table)
        self.assertEqual([item["name"] for item in answer["columns"]], names + ["s"])
        self.assertEqual(answer["rows"], [[str(number) for number in range(len(names))] + ["{'x.y': 9}"]])
        self.assertEqual(self.rows('SELECT s."x.y", "a""b" FROM t WHERE "a.b" = 0', table), [["9", "3"]])

    def test_a_name_in_another_case_is_found(self):
        self.assertEqual(self.cells(self.one("integer", column("C", "INT32"), [1])), ["1"])

    def test_the_exact_name_wins_over_another_case(self):
        table = self.table([field("c", "integer")])
        table.add([column("C", "INT32"), column("c", "INT32")], [{"C": 1, "c": 2}])
        self.assertEqual(self.cells(table), ["2"])

    def test_two_names_that_match_but_for_case_are_refused(self):
        table = self.table([field("col", "integer")])
        table.add([column("COL", "INT32"), column("Col", "INT32")], [{"COL": 1, "Col": 2}])
        self.refused(table, "Corrupt", "col", "part-0.parquet")

    def test_columns_that_differ_only_in_case_are_refused_by_name(self):
        table = self.table([field("a", "integer"), field("A", "integer")])
        self.refused(table, "Unsupported", "'a' and 'A'")
        table = self.table([field("s", struct_of(a="integer", A="integer"))])
        self.refused(table, "Unsupported", "'a' and 'A'")

    def test_a_copy_is_typed(self):
        table = self.table([field("t", "timestamp"), field("d", "decimal(9,2)"), field("l", array_of("string"))])
        listed = group("l", column("array", "BYTE_ARRAY", rep=REPEATED), converted="LIST")
        table.add([column("t", "INT96"), column("d", "INT32", converted="DECIMAL", decimal=(7, 2)), listed],
                  [{"t": int96(0), "d": 123, "l": {"array": ["x"]}}])
        target = f"{self.folder.name}/copy.parquet"
        self.rows(f"COPY (SELECT * FROM delta.`{table.folder}`) TO '{target}'")
        schema = pyarrow.parquet.read_schema(target)
        self.assertEqual([str(schema.field(name).type) for name in "td"], ["timestamp[us, tz=UTC]", "decimal128(9, 2)"])
        self.assertEqual(str(schema.field("l").type.value_type), "string")


if __name__ == "__main__":
    unittest.main()
