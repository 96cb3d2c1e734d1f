"""Delta tables written by hand, and a `tarn sql` in conversation to read them."""
import json
import os
import subprocess
import tempfile
import unittest

import parquet

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TARN = os.environ.get("TARN_BIN", os.path.join(ROOT, "build", "release", "tarn"))


def struct_of(**fields):
    return {"type": "struct", "fields": [field(name, kind) for name, kind in fields.items()]}


def array_of(element):
    return {"type": "array", "elementType": element, "containsNull": True}


def map_of(key, value):
    return {"type": "map", "keyType": key, "valueType": value, "valueContainsNull": True}


def field(name, kind, physical=None, number=None):
    """A column; with `physical` or `number` it is mapped."""
    metadata = {}
    if physical is not None:
        metadata["delta.columnMapping.physicalName"] = physical
    if number is not None:
        metadata["delta.columnMapping.id"] = number
    return {"name": name, "type": kind, "nullable": True, "metadata": metadata}


class Table:
    """A table of one version in its own folder; files are added before it is read."""

    def __init__(self, folder, fields, features=(), configuration=None, partition_columns=()):
        self.folder, self.files = folder, 0
        os.makedirs(os.path.join(folder, "_delta_log"))
        protocol = {"minReaderVersion": 3, "minWriterVersion": 7, "readerFeatures": list(features),
                    "writerFeatures": list(features)}
        schema = json.dumps({"type": "struct", "fields": fields})
        self._log({"protocol": protocol}, {"metaData": {
            "id": "t", "format": {"provider": "parquet", "options": {}}, "schemaString": schema,
            "partitionColumns": list(partition_columns), "configuration": configuration or {}}})

    def _log(self, *actions):
        with open(os.path.join(self.folder, "_delta_log", f"{0:020}.json"), "a", encoding="utf-8") as log:
            log.writelines(json.dumps(action) + "\n" for action in actions)

    def add(self, columns, rows, metadata=None, partition=None, stats=None, created_by=None):
        name = f"part-{self.files}.parquet"
        self.files += 1
        size = parquet.write(os.path.join(self.folder, name), columns, rows, metadata, created_by)
        add = {"path": name, "partitionValues": partition or {}, "size": size, "modificationTime": 0,
               "dataChange": True}
        if stats is not None:
            add["stats"] = json.dumps({"numRecords": len(rows), **stats})
        self._log({"add": add})
        return self


class TablesTest(unittest.TestCase):
    """Tables of a test case lie in one folder and are read by one process."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.count = 0
        cls.process = subprocess.Popen(
            [TARN, "sql", "--lake", cls.folder.name, "--format", "jsonl", "--keep-going", "-"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    @classmethod
    def tearDownClass(cls):
        cls.process.stdin.close()
        cls.process.wait(timeout=30)
        cls.process.stdout.close()
        cls.folder.cleanup()

    def table(self, fields, **rest):
        type(self).count += 1
        return Table(os.path.join(self.folder.name, f"t{self.count}"), fields, **rest)

    def one(self, kind, node, rows, **rest):
        """A table of the column `c` of that type, stored as `node`."""
        return self.table([field("c", kind)], **rest).add([node], [{node.name: row} for row in rows])

    def answer(self, query, table=None):
        """One answer; `FROM t` in the query reads the table."""
        if table is not None:
            query = query.replace("FROM t", f"FROM delta.`{table.folder}`", 1)
        self.process.stdin.write(query + ";\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        self.assertTrue(line, "tarn sql ended")
        return json.loads(line)

    def rows(self, query, table=None):
        answer = self.answer(query, table)
        self.assertNotIn("error", answer, answer)
        return answer["rows"]

    def cells(self, table, expression="c"):
        """The first column of every row, as text."""
        return [row[0] for row in self.rows(f"SELECT {expression} FROM t", table)]

    def refused(self, table, kind, *words, query="SELECT * FROM t"):
        answer = self.answer(query, table)
        self.assertIn("error", answer, answer)
        self.assertEqual(answer["error"]["kind"], kind, answer)
        for word in words:
            self.assertIn(word, answer["error"]["message"])
