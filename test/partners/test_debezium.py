"""Debezium beside real databases: what its connectors capture of random transactions in PostgreSQL and MariaDB, landed
and applied by AUTO CDC, is the source's table after every transaction; so it is in any order and any batches.

The servers are those of shared/realparts, on the loopback; each ends with its test.
"""

import json
import os
import random
import shutil
import subprocess
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TARN = os.environ.get("TARN_BIN", os.path.join(ROOT, "build", "release", "tarn"))
PARTS = os.path.join(os.path.dirname(ROOT), "shared", "realparts")
LIMIT_S = 120
TRANSACTIONS = 30 if os.environ.get("TARN_LONG") == "1" else 8
KEYS = 12
MARK = 0  # the key of the row that each transaction writes last

SOURCES = """name: shop
root: landing
tables:
  - {table: bronze.accounts, path: "*.ndjson", format: ndjson}
"""
MODEL = """{{ config(materialized='auto_cdc', change_format='debezium', keys=['id'], change_columns={
  'id': 'BIGINT', 'name': 'VARCHAR', 'balance': 'DECIMAL(12,2)', 'born': 'DATE', 'seen': 'TIMESTAMP',
  'is_open': 'BOOLEAN', 'bytes': 'BLOB', 'note': 'VARCHAR'}) }}
SELECT * FROM {{ stream(source('bronze', 'accounts')) }}
"""
SHOWN = """SELECT id, name, CAST(balance AS VARCHAR), CAST(born AS VARCHAR), strftime(seen, '%Y-%m-%d %H:%M:%S.%f'),
CAST(is_open AS INTEGER), lower(hex(bytes)), md5(note) FROM silver.accounts ORDER BY id"""


def why_not():
    """None, or what is missing; nothing is fetched for a test."""
    if not os.path.exists(os.path.join(PARTS, "connect.sh")):
        return f"{PARTS} is not beside the project"
    cache = os.environ.get("TARN_CACHE", os.path.expanduser("~/.cache/tarn"))
    found = [name.split("-")[0] for name in os.listdir(cache)] if os.path.isdir(cache) else []
    if "kafka" not in found or "debezium" not in found:
        return f"Debezium is not cached: run {PARTS}/connect.sh install once"
    for program in ("kcat", "postgres", "mariadbd"):
        if program == "postgres" and os.path.isdir("/usr/lib/postgresql"):
            continue
        if shutil.which(program) is None and not os.path.exists(f"/usr/sbin/{program}"):
            return f"{program} is not installed: {PARTS}/README.md says how"
    return None


def part(script, *arguments, text=None):
    run = subprocess.run(["bash", os.path.join(PARTS, script + ".sh"), *map(str, arguments)], input=text, text=True,
                         capture_output=True, timeout=LIMIT_S, check=False)
    if run.returncode != 0:
        raise AssertionError(f"{script} {arguments}: {run.stdout}{run.stderr}")
    return run.stdout


class Postgres:
    """With the default replica identity: a delete tells its key alone, and a large value that an update leaves as it
    was is not in the log. So nobody knows it of a row that gets another key: no key changes here."""
    name, script, client, first_port = "postgres", "postgres", "psql", 27100
    topic = "cdc.public.accounts"
    can_truncate, keys_change = True, False
    create = """CREATE TABLE accounts (id BIGINT PRIMARY KEY, name VARCHAR(40), balance NUMERIC(12,2), born DATE,
seen TIMESTAMP(6), is_open BOOLEAN, bytes BYTEA, note TEXT); ALTER TABLE accounts ALTER note SET STORAGE EXTERNAL;"""
    shown = """SELECT id, name, balance, born, to_char(seen, 'YYYY-MM-DD HH24:MI:SS.US'), is_open::int,
encode(bytes, 'hex'), md5(note) FROM accounts ORDER BY id"""
    settings = {"skipped.operations": "none"}

    @staticmethod
    def bytes(value):
        return f"'\\x{value.hex()}'"

    @staticmethod
    def upsert(columns):
        return "ON CONFLICT (id) DO UPDATE SET " + ", ".join(f"{name} = excluded.{name}" for name in columns)

    def __init__(self, folder):
        self.folder = folder

    def run(self, sql):
        return part(self.script, "psql", self.folder, "-qAt", "-v", "ON_ERROR_STOP=1", "-F", "\t", "-P", "null=\\N",
                    text=sql)


class PostgresInFull(Postgres):
    """With whole images of rows."""
    first_port = 27150
    keys_change = True
    create = Postgres.create + "ALTER TABLE accounts REPLICA IDENTITY FULL;"


class MariaDb:
    """With whole images of rows; several rows of one statement share a position."""
    name, script, client, first_port = "mariadb", "mariadb", "sql", 27200
    topic = "cdc.tarn.accounts"
    can_truncate = False  # its connector does not tell of it
    keys_change = True
    create = """CREATE TABLE accounts (id BIGINT PRIMARY KEY, name VARCHAR(40), balance DECIMAL(12,2), born DATE,
seen DATETIME(6), is_open TINYINT(1), bytes VARBINARY(100), note LONGTEXT);"""
    shown = """SELECT id, name, balance, born, date_format(seen, '%Y-%m-%d %H:%i:%s.%f'), is_open, lower(hex(bytes)),
md5(note) FROM accounts ORDER BY id"""
    settings = {}

    @staticmethod
    def bytes(value):
        return f"x'{value.hex()}'"

    @staticmethod
    def upsert(columns):
        return "ON DUPLICATE KEY UPDATE " + ", ".join(f"{name} = values({name})" for name in columns)

    def __init__(self, folder):
        self.folder = folder

    def run(self, sql):
        # Batch mode prints NULL as the word; no name here is one.
        return part(self.script, "sql", self.folder, "-N", "-B", text=sql).replace("NULL", "\\N")


COLUMNS = ("name", "balance", "born", "seen", "is_open", "bytes", "note")


def value_of(chance, column, source):
    if chance.random() < 0.15:
        return "NULL"
    if column == "balance":
        return f"{chance.randint(-10**6, 10**6) / 100:.2f}"
    if column == "born":
        return f"'{chance.randint(1900, 2030)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02}'"
    if column == "seen":
        return (f"'{chance.randint(1971, 2030)}-{chance.randint(1, 12):02}-{chance.randint(1, 28):02} "
                f"{chance.randint(0, 23):02}:{chance.randint(0, 59):02}:07.{chance.randint(0, 10**6 - 1):06}'")
    if column == "is_open":
        return chance.choice(("true", "false"))
    if column == "bytes":
        return source.bytes(chance.randbytes(chance.randint(0, 40)))
    if column == "note":  # often beyond what a page holds
        return f"'{chance.choice('abc') * chance.choice((5, 9000, 40000))}{chance.randint(0, 99)}'"
    return f"'{chance.choice(('ann', 'ülle', 'o’hara', 'x y'))} {chance.randint(0, 99)}'"


def statement(chance, source):
    """One statement on some rows, which may be none."""
    key = chance.randint(1, KEYS)
    kind = chance.random()
    if kind < 0.35:
        columns = chance.sample(COLUMNS, chance.randint(1, len(COLUMNS)))
        values = ", ".join(value_of(chance, column, source) for column in columns)
        return f"INSERT INTO accounts (id, {', '.join(columns)}) VALUES ({key}, {values}) {source.upsert(columns)};"
    if kind < 0.65:
        column = chance.choice(COLUMNS)
        which = f"id = {key}" if chance.random() < 0.5 else f"id BETWEEN {key} AND {key + 4}"
        return f"UPDATE accounts SET {column} = {value_of(chance, column, source)} WHERE {which};"
    if kind < 0.85 or not source.keys_change:
        which = f"id = {key}" if chance.random() < 0.7 else f"id BETWEEN {key} AND {key + 3}"
        return f"DELETE FROM accounts WHERE {which};"
    # A key that changes: to one that nobody has.
    other = chance.randint(1, KEYS)
    return f"DELETE FROM accounts WHERE id = {key}; UPDATE accounts SET id = {key} WHERE id = {other};"


class Lake:
    """Lands lines of events as files and builds silver.accounts of them."""

    def __init__(self, folder):
        self.folder = folder
        self.files = 0
        for name, text in {"tarn.yml": "name: shop\n", "sources/shop.yml": SOURCES,
                           "models/silver/accounts.sql": MODEL}.items():
            self.write(name, text)

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)

    def tarn(self, verb, *arguments):
        run = subprocess.run([TARN, verb, "--lake", self.folder, *arguments], capture_output=True, text=True,
                             timeout=LIMIT_S, check=False)
        if run.returncode != 0:
            raise AssertionError(f"tarn {verb}: {run.stdout}{run.stderr}")
        return run.stdout

    def apply(self, events):
        self.files += 1
        self.write(f"landing/{self.files:04}.ndjson", "".join(event + "\n" for event in events))
        self.tarn("ingest")
        self.tarn("build")

    def rows(self):
        answer = self.tarn("sql", "--format", "jsonl", "-c", SHOWN)
        rows = json.loads(answer.splitlines()[-1])["rows"]
        return [[None if value is None else str(value) for value in row] for row in rows]


class DebeziumTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        missing = why_not()
        if missing:
            raise unittest.SkipTest(missing)

    def folder(self):
        made = tempfile.TemporaryDirectory()
        self.addCleanup(made.cleanup)
        os.chmod(made.name, 0o755)  # the servers run as users of their own
        return made.name

    def start(self, script, folder, *arguments):
        part(script, "start", folder, *arguments)
        self.addCleanup(part, script, "stop", folder)

    def capture(self, kind, chance):
        """Rows of the table after each transaction, and the events behind the snapshot's, as they came."""
        folder, port = self.folder(), kind.first_port
        source = kind(os.path.join(folder, "db"))
        self.start(kind.script, source.folder, port)
        self.start("kafka", os.path.join(folder, "kafka"), port + 1)
        source.run(kind.create)
        for key in range(1, KEYS // 2):
            source.run(f"INSERT INTO accounts (id, name, note) VALUES ({key}, 'first', '{'n' * 9000}');")
        more = [port + 1] if kind.name == "mariadb" else []
        settings = part("connect", kind.name, port, "cdc", *more) + "".join(
            f"{key}={value}\n" for key, value in {"decimal.handling.mode": "string", "time.precision.mode": "isostring",
                                                   **kind.settings}.items())
        connect = os.path.join(folder, "connect")
        os.makedirs(connect)
        with open(os.path.join(connect, "source.properties"), "w", encoding="utf-8") as out:
            out.write(settings)
        self.start("connect", connect, port + 1, os.path.join(connect, "source.properties"), "--rest", port + 4)
        snapshot = self.events(kind.topic, port + 1, lambda lines: len(lines) >= KEYS // 2 - 1)
        states = [self.state(source)]
        for number in range(1, TRANSACTIONS + 1):
            body = " ".join(statement(chance, source) for _ in range(chance.randint(1, 5)))
            if chance.random() < 0.2:
                source.run(f"BEGIN; {body} ROLLBACK;")
            if kind.can_truncate and chance.random() < 0.05:
                body += " TRUNCATE accounts;"
            source.run(f"BEGIN; {body} INSERT INTO accounts (id, name) VALUES ({MARK}, 'mark {number}') "
                       f"{source.upsert(['name'])}; COMMIT;")
            states.append(self.state(source))
        last = f'"mark {TRANSACTIONS}"'
        lines = self.events(kind.topic, port + 1, lambda lines: any(last in line for line in lines))
        return states, self.transactions(lines, len(snapshot))

    def state(self, source):
        lines = source.run(source.shown).splitlines()
        return [[None if value == "\\N" else value for value in line.split("\t")] for line in lines]

    def events(self, topic, port, is_whole):
        """The values of the topic's messages; a tombstone is null."""
        end = time.monotonic() + LIMIT_S
        lines = []
        while time.monotonic() < end:
            run = subprocess.run(["kcat", "-b", f"127.0.0.1:{port}", "-C", "-t", topic, "-o", "beginning", "-e", "-q",
                                  "-f", "%S\t%s\n"], capture_output=True, text=True, timeout=LIMIT_S, check=False)
            sized = [line.split("\t", 1) for line in run.stdout.splitlines()]
            lines = ["null" if size == "-1" else value for size, value in sized]
            if is_whole(lines):
                return lines
            time.sleep(0.5)
        raise AssertionError(f"after {LIMIT_S} s there are {len(lines)} events of {topic}")

    def transactions(self, lines, snapshot):
        """The snapshot's events, then each transaction's: its last one is that of the mark."""
        groups, open_group = [lines[:snapshot]], []
        for line in lines[snapshot:]:
            open_group.append(line)
            event = json.loads(line)
            if event and event["op"] != "d" and event["op"] != "t" and event["after"]["id"] == MARK:
                groups.append(open_group)
                open_group = []
        groups[-1] += open_group  # tombstones
        return groups

    def check(self, kind):
        chance = random.Random(7)
        states, groups = self.capture(kind, chance)
        self.assertEqual(len(groups), len(states))
        lake = Lake(self.folder())
        for number, (state, events) in enumerate(zip(states, groups)):
            lake.apply(events)
            self.assertEqual(lake.rows(), state, f"after transaction {number} of {kind.__name__}")
        # Anyhow cut and mixed, some of it twice.
        mixed = [event for group in groups for event in group]
        mixed += chance.sample(mixed, len(mixed) // 5)
        chance.shuffle(mixed)
        other = Lake(self.folder())
        while mixed:
            size = chance.randint(1, max(1, len(mixed) // 2))
            other.apply(mixed[:size])
            mixed = mixed[size:]
        self.assertEqual(other.rows(), states[-1], f"mixed, of {kind.__name__}")

    def test_postgres(self):
        self.check(Postgres)

    def test_postgres_in_full(self):
        self.check(PostgresInFull)

    def test_mariadb(self):
        self.check(MariaDb)


if __name__ == "__main__":
    unittest.main()
