"""Facts about a table's rows where the manifest has no whole rows: aggregates of its columns, and short texts.

`wrong_aggregates` and `wrong_checks` give what does not hold; a text that is prose is not understood and says nothing.
"""
import datetime
import decimal
import json
import math
import re


def wrong_aggregates(table, item):
    """Against the independent replay: rows, and of each column nonnull, min, max, sum and the count of true."""
    if item["derived_rows"] is None:
        return []
    wrong = []
    if table.num_rows != item["derived_rows"]:
        wrong.append(f"{table.num_rows} rows, {item['derived_rows']} are right")
    for name, facts in item["derived"].items():
        values = [value for value in table.column(name).to_pylist() if value is not None]
        if "note" in facts:
            facts = {"nonnull": facts["nonnull"]}
        for fact, right in facts.items():
            ours = _aggregate(fact, values)
            if not _same(ours, right):
                wrong.append(f"{fact} of {name} is {ours}, {right} is right")
    return wrong


def _aggregate(fact, values):
    if fact == "nonnull":
        return len(values)
    if fact == "true":
        return sum(1 for value in values if value)
    if not values:
        return None
    if fact == "sum":
        return math.fsum(values) if isinstance(values[0], float) else sum(values)
    # Texts in the order of their UTF-8.
    key = (lambda value: value.encode()) if isinstance(values[0], str) else None
    return {"min": min, "max": max}[fact](values, key=key)


def _same(ours, right):
    if right is None or ours is None:
        return ours is None and right is None
    if isinstance(ours, (int, float, decimal.Decimal)):
        # Sums are given to six places, numbers of 32 bits by their shortest digits.
        return math.isclose(float(ours), float(right), rel_tol=1e-7, abs_tol=1e-6)
    if isinstance(ours, datetime.datetime):
        return ours.replace(tzinfo=None) == datetime.datetime.fromisoformat(right).replace(tzinfo=None)
    return str(ours) == right


def wrong_checks(lake, source, check):
    """The clauses of a `check:` text that are SQL or nearly so, held against the rows of `source`."""
    clauses = [clause.strip() for clause in re.split(r";", check.removeprefix("check:")) if clause.strip()]
    return [f"not so: {clause}" for clause in clauses if _holds(lake, source, clause) is False]


def _holds(lake, source, clause):
    """True, False, or None where the clause is prose."""
    def one(sql):
        return next(iter(lake.run(sql)[0].values()))

    if match := re.fullmatch(r"((min|max|sum|count)\(\w+\)=[^,]+,?)+", clause):
        pairs = [pair.split("=") for pair in match[0].split(",")]
        return all(one(f"SELECT {left} FROM {source}") == right for left, right in pairs)
    if match := re.fullmatch(r"(\d+) active files.*", clause):
        return lake.run(f"DESCRIBE DETAIL {source}")[0]["numFiles"] == match[1]
    if match := re.fullmatch(r"latest version (?:= )?(\d+)", clause):
        return lake.run(f"DESCRIBE DETAIL {source}")[0]["version"] == match[1]
    if match := re.fullmatch(r"SELECT (.+?) WHERE (.+) -> ([\d,]+)", clause):
        rows = lake.run(f"SELECT {match[1]} FROM {source} WHERE {match[2]}")
        return [next(iter(row.values())) for row in rows] == match[3].split(",")
    if match := re.fullmatch(r"(?:WHERE )?(.+) -> (\d+)( files?)?", clause):
        count = "count(DISTINCT _metadata.file_path)" if match[3] else "count(*)"
        return one(f"SELECT {count} FROM {source} WHERE {match[1]}") == match[2]
    if match := re.fullmatch(r"(\w+) in \('.+'\)", clause):
        return one(f"SELECT count(*) FROM {source} WHERE NOT ({clause}) OR {match[1]} IS NULL") == "0"
    if match := re.fullmatch(r"([A-Z][\w ]*?) contains ([\w ]+)", clause):
        return one(f"SELECT count(*) FROM {source} WHERE \"{match[1]}\" = '{match[2]}'") != "0"
    return None
