"""The expressions that are asked of Spark and of Tarn, and Spark's recorded answers."""

import json
from pathlib import Path

HERE = Path(__file__).resolve().parent
ANSWERS = HERE / "answers"
FUNCTIONS = HERE / "functions.txt"
TAIL = " ## "  # what follows stands behind the SELECT's items


def groups():
    return sorted(path.stem for path in (HERE / "expressions").glob("*.txt"))


def read_expressions(group):
    lines = (HERE / "expressions" / f"{group}.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("--")]


def statement(expression):
    value, _, tail = expression.partition(TAIL)
    return f"SELECT CAST({value} AS STRING), typeof({value}) {tail}".rstrip()


def read_answers(group):
    """Expression, type and value; the type "error" has the error's class for a value."""
    for line in (ANSWERS / f"{group}.tsv").read_text().splitlines():
        expression, kind, value = line.split("\t")
        yield expression, kind, json.loads(value)


GAPS = HERE / "differences.gaps"
# Names of Spark's list that are words of the grammar.
GRAMMAR = ("and", "case", "cast", "in", "or", "when")


def known_gaps():
    return [line for line in GAPS.read_text().splitlines() if line]


def reference_rows():
    """The functions of the table, from the reference page: name, dialect ("all" or "spark"), rule."""
    page = HERE.parents[1] / "docs" / "reference" / "spark-functions.md"
    for line in page.read_text().splitlines():
        if line.startswith("| `"):
            name, _, dialect, rule = line.removeprefix("| ").removesuffix(" |").split(" | ", 3)
            yield name.strip("`"), dialect, rule


def refused():
    rules = {}
    for name, _, rule in reference_rows():
        rules.setdefault(name, []).append(rule)
    return {name for name, all_of_it in rules.items() if all(rule.startswith("refused:") for rule in all_of_it)}
