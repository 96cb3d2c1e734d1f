"""One `tarn sql` in conversation, for timing: the process is started once, statements are timed alone."""
import json
import os
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TARN = os.environ.get("TARN_BIN", os.path.join(ROOT, "build", "release", "tarn"))


class Lake:
    def __init__(self, folder):
        self.process = subprocess.Popen([TARN, "sql", "--lake", folder, "--format", "jsonl", "--keep-going", "-"],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(timeout=60)
        self.process.stdout.close()

    def answer(self, sql):
        self.process.stdin.write(sql + ";\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(f"{sql[:200]}: {answer['error']}")
        return answer

    def ask(self, sql):
        return self.answer(sql)["rows"]

    def location(self, table):
        answer = self.answer(f"DESCRIBE DETAIL {table}")
        return answer["rows"][0][[column["name"] for column in answer["columns"]].index("location")]

    def peak_mb(self):
        """Highest resident memory of the process so far."""
        with open(f"/proc/{self.process.pid}/status") as status:
            line = next(line for line in status if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024


def scratch():
    return tempfile.TemporaryDirectory(prefix="tarn-bench-")
