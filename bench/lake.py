"""One program in conversation, for timing: it is started once, each statement or request is timed alone."""
import json
import os
import subprocess
import tempfile

import pairs

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TARN = os.environ.get("TARN_BIN", os.path.join(ROOT, "build", "release", "tarn"))


class Conversation:
    """A process that answers each line of its input with one line."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()

    def line(self, text):
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(f"{text[:200]}: {answer['error']}")
        return answer

    def timed(self, question):
        """The cost of `ask(question)`, with the highest memory of the process so far."""
        cost = pairs.timed(lambda: self.ask(question), self.process.pid)
        return cost._replace(peak_mb=self.peak_mb())

    def peak_mb(self):
        """Highest resident memory of the process so far."""
        with open(f"/proc/{self.process.pid}/status") as status:
            line = next(line for line in status if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024


class Lake(Conversation):
    """`tarn sql` over a lake; a question is a statement without its semicolon."""

    def __init__(self, folder):
        super().__init__([TARN, "sql", "--lake", folder, "--format", "jsonl", "--keep-going", "-"])

    def answer(self, sql):
        return self.line(" ".join(sql.split("\n")) + ";")

    def ask(self, sql):
        return self.answer(sql)["rows"]

    def detail(self, table, column):
        answer = self.answer(f"DESCRIBE DETAIL {table}")
        return answer["rows"][0][[shown["name"] for shown in answer["columns"]].index(column)]


def command(folder, sql):
    """The whole process that answers one statement."""
    return [TARN, "sql", "--lake", folder, "-c", sql]


def scratch():
    return tempfile.TemporaryDirectory(prefix="tarn-bench-")
