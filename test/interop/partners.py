"""Spark and delta-rs as readers and writers of one table. Rows are lists of texts, sorted."""
import json
import os
import shutil
import subprocess
import tempfile
import threading
from concurrent.futures import Future

import deltalake
import pyarrow

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
REAL_PARTS = os.path.join(os.path.dirname(ROOT), "shared", "realparts")
SPARK_VERSION = "4.1"
SPARK_LANES = 2
ANSWER_LIMIT_S = 600

# What both do, in this order: appends APPENDED, then changes rows by their keys, then adds the column THEIRS with rows.
APPENDED, MERGED_IN, EVOLVED = (5000, 5001, 5002), 5100, (5200, 5201, 5202)
EVOLVE, THEIRS = "evolve", "theirs"
OPERATIONS = ("append", "update", "delete", "merge", "optimize", EVOLVE)


class Refused(Exception):
    """A partner's words."""


def text(value):
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def in_order(rows):
    return sorted(([text(value) for value in row] for row in rows), key=lambda row: [value or "" for value in row])


class Spark:
    """One process; each call is one statement and may come from any thread."""
    name = "Spark"
    has_row_ids = True
    misread_removal = None

    @staticmethod
    def why_not():
        """None, or what is missing for it; it is a gigabyte, so nothing is fetched for a test."""
        if not os.path.exists(os.path.join(REAL_PARTS, "spark_env.sh")):
            return f"{REAL_PARTS} is not beside the project"
        cache = os.environ.get("TARN_CACHE", os.path.expanduser("~/.cache/tarn"))
        parts = (f"venv-spark-{SPARK_VERSION}", f"spark-jars-{SPARK_VERSION}.all")
        if not all(os.path.exists(os.path.join(cache, part, ".ok")) for part in parts):
            return f"Spark is not cached: run {REAL_PARTS}/spark_env.sh once"
        return None

    def __init__(self):
        listed = subprocess.run(["bash", os.path.join(REAL_PARTS, "spark_env.sh"), SPARK_VERSION], check=True,
                                stdout=subprocess.PIPE, text=True).stdout.split()
        self.delta = next(os.path.basename(jar) for jar in listed if "/delta-spark" in jar)
        self.folder = tempfile.TemporaryDirectory()
        self.log = open(os.path.join(self.folder.name, "log"), "w+")
        server = os.path.join(os.path.dirname(os.path.abspath(__file__)), "spark_server.py")
        self.process = subprocess.Popen(
            [listed[0], server, str(SPARK_LANES)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
            text=True, cwd=self.folder.name, env={**os.environ, "SPARK_JARS": ",".join(listed[1:])})
        self.lock, self.waiting = threading.Lock(), {}
        self.reader = threading.Thread(target=self._take_answers, daemon=True)
        self.reader.start()

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join()
        self.process.stdout.close()
        self.log.close()
        self.folder.cleanup()

    def _take_answers(self):
        for line in self.process.stdout:
            if line.startswith("{"):
                answer = json.loads(line)
                with self.lock:
                    self.waiting.pop(answer["id"]).set_result(answer)
        with self.lock:
            for waiting in self.waiting.values():
                waiting.set_exception(RuntimeError("Spark ended"))

    def run(self, statement):
        answer = Future()
        with self.lock:
            number = len(self.waiting) and max(self.waiting) + 1
            self.waiting[number] = answer
            self.process.stdin.write(json.dumps({"id": number, "sql": statement}) + "\n")
            self.process.stdin.flush()
        result = answer.result(timeout=ANSWER_LIMIT_S)
        if "error" in result:
            raise Refused(result["error"])
        return in_order(result["rows"])

    def versions(self):
        delta = self.delta.removesuffix(".jar").rpartition("-")[2]
        return f"Spark {self.run('SELECT version()')[0][0].split()[0]} with Delta {delta}."

    def select(self, feature, is_altered, grown):
        return feature.select(is_altered, True, grown)

    def read(self, path, select, versions):
        """Rows by version, by one statement: each costs about as much as its planning."""
        found = {version: [] for version in versions}
        for version, *row in self.run(" UNION ALL ".join(
                f"SELECT {version} AS version, {select} FROM delta.`{path}` VERSION AS OF {version}"
                for version in versions)):
            found[int(version)].append(row)
        return {version: in_order(rows) for version, rows in found.items()}

    def changes(self, path, column, first, last):
        return self.run(f"SELECT k, `{column}`, _change_type, _commit_version "
                        f"FROM table_changes_by_path('{path}', {first}, {last})")

    def operate(self, name, feature, path, appended):
        table, column = f"delta.`{path}`", f"`{feature.text_after}`"
        new = [feature.row_of_spark(key, "theirs") for key in appended]
        evolved = ", ".join(f"{key}L" for key in EVOLVED)
        self.run({
            "append": f"INSERT INTO {table} ({new[0][0]}) VALUES " + ", ".join(f"({values})" for _, values in new),
            "update": f"UPDATE {table} SET {column} = 'updated by them' WHERE k % 40 = 3",
            "delete": f"DELETE FROM {table} WHERE k % 40 = 4",
            "merge": f"MERGE INTO {table} t USING (SELECT explode(array(100L, 101L, {MERGED_IN}L)) AS key) s "
                     "ON t.k = s.key WHEN MATCHED AND s.key = 101 THEN DELETE "
                     f"WHEN MATCHED THEN UPDATE SET {column} = 'merged by them' "
                     f"WHEN NOT MATCHED THEN INSERT (k, {column}) VALUES (s.key, 'merged by them')",
            "optimize": f"OPTIMIZE {table}",
            EVOLVE: f"MERGE WITH SCHEMA EVOLUTION INTO {table} t USING (SELECT explode(array({evolved})) AS k, "
                    f"'theirs' AS {column}, 'new' AS {THEIRS}) s ON t.k = s.k WHEN NOT MATCHED THEN INSERT *",
        }[name])


class DeltaRs:
    """Its own query engine; writes by its library."""
    name = "delta-rs"
    has_row_ids = False
    misread_removal = "reads, of a file with a deletion vector that is removed, the hidden rows as those that went"

    @staticmethod
    def why_not():
        return None

    def close(self):
        pass

    @staticmethod
    def versions():
        return f"delta-rs {deltalake.__version__} (Python)."

    def select(self, feature, is_altered, grown):
        return feature.select(is_altered, False, grown).replace("`", '"')

    @staticmethod
    def _asked(call, *arguments, **options):
        try:
            return call(*arguments, **options)
        except Exception as refusal:  # any of a dozen classes of the Rust side
            raise Refused(str(refusal)) from refusal

    @staticmethod
    def _query(table, select):
        answer = pyarrow.table(deltalake.QueryBuilder().register("t", table).execute(select))
        return in_order(zip(*(column.to_pylist() for column in answer.columns)) if answer.num_rows else [])

    def read(self, path, select, versions):
        return {version: self._asked(self._query, self._asked(deltalake.DeltaTable, path, version=version),
                                     f"SELECT {select} FROM t") for version in versions}

    def changes(self, path, column, first, last):
        def load():
            table = deltalake.DeltaTable(path)
            answer = pyarrow.table(table.load_cdf(starting_version=first, ending_version=last))
            names = ("k", column, "_change_type", "_commit_version")
            return in_order(zip(*(answer[name].to_pylist() for name in names)))
        return self._asked(load)

    def operate(self, name, feature, path, appended):
        self._asked(lambda: getattr(self, "_" + name)(deltalake.DeltaTable(path), feature, appended))

    @staticmethod
    def _rows(table, feature, keys):
        """Rows of the table under other keys, without what the table fills in, and with nothing in what came later."""
        column = feature.text_after
        some = pyarrow.table(deltalake.QueryBuilder().register("t", table).execute(
            f"SELECT * FROM t ORDER BY k LIMIT {len(keys)}"))
        for name, values in (("k", pyarrow.array(keys, pyarrow.int64())),
                             (column, pyarrow.array(["theirs"] * len(keys)))):
            some = some.set_column(some.column_names.index(name), name, values)
        for name in set(some.column_names) - {"k", column, "d", "s", *(extra.name for extra in feature.extra)}:
            some = some.set_column(some.column_names.index(name), name, pyarrow.nulls(len(keys), some[name].type))
        return some.drop_columns([extra.name for extra in feature.extra if not extra.ours])

    def _append(self, table, feature, appended):
        deltalake.write_deltalake(table, self._rows(table, feature, appended), mode="append")

    def _evolve(self, table, feature, _):
        """In a copy first: what it does to other columns, which are not its own, the table would not survive."""
        rows = self._rows(table, feature, EVOLVED)
        rows = rows.append_column(THEIRS, pyarrow.array(["new"] * len(EVOLVED)))
        columns = table.schema().fields
        with tempfile.TemporaryDirectory() as folder:
            copy = shutil.copytree(table.table_uri.removeprefix("file://"), os.path.join(folder, "copy"),
                                   ignore=shutil.ignore_patterns(".tarn-tmp-*"))  # of a checkpoint that is on its way
            deltalake.write_deltalake(copy, rows, mode="append", schema_mode="merge")
            after = {field.name: field.type for field in deltalake.DeltaTable(copy).schema().fields}
        for field in columns:
            if after.get(field.name) != field.type:
                raise Refused(f"not done, as schema_mode='merge' makes of column {field.name}, {field.type}, one of "
                              f"another type, {after.get(field.name)}")
        deltalake.write_deltalake(table, rows, mode="append", schema_mode="merge")

    @staticmethod
    def _update(table, feature, _):
        table.update({feature.text_after: "'updated by them'"}, predicate="k % 40 = 3")

    @staticmethod
    def _delete(table, *_):
        table.delete("k % 40 = 4")

    @staticmethod
    def _merge(table, feature, _):
        column = feature.text_after
        source = pyarrow.table({"key": pyarrow.array([100, 101, MERGED_IN], pyarrow.int64())})
        merge = table.merge(source, "t.k = s.key", source_alias="s", target_alias="t")
        merge.when_matched_delete("s.key = 101").when_matched_update({column: "'merged by them'"}) \
            .when_not_matched_insert({"k": "s.key", column: "'merged by them'"}).execute()

    @staticmethod
    def _optimize(table, *_):
        table.optimize.compact()
