"""Delta tables with data: Arrow tables as files of one commit, with or without deletion vectors."""
import datetime
import decimal
import json
import os

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

import vectors

CREATED_MS = 1_700_000_000_000
TYPE_NAMES = {pa.int64(): "long", pa.int32(): "integer", pa.float64(): "double", pa.date32(): "date",
              pa.string(): "string"}
PREFIX = 32  # of a string bound


def type_name(kind):
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision},{kind.scale})"
    return TYPE_NAMES[kind]


def bound(value, is_upper):
    if isinstance(value, decimal.Decimal):
        return float(value)
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, str) and len(value) > PREFIX:
        return value[:PREFIX] + ("\U0010ffff" if is_upper else "")
    return value


def statistics(table):
    found = {"numRecords": table.num_rows, "tightBounds": True, "minValues": {}, "maxValues": {}, "nullCount": {}}
    for field in table.schema:
        ends = pc.min_max(table[field.name]).as_py()
        found["minValues"][field.name] = bound(ends["min"], False)
        found["maxValues"][field.name] = bound(ends["max"], True)
        found["nullCount"][field.name] = table[field.name].null_count
    return found


def metadata(schema, name, has_vectors):
    fields = [{"name": field.name, "type": type_name(field.type), "nullable": True, "metadata": {}} for field in schema]
    return {"id": "0f3a7c6e-5d0b-4b6e-9d0e-2f1a6c9b8e70", "name": name,
            "format": {"provider": "parquet", "options": {}}, "partitionColumns": [],
            "schemaString": json.dumps({"type": "struct", "fields": fields}),
            "configuration": {"delta.enableDeletionVectors": "true"} if has_vectors else {}, "createdTime": CREATED_MS}


def protocol(has_vectors):
    if has_vectors:
        return {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": ["deletionVectors"],
                "writerFeatures": ["deletionVectors"]}
    return {"minReaderVersion": 1, "minWriterVersion": 2}


def write_commit(root, name, schema, adds, has_vectors):
    os.makedirs(os.path.join(root, "_delta_log"))
    with open(os.path.join(root, "_delta_log", f"{0:020d}.json"), "w") as out:
        for action in [{"protocol": protocol(has_vectors)}, {"metaData": metadata(schema, name, has_vectors)}] + adds:
            out.write(json.dumps(action) + "\n")


def write(root, name, tables):
    """One file per table; the log says nothing of deleted rows."""
    adds, schema = [], None
    for number, table in enumerate(tables):
        schema = table.schema
        path = f"part-{number:05d}.parquet"
        pq.write_table(table, os.path.join(root, path), compression="snappy")
        size, stats = os.path.getsize(os.path.join(root, path)), json.dumps(statistics(table))
        adds.append({"add": {"path": path, "partitionValues": {}, "size": size, "modificationTime": CREATED_MS,
                             "dataChange": True, "stats": stats}})
    write_commit(root, name, schema, adds, False)


def delete_some(source, root, name, keep):
    """A table of the same files (linked): each row that `keep` refuses, by position, is under a deletion vector."""
    with open(os.path.join(source, "_delta_log", f"{0:020d}.json")) as log:
        actions = [json.loads(line) for line in log]
    adds = [action for action in actions if "add" in action]
    schema = pq.read_schema(os.path.join(source, adds[0]["add"]["path"]))
    for number, action in enumerate(adds):
        add = action["add"]
        os.link(os.path.join(source, add["path"]), os.path.join(root, add["path"]))
        stats = json.loads(add["stats"])
        gone = [row for row in range(stats["numRecords"]) if not keep(row)]
        if gone:
            add["stats"] = json.dumps({**stats, "tightBounds": False})
            add["deletionVector"] = vectors.write(root, number, gone)
    write_commit(root, name, schema, adds, True)
