"""Reads the records of ../shared/acceptance/*.test and runs them in one lake, top to bottom."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SHARED = ROOT.parent / "shared" / "acceptance"
TARN = os.environ.get("TARN_BIN", str(ROOT / "build" / "release" / "tarn"))
LIMIT_S = 120


@dataclass
class Record:
    kind: str
    sql: str
    rows: list
    needs: str

    @property
    def key(self):
        """What names it in the list of gaps: its statement in one line."""
        return " ".join(self.sql.split())


def records(path):
    found = []
    for block in path.read_text().split("\n\n"):
        lines = block.split("\n")
        marks = [line[1:].strip() for line in lines if line.startswith("#")]
        body = [line for line in lines if not line.startswith("#")]
        if not body or not body[0].strip():
            continue
        at = body.index("----") if "----" in body else len(body)
        found.append(
            Record(
                body[0].strip(),
                "\n".join(body[1:at]).strip(),
                [row for row in body[at + 1 :] if row],
                next((mark for mark in marks if mark.startswith("needs:")), ""),
            )
        )
    return found


class Conversation:
    """One process in Spark's dialect that is asked statement by statement."""

    def __init__(self, lake):
        command = [TARN, "sql", "--lake", lake, "--dialect", "spark"]
        self.process = subprocess.Popen(
            [*command, "--format", "jsonl", "--keep-going", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ask(self, sql):
        self.process.stdin.write(sql.rstrip().rstrip(";") + "\n;\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        return json.loads(line)

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=LIMIT_S)
        self.process.stdout.close()


def mistake(record, answer):
    """What is wrong with the answer; nothing when it is right."""
    error = answer.get("error")
    if record.kind.startswith("error"):
        wanted = record.kind.split()[1:]
        if error is None:
            return "no error"
        return "" if not wanted or error["kind"] == wanted[0] else f"{error['kind']}: {error['message']}"
    if error is not None:
        return f"{error['kind']}: {error['message']}"
    if record.kind == "ok":
        return ""
    got = ["|".join("NULL" if cell is None else cell for cell in row) for row in answer["rows"]]
    wanted = record.rows
    if "sorted" in record.kind:
        got, wanted = sorted(got), sorted(wanted)
    return "" if got == wanted else f"rows {got}, expected {wanted}"


def run(path, lake):
    """Each record that needs no later part of Tarn, with what is wrong with its answer."""
    conversation = Conversation(lake)
    try:
        for record in records(path):
            if not record.needs:
                answer = conversation.ask(record.sql.replace("${ROOT}", os.path.join(lake, "files")))
                yield record, mistake(record, answer)
    finally:
        conversation.end()


def gaps_file(name):
    return HERE / f"{name}.gaps"


def known_gaps(name):
    return [line for line in gaps_file(name).read_text().splitlines() if line]


if __name__ == "__main__":
    # records.py FILE LAKE [--write]: prints what fails, and writes it down as the known gaps.
    failed = [(record, wrong) for record, wrong in run(Path(sys.argv[1]), sys.argv[2]) if wrong]
    for record, wrong in failed:
        print(f"{record.key[:300]}\n    {wrong[:300]}")
    print(len(failed), "failed")
    if "--write" in sys.argv:
        keys = sorted({record.key for record, _ in failed})
        gaps_file(Path(sys.argv[1]).stem).write_text("".join(key + "\n" for key in keys))
