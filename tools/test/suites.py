"""Finds what there is to run: the programs of a CMake build, Python tests, fuzz targets.

A suite is one program. How its single tests are counted stands in counts.py.
"""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DEFAULT_TIMEOUT_S = 300
FUZZ_RUNS = 10000
FUZZ_SMOKE_LIMIT_S = 30
SANITIZERS = {
    "ASAN_OPTIONS": "detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}


@dataclass
class Suite:
    name: str
    command: list
    labels: set = field(default_factory=set)
    timeout_s: float = DEFAULT_TIMEOUT_S
    cwd: Path = ROOT
    env: dict = field(default_factory=dict)
    alone: bool = False  # not beside another suite (it uses the whole machine or a fixed port)

    def matches(self, word):
        """`make test T=word`: a label, or part of the name."""
        return word in self.labels or word in self.name

    @property
    def golden(self):
        return "golden" in self.labels or "golden" in self.name


def of_cmake(build, prefix="", with_long=False):
    """The suites that add_test declared in a build folder; those labelled `long` when asked for."""
    listed = subprocess.run(
        ["ctest", "--test-dir", str(build), "--show-only=json-v1"],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    ).stdout
    found = []
    for test in json.loads(listed)["tests"]:
        # A program that is not built fails when it is asked for, and stands in nobody else's way.
        command = test.get("command", ["/bin/sh", "-c", "echo 'not built: make build'; exit 1"])
        properties = {entry["name"]: entry["value"] for entry in test.get("properties", [])}
        found.append(
            Suite(
                prefix + test["name"],
                command,
                set(properties.get("LABELS", [])),
                float(properties.get("TIMEOUT", DEFAULT_TIMEOUT_S)),
                Path(properties.get("WORKING_DIRECTORY", build)),
                {
                    **SANITIZERS,
                    **dict(entry.split("=", 1) for entry in properties.get("ENVIRONMENT", [])),
                },
                bool(properties.get("RUN_SERIAL", False)),
            )
        )
    return [suite for suite in found if with_long or "long" not in suite.labels]


def of_python(python, with_long=False):
    """Every test file of tools/, bench/ and test/, run by the environment that has the partners; with
    TARN_LONG=1 a file takes all of what it else takes a sample of."""
    runner = str(Path(__file__).with_name("python_suite.py"))
    env = {
        "TARN_BIN": str(ROOT / "build" / "release" / "tarn"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    if with_long:
        env["TARN_LONG"] = "1"
    found = []
    for folder, timeout_s in (("tools", 120), ("bench", 120), ("test", 2700 if with_long else 900)):
        paths = [*(ROOT / folder).rglob("*_test.py"), *(ROOT / folder).rglob("test_*.py")]
        for path in sorted(set(paths)):
            relative = path.relative_to(ROOT)
            name = ".".join((*relative.parts[:-1], relative.stem))
            command = [str(python), runner, str(path)]
            labels = {"python", *relative.parts[:-1]}
            alone = "spark" in path.stem  # takes every core and a gigabyte
            found.append(Suite(name, command, labels, timeout_s, env=env, alone=alone))
    return found


def of_tidy():
    """The style tests; they need no build."""
    tidy = ROOT / "tools" / "tidy"
    return [
        Suite("tidy.rules", [sys.executable, str(tidy / "tidy.py")], {"tidy"}),
        Suite("tidy.layout", [sys.executable, str(tidy / "layout.py")], {"tidy"}),
    ]


def of_lint():
    """clang-tidy over every file that was built; takes minutes."""
    command = [sys.executable, str(ROOT / "tools" / "tidy" / "lint.py"), "--all"]
    return [Suite("lint", command, {"lint"}, 3600, alone=True)]


def of_fuzz(build, seconds=None):
    """A fixed number of runs of each fuzz target, the same each time; or `seconds` of search."""
    found = []
    for program in sorted((build / "bin").glob("fuzz_*")):
        if not os.access(program, os.X_OK):
            continue
        name = program.name.removeprefix("fuzz_")
        seeds = ROOT / "fuzz" / "corpus" / name
        crashes = build / "crashes" / name
        crashes.mkdir(parents=True, exist_ok=True)
        inputs = build / "found" / name
        bound = [f"-max_total_time={seconds}"]
        if seconds is None:  # what earlier searches found must not change a test
            inputs = build / "scratch" / name
            shutil.rmtree(inputs, ignore_errors=True)
            bound = ["-seed=1", f"-runs={FUZZ_RUNS}", f"-max_total_time={FUZZ_SMOKE_LIMIT_S}"]
        inputs.mkdir(parents=True, exist_ok=True)
        command = [str(program), *bound, "-rss_limit_mb=2048", "-timeout=10", "-verbosity=0"]
        command += [f"-artifact_prefix={crashes}/", str(inputs)]
        command += [str(seeds)] if seeds.is_dir() else []
        limit_s = (seconds or FUZZ_SMOKE_LIMIT_S) + 120
        found.append(Suite("fuzz." + name, command, {"fuzz"}, limit_s, env=dict(SANITIZERS)))
    return found
