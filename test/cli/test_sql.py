"""The contract of `tarn sql`, as other programs use it."""

import json
import os
import select
import shutil
import signal
import subprocess
import time
import unittest

from lake import LIMIT_S, TARN, LakeTest, tarn


class Conversation:
    """One process that is asked statement by statement, as the benchmark's adapter does."""

    def __init__(self, lake, *flags):
        self.process = subprocess.Popen(
            [TARN, "sql", "--lake", lake, "--format", "jsonl", "--keep-going", *flags, "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            bufsize=1,
        )

    def send(self, text):
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def answer(self):
        ready, _, _ = select.select([self.process.stdout], [], [], LIMIT_S)
        assert ready, "no answer came"
        return json.loads(self.process.stdout.readline())

    def silent(self, seconds=0.3):
        return not select.select([self.process.stdout], [], [], seconds)[0]

    def end(self):
        self.process.stdin.close()
        code = self.process.wait(timeout=LIMIT_S)
        self.process.stdout.close()
        self.process.stderr.close()
        return code


class Dialects(LakeTest):
    def test_a_run_speaks_the_dialect_that_it_is_given(self):
        answers = self.lines("select array(4, 5)[1], 'it\\'s; one text', \"x;y\"", "--dialect", "spark")
        self.assertEqual([answer["rows"] for answer in answers], [[["5", "it's; one text", "x;y"]]])

    def test_set_changes_where_the_next_statement_ends(self):
        answers = self.lines("set dialect = 'spark'; select 'a\\';b'; set dialect = 'tarn'; select 'c\\'; select 1")
        self.assertEqual([a["rows"] for a in answers], [[], [["a';b"]], [], [["c\\"]], [["1"]]])

    def test_the_lake_says_what_its_sessions_speak(self):
        with open(os.path.join(self.lake, "tarn.yml"), "w", encoding="utf-8") as file:
            file.write("name: a\ndialect: spark\n")
        self.assertEqual(self.rows("select \"x\", current_setting('dialect')"), [["x", "spark"]])
        self.assertEqual(
            self.lines("select [4, 5][1] as \"x\"", "--dialect", "tarn")[-1]["rows"], [["4"]]
        )

    def test_what_stands_where_a_writer_gives_nothing_is_described_last(self):
        answers = self.lines(
            "create table t (id int, state string default 'NA', n bigint default 1 + 1); describe extended t;"
            "create table u (id int); describe extended u",
            "--dialect",
            "spark",
        )
        values = [["state", "string", "'NA'"], ["n", "bigint", "1 + 1"]]
        ending = [["", "", ""], ["# Column Default Values", "", ""], *values]
        self.assertEqual(answers[1]["rows"][-4:], ending)
        self.assertEqual(answers[3]["rows"][-1][0], "Table Properties")

    def test_a_script_is_one_statement_that_is_refused(self):
        text = (
            "begin declare x int; if x > 1 then select case when true then 1 end; end if; end;"
            "begin; select 2; end"
        )
        for dialect in ("spark", "tarn"):
            first, *rest = self.lines(text, "--dialect", dialect)
            self.assertEqual(first["error"]["kind"], "Unsupported")
            self.assertIn("BEGIN ... END", first["error"]["message"])
            self.assertEqual([answer.get("rows") for answer in rest], [[], [["2"]], []])

    def test_an_unknown_dialect_is_refused(self):
        self.assertNotEqual(self.sql("select 1", "--dialect", "oracle").returncode, 0)


class Jsonl(LakeTest):
    def test_one_line_a_statement_in_order(self):
        run = self.sql("select 1 as a, null as b; select 'x' as c", "--format", "jsonl")
        self.assertEqual(run.returncode, 0, run.stderr)
        first, second = [json.loads(line) for line in run.stdout.splitlines()]
        self.assertEqual(first["statement"], 1)
        self.assertEqual([column["name"] for column in first["columns"]], ["a", "b"])
        self.assertEqual(first["columns"][0]["type"], "INTEGER")
        self.assertEqual(first["rows"], [["1", None]])
        self.assertEqual(first["rows_affected"], 0)
        for key in ("files_read", "files_skipped", "row_groups_read", "row_groups_skipped", "bytes_read", "ms"):
            self.assertIn(key, first["stats"])
        self.assertEqual(second["statement"], 2)
        self.assertEqual(second["rows"], [["x"]])

    def test_values_are_text(self):
        [answer] = self.lines(
            "select true, 1.50::decimal(5,2), date '2026-01-02', [1, 2], {'k': 'v'}, 1e300, 'é\n\"'"
        )
        self.assertEqual(
            answer["rows"],
            [["true", "1.50", "2026-01-02", "[1, 2]", "{'k': v}", "1e+300", 'é\n"']],
        )

    def test_an_error_is_a_line_of_its_own_with_its_place(self):
        run = self.sql("select 1; select * from nope", "--format", "jsonl")
        self.assertEqual(run.returncode, 1)
        answer = json.loads(run.stdout.splitlines()[1])
        self.assertEqual(answer["statement"], 2)
        self.assertEqual(answer["error"]["kind"], "NotFound")
        self.assertTrue(answer["error"]["message"])
        self.assertEqual((answer["error"]["line"], answer["error"]["column"]), (1, 15))

    def test_what_is_wrong_with_a_folder_is_told_with_its_name_and_place(self):
        self.sql("create table t as select 1 as a; insert into t values (2); insert into t values (3)")
        warehouse = os.path.join(self.lake, ".tarn", "warehouse", "main")
        table = os.path.join(warehouse, os.listdir(warehouse)[0])

        def copy(name):
            path = shutil.copytree(table, os.path.join(self.lake, name))
            return path, os.path.join(path, "_delta_log", "0000000000000000000")

        def refusal(path):
            [answer] = self.lines(f"select * from t, delta.`{path}`")
            error = answer["error"]
            self.assertEqual((error["line"], error["column"]), (1, 18))
            self.assertIn(path, json.dumps(error))
            return error

        gap, log = copy("gap")
        os.remove(log + "1.json")
        error = refusal(gap)
        self.assertEqual(error["kind"], "Corrupt")
        self.assertIn("version 1", error["message"])

        future, log = copy("future")
        protocol = {"minReaderVersion": 3, "minWriterVersion": 7,
                    "readerFeatures": ["fromTheFuture"], "writerFeatures": ["fromTheFuture"]}
        with open(log + "2.json", "a", encoding="utf-8") as file:
            file.write(json.dumps({"protocol": protocol}) + "\n")
        error = refusal(future)
        self.assertEqual(error["kind"], "Unsupported")
        self.assertIn("fromTheFuture", error["message"])

        no_table = os.path.join(self.lake, "sources")
        os.mkdir(no_table)
        with open(os.path.join(no_table, "a.yml"), "w", encoding="utf-8") as file:
            file.write("name: a\n")
        missing = os.path.join(self.lake, "missing")
        errors = [refusal(path) for path in (no_table, os.path.join(no_table, "a.yml"), missing)]
        self.assertEqual([error["kind"] for error in errors], ["NotFound"] * 3)
        words = [error["message"].replace(no_table, "").replace(missing, "") for error in errors]
        self.assertNotEqual(words[0], words[2], "a folder that is no table is not a missing one")
        self.assertNotEqual(words[1], words[2])

    def test_stops_at_the_first_error_unless_told(self):
        statements = "select * from nope; select 2"
        run = self.sql(statements, "--format", "jsonl")
        self.assertEqual(len(run.stdout.splitlines()), 1)
        answers = self.lines(statements)
        self.assertEqual([("error" in answer) for answer in answers], [True, False])
        self.assertEqual(self.sql(statements, "--format", "jsonl", "--keep-going").returncode, 1)

    def test_too_many_rows_is_a_limit_that_names_what_streams(self):
        [answer] = self.lines("select * from range(11)", "--max-rows", "10")
        self.assertEqual(answer["error"]["kind"], "LimitExceeded")
        self.assertIn("csv", answer["error"]["message"])
        self.assertIn("arrow", answer["error"]["message"])
        [answer] = self.lines("select * from range(10)", "--max-rows", "10")
        self.assertEqual(len(answer["rows"]), 10)
        [answer] = self.lines("select * from range(100001)")
        self.assertEqual(answer["error"]["kind"], "LimitExceeded")

    def test_an_unfinished_quote_is_an_error_line(self):
        run = self.sql("select 1; select 'abc", "--format", "jsonl")
        self.assertEqual(run.returncode, 1)
        self.assertEqual(json.loads(run.stdout.splitlines()[1])["error"]["kind"], "InvalidInput")


class Conversations(LakeTest):
    def test_each_answer_comes_before_the_next_question(self):
        talk = Conversation(self.lake)
        for number in range(20):
            talk.send(f"select {number};\n")
            self.assertEqual(talk.answer()["rows"], [[str(number)]])
        self.assertEqual(talk.end(), 0)

    def test_a_statement_may_arrive_in_pieces(self):
        talk = Conversation(self.lake)
        talk.send("select 'a;b', -- not; here\n")
        talk.send(" $$ ; $$")
        self.assertTrue(talk.silent())
        talk.send(";")
        self.assertEqual(talk.answer()["rows"], [["a;b", " ; "]])
        self.assertEqual(talk.end(), 0)

    def test_an_error_does_not_end_the_talk(self):
        talk = Conversation(self.lake)
        talk.send("select * from nope;\n")
        self.assertEqual(talk.answer()["error"]["kind"], "NotFound")
        talk.send("select 1;\n")
        answer = talk.answer()
        self.assertEqual((answer["statement"], answer["rows"]), (2, [["1"]]))
        self.assertEqual(talk.end(), 1)

    def test_a_session_keeps_what_it_was_told(self):
        talk = Conversation(self.lake)
        talk.send("create temporary view v as select 7 as x;\n")
        self.assertNotIn("error", talk.answer())
        talk.send("select x from v;\n")
        self.assertEqual(talk.answer()["rows"], [["7"]])
        talk.end()

    def test_the_last_statement_needs_no_semicolon(self):
        run = tarn("sql", "--lake", self.lake, "--format", "jsonl", "-", text="select 1; select 2")
        self.assertEqual(len(run.stdout.splitlines()), 2)

    def test_an_interrupt_cancels_the_statement_and_ends(self):
        talk = Conversation(self.lake)
        talk.send("select count(*) from range(100000000000) a, range(1000000) b;\n")
        time.sleep(0.5)
        talk.process.send_signal(signal.SIGINT)
        self.assertEqual(talk.answer()["error"]["kind"], "Cancelled")
        self.assertEqual(talk.process.wait(timeout=LIMIT_S), 130)
        talk.end()

    def test_an_interrupt_while_waiting_ends(self):
        talk = Conversation(self.lake)
        talk.send("select 1;\n")
        talk.answer()
        talk.process.send_signal(signal.SIGINT)
        self.assertEqual(talk.process.wait(timeout=LIMIT_S), 130)
        talk.end()


class Formats(LakeTest):
    def test_csv_streams_beyond_the_limit(self):
        run = self.sql("select i, i * 2 as d from range(200000) t(i)", "--format", "csv")
        lines = run.stdout.splitlines()
        self.assertEqual(lines[0], "i,d")
        self.assertEqual(len(lines), 200001)
        self.assertEqual(lines[-1], "199999,399998")

    def test_csv_keeps_null_and_empty_apart(self):
        run = self.sql("select null as a, '' as b, 'x,\"y\"' as c", "--format", "csv")
        self.assertEqual(run.stdout, 'a,b,c\n,"","x,""y"""\n')

    def test_json_is_one_document(self):
        run = self.sql("select 1; select 2", "--format", "json")
        self.assertEqual([answer["rows"] for answer in json.loads(run.stdout)], [[["1"]], [["2"]]])

    def test_the_table_is_plain_without_a_terminal(self):
        run = self.sql("select 1 as a; select * from nope")
        self.assertEqual(run.stdout, "a\n-\n1\n(1 row)\n")
        self.assertNotIn("\033", run.stdout + run.stderr)
        self.assertTrue(run.stderr.startswith("error: NotFound: "), run.stderr)
        self.assertIn("\n  |               ^\n", run.stderr)


class Arrow(LakeTest):
    def streams(self, statements, *flags):
        """The tables of the streams that the statements write, and how the program ended."""
        # The interpreter of the tests may lack it; the environment of the setup has it.
        import pyarrow

        run = subprocess.run(
            [TARN, "sql", "--lake", self.lake, "--format", "arrow", *flags, "-c", statements],
            capture_output=True,
            timeout=LIMIT_S,
            check=False,
        )
        source = pyarrow.BufferReader(run.stdout)
        tables = []
        while source.tell() < len(run.stdout):
            tables.append(pyarrow.ipc.open_stream(source).read_all())
        return tables, run

    def test_each_answer_is_a_typed_stream(self):
        tables, run = self.streams(
            "create table t (a int); insert into t select * from range(5000);"
            "select a, 'x' || a as s, null::double as d, a::decimal(9, 2) as m from t order by a;"
            "select [1, 2] as l, {'x': 1} as r, map {'k': timestamptz '2020-01-01'} as k,"
            " date '2020-01-02' as d where false"
        )
        self.assertEqual(run.returncode, 0, run.stderr)
        # The count that an INSERT gives is no answer.
        [rows, empty] = tables
        self.assertEqual(rows.num_rows, 5000)
        self.assertEqual(
            [str(t) for t in rows.schema.types], ["int32", "string", "double", "decimal128(9, 2)"]
        )
        self.assertEqual(rows.slice(4999).to_pylist()[0]["s"], "x4999")
        self.assertEqual(empty.num_rows, 0)
        self.assertEqual(empty.schema.names, ["l", "r", "k", "d"])

    def test_an_answer_streams_beyond_the_limit(self):
        tables, run = self.streams("select * from range(300000)", "--max-rows", "10")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(tables[0].num_rows, 300000)

    def test_an_error_is_on_the_error_stream(self):
        tables, run = self.streams("select 1 as a; select * from missing")
        self.assertEqual(run.returncode, 1)
        self.assertIn(b"NotFound", run.stderr)
        self.assertEqual(tables[0].to_pylist(), [{"a": 1}])


class Input(LakeTest):
    def test_a_file_is_read_and_named_in_errors(self):
        path = os.path.join(self.lake, "q.sql")
        with open(path, "w", encoding="utf-8") as file:
            file.write("select 1;\n\n  select * from nope;\n")
        run = tarn("sql", "--lake", self.lake, path)
        self.assertEqual(run.returncode, 1)
        self.assertIn(f"{path}:3:17", run.stderr)

    def test_wrong_flags_are_code_2(self):
        for flags in (["--nope"], ["--format", "xml"], ["-c", "select 1", "x.sql"], ["--max-rows", "-1"]):
            run = tarn("sql", "--lake", self.lake, *flags)
            self.assertEqual(run.returncode, 2, flags)
            self.assertTrue(run.stderr.startswith("error: InvalidInput: "), run.stderr)
        self.assertEqual(tarn("nonsense").returncode, 2)

    def test_a_broken_project_file_is_code_2_with_its_place(self):
        with open(os.path.join(self.lake, "tarn.yml"), "w", encoding="utf-8") as file:
            file.write("name: a\nwarehose: x\n")
        run = self.sql("select 1")
        self.assertEqual(run.returncode, 2)
        self.assertIn("tarn.yml:2:1", run.stderr)
        self.assertIn("warehouse", run.stderr)

    def test_the_lake_is_the_nearest_upward(self):
        with open(os.path.join(self.lake, "tarn.yml"), "w", encoding="utf-8") as file:
            file.write("name: nyc-flights\n")
        below = os.path.join(self.lake, "a", "b")
        os.makedirs(below)
        run = tarn("sql", "-c", "create table t as select 1 as x; select x from nyc_flights.main.t",
                   "--format", "csv", cwd=below)
        self.assertEqual(run.stdout, "x\n1\n", run.stderr)
        self.assertTrue(os.path.isdir(os.path.join(self.lake, ".tarn")))
        self.assertEqual(os.listdir(below), [])


class Lake(LakeTest):
    def test_reading_makes_nothing(self):
        run = self.sql("select 1; select * from ops.runs; show tables; select * from nope", "--keep-going")
        self.assertEqual(run.returncode, 1)
        self.assertEqual(os.listdir(self.lake), [])

    def test_what_one_process_writes_another_reads(self):
        self.assertEqual(self.sql("create schema silver; create table silver.t as select 42 as x").returncode, 0)
        self.assertEqual(self.rows("select x from silver.t"), [["42"]])
        talk = Conversation(self.lake)
        talk.send("select count(*) from silver.t;\n")
        self.assertEqual(talk.answer()["rows"], [["1"]])
        self.assertEqual(self.sql("insert into silver.t values (43)").returncode, 0)
        talk.send("select count(*) from silver.t;\n")
        self.assertEqual(talk.answer()["rows"], [["2"]])
        self.sql("drop table silver.t")
        talk.send("select count(*) from silver.t;\n")
        self.assertEqual(talk.answer()["error"]["kind"], "NotFound")
        talk.end()

    def test_rows_affected_counts(self):
        answers = self.lines("create table t (a integer); insert into t values (1), (2), (3)")
        self.assertEqual([answer["rows_affected"] for answer in answers], [0, 3])

    def test_ops_tables_are_empty_and_typed(self):
        [runs, quality] = self.lines("select * from ops.runs; select * from ops.quality")
        self.assertEqual(runs["rows"], [])
        types = {column["name"]: column["type"] for column in runs["columns"]}
        self.assertEqual(types["started_at"], "TIMESTAMP WITH TIME ZONE")
        self.assertEqual(types["rows_in"], "BIGINT")
        self.assertIn("passed", [column["name"] for column in quality["columns"]])


if __name__ == "__main__":
    unittest.main()
