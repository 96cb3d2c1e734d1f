"""Runs the built program on a lake of its own, for the tests of the command line."""

import json
import os
import subprocess
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TARN = os.environ.get("TARN_BIN", os.path.join(ROOT, "build", "release", "tarn"))
LIMIT_S = 60


def tarn(*arguments, text=None, cwd=None, env=None):
    """One run of the program; standard input is `text`, empty when not given."""
    return subprocess.run(
        [TARN, *arguments],
        input=text or "",
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        check=False,
    )


class LakeTest(unittest.TestCase):
    """A test with an empty folder, which is an anonymous lake."""

    def setUp(self):
        self.temp = tempfile.TemporaryDirectory()
        self.lake = self.temp.name

    def tearDown(self):
        self.temp.cleanup()

    def sql(self, statements, *flags):
        return tarn("sql", "--lake", self.lake, *flags, "-c", statements)

    def lines(self, statements, *flags):
        """The answers as jsonl gives them."""
        run = self.sql(statements, "--format", "jsonl", "--keep-going", *flags)
        return [json.loads(line) for line in run.stdout.splitlines()]

    def rows(self, statement):
        answer = self.lines(statement)[-1]
        self.assertNotIn("error", answer, answer)
        return answer["rows"]
