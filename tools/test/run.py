"""Runs the tests and ends with one line: `N passed, N failed, N skipped` (of single tests).

Order: the quick suites first, then the release build's, then the rooms below engine under the
address and undefined-behaviour sanitizers, then a fixed number of fuzz runs. `--long` adds what
takes minutes each.
"""

import argparse
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "setup"))
import pins  # noqa: E402

import counts  # noqa: E402
import process  # noqa: E402
import suites  # noqa: E402

HEARTBEAT_S = 20
SHOWN_LINES = 60
LONG_FUZZ_S = int(os.environ.get("FUZZ_SECONDS", "60"))


class Report:
    """Prints a line a suite as it ends, and every HEARTBEAT_S seconds what is still running."""

    def __init__(self):
        self._lock = threading.Lock()
        self._running = {}
        self._done = threading.Event()
        self.total = counts.Counts()
        threading.Thread(target=self._heartbeat, daemon=True).start()

    def _heartbeat(self):
        while not self._done.wait(HEARTBEAT_S):
            with self._lock:
                now = time.monotonic()
                names = [f"{name} ({now - start:.0f} s)" for name, start in self._running.items()]
            if names:
                print(f"  ... {', '.join(names)}", flush=True)

    def started(self, name):
        with self._lock:
            self._running[name] = time.monotonic()

    def ended(self, name, result, seconds, output=""):
        with self._lock:
            self._running.pop(name, None)
            self.total.add(result)
            print(
                f"{'FAIL' if result.failed else 'ok  '} {name}: {result} ({seconds:.1f} s)",
                flush=True,
            )
            for skipped, why in result.skips:
                print(f"       skipped {skipped}: {why.strip()}")
            if result.failed:
                tail = output.strip().splitlines()[-SHOWN_LINES:]
                print("\n".join("     | " + line for line in tail), flush=True)

    def finish(self):
        self._done.set()
        if self.total.failures:
            print("\nFailed:")
            for name, why in self.total.failures:
                print(f"  {name}: {counts.short(why)}")
        print(self.total, flush=True)
        return 1 if self.total.failed or not self.total.passed else 0


def run_suite(suite, report, scratch):
    """Runs one suite, reads its counts, and reports them."""
    result_file = scratch / f"{suite.name.replace('/', '_')}.json"
    result_file.unlink(missing_ok=True)
    env = dict(os.environ, GTEST_OUTPUT=f"json:{result_file}", **suite.env)
    report.started(suite.name)
    ended = process.run(suite.command, suite.timeout_s, suite.cwd, env)
    text = result_file.read_text(encoding="utf-8", errors="replace") if result_file.exists() else ""
    result = counts.of_program(suite.name, ended.exit_code, ended.output, text, ended.problem)
    if suite.golden and (suites.ROOT.parent / "shared" / "golden").is_dir():
        result = counts.golden_must_not_skip(result)
    report.ended(suite.name, result, ended.seconds, ended.output)


def run_all(found, jobs, report):
    scratch = suites.ROOT / "build" / "test-reports"
    scratch.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(jobs) as pool:
        list(
            pool.map(
                lambda suite: run_suite(suite, report, scratch), [s for s in found if not s.alone]
            )
        )
    for suite in found:
        if suite.alone:
            run_suite(suite, report, scratch)


def build(preset, jobs, report):
    """Builds a further preset; a build that fails is a failed test of that name."""
    name = f"build.{preset}"
    report.started(name)
    ended = process.run(
        [str(suites.ROOT / "tools" / "build.sh"), preset, str(jobs)], 3600, suites.ROOT
    )
    result = counts.of_program(name, ended.exit_code, "", "", ended.problem or "does not build")
    report.ended(name, result, ended.seconds, ended.output)
    return not result.failed


def groups(options, report):
    """Yields the suites, group by group; a group is built when its turn comes."""
    only = options.only
    yield suites.of_tidy() + suites.of_python(
        pins.environment() / "bin" / "python", options.long
    )
    release = suites.ROOT / "build" / "release"
    if (release / "build.ninja").exists():
        yield suites.of_cmake(release, with_long=options.long)
    if options.list:
        return
    for preset, wanted in (("asan", True), ("tsan", options.long)):
        if (not only and wanted) or only.startswith(preset):
            if build(preset, options.jobs, report):
                yield suites.of_cmake(suites.ROOT / "build" / preset, preset + ".")
    if options.long or only == "lint":
        yield suites.of_lint()
    if (not only or only.startswith("fuzz")) and (suites.ROOT / "fuzz" / "CMakeLists.txt").exists():
        if build("fuzz", options.jobs, report):
            yield suites.of_fuzz(
                suites.ROOT / "build" / "fuzz", LONG_FUZZ_S if options.long else None
            )


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--jobs", type=int, default=os.cpu_count() or 2, help="suites at the same time"
    )
    parser.add_argument("--only", default="", help="a label or part of a suite's name")
    parser.add_argument("--long", action="store_true", help="also what takes minutes each")
    parser.add_argument(
        "--list", action="store_true", help="name the suites that need no further build"
    )
    options = parser.parse_args()
    report = Report()
    for found in groups(options, report):
        chosen = [suite for suite in found if not options.only or suite.matches(options.only)]
        if options.list:
            print("\n".join(suite.name for suite in chosen))
        else:
            run_all(chosen, options.jobs, report)
    if options.list:
        return 0
    if options.only and not report.total.passed and not report.total.failed:
        print(f"no suite is called or labelled {options.only!r}; --list names them")
    return report.finish()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(f"test: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
