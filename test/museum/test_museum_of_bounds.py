"""Rows that readers skipped for what writers had put down as bounds of files: each a test, named for it."""
import json
import unittest

import pyarrow

from writing import VECTORS, WritingTest


class BoundsMuseum(WritingTest):
    def check_found(self, kind, *groups):
        """A file for each group of values, given as SQL; every value is found in it, by commits and by a
        checkpoint."""
        self.elsewhere()
        self.create(f"v {kind}, n BIGINT", {"delta.checkpointInterval": str(len(groups))})
        for number, group in enumerate(groups):
            self.run_all("INSERT INTO {t} VALUES " + ", ".join(f"({value}, {number})" for value in group))
        for _ in ("commits", "checkpoint"):
            for number, group in enumerate(groups):
                for value in group:
                    for test in (f"v = {value}", f"v >= {value}", f"v <= {value}", f"v BETWEEN {value} AND {value}"):
                        found = self.rows(f"SELECT DISTINCT n FROM {{t}} WHERE {test}", session=self.session)
                        self.assertIn([str(number)], found, test)
            self.session.close()
            self.drop_commits_behind_checkpoint()
            self.session = self.open()

    def bounds(self, version):
        """Least and greatest of the first file of a commit, as its JSON has them."""
        stats = json.loads(self.actions(version, "add")[0]["stats"])
        return stats.get("minValues", {}).get("v"), stats.get("maxValues", {}).get("v")

    def test_microseconds_beyond_the_greatest(self):
        """Trino 31231, delta-rs 2571, delta-kernel-rs 1003: the greatest timestamp was cut to milliseconds, in the
        log or on the way into the checkpoint; what lay between was skipped. It is never cut downward."""
        groups = (("'2023-03-29 23:59:59.807126'", "'2023-03-30 00:00:00.000902'"),
                  ("'1969-12-31 23:59:59.999999'",), ("'0001-01-01 00:00:00.000001'",),
                  ("'9999-12-31 23:59:59.999999'",))
        for kind in ("TIMESTAMP", "TIMESTAMPTZ"):
            self.check_found(kind, *([f"{kind} {text}" for text in group] for group in groups))
        self.elsewhere()
        self.create("v TIMESTAMP_NTZ")
        self.run_all("INSERT INTO {t} VALUES (TIMESTAMP '2023-03-30 00:00:00.000902')")
        least, greatest = self.bounds(1)
        self.assertLessEqual(least, "2023-03-30T00:00:00.000902")
        self.assertGreater(greatest, "2023-03-30T00:00:00.000901")

    def test_not_a_number_beyond_the_greatest(self):
        """Delta 7101, Hudi 18754: NaN, which is greater than every number, was left out of the bounds or set them
        to 0; files with it were skipped, or all others were."""
        for kind in ("DOUBLE", "FLOAT"):
            self.check_found(kind, ("1.0", f"'nan'::{kind}"), ("-0.0", "0.0"), ("-5.5", "100.25"), (f"'nan'::{kind}",))
            self.check("SELECT count(*) FROM {t} WHERE v > 50", [[3]])
            self.check("SELECT count(*) FROM {t} WHERE v = 0", [[2]])

    def test_infinities_broke_the_statistics(self):
        """delta-rs 1411: infinite bounds were written as words that are no JSON, and the table could not be read."""
        for kind in ("DOUBLE", "FLOAT"):
            self.check_found(kind, ("1.0", f"'inf'::{kind}"), (f"'-inf'::{kind}", "2.0"), ("3.0",))
            self.elsewhere()
            self.create(f"v {kind}")
            self.run_all("INSERT INTO {t} VALUES (1.0), ('inf'), ('-inf')")
            json.loads(self.actions(1, "add")[0]["stats"], parse_constant=self.fail)

    def test_bounds_of_dates_and_decimals(self):
        """delta-rs 1670: the bounds of dates were their numbers of days, and nothing lay between them."""
        self.check_found("DATE", ("DATE '1995-03-09'", "DATE '1995-03-10'"), ("DATE '0001-01-01'",),
                         ("DATE '9999-12-31'",))
        self.check_found("DECIMAL(38, 10)", ("1234567890123456789012345678.0123456789",),
                         ("-0.0000000001", "0.0000000001"), ("99999999999999.9999999999",))

    def test_file_without_statistics_matched_nothing(self):
        """delta-rs 2169: of several files of one write one had empty statistics, and filters found nothing in it."""
        self.create("v VARCHAR", {"delta.targetFileSize": "16kb"})
        self.run_all("INSERT INTO {t} SELECT 'B' FROM range(200000)")
        self.commit({"add": {**self.data_file("bare.parquet", pyarrow.table({"v": ["B"] * 5}))["add"], "stats": "{}"}})
        self.check("SELECT count(*) FROM {t} WHERE v = 'B'", [[200_005]])
        self.check("SELECT count(*), min(v), max(v) FROM {t}", [[200_005, "B", "B"]])
        self.assertEqual(self.run_all("DELETE FROM {t} WHERE v = 'B'", session=self.open())["rows_affected"], 200_005)

    def test_rows_of_widened_columns_dropped_by_their_filters(self):
        """Trino 30544: a value was hashed in the table's width, the file's Bloom filter in the file's: after a
        column was widened whole row groups were skipped, by SELECT and by DELETE alike."""
        self.create("k INTEGER, f FLOAT, v VARCHAR", VECTORS)
        filters = {"ndv": 1000, "fpp": 0.001}
        self.commit(self.data_file("narrow.parquet", pyarrow.table({
            "k": pyarrow.array([i * 10 for i in range(1000)] * 4, pyarrow.int32()),
            "f": pyarrow.array([i + 0.5 for i in range(1000)] * 4, pyarrow.float32()), "v": ["old"] * 4000}),
            bloom_filter_options={"k": filters, "f": filters}))
        probe = f"SELECT bool_or(bloom_filter_excludes) FROM parquet_bloom_probe('{self.root}/narrow.parquet', 'k', 55)"
        self.check(probe, [["true"]])
        metadata, protocol = self.actions(0, "metaData")[0], self.actions(0, "protocol")[0]
        schema = json.loads(metadata["schemaString"])
        for field, (narrow, wide) in zip(schema["fields"], (("integer", "long"), ("float", "double"))):
            self.assertEqual(field["type"], narrow)
            field["type"] = wide
            field["metadata"]["delta.typeChanges"] = [{"fromType": narrow, "toType": wide}]
        metadata["schemaString"] = json.dumps(schema)
        for kind in ("readerFeatures", "writerFeatures"):
            protocol[kind] = sorted({*protocol[kind], "typeWidening"})
        self.commit({"protocol": protocol}, {"metaData": metadata})
        self.check("SELECT count(*) FROM {t} WHERE k = 50", [[4]])
        self.check("SELECT count(*) FROM {t} WHERE k IN (50, 60) AND f = 5.5", [[4]])
        self.assertEqual(self.run_all("DELETE FROM {t} WHERE k = 50")["rows_affected"], 4)
        self.assertEqual(self.run_all("UPDATE {t} SET v = 'new' WHERE f = 7.5")["rows_affected"], 4)
        self.run_all("MERGE INTO {t} USING (SELECT CAST(90 AS BIGINT) AS k) s ON {t}.k = s.k WHEN MATCHED THEN DELETE "
                     "WHEN NOT MATCHED THEN INSERT (k) VALUES (s.k)")
        self.check("SELECT v, count(*) FROM {t} GROUP BY v ORDER BY v", [["new", 4], ["old", 4000 - 12]])


if __name__ == "__main__":
    unittest.main()
