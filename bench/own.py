"""Tables that Tarn wrote: scan, append, the start of a process, the build from scratch."""
import os

import lake
import pairs
import report

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


def compare(session, name, ours, floor, options, aim):
    """The same question in two spellings, to the same process."""
    if session.ask(ours) != session.ask(floor):
        raise SystemExit(f"{name}: Tarn and the floor give different answers")
    costs = pairs.interleave(lambda: session.timed(ours), lambda: session.timed(floor), options.pairs)
    report.show(name, costs, aim)


def parquet_of(root):
    names = sorted(name for name in os.listdir(root) if name.endswith(".parquet"))
    return "read_parquet([" + ", ".join(f"'{os.path.join(root, name)}'" for name in names) + "])"


def scans(folder, options):
    with lake.Lake(folder) as session:
        session.ask("CREATE SCHEMA IF NOT EXISTS bench")
        session.ask(f"CREATE TABLE bench.t AS SELECT {COLUMNS} FROM range({options.rows}) r(i)")
        plain = parquet_of(session.detail("bench.t", "location"))
        for name, sql in SCANS.items():
            compare(session, name, sql.format(t="bench.t"), sql.format(t=plain), options, 1.05)
    peaks = []
    for source in ("bench.t", plain):
        with lake.Lake(folder) as session:
            session.ask(SCANS["scan, all columns"].format(t=source))
            peaks.append(session.peak_mb())
    report.say("scan, peak memory", f"{peaks[0]:7.0f} MB   DuckDB, same files: {peaks[1]:.0f} MB")


def append(folder, options):
    target = os.path.join(folder, "floor.parquet")
    rows = f"SELECT {COLUMNS} FROM range({options.rows}) r(i)"
    copy = f"COPY ({rows}) TO '{target}' (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
    with lake.Lake(folder) as session:
        session.ask("CREATE SCHEMA IF NOT EXISTS bench")

        def synced_copy():
            session.ask(copy)
            for path in (target, folder):
                handle = os.open(path, os.O_RDONLY)
                os.fsync(handle)
                os.close(handle)

        def reset():
            session.ask(f"CREATE OR REPLACE TABLE bench.a AS {rows} LIMIT 0")

        report.show("append", pairs.interleave(lambda: session.timed(f"INSERT INTO bench.a {rows}"),
                                               lambda: pairs.timed(synced_copy, session.process.pid),
                                               options.pairs, reset), 1.10)
    peaks = []
    for sql in (f"CREATE TABLE bench.memory AS {rows}", copy):
        with lake.Lake(folder) as session:
            session.ask(sql)
            peaks.append(session.peak_mb())
    report.say("append, peak memory", f"{peaks[0]:7.0f} MB   DuckDB COPY: {peaks[1]:.0f} MB")


def start(folder, options):
    command = lake.command(folder, "select 1")
    pairs.program(command)
    report.show_ms("start, select 1", [pairs.program(command) for _ in range(options.pairs)], 50)


def build_time(_folder, _options):
    record = os.path.join(lake.ROOT, "build", "release", "scratch-build-seconds")
    if os.path.exists(record):
        with open(record) as seconds:
            report.say("build from scratch", f"{float(seconds.read()):7.0f} s    aim 900 s")
    else:
        report.say("build from scratch", "not measured in this checkout (`make clean build` measures it)")


GROUPS = {"scan": scans, "append": append, "start": start, "build": build_time}
