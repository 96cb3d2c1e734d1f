"""What writing a checkpoint costs: a whole one of both kinds, and one of the second kind after one more commit."""
import contextlib
import glob
import json
import os
import statistics

import lake
import log_tables
import logs
import report

WHOLE_MS = 1500
INCREMENTAL_SHARE = 0.1
FEATURES = {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["v2Checkpoint"],
            "writerFeatures": ["v2Checkpoint"]}


def commit(path, version, *actions):
    with open(os.path.join(path, "_delta_log", log_tables.commit_name(version)), "w") as out:
        out.write(log_tables.info_line(version))
        out.writelines(actions)


def forget_checkpoints(path):
    for name in glob.glob(os.path.join(path, "_delta_log", "*.checkpoint*")):
        os.unlink(name)
    for name in glob.glob(os.path.join(path, "_delta_log", "_sidecars", "*")):
        os.unlink(name)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(path, "_delta_log", "_last_checkpoint"))


def size_mb(path):
    names = glob.glob(os.path.join(path, "_delta_log", "*.checkpoint*"))
    names += glob.glob(os.path.join(path, "_delta_log", "_sidecars", "*"))
    return sum(os.path.getsize(name) for name in names) / 2**20


def whole(session, path, pairs):
    """A checkpoint of all files, each time anew; the process has the table open."""
    sql = f"CHECKPOINT {logs.named(path)}"
    took = []
    for _ in range(pairs + 1):
        forget_checkpoints(path)
        took.append(session.timed(sql))
    return took[1:]


def incremental(session, path, version, files, pairs):
    took = []
    for number in range(pairs + 1):
        commit(path, version + number, log_tables.add_line(files + number, 1000, False))
        session.ask(f"SELECT * FROM {logs.named(path)} LIMIT 0")
        took.append(session.timed(f"CHECKPOINT {logs.named(path)}"))
    return took[1:]


def checkpoints(folder, options):
    source = log_tables.table(options.files)
    with contextlib.closing(logs.Removed(f"{source}.checkpoint.{os.getpid()}")) as copy, lake.Lake(folder) as session:
        logs.link(source, copy.path)
        session.ask(f"SELECT * FROM {logs.named(copy.path)} LIMIT 0")
        report.show_ms("checkpoint, classic", whole(session, copy.path, options.pairs), WHOLE_MS)
        report.say("checkpoint, classic, size", f"{size_mb(copy.path):7.1f} MB")
        forget_checkpoints(copy.path)
        described = log_tables.metadata(False) | {"configuration": {"delta.checkpointPolicy": "v2"}}
        commit(copy.path, 11, json.dumps({"protocol": FEATURES}) + "\n", json.dumps({"metaData": described}) + "\n")
        session.ask(f"SELECT * FROM {logs.named(copy.path)} LIMIT 0")
        all_files = whole(session, copy.path, options.pairs)
        report.show_ms("checkpoint, v2", all_files, WHOLE_MS)
        report.say("checkpoint, v2, size", f"{size_mb(copy.path):7.1f} MB")
        more = incremental(session, copy.path, 12, options.files, options.pairs)
        aim_ms = INCREMENTAL_SHARE * 1000 * statistics.median(cost.wall for cost in all_files)
        report.show_ms("checkpoint, v2 after one commit", more, aim_ms)
        report.say("checkpoint, peak memory", f"{session.peak_mb():7.0f} MB")


GROUPS = {"checkpoint": checkpoints}
