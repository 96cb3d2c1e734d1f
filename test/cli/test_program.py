"""The program around its commands: help, version, init, the shell on a terminal, the reference pages."""

import filecmp
import os
import pty
import re
import select
import subprocess
import tempfile
import time
import unittest

from lake import LIMIT_S, ROOT, TARN, LakeTest, tarn


class Program(unittest.TestCase):
    def test_version_and_help(self):
        self.assertRegex(tarn("--version").stdout, r"^tarn \d+\.\d+\.\d+\n$")
        run = tarn("--help")
        self.assertEqual(run.returncode, 0)
        for command in ("init", "sql"):
            self.assertIn(f"  {command} ", run.stdout)
            self.assertIn("Examples:", tarn(command, "--help").stdout)
        self.assertEqual(tarn().stdout, run.stdout)

    def test_the_statements_that_the_help_shows_run(self):
        shown = re.findall(r"^  (?:[A-Z]+ [^;]*;|[A-Z][^;]*?;)$", tarn("sql", "--help").stdout, re.M | re.S)
        self.assertGreater(len(shown), 8)
        with tempfile.TemporaryDirectory() as lake:
            self.assertEqual(tarn("init", lake).returncode, 0)
            run = tarn("sql", "--lake", lake, "-c", "\n".join(shown))
            self.assertEqual((run.returncode, run.stderr), (0, ""))

    def test_reference_pages_are_fresh(self):
        folder = os.path.join(ROOT, "docs", "reference")
        with tempfile.TemporaryDirectory() as fresh:
            self.assertEqual(tarn("reference", "--write", fresh).returncode, 0)
            pages = sorted(os.listdir(fresh))
            self.assertEqual(
                filecmp.cmpfiles(folder, fresh, pages, shallow=False),
                (pages, [], []),
                "stale pages (the second list) and missing ones (the third): "
                "tarn reference --write docs/reference",
            )


class Init(LakeTest):
    def test_makes_a_lake_that_works_and_keeps_what_is_there(self):
        lake = os.path.join(self.lake, "My-Lake 2")
        self.assertEqual(tarn("init", lake).returncode, 0)
        self.assertTrue(os.path.isdir(os.path.join(lake, "models", "gold")))
        self.assertFalse(os.path.exists(os.path.join(lake, ".tarn")))
        run = tarn("sql", "--lake", lake, "--format", "csv", "-c", "select current_database() as name")
        self.assertEqual(run.stdout, "name\nmy_lake_2\n", run.stderr)
        with open(os.path.join(lake, "tarn.yml"), "w", encoding="utf-8") as file:
            file.write("name: kept\n")
        self.assertEqual(tarn("init", lake).returncode, 0)
        with open(os.path.join(lake, "tarn.yml"), encoding="utf-8") as file:
            self.assertEqual(file.read(), "name: kept\n")

    def test_refuses_a_name_that_cannot_be(self):
        run = tarn("init", "--name", "9 lives", os.path.join(self.lake, "x"))
        self.assertNotEqual(run.returncode, 0)
        self.assertEqual(os.listdir(self.lake), [])


class Shell(LakeTest):
    """Types on a pseudo terminal, reads what shows."""

    def setUp(self):
        super().setUp()
        self.home = os.path.join(self.lake, "home")
        self.open_shell()

    def open_shell(self):
        self.terminal, slave = pty.openpty()
        env = {**os.environ, "TERM": "vt100", "XDG_STATE_HOME": self.home}
        self.process = subprocess.Popen(
            [TARN, "sql", "--lake", self.lake],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=env,
            start_new_session=True,
            preexec_fn=lambda: __import__("fcntl").ioctl(0, __import__("termios").TIOCSCTTY, 0),
        )
        os.close(slave)
        self.seen = ""
        self.wait_for("lake> ")

    def tearDown(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.terminal)
        super().tearDown()

    def type(self, text):
        self.seen = ""
        os.write(self.terminal, text.encode())

    def wait_for(self, text):
        self.wait_for_pattern(re.escape(text))

    def wait_for_pattern(self, pattern):
        deadline = time.monotonic() + LIMIT_S
        while not re.search(pattern, self.seen):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.terminal], [], [], left)[0]:
                self.fail(f"{pattern!r} never showed; seen: {self.seen[-2000:]!r}")
            try:
                data = os.read(self.terminal, 65536)
            except OSError:
                self.fail(f"the shell ended; seen: {self.seen!r}")
            self.seen += re.sub(r"\033\[[0-9;?]*[A-Za-z]", "", data.decode("utf-8", "replace")).replace("\r", "")

    def leave(self, text=".quit\n"):
        self.type(text)
        self.assertEqual(self.process.wait(timeout=LIMIT_S), 0)

    def test_a_statement_over_two_lines(self):
        self.type("select 40 +\n")
        self.wait_for("-> ")
        self.type("2 as answer;\n")
        self.wait_for("(1 row)")
        self.assertIn("answer\n------\n    42\n", self.seen)
        self.leave()

    def test_an_error_leaves_the_shell_alive(self):
        self.type("select * from nope;\n")
        self.wait_for("NotFound")
        self.wait_for("lake> ")
        self.type("select 'still here' as x;\n")
        self.wait_for("still here\n(1 row)\nlake> ")
        self.leave("\x04")

    def test_ctrl_c_drops_the_line_and_cancels_the_statement(self):
        self.type("select 'never\n")
        self.wait_for("-> ")
        self.type("\x03")
        self.wait_for("lake> ")
        self.type("select count(*) from range(100000000000) a, range(1000000) b;\n")
        self.wait_for_pattern(r"\d\.\d s")  # with a bar where the engine knows the part
        self.type("\x03")
        self.wait_for("Cancelled")
        self.wait_for("lake> ")
        self.leave("\\q\n")

    def test_tab_completes_keywords_and_tables(self):
        self.sql("create schema silver; create table silver.flights as select 1 as x")
        self.type("SELE\t* FROM silver.fl\t;\n")
        self.wait_for("(1 row)")
        self.leave()

    def test_commands_and_history(self):
        self.sql("create table main.t1 (a integer, b varchar)")
        self.type(".tables\n")
        self.wait_for("main.t1")
        self.type("\\d t1\n")
        self.wait_for("varchar" if "varchar" in self.seen else "VARCHAR")
        self.type("select 'remember me' as x;\n")
        self.wait_for("(1 row)")
        self.leave()
        history = os.path.join(self.home, "tarn", "history")
        self.assertEqual(os.stat(history).st_mode & 0o077, 0)
        os.close(self.terminal)
        self.open_shell()
        self.type("\x1b[A\n")  # up
        self.wait_for("(1 row)")
        self.assertIn("remember me", self.seen)
        self.leave()


if __name__ == "__main__":
    unittest.main()
