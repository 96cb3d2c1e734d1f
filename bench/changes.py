"""Changes applied to a table of latest rows and to one of versions, beside the MERGE by hand in DuckDB's own tables.

Half as many changes as the table has rows: nine in ten of them change a row that is there, the rest are new rows and
deletes; one in a hundred is older than what it meets, and is nothing.
"""
import lake
import pairs
import report

VALUES = ("'name ' || (hash(i + {n}) % 100000) AS name, (hash(i + 7 + {n}) % 1000) AS city, "
          "CAST((hash(i + 13 + {n}) % 100000) AS DECIMAL(12, 2)) AS amount")
FIRST = "SELECT i AS id, " + VALUES.format(n=0) + ", 'c' AS op, 0::BIGINT AS seq FROM range({rows}) r(i)"
CHANGES = ("SELECT CASE WHEN j % 20 = 0 THEN {rows} + {n} * {rows} + j ELSE j * 2 + {n} % 2 END AS id, "
           "{values}, CASE WHEN j % 20 = 1 THEN 'd' ELSE 'u' END AS op, "
           "CASE WHEN j % 100 = 2 THEN -1 ELSE {n} * 100000000 + j END AS seq "
           "FROM (SELECT j, j + 1000 AS i FROM range({rows} // 2) r(j))")
FLOW = ("AUTO CDC INTO bench.{table} FROM bench.changes KEYS (id) APPLY AS DELETE WHEN op = 'd' SEQUENCE BY seq "
        "COLUMNS * EXCEPT (op) STORED AS SCD TYPE {kind}")
LAST = "(SELECT * FROM bench.changes QUALIFY row_number() OVER (PARTITION BY id ORDER BY seq DESC) = 1)"
LATEST = [f"MERGE INTO native t USING {LAST} s ON t.id = s.id WHEN MATCHED AND s.seq <= t.seq THEN DO NOTHING "
          "WHEN MATCHED AND s.op = 'd' THEN DELETE WHEN MATCHED THEN UPDATE SET name = s.name, city = s.city, "
          "amount = s.amount, seq = s.seq WHEN NOT MATCHED AND s.op <> 'd' THEN INSERT (id, name, city, amount, seq) "
          "VALUES (s.id, s.name, s.city, s.amount, s.seq)"]
# What is older than its key's version is left out: to split intervals by hand takes more than this.
VERSIONS = [f"CREATE OR REPLACE TEMP TABLE newer AS SELECT s.* FROM {LAST} s LEFT JOIN native t ON t.id = s.id AND "
            "t.end_at IS NULL WHERE t.id IS NULL OR s.seq > t.start_at",
            "MERGE INTO native t USING newer s ON t.id = s.id AND t.end_at IS NULL WHEN MATCHED THEN UPDATE SET "
            "end_at = s.seq",
            "INSERT INTO native SELECT id, name, city, amount, seq, seq, NULL FROM newer WHERE op <> 'd'"]


def applied(folder, options, kind, native, made, aim_s):
    rows = options.rows
    with lake.Lake(folder) as session:
        session.ask("CREATE SCHEMA IF NOT EXISTS bench")
        table = f"target_{kind}"
        session.ask(f"CREATE OR REPLACE TABLE bench.changes AS {FIRST.format(rows=rows)}")
        session.ask(FLOW.format(table=table, kind=kind))
        session.ask(f"CREATE OR REPLACE TEMP TABLE native AS SELECT {made} FROM bench.changes")
        batch = [0]

        # A batch is applied once to either side.
        def next_batch():
            if batch[0] % 2 == 0:
                values = VALUES.format(n=batch[0] // 2 + 1)
                session.ask("CREATE OR REPLACE TABLE bench.changes AS " +
                            CHANGES.format(rows=rows, n=batch[0] // 2 + 1, values=values))
            batch[0] += 1

        def by_hand():
            for statement in native:
                session.ask(statement)

        costs = pairs.interleave(lambda: session.timed(FLOW.format(table=table, kind=kind)),
                                 lambda: pairs.timed(by_hand, session.process.pid), pairs.FEW_PAIRS, next_batch)
        name = f"{rows // 2:,} changes into {rows:,} rows, SCD type {kind}"
        report.show(f"{name} / by hand in DuckDB's own table", costs, 1.5)
        report.show_ms(name, [ours for ours, _ in costs], aim_s * 1000)
        report.show_memory(f"{name}, memory", session.peak_mb(), 8192)


def latest(folder, options):
    applied(folder, options, 1, LATEST, "id, name, city, amount, seq", 3)


def versions(folder, options):
    applied(folder, options, 2, VERSIONS, "id, name, city, amount, seq, seq AS start_at, NULL::BIGINT AS end_at", 6)


GROUPS = {"changes-latest": latest, "changes-versions": versions}
