"""Variants, in bytes and shredded, at the top and within other types."""
import datetime
import decimal
import json
import unittest

import pyarrow.parquet

import variant
from parquet import REPEATED, REQUIRED, column, group, text
from tables import TablesTest, array_of, field, map_of, struct_of

FEATURES = ["variantType", "variantShredding-preview"]


def stored(name, *typed, order=("metadata", "value"), **rest):
    return group(name, *(column(part, "BYTE_ARRAY") for part in order), *typed, **rest)


def typed_field(name, typed):
    return group(name, column("value", "BYTE_ARRAY"), typed, rep=REQUIRED)


class Variants(TablesTest):
    def variants(self, values, node=None, **rest):
        return self.one("variant", node or stored("c"), values, features=FEATURES, **rest)

    def json_of(self, table, expression="CAST(c AS VARCHAR)"):
        return [None if cell is None else json.loads(cell, parse_float=decimal.Decimal)
                for cell in self.cells(table, expression)]

    def test_every_kind_of_value(self):
        when = datetime.datetime(2024, 2, 29, 12, 30, 1, 5)
        values = [{"a": 1, "b": [True, "x", None]}, "text", "long " * 30, 7, 1.5, False, [], {}, when.date(), when]
        table = self.variants([None if value is None else variant.encode(value) for value in values])
        expected = [*values[:8], "2024-02-29", "2024-02-29 12:30:01.000005"]
        self.assertEqual(self.json_of(table), expected)
        self.assertEqual(self.rows("SELECT typeof(c) FROM t LIMIT 1", table), [["VARIANT"]])

    def test_decimals_keep_their_digits(self):
        values = [decimal.Decimal(number) for number in ("0.01", "-0.01", "12.50", "0.0", "5")]
        table = self.variants([variant.encode(value) for value in values])
        self.assertEqual([str(number) for number in self.json_of(table)], ["0.01", "-0.01", "12.50", "0.0", "5"])

    def test_null_is_not_the_variant_null(self):
        table = self.variants([None, variant.encode(None), variant.encode({"a": None})])
        self.assertEqual(self.cells(table), [None, "null", '{"a":null}'])
        self.assertEqual(self.cells(table, "c IS NULL"), ["true", "false", "false"])
        self.assertEqual(self.rows("SELECT count(c), count(*) FROM t", table), [["2", "3"]])

    def test_parts_in_another_order(self):
        table = self.variants([variant.encode(1)], stored("c", order=("value", "metadata")))
        self.assertEqual(self.json_of(table), [1])

    def test_marked_as_the_specification_has_it(self):
        table = self.variants([variant.encode(1), None], stored("c", logical="VARIANT"))
        self.assertEqual(self.json_of(table), [1, None])

    def test_within_lists_structs_and_maps(self):
        listed = group("l", group("list", stored("element"), rep=REPEATED), converted="LIST")
        entry = group("key_value", text("key", rep=REQUIRED), stored("value"), rep=REPEATED)
        table = self.table([field("l", array_of("variant")), field("s", struct_of(v="variant", x="integer")),
                            field("m", map_of("string", "variant"))], features=FEATURES)
        one, two = variant.encode({"k": 1}), variant.encode("two")
        table.add([listed, group("s", stored("v"), column("x", "INT32")), group("m", entry, converted="MAP")], [
            {"l": {"list": [{"element": one}, {"element": None}, {"element": two}]}, "s": {"v": one, "x": 5},
             "m": {"key_value": [{"key": "a", "value": two}]}},
            {"l": {"list": []}, "s": {"v": None, "x": 6}, "m": None}, {"l": None, "s": None, "m": None}])
        self.assertEqual(self.rows("SELECT * FROM t", table), [
            ['[{"k":1}, NULL, "two"]', "{'v': {\"k\":1}, 'x': 5}", '{a="two"}'],
            ["[]", "{'v': NULL, 'x': 6}", None], [None, None, None]])
        self.assertEqual(self.rows("SELECT l[1]::VARCHAR FROM t WHERE s.x = 5", table), [['{"k":1}']])
        self.assertEqual(self.rows("SELECT s.x FROM t WHERE l[1]::VARCHAR = '{\"k\":1}'", table), [["5"]])
        self.assertEqual(self.rows("SELECT s.x FROM t WHERE m['a']::VARCHAR = '\"two\"' AND s.v IS NOT NULL", table),
                         [["5"]])

    def test_shredded_scalars(self):
        keys = variant.metadata([])
        rows = [{"metadata": keys, "typed_value": 5}, {"metadata": keys, "value": variant.body("no number", [])}, None]
        table = self.variants(rows, stored("c", column("typed_value", "INT64")))
        self.assertEqual(self.json_of(table), [5, "no number", None])

    def test_shredded_objects(self):
        keys = ["a", "b", "z"]
        typed = group("typed_value", typed_field("a", column("typed_value", "INT64")),
                      typed_field("b", text("typed_value")))
        rows = [
            {"metadata": variant.metadata(keys), "typed_value": {"a": {"typed_value": 1}, "b": {"typed_value": "x"}}},
            {"metadata": variant.metadata(keys), "value": variant.body({"z": True}, keys),
             "typed_value": {"a": {"value": variant.body("not a number", keys)}, "b": {}}},
            {"metadata": variant.metadata(keys), "value": variant.body([1], keys)},
        ]
        table = self.variants(rows, stored("c", typed))
        self.assertEqual(self.json_of(table), [{"a": 1, "b": "x"}, {"a": "not a number", "z": True}, [1]])

    def test_shredded_lists(self):
        element = group("element", column("value", "BYTE_ARRAY"), column("typed_value", "INT64"), rep=REQUIRED)
        typed = group("typed_value", group("list", element, rep=REPEATED), converted="LIST")
        keys = variant.metadata([])
        rows = [{"metadata": keys, "typed_value": {"list": [
            {"element": {"typed_value": 1}}, {"element": {"value": variant.body("x", [])}}]}},
            {"metadata": keys, "typed_value": {"list": []}}, {"metadata": keys, "value": variant.body(3, [])}]
        self.assertEqual(self.json_of(self.variants(rows, stored("c", typed))), [[1, "x"], [], 3])

    def test_many_rows_some_shredded_in_lists(self):
        keys = variant.metadata([])
        element = stored("element", column("typed_value", "INT64"))
        node = group("c", group("list", element, rep=REPEATED), converted="LIST")
        rows = [{"list": [{"element": {"metadata": keys, "typed_value": 10 * row + at}} if at % 2 else
                          {"element": {"metadata": keys, "value": variant.body(str(at), [])}}
                          for at in range(row % 4)]} for row in range(5000)]
        table = self.one(array_of("variant"), node, rows, features=FEATURES)
        expected = ["[" + ", ".join(str(10 * row + at) if at % 2 else f'"{at}"' for at in range(row % 4)) + "]"
                    for row in range(5000)]
        self.assertEqual(self.cells(table), expected)

    def test_shredded_keys_that_differ_only_in_case(self):
        typed = group("typed_value", typed_field("a", column("typed_value", "INT64")),
                      typed_field("A", column("typed_value", "INT64")))
        table = self.variants([{"metadata": variant.metadata(["A", "a"]),
                                "typed_value": {"a": {"typed_value": 1}, "A": {"typed_value": 2}}}], stored("c", typed))
        self.assertEqual(self.json_of(table), [{"a": 1, "A": 2}])

    def test_what_is_stored_twice_is_corrupt(self):
        keys = ["a"]
        typed = group("typed_value", typed_field("a", column("typed_value", "INT64")))
        table = self.variants([{"metadata": variant.metadata(keys), "value": variant.body({"a": 2}, keys),
                                "typed_value": {"a": {"typed_value": 1}}}], stored("c", typed))
        self.refused(table, "Corrupt", "part-0.parquet")
        table = self.variants([{"metadata": variant.metadata([]), "value": variant.body(1, []), "typed_value": 1}],
                              stored("c", column("typed_value", "INT64")))
        self.refused(table, "Corrupt", "part-0.parquet")

    def test_shredded_without_a_value_of_its_own(self):
        node = group("c", column("metadata", "BYTE_ARRAY"), column("typed_value", "INT64"))
        table = self.variants([{"metadata": variant.metadata([]), "typed_value": 7}], node)
        self.assertEqual(self.json_of(table), [7])

    def test_what_is_no_variant_is_corrupt(self):
        self.refused(self.variants([{"x": 1}], group("c", column("x", "INT32"))),
                     "Corrupt", "column c", "part-0.parquet")
        cut = variant.encode({"a": "text"})
        cut["value"] = cut["value"][:-3]
        self.refused(self.variants([cut]), "Corrupt", "part-0.parquet")
        self.assertEqual(self.rows("SELECT 1"), [["1"]])

    def test_under_a_column_mapping(self):
        table = self.table([field("c", "variant", "pc", 1)], features=[*FEATURES, "columnMapping"],
                           configuration={"delta.columnMapping.mode": "name"})
        table.add([stored("pc")], [{"pc": variant.encode(1)}])
        self.assertEqual(self.json_of(table), [1])

    def test_filters_on_a_variant(self):
        table = self.variants([variant.encode({"k": number}) for number in range(3)] + [None])
        self.assertEqual(self.cells(table, "count(*)"), ["4"])
        self.assertEqual(self.rows("SELECT count(*) FROM t WHERE c IS NOT NULL", table), [["3"]])
        self.assertEqual(self.rows("SELECT count(*) FROM t WHERE c IS NULL", table), [["1"]])
        self.assertEqual(self.rows("SELECT c::VARCHAR FROM t WHERE c.k::BIGINT = 2", table), [['{"k":2}']])

    def test_rows_behind_a_filter_on_another_column(self):
        table = self.table([field("id", "integer"), field("c", "variant")], features=FEATURES)
        table.add([column("id", "INT32"), stored("c")], [{"id": n, "c": variant.encode({"n": n})} for n in range(6000)])
        self.assertEqual(self.rows("SELECT c::VARCHAR FROM t WHERE id = 4711", table), [['{"n":4711}']])
        self.assertEqual(self.rows("SELECT sum(c.n::BIGINT) FROM t WHERE id % 1000 = 1", table), [["15006"]])

    def test_a_file_without_the_column(self):
        table = self.table([field("id", "integer"), field("c", "variant"),
                            field("s", struct_of(v="variant", x="integer"))],
                           features=FEATURES)
        table.add([column("id", "INT32"), group("s", column("x", "INT32"))], [{"id": 1, "s": {"x": 2}}])
        self.assertEqual(self.rows("SELECT * FROM t", table), [["1", None, "{'v': NULL, 'x': 2}"]])

    def test_fields_beside_a_variant_that_moved(self):
        table = self.table([field("s", struct_of(v="variant", x="long", y="integer"))], features=FEATURES)
        table.add([group("s", column("x", "INT32"), stored("v"))],
                  [{"s": {"x": 2, "v": variant.encode(1)}}, {"s": None}])
        self.assertEqual(self.cells(table, "s"), ["{'v': 1, 'x': 2, 'y': NULL}", None])

    def test_a_copy_keeps_variants_and_makes_nested_ones_text(self):
        table = self.table([field("c", "variant"), field("s", struct_of(v="variant"))], features=FEATURES)
        table.add([stored("c"), group("s", stored("v"))],
                  [{"c": variant.encode({"a": 1}), "s": {"v": variant.encode([1])}}])
        target = f"{self.folder.name}/variants.parquet"
        self.rows(f"COPY (SELECT * FROM delta.`{table.folder}`) TO '{target}'")
        self.assertEqual(self.rows(f"SELECT c::VARCHAR, s.v FROM '{target}'"), [['{"a":1}', "[1]"]])
        self.assertEqual(str(pyarrow.parquet.read_schema(target).field("s").type), "struct<v: string>")


if __name__ == "__main__":
    unittest.main()
