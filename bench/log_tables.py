"""Delta logs of any size, written by hand and deterministic: every reader starts from the same bytes.

Of the data files only one exists, the one that holds the key LOOKUP: a reader that does not skip the others fails.
"""
import json
import os
import shutil

import pyarrow as pa
import pyarrow.parquet as pq

import peers

MADE = "v1"  # a change of what is written here changes it
ROWS_PER_FILE = 1000
CREATED_MS = 1_700_000_000_000
DAYS = 1000
CHUNK = 100_000
TEXT_MAP = pa.map_(pa.string(), pa.string())
SCHEMA = pa.schema([("k", pa.int64()), ("day", pa.int32()), ("ts", pa.timestamp("us", "UTC")),
                    ("name", pa.string()), ("x", pa.float64())])
DELTA_TYPES = {"k": "long", "day": "integer", "ts": "timestamp", "name": "string", "x": "double"}


def struct(**fields):
    return pa.struct(list(fields.items()))


ADD = struct(path=pa.string(), partitionValues=TEXT_MAP, size=pa.int64(), modificationTime=pa.int64(),
             dataChange=pa.bool_(), stats=pa.string(), tags=TEXT_MAP)
CHECKPOINT = pa.schema([
    ("txn", struct(appId=pa.string(), version=pa.int64(), lastUpdated=pa.int64())),
    ("add", ADD),
    ("remove", struct(path=pa.string(), deletionTimestamp=pa.int64(), dataChange=pa.bool_(),
                      extendedFileMetadata=pa.bool_(), partitionValues=TEXT_MAP, size=pa.int64(), tags=TEXT_MAP)),
    ("metaData", struct(id=pa.string(), name=pa.string(), description=pa.string(),
                        format=struct(provider=pa.string(), options=TEXT_MAP), schemaString=pa.string(),
                        partitionColumns=pa.list_(pa.string()), configuration=TEXT_MAP, createdTime=pa.int64())),
    ("protocol", struct(minReaderVersion=pa.int32(), minWriterVersion=pa.int32())),
])


def metadata(partitioned):
    fields = [{"name": name, "type": kind, "nullable": True, "metadata": {}} for name, kind in DELTA_TYPES.items()]
    return {"id": "5fba94ed-9794-4965-ba6e-6ee3c0d22af9", "format": {"provider": "parquet", "options": {}},
            "schemaString": json.dumps({"type": "struct", "fields": fields}),
            "partitionColumns": ["day"] if partitioned else [], "configuration": {}, "createdTime": CREATED_MS}


def hit(files):
    """The number of the one file that exists."""
    return files // 2 + 3


def lookup_key(files):
    return hit(files) * ROWS_PER_FILE + 7


def day_of(file):
    return file % DAYS


def path_of(file, partitioned):
    name = f"part-{file:08d}-{file * 2654435761 % 2**32:08x}-1111-4111-8111-{file:012x}.c000.snappy.parquet"
    return f"day={day_of(file)}/{name}" if partitioned else name


def statistics_of(file, partitioned):
    low = file * ROWS_PER_FILE
    high = low + ROWS_PER_FILE - 1
    time = f"2024-01-{1 + file % 28:02d}T00:00:00.000Z"
    day = "" if partitioned else f'"day":{day_of(file)},'
    no_null = "" if partitioned else '"day":0,'
    return (f'{{"numRecords":{ROWS_PER_FILE},"minValues":{{"k":{low},{day}"ts":"{time}","name":"n{low:012d}","x":0.0}},'
            f'"maxValues":{{"k":{high},{day}"ts":"{time}","name":"n{high:012d}","x":0.999}},'
            f'"nullCount":{{"k":0,{no_null}"ts":0,"name":0,"x":0}}}}')


def add_line(file, size, partitioned):
    values = f'{{"day":"{day_of(file)}"}}' if partitioned else "{}"
    text = statistics_of(file, partitioned).replace('"', '\\"')
    return (f'{{"add":{{"path":"{path_of(file, partitioned)}","partitionValues":{values},"size":{size},'
            f'"modificationTime":{CREATED_MS + file},"dataChange":true,"stats":"{text}"}}}}\n')


def commit_name(version):
    return f"{version:020d}.json"


def info_line(version):
    return (f'{{"commitInfo":{{"timestamp":{CREATED_MS + 1000 * version},"operation":"WRITE",'
            f'"operationParameters":{{}}}}}}\n')


def write_data_file(root, file, partitioned):
    """The rows of one file; gives its size."""
    low = file * ROWS_PER_FILE
    keys = range(low, low + ROWS_PER_FILE)
    time = (CREATED_MS // 86_400_000) * 86_400_000_000
    table = pa.table([pa.array(keys, pa.int64()), pa.array([day_of(file)] * ROWS_PER_FILE, pa.int32()),
                      pa.array([time] * ROWS_PER_FILE, pa.int64()).cast(SCHEMA.field("ts").type),
                      pa.array([f"n{key:012d}" for key in keys]),
                      pa.array([key % ROWS_PER_FILE / ROWS_PER_FILE for key in keys])], schema=SCHEMA)
    path = os.path.join(root, path_of(file, partitioned))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    pq.write_table(table.drop_columns(["day"]) if partitioned else table, path)
    return os.path.getsize(path)


def write_first_commit(log, partitioned):
    with open(os.path.join(log, commit_name(0)), "w") as out:
        out.write(info_line(0))
        out.write(json.dumps({"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}}) + "\n")
        out.write(json.dumps({"metaData": metadata(partitioned)}) + "\n")


def adds(first, last, size, partitioned):
    """Rows [first, last) of a checkpoint's column `add`."""
    count, files = last - first, range(first, last)
    if partitioned:
        values = pa.MapArray.from_arrays(pa.array(range(count + 1), pa.int32()), pa.array(["day"] * count),
                                         pa.array([str(day_of(file)) for file in files]))
    else:
        values = pa.MapArray.from_arrays(pa.array([0] * (count + 1), pa.int32()), pa.array([], pa.string()),
                                         pa.array([], pa.string()))
    return pa.StructArray.from_arrays(
        [pa.array([path_of(file, partitioned) for file in files]), values, pa.array([size] * count, pa.int64()),
         pa.array([CREATED_MS + file for file in files], pa.int64()), pa.array([False] * count),
         pa.array([statistics_of(file, partitioned) for file in files]), pa.nulls(count, TEXT_MAP)], fields=list(ADD))


def rows_of(name, values, count):
    """A checkpoint's rows in which only the column `name` is not null."""
    return pa.table([values if field.name == name else pa.nulls(count, field.type) for field in CHECKPOINT],
                    schema=CHECKPOINT)


def write_checkpoint(log, version, files, size, partitioned):
    path = os.path.join(log, f"{version:020d}.checkpoint.parquet")
    described = metadata(partitioned)
    for name in ("format", "configuration"):
        described[name] = {"provider": "parquet", "options": []} if name == "format" else []
    with pq.ParquetWriter(path, CHECKPOINT, compression="snappy") as out:
        for name, value in (("protocol", {"minReaderVersion": 1, "minWriterVersion": 2}), ("metaData", described)):
            out.write_table(rows_of(name, pa.array([value], CHECKPOINT.field(name).type), 1))
        for first in range(0, files, CHUNK):
            last = min(files, first + CHUNK)
            out.write_table(rows_of("add", adds(first, last, size, partitioned), last - first))
    with open(os.path.join(log, "_last_checkpoint"), "w") as out:
        json.dump({"version": version, "size": files + 2, "sizeInBytes": os.path.getsize(path),
                   "numOfAddFiles": files}, out)


def write_table(root, files, commits, checkpoint, partitioned):
    log = os.path.join(root, "_delta_log")
    os.makedirs(log)
    size = write_data_file(root, hit(files), partitioned)
    write_first_commit(log, partitioned)
    for commit in range(commits):
        with open(os.path.join(log, commit_name(commit + 1)), "w") as out:
            out.write(info_line(commit + 1))
            for file in range(files * commit // commits, files * (commit + 1) // commits):
                out.write(add_line(file, size, partitioned))
    if checkpoint:
        write_checkpoint(log, commits, files, size, partitioned)


def table(files, commits=10, checkpoint=False, partitioned=False):
    """The folder of such a table, made when it is asked for first. With a checkpoint it is of the last version."""
    name = f"log-{MADE}-{files}-{commits}{'-checkpoint' if checkpoint else ''}{'-partitioned' if partitioned else ''}"
    return cached(name, lambda root: write_table(root, files, commits, checkpoint, partitioned))


def cached(name, make):
    """A folder below the cache, made once and whole: it gets its name last."""
    folder = os.path.join(peers.CACHE, name)
    if not os.path.isdir(folder):
        unfinished = f"{folder}.{os.getpid()}"
        shutil.rmtree(unfinished, ignore_errors=True)
        os.makedirs(unfinished)
        make(unfinished)
        os.rename(unfinished, folder)
    return folder
