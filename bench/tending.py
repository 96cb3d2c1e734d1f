"""What tends a table: OPTIMIZE, ZORDER BY, VACUUM DRY RUN, RESTORE and CLONE, beside delta-rs and DuckDB.

The floor of OPTIMIZE is DuckDB writing the same rows of the same files anew, synced. After ZORDER BY three range
queries tell what share of the files each layout lets them skip.
"""
import glob
import json
import os
import shutil

import dml
import lake
import own
import pairs
import peers
import report

SMALL_FILES, ROWS_EACH = 1000, 2000
SPREAD = 1_000_000
COLUMNS = (f"i AS id, CAST(hash(i) % {SPREAD} AS BIGINT) AS x, CAST(hash(i + 7) % {SPREAD} AS BIGINT) AS y, "
           "'payload-' || (hash(i + 13) % 1000000000) AS p, (hash(i + 17) % 1000000) / 1e6 AS m")


class Small(dml.Fresh):
    """Many small files, as streams leave them."""

    def __init__(self, folder, files, target_bytes):
        self.made, self.root = os.path.join(folder, "small-made"), os.path.join(folder, "small")
        with lake.Lake(folder) as session:
            session.ask(f"CREATE TABLE delta.`{self.made}` (id BIGINT, x BIGINT, y BIGINT, p VARCHAR, m DOUBLE) "
                        f"TBLPROPERTIES ('delta.targetFileSize' = '{target_bytes}')")
            for number in range(files):
                session.ask(f"INSERT INTO delta.`{self.made}` SELECT {COLUMNS} FROM range({number * ROWS_EACH}, "
                            f"{(number + 1) * ROWS_EACH}) r(i)")


def optimize(folder, options):
    target = 8 << 20
    table = Small(folder, SMALL_FILES, target)
    floor = os.path.join(folder, "floor.parquet")
    plain = own.parquet_of(table.made)
    with lake.Lake(folder) as session, peers.delta_rs() as delta_rs:
        def rewrite():
            session.ask(f"COPY (SELECT * FROM {plain}) TO '{floor}' (FORMAT parquet, COMPRESSION zstd)")
            dml.sync(floor, folder)

        statement = f"OPTIMIZE delta.`{table.root}`"
        report.show("optimize / plain rewrite",
                    pairs.interleave(lambda: session.timed(statement),
                                     lambda: pairs.timed(rewrite, session.process.pid), options.pairs, table.reset),
                    1.05)
        request = {"do": "optimize", "path": table.root, "target": target}
        report.show("optimize / delta-rs",
                    pairs.interleave(lambda: session.timed(statement), lambda: delta_rs.timed(request),
                                     options.pairs, table.reset), 1, "delta-rs")


def skipped(root):
    """How many files there are, and percent of their bytes that ranges of a tenth on x, on y and on both let a reader
    skip."""
    live = {}
    for log in sorted(glob.glob(os.path.join(root, "_delta_log", "*.json"))):
        with open(log) as lines:
            for line in lines:
                action = json.loads(line)
                if "add" in action:
                    live[action["add"]["path"]] = (json.loads(action["add"]["stats"]), action["add"]["size"])
                if "remove" in action:
                    live.pop(action["remove"]["path"], None)

    def hit(stats, column, low):
        return stats["minValues"][column] <= low + SPREAD // 10 - 1 and stats["maxValues"][column] >= low

    counts = dict.fromkeys(("x", "y", "xy"), 0)
    for part in range(10):
        low, other = part * SPREAD // 10, (part * 3) % 10 * SPREAD // 10
        for stats, size in live.values():
            counts["x"] += 0 if hit(stats, "x", low) else size
            counts["y"] += 0 if hit(stats, "y", low) else size
            counts["xy"] += 0 if hit(stats, "x", low) and hit(stats, "y", other) else size
    whole = 10 * sum(size for _, size in live.values())
    shares = ", ".join(f"{name} {100 * count / whole:.0f} %" for name, count in counts.items())
    return len(live), f"{len(live)} files, of their bytes skipped {shares}"


def zorder(folder, options):
    target = 1 << 20
    table = Small(folder, SMALL_FILES, target)
    with lake.Lake(folder) as session, peers.delta_rs() as delta_rs:
        statement = f"OPTIMIZE delta.`{table.root}` ZORDER BY (x, y)"
        request = {"do": "zorder", "path": table.root, "columns": ["x", "y"], "target": target}
        report.show("zorder / delta-rs",
                    pairs.interleave(lambda: session.timed(statement), lambda: delta_rs.timed(request),
                                     options.pairs, table.reset), 0.5, "delta-rs")
        table.reset()
        session.ask(statement)
        ours, shares = skipped(table.root)
        report.say("zorder, files of Tarn's", shares)
        table.reset()
        delta_rs.ask(request)
        theirs, shares = skipped(table.root)
        report.say("zorder, files of delta-rs", shares)
        # delta-rs's files are smaller than was asked for; the more files, the more is skipped.
        table.reset()
        session.ask(f"ALTER TABLE delta.`{table.root}` SET TBLPROPERTIES ('delta.targetFileSize' = "
                    f"'{target * ours // theirs}')")
        session.ask(statement)
        report.say("zorder, as many of Tarn's", skipped(table.root)[1])
        report.show_memory("zorder, memory", session.peak_mb(), 4096)


def vacuum(folder, options):
    """Ten thousand files, of which half are gone from the table; nothing is deleted."""
    root, files = os.path.join(folder, "vacuumed"), 10_000
    with lake.Lake(folder) as session:
        session.ask(f"CREATE TABLE delta.`{root}` (k BIGINT)")
        session.ask(f"INSERT INTO delta.`{root}` SELECT i FROM range(10) r(i)")
    one = glob.glob(os.path.join(root, "*.parquet"))[0]
    for number in range(files):
        shutil.copyfile(one, os.path.join(root, f"part-{number:05d}.parquet"))
    for file in glob.glob(os.path.join(root, "*.parquet")):
        os.utime(file, (1_600_000_000, 1_600_000_000))
    with lake.Lake(folder) as session, peers.delta_rs() as delta_rs:
        request = {"do": "vacuum", "path": root}
        report.show("vacuum, dry / delta-rs",
                    pairs.interleave(lambda: session.timed(f"VACUUM delta.`{root}` DRY RUN"),
                                     lambda: delta_rs.timed(request), options.pairs), 1, "delta-rs")


def vacuum_large(folder, options):
    """A million files in a hundred folders, none of them the table's; nothing is deleted."""
    if not options.huge:
        report.say("vacuum, dry, 1,000,000 files", "not run: --huge")
        return
    root, folders, each = os.path.join(folder, "vacuumed-large"), 100, 10_000
    with lake.Lake(folder) as session:
        session.ask(f"CREATE TABLE delta.`{root}` (k BIGINT)")
        session.ask(f"INSERT INTO delta.`{root}` SELECT i FROM range(10) r(i)")
    one = glob.glob(os.path.join(root, "*.parquet"))[0]
    for part in range(folders):
        inside = os.path.join(root, f"d={part}")
        os.makedirs(inside)
        first = shutil.copyfile(one, os.path.join(inside, "0.parquet"))
        os.utime(first, (1_600_000_000, 1_600_000_000))
        for number in range(1, each):
            os.link(first, os.path.join(inside, f"{number}.parquet"))
    listing = ["find", root, "-type", "f", "-printf", "%s %T@ %p\\n"]
    with lake.Lake(folder) as session:
        report.show(f"vacuum, dry, {folders * each:,} files / find",
                    pairs.interleave(lambda: session.timed(f"VACUUM delta.`{root}` DRY RUN"),
                                     lambda: pairs.program(listing), pairs.FEW_PAIRS), 1.5, "listing")
        report.show_memory("vacuum, dry, memory", session.peak_mb(), 4096)


def clones(folder, options):
    """RESTORE and a shallow clone of 100,000 files: what they cost is the log."""
    root, files = os.path.join(folder, "many"), 100_000
    with lake.Lake(folder) as session:
        session.ask(f"CREATE TABLE delta.`{root}` (k BIGINT)")
        session.ask(f"INSERT INTO delta.`{root}` SELECT 1")
    os.makedirs(os.path.join(root, "d"), exist_ok=True)
    one = glob.glob(os.path.join(root, "*.parquet"))[0]
    size = os.path.getsize(one)
    for number in range(files):
        # A file has no more than 65,000 names.
        if number % 50_000 == 0:
            first = shutil.copyfile(one, os.path.join(root, "d", f"{number}.parquet"))
            continue
        os.link(first, os.path.join(root, "d", f"{number}.parquet"))
    adds = [json.dumps({"add": {"path": f"d/{number}.parquet", "partitionValues": {}, "size": size,
                                "modificationTime": 1, "dataChange": True, "stats": '{"numRecords":1}'}})
            for number in range(files)]
    with open(os.path.join(root, "_delta_log", f"{2:020d}.json"), "w") as log:
        log.write("\n".join(adds) + "\n")
    with lake.Lake(folder) as session:
        costs = []
        for number in range(pairs.FEW_PAIRS):
            costs.append(session.timed(f"CREATE TABLE delta.`{root}-{number}` SHALLOW CLONE delta.`{root}`"))
        report.show_ms("shallow clone of 100,000 files", costs, 2000)
        costs = []
        for _ in range(pairs.FEW_PAIRS):
            session.ask(f"INSERT OVERWRITE delta.`{root}` SELECT 2")
            costs.append(session.timed(f"RESTORE delta.`{root}` TO VERSION AS OF 2"))
        report.show_ms("restore of 100,000 files", costs, 2000)


GROUPS = {"optimize": optimize, "zorder": zorder, "vacuum": vacuum, "vacuum-large": vacuum_large, "clones": clones}
