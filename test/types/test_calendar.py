"""Dates and instants that Spark wrote in the Julian calendar, by the marks of the footer; nanoseconds. The numbers
and what they mean were taken from Spark 4.1 itself (datetimeRebaseModeInWrite = LEGACY)."""
import unittest

from parquet import REPEATED, REQUIRED, column, group, int96, timestamp
from tables import TablesTest, array_of, field, map_of, struct_of

SPARK = "org.apache.spark."
MARKED = {SPARK + "version": "4.1.4", SPARK + "timeZone": "UTC", SPARK + "legacyDateTime": "",
          SPARK + "legacyINT96": ""}
DAYS = [(-719_164, "0001-01-01"), (-646_422, "0200-02-28"), (-354_280, "1000-01-01"), (-171_595, "1500-03-01"),
        (-141_428, "1582-10-04"), (-141_427, "1582-10-15"), (-29_094, "1890-05-06"), (18_321, "2020-02-29")]
INSTANTS = [(-62_135_769_599_876_544, "0001-01-01 00:00:00.123456+00"),
            (-55_850_774_400_000_001, "0200-02-28 23:59:59.999999+00"),
            (-14_825_808_000_000_000, "1500-03-01 00:00:00+00"),
            (-12_219_292_800_000_001, "1582-10-04 23:59:59.999999+00"),
            (-12_219_292_800_000_000, "1582-10-15 00:00:00+00"), (-2_513_695_911_000_000, "1890-05-06 07:08:09+00"),
            (1_582_938_123_456_000, "2020-02-29 01:02:03.456+00")]
SHIFTED = "1582-10-14 23:59:59.999999+00"  # what the same number is in the Gregorian calendar


def date(name="c", **rest):
    return column(name, "INT32", converted="DATE", **rest)


def micros(name="c", is_utc=True):
    return column(name, "INT64", logical=timestamp("MICROS", is_utc))


class Calendar(TablesTest):
    def stored(self, kind, node, rows, metadata=None, **more):
        return self.table([field("c", kind)]).add([node], [{"c": row} for row in rows],
                                                  MARKED if metadata is None else metadata, **more)

    def test_dates(self):
        table = self.stored("date", date(), [day for day, _ in DAYS] + [None])
        self.assertEqual(self.cells(table), [text for _, text in DAYS] + [None])

    def test_instants(self):
        numbers = [number for number, _ in INSTANTS] + [None]
        texts = [text for _, text in INSTANTS] + [None]
        self.assertEqual(self.cells(self.stored("timestamp", micros(), numbers)), texts)
        nanos = [None if number is None else int96(number * 1000) for number in numbers]
        self.assertEqual(self.cells(self.stored("timestamp", column("c", "INT96"), nanos)), texts)
        millis = column("c", "INT64", logical=timestamp("MILLIS", True))
        table = self.stored("timestamp", millis, [-12_219_292_800_001, -12_219_292_800_000])
        self.assertEqual(self.cells(table), ["1582-10-04 23:59:59.999+00", "1582-10-15 00:00:00+00"])

    def test_a_wall_clock_has_no_calendar(self):
        table = self.stored("timestamp_ntz", micros(is_utc=False), [INSTANTS[3][0]])
        self.assertEqual(self.cells(table), [SHIFTED[:-3]])
        self.assertEqual(self.cells(self.stored("timestamp_ntz", date(), [-141_428])), ["1582-10-04 00:00:00"])

    def test_every_level(self):
        node = group("c", group("list", date("element"), rep=REPEATED), converted="LIST")
        table = self.stored(array_of("date"), node, [{"list": [{"element": -141_428}, {"element": None}]}, None])
        self.assertEqual(self.cells(table), ["[1582-10-04, NULL]", None])
        node = group("c", micros("t"), column("n", "INT32"))
        table = self.stored(struct_of(t="timestamp", n="integer"), node, [{"t": INSTANTS[3][0], "n": 7}, None])
        self.assertEqual(self.cells(table, "c.t"), [INSTANTS[3][1], None])
        self.assertEqual(self.rows(f"SELECT c.n FROM t WHERE c.t = '{INSTANTS[3][1]}'", table), [["7"]])
        entry = group("key_value", date("key", rep=REQUIRED), date("value"), rep=REPEATED)
        table = self.stored(map_of("date", "date"), group("c", entry, converted="MAP"),
                            [{"key_value": [{"key": -141_428, "value": -719_164}]}])
        self.assertEqual(self.cells(table), ["{1582-10-04=0001-01-01}"])

    def test_filters_see_the_dates_of_the_table(self):
        """Row groups are not judged by their bounds, which are of the other calendar."""
        low, high = -141_438, -141_428
        table = self.stored("date", date(bounds=(low, high)), [low, high])
        for test, count in (("c = DATE '1582-10-04'", "1"), ("c > DATE '1582-10-03'", "1"),
                            ("c < DATE '1582-09-30'", "1"), ("c IN (DATE '1582-10-04', DATE '1582-09-24')", "2"),
                            ("c = DATE '1582-10-14'", "0"), ("c IS NULL", "0")):
            self.assertEqual(self.rows(f"SELECT count(*) FROM t WHERE {test}", table), [[count]], test)
        self.assertEqual(self.rows("SELECT min(c), max(c) FROM t", table), [["1582-09-24", "1582-10-04"]])
        joined = "SELECT count(*) FROM t JOIN (VALUES (DATE '1582-10-04')) v(d) ON c = d"
        self.assertEqual(self.rows(joined, table), [["1"]])

    def test_bounds_of_the_log_are_of_the_tables_calendar(self):
        stats = {"minValues": {"c": "1582-10-04"}, "maxValues": {"c": "1582-10-04"}, "nullCount": {"c": 0}}
        table = self.stored("date", date(), [-141_428], stats=stats)
        self.assertEqual(self.rows("SELECT count(*) FROM t WHERE c = DATE '1582-10-04'", table), [["1"]])

    def test_which_files_are_of_the_old_calendar(self):
        gregorian, julian = "1582-10-14", "1582-10-04"
        for marks, wanted, wanted_int96 in (
                ({}, gregorian, gregorian),
                ({"legacyDateTime": "", "legacyINT96": ""}, gregorian, gregorian),  # without a version: not Spark's
                ({"version": "2.4.8"}, julian, julian),
                ({"version": "3.0.3"}, gregorian, julian),
                ({"version": "3.1.0"}, gregorian, gregorian),
                ({"version": "10.0.0"}, gregorian, gregorian),
                ({"version": "3.5.1", "legacyDateTime": ""}, julian, gregorian),
                ({"version": "3.5.1", "legacyINT96": ""}, gregorian, julian)):
            metadata = {SPARK + key: value for key, value in marks.items()}
            with self.subTest(str(marks)):
                self.assertEqual(self.cells(self.stored("date", date(), [-141_428], metadata)), [wanted])
                number = INSTANTS[3][0]
                got = self.cells(self.stored("timestamp", micros(), [number], metadata), "CAST(c AS DATE)")
                self.assertEqual(got, [wanted])
                got = self.cells(self.stored("timestamp", column("c", "INT96"), [int96(number * 1000)], metadata),
                                 "CAST(c AS DATE)")
                self.assertEqual(got, [wanted_int96])

    def test_zones_with_one_offset(self):
        """In "+08:00" Spark sees Greenwich, in "GMT+08:00" a zone eight hours ahead."""
        number = INSTANTS[3][0]
        for zone, wanted in (("+08:00", INSTANTS[3][1]), ("GMT+08:00", SHIFTED), ("Etc/GMT-8", SHIFTED),
                             ("Etc/UTC", INSTANTS[3][1])):
            metadata = {**MARKED, SPARK + "timeZone": zone}
            self.assertEqual(self.cells(self.stored("timestamp", micros(), [number], metadata)), [wanted], zone)

    def test_zones_whose_clocks_were_changed_are_refused_before_1900(self):
        metadata = {**MARKED, SPARK + "timeZone": "America/Los_Angeles"}
        old, new = -2_208_988_800_000_001, -2_208_988_800_000_000
        table = self.stored("timestamp", micros(), [new, None], metadata)
        self.assertEqual(self.cells(table), ["1900-01-01 00:00:00+00", None])
        self.refused(self.stored("timestamp", micros(), [old], metadata), "Unsupported", "America/Los_Angeles",
                     "part-0.parquet")
        self.assertEqual(self.cells(self.stored("date", date(), [-141_428], metadata)), ["1582-10-04"])


class Nanoseconds(TablesTest):
    """A table's instants have microseconds: what is finer is cut, towards the past."""

    NUMBERS = [(1_999, 1), (1_000, 1), (999, 0), (-1, -1), (-1_000, -1), (-1_001, -2),
               (2**63 - 1, 9_223_372_036_854_775), (-2**63, -9_223_372_036_854_776)]

    def test_instants_and_wall_clocks(self):
        for kind, is_utc in (("timestamp", True), ("timestamp_ntz", False), ("timestamp", False)):
            node = column("c", "INT64", logical=timestamp("NANOS", is_utc))
            table = self.one(kind, node, [nanos for nanos, _ in self.NUMBERS] + [None])
            got = self.cells(table, "epoch_us(c)")
            self.assertEqual(got, [str(wanted) for _, wanted in self.NUMBERS] + [None], kind)

    def test_filters_find_what_was_cut(self):
        node = column("c", "INT64", logical=timestamp("NANOS", True), bounds=(-1_001, 1_999))
        table = self.one("timestamp", node, [-1_001, 1_999])
        for micros_from_1970 in (-2, 1):
            test = f"c = make_timestamptz({micros_from_1970})"
            self.assertEqual(self.rows(f"SELECT count(*) FROM t WHERE {test}", table), [["1"]], test)
        self.assertEqual(self.rows("SELECT count(*) FROM t WHERE c > make_timestamptz(1)", table), [["0"]])


if __name__ == "__main__":
    unittest.main()
