"""Runs the pinned clang-tidy with the short list of .clang-tidy.

By default over the C++ files that differ from the commit before the last, or are not committed yet;
`--all` takes every file that a build folder compiles. One test a file.
"""

import argparse
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from tree import ROOT, Tree

sys.path.insert(0, str(ROOT / "tools" / "setup"))
import pins  # noqa: E402

BUILDS = ("release", "asan")
LIMIT_S = 300


def compiled():
    """{path from the root: build folder} of the sources that some build folder compiles."""
    found = {}
    for preset in BUILDS:
        commands = ROOT / "build" / preset / "compile_commands.json"
        if commands.exists():
            for entry in json.loads(commands.read_text(encoding="utf-8")):
                path = os.path.relpath(entry["file"], ROOT)
                if not path.startswith(".."):
                    found.setdefault(path, commands.parent)
    return found


def changed():
    """Files that the last commit or the work tree changed."""
    shown = subprocess.run(["git", "diff", "--name-only", "HEAD~1"], cwd=ROOT, check=False,
                           stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    return set(shown.splitlines())


def lint(path, build):
    """What clang-tidy finds in one file; empty when nothing."""
    program = pins.environment() / "bin" / "clang-tidy"
    speed = ["--checks=-performance-*"] if path.endswith("_test.cc") else []
    try:
        done = subprocess.run(
            [str(program), "-p", str(build), "--quiet", "--extra-arg=-w", *speed, str(ROOT / path)],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
            timeout=LIMIT_S)
    except subprocess.TimeoutExpired:
        return f"clang-tidy took longer than {LIMIT_S} s"
    if done.returncode == 0:
        return ""
    return "\n".join(line for line in done.stdout.splitlines() if not re.match(r"\d+ warning", line))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="every compiled file, not the changed ones")
    options = parser.parse_args()
    builds = compiled()
    wanted = set(Tree().cpp()) if options.all else changed()
    paths = sorted(path for path in wanted & builds.keys() if path.endswith(".cc"))
    failed = 0
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        for path, said in zip(paths, pool.map(lambda path: lint(path, builds[path]), paths)):
            if said:
                failed += 1
                print(f"{path}:\n{said}", flush=True)
    if not builds:
        print("no build folder yet: `make build` first")
        failed = 1
    print(f"{len(paths) - failed if builds else 0} passed, {failed} failed, 0 skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
