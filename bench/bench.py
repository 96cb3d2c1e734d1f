"""`make bench`: Tarn against DuckDB itself, from the same library in the same process, as ratios in one run.

The floor of a scan is read_parquet over the very files of the Tarn table; the floor of an append is COPY of the same
rows with the same codec and row groups, synced as Tarn's commit is. Options: --quick (fewer pairs and rows, to try the
programme itself), --only NAME[,NAME].
"""
import argparse
import os
import platform
import statistics
import subprocess
import sys

import lake
import pairs

COLUMNS = ("i AS id, i % 1000 AS store, (i * 7919) % 1000003 AS customer, "
           "CAST((i % 997) * 1.25 AS DECIMAL(12, 2)) AS amount, i / 7 AS weight, "
           "TIMESTAMP '2024-01-01' + INTERVAL (i) SECOND AS sold_at, 'item ' || (i % 5000) AS item")
SCANS = {
    "scan, all columns": "SELECT count(id), sum(store), max(customer), sum(amount), max(weight), "
                         "max(sold_at), min(item) FROM {t}",
    "scan, one column": "SELECT sum(customer) FROM {t}",
    "scan, 1 % by range": "SELECT count(*), sum(amount), max(item) FROM {t} WHERE id BETWEEN 5000000 AND 5100000",
    "group by": "SELECT store, sum(amount), count(*) FROM {t} GROUP BY store ORDER BY store LIMIT 5",
}


def show(name, seconds, aim):
    median, low, high = pairs.ratio(seconds)
    ours = statistics.median(pair[0] for pair in seconds)
    floor = statistics.median(pair[1] for pair in seconds)
    print(f"{name:22} {ours:9.4f} s {floor:9.4f} s   {median:5.2f}  [{low:.2f}, {high:.2f}]   "
          f"aim {aim:.2f}: {pairs.verdict(low, aim)}", flush=True)


def fill(session, rows):
    session.ask("CREATE SCHEMA IF NOT EXISTS bench")
    session.ask(f"CREATE TABLE bench.t AS SELECT {COLUMNS} FROM range({rows}) r(i)")
    root = session.location("bench.t")
    files = [os.path.join(root, name) for name in sorted(os.listdir(root)) if name.endswith(".parquet")]
    return "read_parquet([" + ", ".join(f"'{file}'" for file in files) + "])"


def scans(folder, options):
    with lake.Lake(folder) as session:
        plain = fill(session, options.rows)
        for name, sql in SCANS.items():
            ours, floor = sql.format(t="bench.t"), sql.format(t=plain)
            if session.ask(ours) != session.ask(floor):
                raise SystemExit(f"{name}: Tarn and the floor give different answers")
            seconds = pairs.interleave(lambda s=ours: session.ask(s), lambda s=floor: session.ask(s), options.pairs)
            show(name, seconds, 1.05)
    for name, source in (("Tarn table", "bench.t"), ("DuckDB, same files", plain)):
        with lake.Lake(folder) as session:
            session.ask(SCANS["scan, all columns"].format(t=source))
            print(f"{'scan, peak memory':22} {session.peak_mb():9.0f} MB   {name}", flush=True)


def append(folder, options):
    target = os.path.join(folder, "floor.parquet")
    rows = f"SELECT {COLUMNS} FROM range({options.rows}) r(i)"
    copy = f"COPY ({rows}) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
    with lake.Lake(folder) as session:
        session.ask("CREATE SCHEMA IF NOT EXISTS bench")

        def ours():
            session.ask(f"INSERT INTO bench.a {rows}")

        def floor():
            session.ask(copy)
            for path in (target, folder):
                handle = os.open(path, os.O_RDONLY)
                os.fsync(handle)
                os.close(handle)

        def reset():
            session.ask(f"CREATE OR REPLACE TABLE bench.a AS {rows} LIMIT 0")

        show("append", pairs.interleave(ours, floor, options.pairs, reset), 1.10)
    for name, sql in (("Tarn table", f"CREATE TABLE bench.memory AS {rows}"), ("DuckDB COPY", copy)):
        with lake.Lake(folder) as session:
            session.ask(sql)
            print(f"{'append, peak memory':22} {session.peak_mb():9.0f} MB   {name}", flush=True)


def start(folder, options):
    def run():
        subprocess.run([lake.TARN, "sql", "--lake", folder, "-c", "select 1"], check=True, stdout=subprocess.DEVNULL)

    run()
    took = [pairs.timed(run) * 1000 for _ in range(options.pairs)]
    low, high = pairs.interval(took)
    print(f"{'start, select 1':22} {statistics.median(took):9.1f} ms  [{low:.1f}, {high:.1f}]   aim 50: "
          f"{pairs.verdict(low, 50)}", flush=True)


def build_time(_folder, _options):
    record = os.path.join(lake.ROOT, "build", "release", "scratch-build-seconds")
    if os.path.exists(record):
        with open(record) as seconds:
            print(f"{'build from scratch':22} {float(seconds.read()):9.0f} s    aim 900", flush=True)
    else:
        print(f"{'build from scratch':22} not measured in this checkout (`make clean build` measures it)", flush=True)


PARTS = {"scan": scans, "append": append, "start": start, "build": build_time}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default=",".join(PARTS))
    options = parser.parse_args()
    options.pairs, options.rows = (3, 1_000_000) if options.quick else (15, 10_000_000)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    print(f"{platform.machine()}, {os.cpu_count()} cores, {memory:.0f} GiB, {options.rows:,} rows, "
          f"{options.pairs} interleaved pairs\n")
    print(f"{'':22} {'Tarn':>11} {'DuckDB':>11}   ratio  90 % interval")
    for name in options.only.split(","):
        if name not in PARTS:
            sys.exit(f"unknown part {name}: known are {', '.join(PARTS)}")
        with lake.scratch() as folder:
            PARTS[name](folder, options)


if __name__ == "__main__":
    main()
