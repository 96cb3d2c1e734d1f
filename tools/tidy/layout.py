"""Holds the C++ files against the pinned clang-format; `--apply` lays them out.

One test for each folder that holds C++ files, so that a failure says where.
"""

import argparse
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tree import ROOT, Tree

sys.path.insert(0, str(ROOT / "tools" / "setup"))
import pins  # noqa: E402

BATCH = 20


def clang_format(paths, *options):
    """Runs the pinned clang-format over the files; returns what it said."""
    program = pins.environment() / "bin" / "clang-format"
    done = subprocess.run(
        [str(program), "--style=file", *options, *paths],
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    if done.returncode not in (0, 1):
        sys.exit(f"clang-format failed:\n{done.stdout}")
    return done.stdout


def badly_laid_out(said):
    """The files that clang-format's dry run complained about."""
    return sorted(
        {
            line.split(":", 1)[0]
            for line in said.splitlines()
            if "[-Wclang-format-violations]" in line
        }
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--apply", action="store_true", help="change the files")
    options = parser.parse_args()
    paths = Tree().cpp()
    batches = [paths[start : start + BATCH] for start in range(0, len(paths), BATCH)]
    mode = ["-i"] if options.apply else ["--dry-run"]
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        said = "".join(pool.map(lambda batch: clang_format(batch, *mode), batches))
    if options.apply:
        return 0
    bad = badly_laid_out(said)
    for path in bad:
        print(f"{path}: not as clang-format lays it out: `make format`")
    folders = {str(Path(path).parent) for path in paths}
    failed = {str(Path(path).parent) for path in bad}
    print(f"{len(folders - failed)} passed, {len(failed)} failed, 0 skipped")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
