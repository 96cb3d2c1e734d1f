"""Runs one unittest file and leaves its counts in GoogleTest's JSON form, where GTEST_OUTPUT says."""

import importlib.util
import json
import os
import sys
import unittest
from pathlib import Path


class Result(unittest.TextTestResult):
    """Keeps one entry a test. A failed subtest fails its test; an expected failure passes."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.entries = {}

    def _entry(self, test):
        # The fixture of a class or module stands under its own name.
        suite, _, name = test.id().rpartition(".")
        return self.entries.setdefault(test.id(), {"suite": suite, "name": name})

    def startTest(self, test):
        super().startTest(test)
        self._entry(test)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._fail(test, f"{subtest.id()}: {self._exc_info_to_string(err, test)}")

    def _fail(self, test, text):
        self._entry(test).setdefault("failures", []).append({"failure": text})

    def addError(self, test, err):
        super().addError(test, err)
        self._fail(test, self._exc_info_to_string(err, test))

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._fail(test, self._exc_info_to_string(err, test))

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._fail(test, "passed, though it was expected to fail")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._entry(test).update(result="SKIPPED", skipped=[{"message": reason}])


def report(entries):
    suites = {}
    for entry in entries:
        suites.setdefault(entry["suite"], []).append(entry)
    return {"testsuites": [{"name": name, "testsuite": tests} for name, tests in suites.items()]}


def main():
    path = Path(sys.argv[1]).resolve()
    sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    tests = unittest.defaultTestLoader.loadTestsFromModule(module)
    result = unittest.TextTestRunner(stream=sys.stdout, resultclass=Result).run(tests)
    target = os.environ.get("GTEST_OUTPUT", "").removeprefix("json:")
    if target:
        Path(target).write_text(json.dumps(report(result.entries.values())), encoding="utf-8")
    if not result.entries:
        print(f"{path.name}: no test in it")
        return 1
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
