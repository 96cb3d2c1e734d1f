"""Delta tables written by hand: a log of JSON lines, Parquet files by pyarrow, a checkpoint where one is wanted."""
import json
import os
import struct
import urllib.parse
import zlib

import pyarrow
import pyarrow.parquet

PLAIN = {"minReaderVersion": 1, "minWriterVersion": 2}


def field(name, kind, metadata=None):
    return {"name": name, "type": kind, "nullable": True, "metadata": metadata or {}}


def mapped(name, kind, physical, number):
    return field(name, kind, {"delta.columnMapping.id": number, "delta.columnMapping.physicalName": physical})


class HandTable:
    """A table in a folder; `commit` appends a version of the actions given."""

    def __init__(self, root):
        self.root = root
        self.version = -1
        os.makedirs(os.path.join(root, "_delta_log"), exist_ok=True)

    def log(self, name):
        return os.path.join(self.root, "_delta_log", name)

    def create(self, fields, protocol=None, configuration=None, partitions=()):
        metadata = {"id": "00000000-0000-0000-0000-000000000001", "format": {"provider": "parquet", "options": {}},
                    "schemaString": json.dumps({"type": "struct", "fields": fields}),
                    "partitionColumns": list(partitions), "configuration": configuration or {}}
        self.metadata, self.protocol = metadata, protocol or PLAIN
        self.commit({"protocol": self.protocol}, {"metaData": metadata})

    def commit(self, *actions):
        self.version += 1
        with open(self.log(f"{self.version:020}.json"), "w") as log:
            log.writelines(json.dumps(action) + "\n" for action in actions)

    def file(self, name, columns, stats=None, partition=None, **more):
        """Writes a data file, by its name on disk, and gives its add action."""
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        table = columns if isinstance(columns, pyarrow.Table) else pyarrow.table(columns)
        pyarrow.parquet.write_table(table, path)
        statistics = dict(stats or {}, numRecords=table.num_rows)
        return {"add": {"path": urllib.parse.quote(name), "partitionValues": partition or {},
                        "size": os.path.getsize(path), "modificationTime": 1, "dataChange": True,
                        "stats": json.dumps(statistics), **more}}

    def checkpoint(self, adds, add_type, drop_commits=False, footer=None):
        """A classic checkpoint of the present version; `adds` are rows of the Arrow type given, `footer` is what the
        file says of itself."""
        text_map = pyarrow.map_(pyarrow.string(), pyarrow.string())
        texts = pyarrow.list_(pyarrow.string())
        schema = pyarrow.schema([
            ("protocol", pyarrow.struct([("minReaderVersion", pyarrow.int32()), ("minWriterVersion", pyarrow.int32()),
                                         ("readerFeatures", texts), ("writerFeatures", texts)])),
            ("metaData", pyarrow.struct([("id", pyarrow.string()), ("schemaString", pyarrow.string()),
                                         ("format", pyarrow.struct([("provider", pyarrow.string()),
                                                                    ("options", text_map)])),
                                         ("partitionColumns", texts), ("configuration", text_map)])),
            ("add", add_type)])
        metadata = dict(self.metadata, format={"provider": "parquet", "options": []},
                        configuration=list(self.metadata["configuration"].items()))
        rows = [{"protocol": self.protocol}, {"metaData": metadata}, *({"add": add} for add in adds)]
        name = self.log(f"{self.version:020}.checkpoint.parquet")
        pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows, schema=schema.with_metadata(footer)), name)
        if drop_commits:
            for version in range(self.version + 1):
                os.remove(self.log(f"{version:020}.json"))


def vector_file(rows):
    """A file of one deletion vector (PROTOCOL.md, "Deletion Vector File Storage Format"): its bytes begin at offset 1
    and take all but 9 of the file's."""
    container = struct.pack("<IIHHI", 12346, 1, 0, len(rows) - 1, 16) + struct.pack(f"<{len(rows)}H", *rows)
    bitmap = struct.pack("<IQI", 1681511377, 1, 0) + container
    return b"\x01" + struct.pack(">I", len(bitmap)) + bitmap + struct.pack(">I", zlib.crc32(bitmap))


def add_type(*more):
    """The Arrow type of an add action in a checkpoint, with further fields."""
    text_map = pyarrow.map_(pyarrow.string(), pyarrow.string())
    return pyarrow.struct([("path", pyarrow.string()), ("partitionValues", text_map), ("size", pyarrow.int64()),
                           ("modificationTime", pyarrow.int64()), ("dataChange", pyarrow.bool_()), *more])


def checkpoint_row(action, **more):
    """An add action as a row of a checkpoint, without its JSON statistics."""
    add = {key: value for key, value in action["add"].items() if key != "stats"}
    return dict(add, partitionValues=list(add["partitionValues"].items()), **more)
