"""Asks Tarn in Spark's dialect, expression by expression. `conversation.py --write` writes the gaps anew."""

import json
import os
import subprocess
import sys
import tempfile

import expressions

TARN = os.environ.get("TARN_BIN", str(expressions.HERE.parents[1] / "build" / "release" / "tarn"))
LIMIT_S = 120


class Conversation:
    def __init__(self, lake, dialect="spark"):
        self.process = subprocess.Popen(
            [TARN, "sql", "--lake", lake, "--dialect", dialect, "--format", "jsonl", "--keep-going", "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ask(self, sql):
        self.process.stdin.write(sql + "\n;\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def end(self):
        self.process.stdin.close()
        self.process.wait(timeout=LIMIT_S)
        self.process.stdout.close()


def answers_of(lake):
    """Each expression that answers otherwise, and what it answered."""
    conversation = Conversation(lake)
    differences = {}
    for group in expressions.groups():
        for expression, kind, value in expressions.read_answers(group):
            answer = conversation.ask(expressions.statement(expression))
            if "error" in answer and answer["error"] is not None:
                if answer["error"]["kind"] == "Internal":  # nothing more is answered after that
                    conversation.end()
                    conversation = Conversation(lake)
                got = ("error", answer["error"]["kind"] + ": " + answer["error"]["message"])
                is_same = kind == "error" and answer["error"]["kind"] != "Internal"
            else:
                got = tuple(reversed(answer["rows"][0]))
                is_same = got == (kind, value)
            if not is_same:
                differences[expression] = f"{got}, Spark: {(kind, value)}"
    conversation.end()
    return differences


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        found = answers_of(folder)
    for asked, wrong in found.items():
        print(f"{asked}\n    {wrong}")
    print(len(found), "differ")
    if "--write" in sys.argv:
        expressions.GAPS.write_text("".join(line + "\n" for line in sorted(found)))
