"""Counts of individual tests, read from what a test program leaves behind."""

import json
import re
from dataclasses import dataclass, field

LAST_LINE = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$")


@dataclass
class Counts:
    """Sums of single tests; `failures` and `skips` name them with what they said."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    failures: list = field(default_factory=list)
    skips: list = field(default_factory=list)

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped
        self.failures += other.failures
        self.skips += other.skips

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def of_gtest(text):
    """Counts of GoogleTest's JSON report."""
    counts = Counts()
    for suite in json.loads(text)["testsuites"]:
        for test in suite["testsuite"]:
            name = f"{suite['name']}.{test['name']}"
            if test.get("failures"):
                counts.failed += 1
                counts.failures.append((name, test["failures"][0].get("failure", "")))
            elif test.get("result") == "SKIPPED" or test.get("status") == "NOTRUN":
                counts.skipped += 1
                reasons = [skip.get("message", "") for skip in test.get("skipped", [])]
                counts.skips.append((name, " ".join(reasons)))
            else:
                counts.passed += 1
    return counts


def of_last_line(output):
    """Counts of a program whose last line is `N passed, N failed, N skipped`, else None."""
    lines = output.strip().splitlines()
    found = LAST_LINE.match(lines[-1].strip()) if lines else None
    return Counts(*map(int, found.groups())) if found else None


_PROGRESS = re.compile(r"\[ +(OK|FAILED|SKIPPED) +\] (\S+) \(\d+ ms\)")
_SKIP = re.compile(r": Skipped\n(.*?)\n\[  SKIPPED \] (\S+) \(\d+ ms\)", re.DOTALL)


def of_progress(output):
    """Counts of a GoogleTest program that died before its report, else None."""
    counts = Counts()
    for state, name in _PROGRESS.findall(output):
        counts.passed += state == "OK"
        counts.skipped += state == "SKIPPED"
        if state == "FAILED":
            counts.failed += 1
            counts.failures.append((name, ""))
    return counts if counts != Counts() else None


def _with_reasons(counts, output):
    """GoogleTest 1.12 leaves the reason of a skip out of its report; it stands in the output."""
    reasons = {name: why for why, name in _SKIP.findall(output)}
    counts.skips = [(name, why or reasons.get(name, "")) for name, why in counts.skips]
    return counts


def of_program(name, exit_code, output, report, last_words=""):
    """What one program counts for: its report, its last line, or else one test by its exit code.

    A program that dies or fails without naming a failed test is itself a failed test: a crash after
    the last report must not look like success.
    """
    counts = None
    if report:
        try:
            counts = _with_reasons(of_gtest(report), output)
        except (ValueError, KeyError):
            counts = None
    if counts is None:
        counts = of_last_line(output) or of_progress(output)
    if counts is None:
        counts = Counts(passed=1) if exit_code == 0 else Counts()
    if exit_code != 0 and counts.failed == 0:
        counts.failed += 1
        counts.failures.append((name, last_words or f"ended with exit code {exit_code}"))
    return counts


def short(why):
    """One line of why a test failed: a Python traceback's last, anything else's first."""
    lines = why.strip().splitlines() or [""]
    is_traceback = any(line.startswith("Traceback (") for line in lines)
    raised = [line for line in lines if re.match(r"[A-Za-z_][\w.]*(Error|Exception|Exit)\b", line)]
    return (raised[-1] if is_traceback and raised else lines[0])[:200]


def golden_must_not_skip(counts):
    """Where the golden data is present, a skipped golden test is a failed one."""
    counts.failed += counts.skipped
    counts.failures += [
        (name, f"skipped although ../shared is there: {why}") for name, why in counts.skips
    ]
    counts.skipped, counts.skips = 0, []
    return counts
