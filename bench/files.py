"""A table of many small files, against DuckDB reading the list of them."""
import random

import pyarrow as pa

import delta_tables
import lake
import log_tables
import own

MADE = "v1"
ROWS = 1000
SUM = "SELECT count(*), sum(x), max(y), min(p) FROM {t}"


def tables(files):
    chance = random.Random(3)
    for number in range(files):
        ids = range(number * ROWS, (number + 1) * ROWS)
        yield pa.table({"id": pa.array(ids, pa.int64()),
                        "x": pa.array([chance.randrange(10**6) for _ in ids], pa.int64()),
                        "y": pa.array([row * 7919 % 1000003 for row in ids], pa.int64()),
                        "p": pa.array([f"payload-{row % 977}" for row in ids])})


def small(folder, options):
    files = options.files // 200
    root = log_tables.cached(f"small-{MADE}-{files}", lambda path: delta_tables.write(path, "small", tables(files)))
    with lake.Lake(folder) as session:
        own.compare(session, f"{files:,} small files / list", SUM.format(t=f"delta.`{root}`"),
                    SUM.format(t=own.parquet_of(root)), options, 1.2)


GROUPS = {"small": small}
