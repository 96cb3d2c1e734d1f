"""Writes the two Parquet files of `flip_test.cc` whose pages have Parquet's delta encodings and
byte streams: `v1.parquet`, pages of version 1 without compression, whose damage reaches the decoders
as it is, and `v2.parquet`, pages of version 2 with Snappy. Run with pyarrow when they must change:
`python test/flip/make_delta_pages.py test/flip/data`.
"""

import pathlib
import sys

import pyarrow
import pyarrow.parquet

ROWS = 150
ENCODINGS = {
    "a": "DELTA_BINARY_PACKED",
    "b": "DELTA_BINARY_PACKED",
    "s": "DELTA_LENGTH_BYTE_ARRAY",
    "t": "DELTA_BYTE_ARRAY",
    "d": "BYTE_STREAM_SPLIT",
}


def rows(start):
    count = range(start, start + ROWS)
    return pyarrow.table(
        {
            "a": pyarrow.array([None if i % 7 == 0 else i * i % 997 for i in count], pyarrow.int32()),
            "b": pyarrow.array([i * 1_000_003 for i in count], pyarrow.int64()),
            "s": pyarrow.array([None if i % 11 == 0 else "x" * (i % 5) for i in count]),
            "t": pyarrow.array([f"common/prefix/{i // 10}/{i}" for i in count]),
            "d": pyarrow.array([i / 4 for i in count], pyarrow.float64()),
        }
    )


def write(path, start, version, compression):
    pyarrow.parquet.write_table(
        rows(start),
        path,
        compression=compression,
        use_dictionary=False,
        column_encoding=ENCODINGS,
        data_page_version=version,
        write_statistics=False,
        store_schema=False,
    )


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    write(folder / "v1.parquet", 0, "1.0", "none")
    write(folder / "v2.parquet", ROWS, "2.0", "snappy")
