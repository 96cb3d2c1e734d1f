"""The peers, each in a process of its own: delta-rs (in the test environment), DuckDB's delta extension (optional).

As a program (`python peers.py`, run by a peer's Python) it answers one request a line: {"do": .., "path": .., ...}.
"""
import json
import os
import subprocess
import sys

CACHE = os.path.join(os.environ.get("TARN_CACHE", os.path.expanduser("~/.cache/tarn")), "bench")
REQUIREMENTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers.txt")
PYTHON = os.path.join(CACHE, "peers", "bin", "python")
TPCHGEN = os.path.join(CACHE, "peers", "bin", "tpchgen-cli")
HOW = "not installed: make bench BENCH=--get-peers (a Python environment with bench/peers.txt)"


def install():
    """Into an environment of its own, beside the cached data."""
    subprocess.run(["/usr/bin/python3", "-m", "venv", os.path.join(CACHE, "peers")], check=True)
    subprocess.run([PYTHON, "-m", "pip", "install", "--quiet", "-r", REQUIREMENTS], check=True)


def has_duckdb():
    return os.path.exists(PYTHON)


def delta_rs():
    return Peer([sys.executable, os.path.abspath(__file__), "delta-rs"])


def duckdb_delta():
    return Peer([PYTHON, os.path.abspath(__file__), "duckdb-delta"])


def Peer(command):
    # Only the asking side needs it; a peer's Python runs this file as a program.
    import lake

    class Asked(lake.Conversation):
        def ask(self, request):
            return self.line(json.dumps(request))["answer"]

    peer = Asked(command)
    peer.ask({"do": "start"})
    return peer


class DeltaRs:
    def __init__(self):
        import deltalake

        self.library = deltalake

    def start(self):
        return self.library.__version__

    def open(self, path):
        return len(self.library.DeltaTable(path).file_uris())

    def merge(self, path, source):
        import pyarrow.parquet

        table, rows = self.library.DeltaTable(path), pyarrow.parquet.read_table(source)
        columns = [name for name in rows.column_names if name != "op"]
        done = table.merge(rows, "t.k = s.k", source_alias="s", target_alias="t").when_matched_delete(
            predicate="s.op = 'D'").when_matched_update(
                {"a": "s.a", "c": "s.c", "v": "s.v + 1"}).when_not_matched_insert(
                    {name: f"s.{name}" for name in columns}).execute()
        return done["num_target_rows_updated"]

    def optimize(self, path, target):
        return self.library.DeltaTable(path).optimize.compact(target_size=target)["numFilesAdded"]

    def zorder(self, path, columns, target):
        return self.library.DeltaTable(path).optimize.z_order(columns, target_size=target)["numFilesAdded"]

    def vacuum(self, path):
        # Lists the folder, as Tarn does; without `full` only the log is read.
        return len(self.library.DeltaTable(path).vacuum(dry_run=True, full=True))


class DuckDbDelta:
    def __init__(self):
        import glob

        import duckdb
        import duckdb_extension_delta

        folder = os.path.join(os.path.dirname(duckdb_extension_delta.__file__), "extensions", "*")
        self.session = duckdb.connect()
        self.session.execute(f"load '{glob.glob(os.path.join(folder, 'delta.duckdb_extension'))[0]}'")

    def start(self):
        return self.session.execute("select version()").fetchall()[0][0]

    def lookup(self, path, key):
        rows = self.session.execute(f"select k from delta_scan('{path}') where k = {key}").fetchall()
        return [list(row) for row in rows]


def main():
    peer = {"delta-rs": DeltaRs, "duckdb-delta": DuckDbDelta}[sys.argv[1]]()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = {"answer": getattr(peer, request.pop("do"))(**request)}
        except Exception as error:  # whatever a peer raises is its answer
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
