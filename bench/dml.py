"""Changes of rows: MERGE and DELETE, by deletion vectors and by copying files; small durable transactions.

The floor of copying is DuckDB reading the same files and writing their rows to one, synced; that of a MERGE of a whole
table is DuckDB's own MERGE into its native table; delta-rs does the same work. A durable transaction's floor is the two
files and folders that it has to sync.
"""
import json
import os
import shutil
import statistics
import subprocess
import time

import lake
import own
import pairs
import peers
import report

CLIENTS = os.path.join(lake.ROOT, "build", "release", "bench", "tarn_bench_clients")
ROWS, FILES, CHANGES = 1_000_000, 10, 65_000
COLUMNS = ("i AS k, CAST(i % 1000 AS INTEGER) AS a, (i * 7919) % 1000003 AS b, 'text ' || (i % 5000) AS c, "
           "DATE '2024-01-01' + CAST(i % 365 AS INTEGER) AS d, i AS v, CAST(i % 997 AS DECIMAL(12, 2)) AS m")
# 60,000 updates and deletions all over the table, and 5,000 new keys.
SOURCE = (f"SELECT {COLUMNS}, CASE WHEN i % 12 = 0 THEN 'D' ELSE 'U' END AS op FROM (SELECT CAST(j * 16 + 3 AS BIGINT) "
          f"AS i FROM range(60000) r(j) UNION ALL SELECT {ROWS} + j FROM range(5000) r(j))")
MERGE = ("MERGE INTO {t} t USING {s} s ON t.k = s.k WHEN MATCHED AND s.op = 'D' THEN DELETE "
         "WHEN MATCHED THEN UPDATE SET a = s.a, c = s.c, v = s.v + 1 "
         "WHEN NOT MATCHED THEN INSERT (k, a, b, c, d, v, m) VALUES (s.k, s.a, s.b, s.c, s.d, s.v, s.m)")
VECTORS = "TBLPROPERTIES ('delta.enableDeletionVectors' = 'true')"
WRITTEN = "k BIGINT, a INTEGER, b BIGINT, c VARCHAR, d DATE, v BIGINT, m DECIMAL(12, 2)"


def make(session, root, clauses, rows, files):
    session.ask(f"CREATE TABLE delta.`{root}` ({WRITTEN}) {clauses}")
    each = rows // files
    for number in range(files):
        rows_of_file = f"range({number * each}, {(number + 1) * each}) r(i)"
        session.ask(f"INSERT INTO delta.`{root}` SELECT {COLUMNS} FROM {rows_of_file}")


def sync(*paths):
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        os.fsync(handle)
        os.close(handle)


class Fresh:
    """A table that is made once and copied for every measurement."""

    def __init__(self, folder, name, clauses="", rows=ROWS, files=FILES):
        self.made, self.root = os.path.join(folder, name + "-made"), os.path.join(folder, name)
        # When the process has ended, what comes behind its commits is done, too.
        with lake.Lake(folder) as session:
            make(session, self.made, clauses, rows, files)

    def reset(self):
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(self.made, self.root)
        os.sync()


def merge(folder, options):
    source = os.path.join(folder, "source.parquet")
    floor = os.path.join(folder, "floor.parquet")
    with lake.Lake(folder) as session, peers.delta_rs() as delta_rs:
        session.ask(f"COPY ({SOURCE}) TO '{source}' (FORMAT parquet)")
        for name, clauses, aim, floor_aim in (("vectors", VECTORS, 0.2, None), ("copies", "", 0.5, 1.3)):
            table = Fresh(folder, name, clauses)
            ours = MERGE.format(t=f"delta.`{table.root}`", s=f"read_parquet('{source}')")
            request = {"do": "merge", "path": table.root, "source": source}
            report.show(f"merge by {name} / delta-rs",
                        pairs.interleave(lambda: session.timed(ours), lambda: delta_rs.timed(request), options.pairs,
                                         table.reset), aim, "delta-rs")
            if floor_aim:
                plain = own.parquet_of(table.made)

                def rewrite():
                    session.ask(f"COPY (SELECT * FROM {plain}) TO '{floor}' (FORMAT parquet)")
                    sync(floor, folder)

                report.show(f"merge by {name} / plain rewrite",
                            pairs.interleave(lambda: session.timed(ours),
                                             lambda: pairs.timed(rewrite, session.process.pid), options.pairs,
                                             table.reset), floor_aim)


def merge_large(folder, options):
    """10 times the rows with 1 % changed, against DuckDB's own tables; and a few rows into a clustered table."""
    rows = options.rows
    changes = (f"SELECT {COLUMNS}, 'U' AS op FROM (SELECT CAST(j * 100 + 7 AS BIGINT) AS i "
               f"FROM range({rows // 100}) r(j))")
    with lake.Lake(folder) as session:
        table = Fresh(folder, "large", VECTORS, rows, FILES)
        session.ask(f"CREATE TEMPORARY TABLE changes AS {changes}")

        def reset():
            table.reset()
            session.ask(f"CREATE OR REPLACE TEMPORARY TABLE native AS SELECT * FROM delta.`{table.made}`")

        report.show("merge of 1 % / DuckDB's own table",
                    pairs.interleave(lambda: session.timed(MERGE.format(t=f"delta.`{table.root}`", s="changes")),
                                     lambda: session.timed(MERGE.format(t="native", s="changes")), pairs.FEW_PAIRS,
                                     reset), 1)
        few = "(SELECT * FROM changes LIMIT 22 OFFSET {})"
        table.reset()
        costs = [session.timed(MERGE.format(t=f"delta.`{table.root}`", s=few.format(number * 1000)))
                 for number in range(options.pairs + 1)]
        report.show_ms("merge of 22 rows, clustered", costs[1:], 60)
        scan = f"SELECT count(*) FROM delta.`{table.root}` WHERE k % 100 = 37"
        costs = []
        for _ in range(pairs.FEW_PAIRS):
            table.reset()
            ours = session.timed(f"DELETE FROM delta.`{table.root}` WHERE k % 100 = 37")
            scanned = session.timed(scan)
            costs.append((ours, scanned._replace(wall=scanned.wall + floor_of_syncs(folder, 10))))
        report.show("delete of 1 % / its predicate's scan, a commit", costs, 1.2)


def memory(folder, options):
    """What a MERGE holds does not grow with its target."""
    for rows in (options.rows, options.rows * 10):
        with lake.Lake(folder) as session:
            table = Fresh(folder, f"memory-{rows}", VECTORS, rows, FILES)
        table.reset()
        with lake.Lake(folder) as session:
            source = (f"(SELECT {COLUMNS}, 'U' AS op FROM (SELECT CAST(j * {rows // CHANGES} AS BIGINT) AS i "
                      f"FROM range({CHANGES}) r(j)))")
            session.ask(MERGE.format(t=f"delta.`{table.root}`", s=source))
            report.show_memory(f"merge into {rows:,} rows, memory", session.peak_mb(), 2048)


def floor_of_syncs(folder, count):
    """Seconds that a transaction's two files and folders take to be synced."""
    start = time.perf_counter()
    for number in range(count):
        for kind in ("data", "log"):
            path = os.path.join(folder, f"{kind}-{number}")
            with open(path, "wb") as file:
                file.write(b"x" * 2000)
                file.flush()
                os.fsync(file.fileno())
            sync(folder)
    return (time.perf_counter() - start) / count


def transactions(folder, options):
    count = 200
    with lake.Lake(folder) as session:
        session.ask("CREATE TABLE t (k BIGINT, v VARCHAR)")
        session.ask("INSERT INTO t SELECT i, 'v' FROM range(10) r(i)")
        shares = []
        for _ in range(pairs.FEW_PAIRS):
            floor = floor_of_syncs(folder, count)
            cost = pairs.timed(lambda: [session.ask(f"INSERT INTO t SELECT i, 'v' FROM range({number * 10}, "
                                                    f"{number * 10 + 10}) r(i)") for number in range(count)],
                               session.process.pid)
            shares.append((cost.wall / count, floor))
    rate = 1 / statistics.median(ours for ours, _ in shares)
    median, low, high = pairs.ratio([(floor, ours) for ours, floor in shares])
    report.say("10 rows a transaction, one writer",
               f"{rate:7.0f} a second, {median:.2f} [{low:.2f}, {high:.2f}] of the syncs' floor   aim 0.6: "
               f"{'met' if high >= 0.6 else 'missed'}")


def clients_at_once(root, clients, statements, processes=1):
    """Transactions a second of all clients together, and how many failed."""
    command = [CLIENTS, root, str(clients), str(statements)]
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run([CLIENTS, root, "1", "1"], check=True, stdout=subprocess.DEVNULL)
    start = time.perf_counter()
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(processes)]
    told = [json.loads(process.communicate(timeout=600)[0]) for process in running]
    seconds = time.perf_counter() - start if processes > 1 else told[0]["seconds"]
    return sum(one["done"] for one in told) / seconds, sum(one["failed"] for one in told)


def clients(folder, options):
    """Many writers of one table: in one process, whose commits go together, and in several."""
    root = os.path.join(folder, "appended")
    shares, rates, failed = [], [], 0
    for _ in range(pairs.FEW_PAIRS):
        alone, failed_alone = clients_at_once(root, 1, 100)
        together, failed_together = clients_at_once(root, 64, 20)
        shares.append((together, alone))
        rates.append(together)
        failed += failed_alone + failed_together
    median, low, high = pairs.ratio(shares)
    report.say("10 rows a transaction, 64 clients",
               f"{statistics.median(rates):7.0f} a second, {median:.1f} [{low:.1f}, {high:.1f}] of one client's   "
               f"aim 5: {'met' if high >= 5 else 'missed'}; {failed} failed")
    rate, failed = clients_at_once(root, 1, 50, processes=8)
    report.say("10 rows a transaction, 8 processes",
               f"{rate:7.0f} a second, {failed} of 400 failed   aim 0: {'met' if failed == 0 else 'missed'}")


GROUPS = {"merge": merge, "merge-large": merge_large, "memory": memory, "transactions": transactions,
          "clients": clients}
