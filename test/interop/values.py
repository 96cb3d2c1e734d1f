"""Values that writers and readers spell, order or round differently: tables by name, in words that Spark and Tarn share
for the columns and Spark's for the rows.
"""
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Values:
    name: str
    columns: str
    rows: tuple
    partition: str = None
    is_comparable: bool = True  # the last column has literals that = compares

    @property
    def last_column(self):
        return re.split(r", (?=\w+ [A-Z])", self.columns)[-1].split()[0]


LONG = "x" * 40
TABLES = (
    Values("decimals", "a DECIMAL(38, 0), b DECIMAL(38, 18), c DECIMAL(5, 2), d DECIMAL(9, 9), e DECIMAL(18, 0)", (
        f"{'9' * 38}BD, {'9' * 20}.{'9' * 18}BD, 999.99BD, 0.999999999BD, {'9' * 18}BD",
        f"-{'9' * 38}BD, -{'9' * 20}.{'9' * 18}BD, -999.99BD, -0.999999999BD, -{'9' * 18}BD",
        "0BD, 0BD, 0BD, 0BD, 0BD",
        "1BD, 0.000000000000000001BD, 0.01BD, 0.000000001BD, 1BD",
        "NULL, NULL, NULL, NULL, NULL")),
    Values("times", "d DATE, z TIMESTAMP_LTZ, n TIMESTAMP_NTZ", tuple(
        f"DATE'{day}', TIMESTAMP_LTZ'{day} {time}', TIMESTAMP_NTZ'{day} {time}'" for day, time in (
            ("0001-01-01", "00:00:00"), ("1582-10-04", "12:00:00"), ("1582-10-15", "00:00:00.000001"),
            ("1899-12-31", "23:59:59.999999"), ("1900-01-01", "00:00:00"), ("1969-12-31", "23:59:59.999999"),
            ("2024-02-29", "01:02:03.0045"), ("9999-12-31", "23:59:59.999999"))) + ("NULL, NULL, NULL",)),
    Values("floats", "a DOUBLE, b FLOAT", (
        "DOUBLE('NaN'), FLOAT('NaN')", "DOUBLE('Infinity'), FLOAT('Infinity')",
        "DOUBLE('-Infinity'), FLOAT('-Infinity')", "-0.0D, -0.0F", "0.0D, 0.0F",
        "1.7976931348623157E308D, FLOAT('3.4028235E38')", "4.9E-324D, FLOAT('1.4E-45')", "0.1D, 0.1F", "NULL, NULL")),
    Values("integers", "a BYTE, b SHORT, c INT, e BIGINT, f BOOLEAN", (
        "-128Y, -32768S, -2147483648, -9223372036854775808L, true",
        "127Y, 32767S, 2147483647, 9223372036854775807L, false", "NULL, NULL, NULL, NULL, NULL")),
    Values("nested", "k INT, a ARRAY<STRUCT<x: INT, m: MAP<STRING, ARRAY<INT>>>>, m MAP<STRING, STRUCT<y: STRING>>", (
        "1, array(named_struct('x', 1, 'm', map('p', array(1, NULL), 'q', array()))), map('k', named_struct('y', 'z'))",
        "2, array(), map()",
        "3, array(NULL, named_struct('x', NULL, 'm', NULL)), map('k', NULL)",
        "4, NULL, NULL"), is_comparable=False),
    Values("binary", "k INT, b BINARY", (
        "1, X''", "2, X'00'", "3, X'00FF00FF'", f"4, X'{'FF' * 100}'", "5, NULL"), is_comparable=False),
    Values("texts", "k INT, s STRING", (
        "1, ''", "2, ' '", f"3, '{LONG}'", f"4, '{LONG}a'", f"5, '{LONG[:31]}\N{GRINNING FACE}\N{GRINNING FACE}b'",
        f"6, '{LONG[:31]}\N{LATIN SMALL LETTER U WITH DIAERESIS}{LONG}'", r"7, 'a\nb\tc'", r"8, 'quote \' and \\ back'",
        "9, '\uffff\uffff\uffff\uffff'", f"10, '{chr(0x10ffff) * 40}'", "11, NULL", "12, 'NULL'")),
    Values("partitions by text", "k INT, p STRING", tuple(f"{number}, '{text}'" for number, text in enumerate((
        "a/b", "100%", "x=y", "with space", "c:d", "q\"q", "\N{LATIN SMALL LETTER U WITH DIAERESIS}",
        "\N{GRINNING FACE}", "+", "#?&", "{}", "%2F", "..", "__HIVE_DEFAULT_PARTITION", "~", "a\\\\b", "*[]"))) + (
        "100, NULL",), "p"),
    Values("partitions by day", "k INT, p DATE", (
        "1, DATE'0001-01-01'", "2, DATE'1969-12-31'", "3, DATE'9999-12-31'", "4, NULL"), "p"),
    Values("partitions by moment", "k INT, p TIMESTAMP_LTZ", (
        "1, TIMESTAMP_LTZ'1899-12-31 23:59:59.999999'", "2, TIMESTAMP_LTZ'2024-01-01 00:00:00'", "3, NULL"), "p"),
    Values("partitions by number", "k INT, p DECIMAL(10, 2)", ("1, -0.50BD", "2, 12345678.90BD", "3, NULL"), "p"),
    Values("partitions by truth", "k INT, p BOOLEAN", ("1, true", "2, false", "3, NULL"), "p"),
)
