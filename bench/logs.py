"""What reading a log costs: open, lookup, replay, refresh, prune. One side is Tarn, the other a raw read or a peer."""
import contextlib
import os
import statistics
import tarfile

import pyarrow

import lake
import log_tables
import pairs
import peers
import report

READ_RAW = ("SELECT count(add.path), count(add.partitionValues), count(add.size), count(add.modificationTime), "
            "count(add.dataChange), count(add.stats), count(remove.path), count(txn.appId), count(metaData.id), "
            "count(protocol.minReaderVersion) FROM read_parquet('{path}/_delta_log/*.checkpoint.parquet')")
ARCHIVE = os.path.join(lake.ROOT, "..", "shared", "golden", "_archives", "300k-add-files-100-col-partitioned.tar.zst")


def named(path):
    return f"delta.`{path}`"


def in_fresh_lake(folder, question, warm_up=()):
    """The cost of one statement in a process that has just begun, and its answers to the warm-up."""

    def run():
        with lake.Lake(folder) as session:
            for sql in ("SELECT 1", *warm_up):
                session.ask(sql)
            return session.timed(question)

    return run


def in_fresh_peer(start, request):
    def run():
        with start() as peer:
            return peer.timed(request)

    return run


def opened(folder, path):
    return in_fresh_lake(folder, f"DESCRIBE DETAIL {named(path)}")


def check_count(folder, path, files):
    with lake.Lake(folder) as session:
        found = int(session.detail(named(path), "numFiles"))
    with peers.delta_rs() as peer:
        theirs = peer.ask({"do": "open", "path": path})
    if not found == theirs == files:
        raise SystemExit(f"{path}: Tarn finds {found} files, delta-rs {theirs}, and there are {files}")


def against_delta_rs(name, folder, path, files, count):
    check_count(folder, path, files)
    costs = pairs.interleave(opened(folder, path), in_fresh_peer(peers.delta_rs, {"do": "open", "path": path}), count)
    report.show(name, costs, 0.1, "delta-rs")
    return costs


def open_checkpoint(folder, options):
    path = log_tables.table(options.files, checkpoint=True)
    raw = in_fresh_lake(folder, READ_RAW.format(path=path))
    report.show("open checkpoint / raw read", pairs.interleave(opened(folder, path), raw, options.pairs), 1.3)
    costs = against_delta_rs("open checkpoint / delta-rs", folder, path, options.files, options.pairs)
    report.show_memory("open checkpoint, peak memory", max(a.peak_mb for a, _ in costs), 300)
    if options.huge:
        huge = log_tables.table(10 * options.files, checkpoint=True)
        raw = in_fresh_lake(folder, READ_RAW.format(path=huge))
        costs = pairs.interleave(opened(folder, huge), raw, 3)
        report.show("open ten times as many / raw read", costs, 1.3)
        report.show_memory("open ten times as many, peak memory", max(a.peak_mb for a, _ in costs), 2000)


def lookup(folder, options):
    path, key = log_tables.table(options.files, checkpoint=True), log_tables.lookup_key(options.files)
    sql = f"SELECT k FROM {named(path)} WHERE k = {key}"
    with lake.Lake(folder) as session:
        if session.ask(sql) != [[str(key)]]:
            raise SystemExit(f"lookup: {key} is not found")

    def ours():
        return pairs.program(lake.command(folder, sql))

    second = [in_fresh_lake(folder, sql, [sql])() for _ in range(options.pairs)]
    report.show_ms("lookup, second in one process", second, 20)
    if not peers.has_duckdb():
        took = [ours() for _ in range(options.pairs)]
        report.say("lookup, whole process", f"{statistics.median(c.wall for c in took):.4f} s; peer {peers.HOW}")
        return
    request = {"do": "lookup", "path": path, "key": key}
    # Ours with the start of the process, the peer's statement alone: its Python is not counted.
    costs = pairs.interleave(ours, in_fresh_peer(peers.duckdb_delta, request), options.pairs)
    report.show("lookup, whole process / delta extension", costs, 1 / 3, "DuckDB's delta extension")
    report.show_memory("lookup, peak memory", max(a.peak_mb for a, _ in costs), max(b.peak_mb for _, b in costs),
                       " (the peer's)")


def replay(folder, options):
    path = log_tables.table(options.files)
    against_delta_rs("replay JSON / delta-rs", folder, path, options.files, options.pairs)


def commits(folder, options):
    count = options.files // 100
    path = log_tables.table(count, commits=count)
    against_delta_rs("one-file commits / delta-rs", folder, path, count, options.pairs)


def link(source, target):
    """A copy of a log table that may be written to; its own files are only linked."""
    os.makedirs(os.path.join(target, "_delta_log"))
    for name in os.listdir(os.path.join(source, "_delta_log")):
        os.link(os.path.join(source, "_delta_log", name), os.path.join(target, "_delta_log", name))


def refresh(folder, options):
    """A statement that binds the table and reads no row: right after a foreign commit, and once more."""
    source = log_tables.table(options.files, checkpoint=True)
    # Beside the source, since links do not leave a disk.
    with contextlib.closing(Removed(f"{source}.refresh.{os.getpid()}")) as copy, lake.Lake(folder) as session:
        link(source, copy.path)
        sql = f"SELECT * FROM {named(copy.path)} LIMIT 0"
        session.ask(sql)
        took = []
        for number in range(options.pairs + 1):
            version = 11 + number
            with open(os.path.join(copy.path, "_delta_log", log_tables.commit_name(version)), "w") as out:
                out.write(log_tables.info_line(version))
                out.write(log_tables.add_line(options.files + number, 1000, False))
            first, again = session.timed(sql), session.timed(sql)
            took.append(first._replace(wall=first.wall - again.wall, cpu=first.cpu - again.cpu))
        if int(session.detail(named(copy.path), "version")) != 11 + options.pairs:
            raise SystemExit("refresh: the commits are not seen")
    report.show_ms("refresh by one commit", took[1:], 2)


class Removed:
    """A folder that is removed at the end."""

    def __init__(self, path):
        self.path = path

    def close(self):
        for root, folders, files in os.walk(self.path, topdown=False):
            for name in files:
                os.unlink(os.path.join(root, name))
            for name in folders:
                os.rmdir(os.path.join(root, name))
        os.rmdir(self.path)


def prune(folder, options):
    """A statement that at most one file can answer, over an open table: planning is nearly all that it costs.
    It is executed, since EXPLAIN need not plan files; the counter of skipped files proves that they were judged."""
    path = log_tables.table(options.files, checkpoint=True, partitioned=True)
    by_value = f"k = {log_tables.lookup_key(options.files)}"
    both = f"{by_value} AND day = {log_tables.day_of(log_tables.hit(options.files))}"
    by_partition = f"day = {log_tables.DAYS}"
    with lake.Lake(folder) as session:
        session.ask(f"SELECT * FROM {named(path)} LIMIT 0")
        for name, condition in (("value", by_value), ("partition", by_partition), ("value and partition", both)):
            sql = f"SELECT k, x FROM {named(path)} WHERE {condition}"
            skipped = session.answer(sql)["stats"]["files_skipped"]
            if skipped < options.files - 1:
                raise SystemExit(f"prune by {name}: {skipped} of {options.files} files are skipped")
            report.show_ms(f"prune by {name}", [session.timed(sql) for _ in range(options.pairs)], 20)


def unpack(root):
    with pyarrow.input_stream(ARCHIVE, compression="zstd") as packed, tarfile.open(fileobj=packed, mode="r|") as files:
        files.extractall(root)


def archive(folder, options):
    if not os.path.exists(ARCHIVE):
        report.say("300,000 adds of 100 columns", "not there: ../shared/golden/_archives")
        return
    root = log_tables.cached("archive-300k", unpack)
    path = next(base for base, folders, _ in os.walk(root) if "_delta_log" in folders)
    with peers.delta_rs() as peer:
        files = peer.ask({"do": "open", "path": path})
    against_delta_rs("300,000 adds of 100 columns / delta-rs", folder, path, files, options.pairs)


GROUPS = {"open": open_checkpoint, "lookup": lookup, "replay": replay, "commits": commits, "refresh": refresh,
          "prune": prune, "archive": archive}
