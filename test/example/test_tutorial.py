"""Tutorials do what they say: their commands are run in order and answer as the page shows.

In an indented block a line that begins with `$ ` is a command; the lines below it are what it prints, `...` standing
for whatever is there. An indented block below a line that ends in a file's name and a colon is that file.
"""
import os
import re
import shutil
import subprocess
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
EXAMPLE = os.path.join(ROOT, "examples", "nyc-flights")
PAGE = os.path.join(ROOT, "docs", "tutorials", "flights-in-production.md")
TARN = os.environ.get("TARN_BIN", os.path.join(ROOT, "build", "release", "tarn"))
FAILS = {"contract diff"}  # commands of the page whose exit code is not 0


def blocks(text):
    """(file's name or None, lines) of each indented block."""
    before, lines = "", []
    for line in [*text.split("\n"), "end"]:
        if line.startswith("    ") or (lines and not line):
            lines.append(line[4:])
            continue
        if lines:
            named = re.search(r"`([^`]+)`:$", before)
            yield (named.group(1) if named else None), "\n".join(lines).strip("\n")
            lines = []
        if line:
            before = line


def commands(block):
    """(command, what it prints) of a block."""
    for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown.strip("\n")


def pattern(shown):
    return re.sub(r"(\\\.){3}", r"[\\s\\S]*?", re.escape(shown)) + r"\s*$"


class Tutorial(unittest.TestCase):
    def setUp(self):
        temp = tempfile.TemporaryDirectory()
        self.addCleanup(temp.cleanup)
        self.lake = os.path.join(temp.name, "nyc-flights")
        shutil.copytree(EXAMPLE, self.lake, ignore=shutil.ignore_patterns(".tarn", "target", "logs"))

    def run_command(self, command, shown):
        env = {**os.environ, "PATH": os.path.dirname(TARN) + os.pathsep + os.environ["PATH"]}
        run = subprocess.run(command, shell=True, cwd=self.lake, env=env, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, timeout=300, check=False)
        may_fail = any(word in command for word in FAILS)
        self.assertEqual(run.returncode, 1 if may_fail else 0, f"{command}\n{run.stdout}")
        printed = "\n".join(line.rstrip() for line in run.stdout.rstrip().split("\n"))
        self.assertRegex(printed, "^" + pattern(shown), f"of {command}")

    def test_the_flights_go_into_production(self):
        with open(PAGE, encoding="utf-8") as page:
            found = list(blocks(page.read()))
        ran = 0
        for name, block in found:
            if name is not None and not block.startswith("$ "):
                path = os.path.join(self.lake, name)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(block + "\n")
                continue
            for command, shown in commands(block):
                with self.subTest(command):
                    self.run_command(command, shown)
                ran += 1
        self.assertGreater(ran, 5)


if __name__ == "__main__":
    unittest.main()
