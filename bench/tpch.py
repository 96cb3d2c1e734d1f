"""The 22 queries derived from TPC-H: on Delta through Tarn, and on the same Parquet files in a like process."""
import math
import os
import shutil
import subprocess

import pyarrow as pa
import pyarrow.parquet as pq

import delta_tables
import lake
import log_tables
import own
import pairs
import peers
import report

MADE = "v1"
QUERIES = os.path.join(lake.ROOT, "..", "shared", "bench", "queries", "tpch.sql")
FILES = {"lineitem": 40, "orders": 10, "partsupp": 4, "customer": 2, "part": 2, "nation": 1, "region": 1, "supplier": 1}
SHOWN = 4


def plain(batch):
    """Strings as the one type of string that Delta has."""
    columns = [column.cast(pa.string()) if "string" in str(column.type) else column for column in batch.columns]
    return pa.table(columns, names=batch.schema.names)


def pieces(path, count):
    file = pq.ParquetFile(path)
    for batch in file.iter_batches(batch_size=-(-file.metadata.num_rows // count)):
        yield plain(batch)


def make(root, scale):
    raw = os.path.join(root, "raw")
    subprocess.run([peers.TPCHGEN, "parquet", "-s", str(scale), "--output-dir", raw], check=True)
    for name, count in FILES.items():
        os.makedirs(os.path.join(root, name))
        delta_tables.write(os.path.join(root, name), name, pieces(os.path.join(raw, f"{name}.parquet"), count))
    shutil.rmtree(raw)


def is_kept(row):
    """All but one row of a hundred, scattered: a multiple of an odd number visits every residue."""
    return row * 2654435761 % 2**32 % 100 != 37


def make_deleted(root, source):
    for name in FILES:
        os.makedirs(os.path.join(root, name))
        delta_tables.delete_some(os.path.join(source, name), os.path.join(root, name), name, is_kept)


def queries():
    with open(QUERIES) as text:
        parts = text.read().split("-- Q")[1:]
    return {int(number): query.strip() for number, query in (part.split("\n", 1) for part in parts)}


def define(session, root, source):
    for name in FILES:
        session.ask(f"CREATE OR REPLACE TEMPORARY VIEW {name} AS SELECT * FROM {source(os.path.join(root, name))}")


def rounded(rows):
    """Sums of doubles differ in their last digits with the order of the threads."""
    def one(value):
        try:
            return f"{float(value):.6g}"
        except (TypeError, ValueError):
            return str(value)

    return sorted([one(value) for value in row] for row in rows)


def compare(name, folder, root, floor_root, count, aim, is_same):
    with lake.Lake(folder) as ours, lake.Lake(folder) as floor:
        define(ours, root, lambda path: f"delta.`{path}`")
        define(floor, floor_root, own.parquet_of)
        passes, each = [[pairs.Cost(0, 0), pairs.Cost(0, 0)] for _ in range(count)], {}
        for number, sql in queries().items():
            if is_same and rounded(ours.ask(sql)) != rounded(floor.ask(sql)):
                raise SystemExit(f"{name}: query {number} gives different rows")
            costs = pairs.interleave(lambda s=sql: ours.timed(s), lambda s=sql: floor.timed(s), count,
                                     budget_s=math.inf)
            each[number] = pairs.ratio([(a.cpu, b.cpu) for a, b in costs])[0]
            for total, pair in zip(passes, costs):
                for side in (0, 1):
                    total[side] = pairs.Cost(total[side].wall + pair[side].wall, total[side].cpu + pair[side].cpu)
        report.show(name, passes, aim)
        worst = sorted(each, key=each.get, reverse=True)[:SHOWN]
        report.say("", "dearest by CPU: " + ", ".join(f"query {number} {each[number]:.2f}" for number in worst))


def data(scale):
    return log_tables.cached(f"tpch-{MADE}-{scale}", lambda root: make(root, scale))


def tpch(folder, options):
    if not os.path.exists(QUERIES):
        report.say("TPC-H", "its queries are not there: ../shared/bench")
        return
    if not os.path.exists(peers.TPCHGEN):
        report.say("TPC-H", f"tpchgen-cli is {peers.HOW}")
        return
    for scale in ["0.1"] if options.quick else ["1", "10"] if options.sf10 else ["1"]:
        root = data(scale)
        passes = pairs.FEW_PAIRS if scale == "10" else options.pairs
        compare(f"TPC-H, scale {scale} / same files", folder, root, root, passes, 1.03, True)
        deleted = log_tables.cached(f"tpch-{MADE}-{scale}-deleted", lambda to, source=root: make_deleted(to, source))
        compare(f"TPC-H, scale {scale}, 1 % deleted / all rows", folder, deleted, root, passes, 1.10, False)
    command = lake.command(folder, f"SELECT count(*) FROM delta.`{os.path.join(root, 'lineitem')}`")
    pairs.program(command)
    report.show_ms("count(*) of 40 files, whole process", [pairs.program(command) for _ in range(options.pairs)], 60)


GROUPS = {"tpch": tpch}
