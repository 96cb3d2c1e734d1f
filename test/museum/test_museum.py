"""Wrong answers that readers of Delta tables give, or gave, without a word: each a test, named for it."""
import datetime
import json
import os
import random
import subprocess
import tempfile
import unittest
import urllib.parse

import pyarrow

from hand_table import HandTable, add_type, checkpoint_row, field, mapped, vector_file

HERE = os.path.dirname(os.path.abspath(__file__))
TARN = os.environ.get("TARN_BIN", os.path.join(os.path.dirname(os.path.dirname(HERE)), "build", "release", "tarn"))
MAPPING = {"delta.columnMapping.mode": "name"}
LEGACY = {"minReaderVersion": 2, "minWriterVersion": 5}
UTC = datetime.timezone.utc


class HandTableTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.lake = folder.name
        self.table = HandTable(os.path.join(folder.name, "a table"))

    def ask(self, select, source="{t}"):
        """Rows as lists of text; {t} is the table."""
        return self.answer(select, source)["rows"]

    def answer(self, select, source="{t}"):
        query = f"{select} FROM {source}" if source else select
        answer = self.outcome(query)
        self.assertNotIn("error", answer, query)
        return answer

    def refusal(self, query):
        return self.outcome(query)["error"]

    def outcome(self, query):
        query = query.replace("{t}", f"delta.`{self.table.root}`").replace("{path}", self.table.root)
        done = subprocess.run([TARN, "sql", "--lake", self.lake, "--format", "jsonl", "-c", query],
                              capture_output=True, text=True, timeout=60)
        return json.loads(done.stdout.splitlines()[0])


class Museum(HandTableTest):
    def test_every_value_null_under_column_mapping_with_the_legacy_protocol(self):
        """delta-rs 1.6.6 (to_pyarrow_table): reader version 2 implies the mapping, without any list of features."""
        self.table.create([mapped("id", "long", "col-1", 1), mapped("name", "string", "col-2", 2)], LEGACY, MAPPING)
        self.table.commit(self.table.file("f.parquet", {"col-1": [1, 2], "col-2": ["a", None]}))
        self.assertEqual(self.ask("SELECT id, name", "{t} ORDER BY id"), [["1", "a"], ["2", None]])

    def test_partition_values_null_under_column_mapping(self):
        """DuckDB's delta extension (its issue 343): partition values go by physical names."""
        self.table.create([mapped("id", "long", "col-1", 1), mapped("day", "timestamp_ntz", "col-2", 2)],
                          {"minReaderVersion": 3, "minWriterVersion": 7,
                           "readerFeatures": ["columnMapping", "timestampNtz"],
                           "writerFeatures": ["columnMapping", "timestampNtz"]}, MAPPING, ["day"])
        self.table.commit(
            self.table.file("a.parquet", {"col-1": [1]}, partition={"col-2": "2013-01-01 05:00:00"}),
            self.table.file("b.parquet", {"col-1": [2]}, partition={"col-2": None}))
        self.assertEqual(self.ask("SELECT id, day", "{t} ORDER BY id"), [["1", "2013-01-01 05:00:00"], ["2", None]])
        self.assertEqual(self.ask("SELECT id", "{t} WHERE day = TIMESTAMP '2013-01-01 05:00:00'"), [["1"]])

    def test_nested_values_lost_under_column_mapping(self):
        """chdb: structs inside lists and maps came back empty or NULL."""
        inner = {"type": "struct", "fields": [mapped("x", "long", "col-3", 3)]}
        self.table.create([
            mapped("l", {"type": "array", "elementType": inner, "containsNull": True}, "col-1", 1),
            mapped("m", {"type": "map", "keyType": "string", "valueType": inner, "valueContainsNull": True},
                   "col-2", 2)], LEGACY, MAPPING)
        struct = pyarrow.struct([("col-3", pyarrow.int64())])
        self.table.commit(self.table.file("f.parquet", pyarrow.table({
            "col-1": pyarrow.array([[{"col-3": 7}, None]], pyarrow.list_(struct)),
            "col-2": pyarrow.array([[("k", {"col-3": 8})]], pyarrow.map_(pyarrow.string(), struct))})))
        self.assertEqual(self.ask("SELECT l[1].x, len(l), m['k'].x"), [["7", "2", "8"]])

    def test_percent_encoded_paths_in_the_change_feed(self):
        """delta-rs: recorded change files of partitions with escaped characters were not found, or left out."""
        self.table.create([field("id", "long"), field("p", "string")], {"minReaderVersion": 1, "minWriterVersion": 4},
                          {"delta.enableChangeDataFeed": "true"}, ["p"])
        self.table.commit(self.table.file("p=a%20b/f.parquet", {"id": [1, 2]}, partition={"p": "a b"}))
        change = self.table.file("_change_data/p=a%20b/c d.parquet",
                                 {"id": [1], "_change_type": ["delete"]}, partition={"p": "a b"})["add"]
        self.table.commit({"cdc": {key: change[key] for key in ("path", "partitionValues", "size", "dataChange")}},
                          self.table.file("p=a%20b/g.parquet", {"id": [2]}, partition={"p": "a b"}))
        rows = self.ask("SELECT id, p, _change_type, _commit_version",
                        "table_changes_by_path('{path}', 1) ORDER BY ALL")
        self.assertEqual(rows, [["1", "a b", "delete", "2"], ["1", "a b", "insert", "1"], ["2", "a b", "insert", "1"]])

    def partitioned_with_checkpoint(self):
        self.table.create([field("id", "long"), field("category", "string")], partitions=["category"])
        adds = [self.table.file(f"{name}.parquet", {"id": [number]}, partition={"category": name})
                for number, name in enumerate(("X", "Y", "Z"))]
        adds.append(self.table.file("null.parquet", {"id": [9]}, partition={"category": None}))
        self.table.commit(*adds)
        self.table.checkpoint([checkpoint_row(add, stats=add["add"]["stats"]) for add in adds],
                              add_type(("stats", pyarrow.string())), drop_commits=True)

    def test_not_equal_on_a_partition_with_a_checkpoint(self):
        """duckdb-delta 304: `!=` and `<>` on a partition column dropped the other partitions."""
        self.partitioned_with_checkpoint()
        for test in ("category != 'X'", "category <> 'X'", "NOT category = 'X'", "category NOT IN ('X')"):
            self.assertEqual(self.ask("SELECT id", "{t} WHERE " + test + " ORDER BY id"), [["1"], ["2"]], test)

    def test_partition_filters_over_a_checkpoint_that_missed_rows(self):
        """duckdb-delta 303: an equality on a partition column dropped files that only a checkpoint named."""
        self.partitioned_with_checkpoint()
        self.assertEqual(self.ask("SELECT id", "{t} WHERE category = 'Y'"), [["1"]])
        self.assertEqual(self.ask("SELECT id", "{t} WHERE category IS DISTINCT FROM 'X' ORDER BY id"),
                         [["1"], ["2"], ["9"]])
        for test in ("category = 'Y' OR id = 2", "category >= 'Y'", "id > 0 AND category IN ('Y', 'Z')",
                     "category LIKE 'Y%' OR category = 'Z'"):
            self.assertEqual(self.ask("SELECT id", "{t} WHERE " + test + " ORDER BY id"), [["1"], ["2"]], test)
        self.assertEqual(self.ask("SELECT id", "{t} WHERE category IS NULL"), [["9"]])

    def test_edge_timestamps_of_the_year_9999(self):
        """Readers that count in nanoseconds wrap around; bounds cut to milliseconds lose the last of them."""
        last = datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
        first = datetime.datetime(1, 1, 1, tzinfo=UTC)
        self.table.create([field("moment", "timestamp"), field("p", "timestamp")], partitions=["p"])
        self.table.commit(self.table.file(
            "f.parquet", pyarrow.table({"moment": pyarrow.array([first, last], pyarrow.timestamp("us", "UTC"))}),
            {"minValues": {"moment": "0001-01-01T00:00:00.000Z"}, "maxValues": {"moment": "9999-12-31T23:59:59.999Z"},
             "nullCount": {"moment": 0}}, {"p": "9999-12-31 23:59:59.999999"}))
        text = "9999-12-31 23:59:59.999999+00"
        self.assertEqual(self.ask("SELECT moment, p", f"{{t}} WHERE moment >= TIMESTAMPTZ '{text}'"), [[text, text]])
        self.assertEqual(self.ask("SELECT max(moment), count(*)"), [[text, "2"]])
        self.assertEqual(self.ask("SELECT count(*)", f"{{t}} WHERE p = TIMESTAMPTZ '{text}'"), [["2"]])

    def test_a_shallow_clone_with_a_vector_at_an_absolute_path(self):
        """Files and vectors of another table, by `file:` URIs with spaces: storage type 'p' is no path of the table."""
        origin = HandTable(os.path.join(self.lake, "the origin", "50% of it"))
        add = origin.file("x y.parquet", {"a": list(range(5))})["add"]
        vector = os.path.join(origin.root, "deletion vector 1.bin")
        with open(vector, "wb") as file:
            size = file.write(vector_file([1, 3]))
        features = {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["deletionVectors"],
                    "writerFeatures": ["deletionVectors"]}
        self.table.create([field("a", "long")], features)
        add["path"] = "file:" + urllib.parse.quote(os.path.join(origin.root, "x y.parquet"))
        plain = dict(add, path="file://" + urllib.parse.quote(os.path.join(origin.root, "x y.parquet")))
        add["deletionVector"] = {"storageType": "p", "pathOrInlineDv": "file:" + urllib.parse.quote(vector),
                                 "offset": 1, "sizeInBytes": size - 9, "cardinality": 2}
        self.table.commit({"add": add})
        self.assertEqual(self.ask("SELECT a", "{t} ORDER BY a"), [["0"], ["2"], ["4"]])
        self.assertEqual(self.ask("SELECT count(*)"), [["3"]])
        # The same file under another spelling of its path, without the vector.
        self.table.commit({"remove": {"path": plain["path"], "deletionTimestamp": 1, "dataChange": True,
                                      "deletionVector": add["deletionVector"]}}, {"add": plain})
        self.assertEqual(self.ask("SELECT count(*), sum(a)"), [["5", "10"]])
        self.assertEqual(self.ask("SELECT a, _change_type", "table_changes_by_path('{path}', 2) ORDER BY a"),
                         [["1", "insert"], ["3", "insert"]])

    def test_a_file_where_no_store_is_is_unsupported_by_its_name(self):
        self.table.create([field("a", "long")])
        add = self.table.file("x.parquet", {"a": [1]})
        add["add"]["path"] = "abfss://c@account.dfs.core.windows.net/x.parquet"
        self.table.commit(add)
        error = self.refusal("SELECT a FROM {t}")
        self.assertEqual(error["kind"], "Unsupported")
        self.assertIn(add["add"]["path"], error["message"])

    def test_the_change_type_column_of_a_data_file_is_none_of_the_tables(self):
        """With the feed on, data files may have the column themselves; it says nothing."""
        self.table.create([field("id", "long")], {"minReaderVersion": 1, "minWriterVersion": 4},
                          {"delta.enableChangeDataFeed": "true"})
        self.table.commit(self.table.file("f.parquet", {"id": [1], "_change_type": ["delete"]}))
        self.assertEqual(self.ask("SELECT *"), [["1"]])
        self.assertEqual(self.ask("SELECT id, _change_type", "table_changes_by_path('{path}', 0)"), [["1", "insert"]])


class Checkpoints(HandTableTest):
    """What checkpoints may leave out."""
    properties = {}

    def filtered(self):
        return (self.ask("SELECT id", "{t} WHERE id = 2"), self.ask("SELECT count(*)"),
                self.ask("SELECT id", "{t} WHERE p IS NULL"))

    def with_checkpoint(self, make_row, *more):
        self.table.create([field("id", "long"), field("p", "integer")], configuration=self.properties, partitions=["p"])
        adds = [self.table.file(f"f{number}.parquet", {"id": [number]}, partition={"p": part})
                for number, part in ((1, "7"), (2, None))]
        self.table.commit(*adds)
        self.table.checkpoint([make_row(add) for add in adds], add_type(*more), drop_commits=True)
        self.assertEqual(self.filtered(), ([["2"]], [["2"]], [["2"]]))
        self.assertEqual(self.answer("SELECT id", "{t} WHERE p = 7")["stats"]["files_skipped"], 1)

    def check_pruning(self):
        self.assertEqual(self.answer("SELECT id", "{t} WHERE id = 2")["stats"]["files_skipped"], 1)

    def test_a_checkpoint_with_only_stats_parsed(self):
        bounds = pyarrow.struct([("id", pyarrow.int64())])
        stats = pyarrow.struct([("numRecords", pyarrow.int64()), ("minValues", bounds), ("maxValues", bounds),
                                ("nullCount", bounds)])

        def row(add):
            number = int(add["add"]["path"][1])
            return checkpoint_row(add, stats_parsed={"numRecords": 1, "minValues": {"id": number},
                                                     "maxValues": {"id": number}, "nullCount": {"id": 0}})
        self.with_checkpoint(row, ("stats_parsed", stats))
        self.check_pruning()

    def test_a_checkpoint_with_only_json_statistics(self):
        def row(add):
            number = int(add["add"]["path"][1])
            return checkpoint_row(add, stats=json.dumps({
                "numRecords": 1, "minValues": {"id": number}, "maxValues": {"id": number}, "nullCount": {"id": 0}}))
        self.with_checkpoint(row, ("stats", pyarrow.string()))
        self.check_pruning()

    def test_a_checkpoint_without_statistics(self):
        self.with_checkpoint(checkpoint_row)

    def test_statistics_that_spark_wrote_in_the_julian_calendar(self):
        """Taken for Gregorian dates they skip the file: no bound is known then, but for those of other types."""
        self.table.create([field("d", "date"), field("n", "long")])
        day = datetime.date(1582, 10, 4)
        add = self.table.file("f.parquet", {"d": [day], "n": [7]})
        self.table.commit(add)
        bounds = pyarrow.struct([("d", pyarrow.date32()), ("n", pyarrow.int64())])
        stats = pyarrow.struct([("numRecords", pyarrow.int64()), ("minValues", bounds), ("maxValues", bounds)])
        stored = {"d": datetime.date(1582, 10, 14), "n": 7}
        row = checkpoint_row(add, stats_parsed={"numRecords": 1, "minValues": stored, "maxValues": stored})
        self.table.checkpoint([row], add_type(("stats_parsed", stats)), drop_commits=True, footer={
            "org.apache.spark.version": "3.5.1", "org.apache.spark.legacyDateTime": ""})
        self.assertEqual(self.ask("SELECT n", "{t} WHERE d = DATE '1582-10-04'"), [["7"]])
        self.assertEqual(self.ask("SELECT min(d), max(n), count(*)"), [["1582-10-04", "7", "1"]])

    def test_nulls_in_partition_values_parsed(self):
        def row(add):
            part = add["add"]["partitionValues"]["p"]
            return checkpoint_row(add, partitionValues_parsed={"p": part and int(part)})
        self.with_checkpoint(row, ("partitionValues_parsed", pyarrow.struct([("p", pyarrow.int32())])))


class LargeCheckpoints(Checkpoints):
    """The same where files are left in the checkpoint (4 MiB and more)."""
    properties = {"padding": random.Random(1).randbytes(3 << 20).hex()}


if __name__ == "__main__":
    unittest.main()
