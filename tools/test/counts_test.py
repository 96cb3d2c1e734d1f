"""The counting and running of tests: nothing that failed, died or hung may look like success."""

import json
import os
import sys
import tempfile
import time
import unittest
from pathlib import Path

import counts
import process
import python_suite

REPORT = json.dumps({"testsuites": [{"name": "S", "testsuite": [
    {"name": "good", "status": "RUN", "result": "COMPLETED"},
    {"name": "bad", "status": "RUN", "result": "COMPLETED", "failures": [{"failure": "wrong"}]},
    {"name": "left_out", "status": "RUN", "result": "SKIPPED"}]}]})


def numbers(result):
    return result.passed, result.failed, result.skipped


class CountsTest(unittest.TestCase):
    def test_single_tests_of_a_report_are_counted(self):
        result = counts.of_program("p", 1, "", REPORT)
        self.assertEqual(numbers(result), (1, 1, 1))
        self.assertEqual(result.failures, [("S.bad", "wrong")])

    def test_the_reason_of_a_skip_comes_from_the_output(self):
        output = "[ RUN      ] S.left_out\nfile:1: Skipped\nno data\n\n[  SKIPPED ] S.left_out (0 ms)\n"
        self.assertEqual(counts.of_program("p", 1, output, REPORT).skips, [("S.left_out", "no data\n")])

    def test_a_crash_after_a_clean_report_fails(self):
        clean = json.dumps({"testsuites": [{"name": "S", "testsuite": [{"name": "good"}]}]})
        self.assertEqual(numbers(counts.of_program("p", -11, "", clean, "died of SIGSEGV")), (1, 1, 0))

    def test_a_crash_before_the_report_counts_what_had_passed(self):
        output = "[       OK ] S.a (0 ms)\n[  FAILED  ] S.b (1 ms)\n[ RUN      ] S.c\n"
        self.assertEqual(numbers(counts.of_program("p", -6, output, "")), (1, 1, 0))
        self.assertEqual(numbers(counts.of_program("p", -6, "[       OK ] S.a (0 ms)\n", "")), (1, 1, 0))

    def test_a_cut_off_report_is_no_success(self):
        self.assertEqual(numbers(counts.of_program("p", 1, "", REPORT[:20])), (0, 1, 0))

    def test_a_program_may_say_its_counts_in_its_last_line(self):
        self.assertEqual(numbers(counts.of_program("p", 1, "x\n7 passed, 2 failed, 1 skipped\n", "")), (7, 2, 1))

    def test_any_other_program_is_one_test(self):
        self.assertEqual(numbers(counts.of_program("p", 0, "fine", "")), (1, 0, 0))
        self.assertEqual(numbers(counts.of_program("p", 3, "oh", "")), (0, 1, 0))

    def test_a_reason_is_one_line(self):
        self.assertEqual(counts.short("a.cc:3: Failure\nExpected x"), "a.cc:3: Failure")
        trace = 'Traceback (most recent call last):\n  File "a"\nAssertionError: 1 != 2 : row\n\n- 1\n+ 2\n'
        self.assertEqual(counts.short(trace), "AssertionError: 1 != 2 : row")
        self.assertEqual(counts.short(""), "")

    def test_a_golden_test_may_not_skip(self):
        result = counts.golden_must_not_skip(counts.Counts(1, 0, 2, [], [("a", "no data"), ("b", "no data")]))
        self.assertEqual(numbers(result), (1, 2, 0))
        self.assertEqual(len(result.failures), 2)


class ProcessTest(unittest.TestCase):
    def test_exit_code_and_output_of_both_streams(self):
        ended = process.run(["/bin/sh", "-c", "echo a; echo b >&2; exit 3"], 10)
        self.assertEqual((ended.exit_code, ended.output, ended.problem), (3, "a\nb\n", ""))

    def test_a_program_beyond_its_limit_is_ended_with_its_children(self):
        start = time.monotonic()
        ended = process.run(["/bin/sh", "-c", "sleep 60 & sleep 60"], 0.2)
        self.assertLess(time.monotonic() - start, 10)
        self.assertTrue(ended.problem)
        self.assertNotEqual(ended.exit_code, 0)

    def test_death_by_signal_is_said(self):
        ended = process.run(["/bin/sh", "-c", "kill -SEGV $$"], 10)
        self.assertIn("SIGSEGV", ended.problem)

    def test_a_missing_program_is_a_problem_not_an_exception(self):
        self.assertNotEqual(process.run(["/nonexistent/program"], 10).exit_code, 0)


class PythonSuiteTest(unittest.TestCase):
    def run_file(self, text):
        with tempfile.TemporaryDirectory() as place:
            path = Path(place) / "some_test.py"
            path.write_text("import unittest\n" + text, encoding="utf-8")
            report = Path(place) / "report.json"
            ended = process.run([sys.executable, python_suite.__file__, str(path)], 30,
                                env=dict(os.environ, GTEST_OUTPUT=f"json:{report}"))
            text = report.read_text(encoding="utf-8") if report.exists() else ""
            return counts.of_program("some", ended.exit_code, ended.output, text)

    def test_counts_passed_failed_and_skipped(self):
        result = self.run_file("""
class A(unittest.TestCase):
    def test_good(self): pass
    def test_bad(self): self.fail("x")
    def test_error(self): raise KeyError("x")
    @unittest.skip("no data")
    def test_left_out(self): pass
    def test_parts(self):
        for part in range(3):
            with self.subTest(part=part):
                self.assertEqual(part, 9)
""")
        self.assertEqual(numbers(result), (1, 3, 1))

    def test_a_broken_fixture_fails(self):
        result = self.run_file("""
class A(unittest.TestCase):
    @classmethod
    def setUpClass(cls): raise KeyError("x")
    def test_good(self): pass
""")
        self.assertEqual(result.failed, 1)

    def test_a_whole_class_left_out_is_skipped(self):
        self.assertGreater(self.run_file("""
@unittest.skip("no data")
class A(unittest.TestCase):
    def test_one(self): pass
    def test_two(self): pass
""").skipped, 0)

    def test_a_file_without_tests_or_with_a_syntax_error_fails(self):
        self.assertEqual(numbers(self.run_file("")), (0, 1, 0))
        self.assertEqual(numbers(self.run_file("(")), (0, 1, 0))


if __name__ == "__main__":
    unittest.main()
