"""Columns that moved: column mapping by name and by id, and types that were widened after files were written."""
import unittest

from parquet import REPEATED, REQUIRED, column, group, text
from tables import TablesTest, array_of, field, map_of


def listed(name, element, **rest):
    return group(name, group("list", element, rep=REPEATED), converted="LIST", **rest)


def mapped(name, key, value, **rest):
    return group(name, group("key_value", key, value, rep=REPEATED), converted="MAP", **rest)


def struct(*fields):
    return {"type": "struct", "fields": list(fields)}


class Mapping(TablesTest):
    def mapped_table(self, mode, fields, **rest):
        return self.table(fields, features=["columnMapping"], configuration={"delta.columnMapping.mode": mode}, **rest)

    def test_by_name_at_every_level(self):
        inner = struct(field("x", "integer", "px", 2), field("y", "string", "py", 3))
        table = self.mapped_table("name", [
            field("s", inner, "ps", 1), field("l", array_of(inner), "pl", 4),
            field("m", map_of("string", inner), "pm", 5)])
        def stored(name):
            return group(name, column("py", "BYTE_ARRAY"), column("px", "INT32"))
        table.add([stored("ps"), listed("pl", stored("element")),
                   mapped("pm", text("key", rep=REQUIRED), stored("value"))],
                  [{"ps": {"px": 1, "py": "a"}, "pl": {"list": [{"element": {"px": 2, "py": None}}]},
                    "pm": {"key_value": [{"key": "k", "value": {"px": 3, "py": "c"}}]}}])
        self.assertEqual(self.rows("SELECT * FROM t", table),
                         [["{'x': 1, 'y': a}", "[{'x': 2, 'y': NULL}]", "{k={'x': 3, 'y': c}}"]])

    def test_older_forms_of_lists_under_a_mapping(self):
        inner = struct(field("x", "integer", "px", 2))
        for node, row in (
                (group("pl", group("array", column("px", "INT32"), rep=REPEATED), converted="LIST"),
                 {"array": [{"px": 1}]}),
                (group("pl", group("bag", group("array_element", column("px", "INT32")),
                             rep=REPEATED), converted="LIST"),
                 {"bag": [{"array_element": {"px": 1}}]})):
            table = self.mapped_table("name", [field("l", array_of(inner), "pl", 1)]).add([node], [{"pl": row}])
            self.assertEqual(self.cells(table, "l"), ["[{'x': 1}]"])

    def test_by_id_at_every_level(self):
        inner = struct(field("x", "integer", "col-2", 2), field("y", "integer", "col-3", 3))
        table = self.mapped_table("id", [field("s", inner, "col-1", 1), field("l", array_of(inner), "col-4", 4)])
        def stored(name, **rest):  # the names are those of other columns: only ids count
            return group(name, column("col-3", "INT32", field_id=2), column("col-2", "INT32", field_id=3), **rest)
        table.add([listed("col-1", stored("element"), field_id=4), stored("col-4", field_id=1)],
                  [{"col-4": {"col-3": 1, "col-2": 2}, "col-1": {"list": [{"element": {"col-3": 3, "col-2": 4}}]}}])
        self.assertEqual(self.rows("SELECT * FROM t", table), [["{'x': 1, 'y': 2}", "[{'x': 3, 'y': 4}]"]])
        self.assertEqual(self.rows("SELECT s.y FROM t WHERE s.x = 1", table), [["2"]])

    def test_a_file_without_ids_has_no_column_by_id(self):
        table = self.mapped_table("id", [field("a", "integer", "a", 1)]).add([column("a", "INT32")], [{"a": 1}])
        self.assertEqual(self.cells(table, "a"), [None])

    def test_two_columns_of_one_id_are_corrupt(self):
        table = self.mapped_table("id", [field("a", "integer", "a", 1)])
        table.add([column("a", "INT32", field_id=1), column("b", "INT32", field_id=1)], [{"a": 1, "b": 2}])
        self.refused(table, "Corrupt", "part-0.parquet")

    def test_a_dropped_and_re_added_column_keeps_nothing(self):
        for mode in ("name", "id"):
            inner = struct(field("x", "integer", "col-9", 9))
            table = self.mapped_table(mode, [field("a", "integer", "col-8", 8), field("s", inner, "s", 2)])
            table.add([column("a", "INT32", field_id=1), group("s", column("x", "INT32", field_id=3), field_id=2)],
                      [{"a": 7, "s": {"x": 7}}])
            self.assertEqual(self.rows("SELECT * FROM t", table), [[None, "{'x': NULL}"]], mode)

    def test_a_partition_column_that_the_file_also_has(self):
        table = self.mapped_table("name", [field("a", "integer", "pa", 1), field("p", "integer", "pp", 2)],
                                  partition_columns=["p"])
        table.add([column("pa", "INT32"), column("pp", "INT32")], [{"pa": 1, "pp": 99}], partition={"pp": "5"})
        self.assertEqual(self.rows("SELECT * FROM t", table), [["1", "5"]])


class Widening(TablesTest):
    PAIRS = (  # to, stored as, value, as text, a filter that keeps it, one that does not
        ("short", column("c", "INT32", converted="INT_8"), -7, "-7", "c = -7", "c = 300"),
        ("integer", column("c", "INT32", converted="INT_16"), -7, "-7", "c < 70000", "c = 70000"),
        ("long", column("c", "INT32"), 7, "7", "c < 5000000000", "c > 5000000000"),
        ("double", column("c", "INT32"), 7, "7.0", "c > 6.5 AND c < 7.5", "c = 6.5"),
        ("double", column("c", "FLOAT"), 0.5, "0.5", "c = 0.5", "c = 0.1"),
        ("decimal(12,2)", column("c", "INT32"), 7, "7.00", "c > 6.50 AND c <= 7.4", "c = 7.40"),
        ("decimal(22,2)", column("c", "INT64"), 2, "2.00", "c > 1.5 AND c < 2.01", "c > 2.4"),
        ("decimal(10,4)", column("c", "INT32", converted="DECIMAL", decimal=(5, 2)), 123, "1.2300", "c < 1.2301",
         "c = 1.2301"),
        ("timestamp_ntz", column("c", "INT32", converted="DATE"), 1, "1970-01-02 00:00:00",
         "c > TIMESTAMP '1970-01-01 12:00:00'", "c >= TIMESTAMP '1970-01-02 12:00:00'"),
    )

    def test_every_pair_with_filters_that_fall_between(self):
        for kind, node, value, shown, kept, dropped in self.PAIRS:
            with self.subTest(f"{node.physical} {node.converted} to {kind}"):
                table = self.one(kind, node, [value, None])
                self.assertEqual(self.cells(table), [shown, None])
                self.assertEqual(self.rows(f"SELECT CAST(c AS VARCHAR) FROM t WHERE {kept}", table), [[shown]])
                self.assertEqual(self.rows(f"SELECT CAST(c AS VARCHAR) FROM t WHERE {dropped}", table), [])
                self.assertEqual(self.rows("SELECT count(*) FROM t WHERE c IS NULL", table), [["1"]])

    def test_within_structs_lists_and_maps(self):
        for kind, node, value, shown, _, _ in self.PAIRS:
            with self.subTest(kind):
                node.name = "element"
                table = self.one(array_of(kind), listed("c", node), [{"list": [{"element": value}, {"element": None}]}])
                self.assertEqual(self.cells(table), [f"[{self.quoted(shown)}, NULL]"])
                node.name = "x"
                table = self.one(struct(field("x", kind)), group("c", node), [{"x": value}])
                self.assertEqual(self.cells(table, "c.x"), [shown])
                node.name, rep, node.rep = "key", node.rep, REQUIRED
                table = self.one(map_of(kind, kind), mapped("c", node, self.renamed(node, "value")),
                                 [{"key_value": [{"key": value, "value": value}]}])
                self.assertEqual(self.cells(table, "map_keys(c)[1] = map_values(c)[1]"), ["true"])
                node.name, node.rep = "c", rep

    @staticmethod
    def renamed(node, name):
        return column(name, node.physical, converted=node.converted, decimal=node.decimal)

    @staticmethod
    def quoted(text_of_value):
        return f"'{text_of_value}'" if ":" in text_of_value else text_of_value

    def test_bounds_written_before_the_type_was_widened(self):
        table = self.table([field("c", "decimal(12,2)"), field("t", "timestamp_ntz")])
        table.add([column("c", "INT32"), column("t", "INT32", converted="DATE")], [{"c": 7, "t": 1}],
                  stats={"minValues": {"c": 7, "t": "1970-01-02"}, "maxValues": {"c": 7, "t": "1970-01-02"}})
        self.assertEqual(self.rows("SELECT c FROM t WHERE c > 6.5", table), [["7.00"]])
        self.assertEqual(self.rows("SELECT c FROM t WHERE t = TIMESTAMP '1970-01-02'", table), [["7.00"]])
        self.assertEqual(self.rows("SELECT c FROM t WHERE t > TIMESTAMP '1970-01-02'", table), [])

    def test_partition_values_of_the_narrower_type(self):
        for kind, value, shown in (("long", "7", "7"), ("double", "7", "7.0"), ("decimal(12,2)", "7", "7.00"),
                                   ("decimal(12,4)", "1.23", "1.2300"),
                                   ("timestamp_ntz", "1970-01-02", "1970-01-02 00:00:00")):
            with self.subTest(kind):
                table = self.table([field("a", "integer"), field("p", kind)], partition_columns=["p"])
                table.add([column("a", "INT32")], [{"a": 1}], partition={"p": value})
                self.assertEqual(self.cells(table, "p"), [shown])


if __name__ == "__main__":
    unittest.main()
