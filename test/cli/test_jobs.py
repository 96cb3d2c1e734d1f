"""Jobs through the program: written, run, told of, killed and gone on with."""

import http.server
import json
import os
import signal
import socketserver
import time
import unittest

from jobs_lake import Hook, JobsTest, Listener, Mailbox
from lake import LIMIT_S, tarn


class WrittenTest(JobsTest):
    def test_mistakes_are_refused_with_their_place(self):
        for text, words in (
            ("jobs:\n  - name: a\n    taks: []\n", "jobs/a.yml:3:5"),
            ("jobs:\n  - {name: a, schedule: {cron: '@daily', timezone: Mars}, tasks: [{name: t, sql: x}]}\n",
             "time zone `Mars`"),
            ("jobs:\n  - {name: a, after: b, tasks: [{name: t, sql: x}]}\n", "no job `b`"),
            ("jobs:\n  - {name: a, schedule: 0 0 31 2 *, tasks: [{name: t, sql: x}]}\n", "never comes"),
        ):
            self.write("jobs/a.yml", text)
            for command in (["check"], ["list"], ["run", "a"]):
                run = self.jobs(*command)
                self.assertEqual(run.returncode, 2, (text, command, run.stderr))
                self.assertIn(words, run.stderr)
            run = tarn("serve", "--lake", self.lake, "--port", "0")
            self.assertEqual(run.returncode, 2, run.stderr)

    def test_what_is_known_of_jobs_is_shown(self):
        self.write("jobs/a.yml", """jobs:
  - name: night
    owner: mia
    schedule: {cron: 30 6 * * *, timezone: Asia/Kolkata}
    alerts: [{webhook: "http://x/secret-path"}]
    tasks: [{name: t, sql: select 1}]
  - {name: hand, tasks: [{name: t, sql: select 1}]}
""")
        self.assertEqual(self.json("check"), {"jobs": 2, "tasks": 2, "pools": 0})
        listed = self.json("list")
        self.assertEqual([job["job"] for job in listed], ["hand", "night"])
        self.assertIsNone(listed[0]["next"])
        self.assertTrue(listed[1]["next"].endswith("T01:00:00.000000Z"), listed)
        times = self.json("next", "--count", "3")
        self.assertEqual([one["job"] for one in times], ["night"] * 3)
        self.assertTrue(all(one["local"].endswith("06:30:00 +05:30") for one in times), times)
        self.assertEqual(self.jobs("next", "--count", "2").stdout.count("Asia/Kolkata  night"), 2)
        for form in ("json", "table"):
            shown = self.jobs("show", "night", "--format", form).stdout
            self.assertIn("mia", shown)
            self.assertNotIn("secret-path", shown)
        run = self.jobs("show", "nigt")
        self.assertEqual(run.returncode, 2)
        self.assertIn("did you mean `night`?", run.stderr)
        self.assertEqual(self.jobs("pause", "night").returncode, 0)
        self.assertTrue(self.json("show", "night")["paused"])
        self.assertIn("paused", self.jobs("list").stdout)
        self.assertEqual(self.jobs("resume", "night").returncode, 0)
        self.assertFalse(self.json("show", "night")["paused"])

    def test_help_teaches(self):
        for command in (["jobs"], ["jobs", "run"], ["jobs", "check"], ["jobs", "next"], ["jobs", "runs"]):
            self.assertIn("Examples:", tarn(*command, "--help").stdout)


class RunTest(JobsTest):
    def test_every_verb_works_on_a_lake(self):
        self.write("models/silver/events.sql", "select * from {{ source('bronze', 'events') }}")
        self.write("macros/m.sql", "{% macro note(x) %}{{ print('noted ' ~ x) }}{% endmacro %}")
        self.write("jobs/a.yml", """jobs:
  - name: all
    parameters: {rows: "3"}
    tasks:
      - name: make
        sql: |
          CREATE SCHEMA bronze;
          CREATE TABLE bronze.events AS SELECT i AS id FROM range({{ params.rows }}) t(i);
      - {name: build, build: silver.events, depends_on: make}
      - {name: tend, maintain: silver.events, depends_on: build}
      - {name: promises, contract_check: all, depends_on: build}
      - {name: land, ingest: all, depends_on: build}
      - {name: note, operation: {macro: note, args: {x: 7}}, depends_on: build}
      - {name: out, export: {table: silver.events, to: "{{ run.job }}.csv"}, depends_on: build}
      - {name: list, tarn: [ls], depends_on: build}
      - {name: own, command: 'echo "$WHO in $PWD"', env: {WHO: "{{ task.name }}"}}
""")
        run = self.jobs("run", "all", "--param", "rows=5")
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        self.assertIn("note | noted 7", run.stdout)
        self.assertIn(f"own | own in {os.path.realpath(self.lake)}", run.stdout)
        self.assertEqual(self.read("all.csv").split(), ["id", "0", "1", "2", "3", "4"])
        self.assertEqual(self.rows("SELECT count(*) FROM silver.events"), [["5"]])
        self.assertEqual(
            self.rows("SELECT j.job, r.node FROM ops.runs r JOIN ops.job_runs j USING (job_run_id)"
                      " WHERE r.kind = 'model'"),
            [["all", "silver.events"]])
        self.assertEqual(self.rows("SELECT state, trigger, parameters FROM ops.job_runs"),
                         [["succeeded", "manual", '{"rows":"5"}']])
        self.assertEqual(self.rows("SELECT count(*) FROM ops.job_tasks WHERE state = 'succeeded'"), [["9"]])

    def test_a_failure_is_tried_again_and_told_of(self):
        hook = Listener(http.server.HTTPServer, Hook)
        mails = Listener(socketserver.TCPServer, Mailbox)
        self.addCleanup(hook.close)
        self.addCleanup(mails.close)
        self.write("jobs/a.yml", """jobs:
  - name: shaky
    owner: mia
    retries: {count: 2, delay: 1s, factor: 1}
    tasks:
      - {name: bad, command: 'echo "with $TOKEN"; exit 3', env: {TOKEN: "{{ env_var('JOB_TOKEN') }}"}}
      - {name: behind, sql: select 1, depends_on: bad}
      - {name: tidy, command: touch tidied, run_if: all_done}
    alerts:
      - on: [retry, failure]
        webhook: {url: "{{ env_var('JOB_HOOK') }}/x", headers: {X-Token: "{{ env_var('JOB_TOKEN') }}"}}
      - {on: failure, webhook: {url: "{{ env_var('JOB_HOOK') }}/own", body: '{"say": {{ alert.text | tojson }}}'}}
      - {on: failure, email: {to: [a@example.org, b@example.org], subject: "{{ job.name }} ist müde"}}
      - {on: failure, command: cat > told.json}
mail: {server: "smtp://127.0.0.1:PORT", from: tarn@example.org}
""".replace("PORT", str(mails.port)))
        secrets = {"JOB_TOKEN": "very-secret", "JOB_HOOK": f"http://127.0.0.1:{hook.port}",
                   "no_proxy": "127.0.0.1"}
        run = self.jobs("run", "shaky", "--format", "json", env=secrets)
        self.assertEqual(run.returncode, 1, run.stderr)
        self.assertNotIn("very-secret", run.stdout + run.stderr)
        told = json.loads(run.stdout)
        self.assertEqual([(task["task"], task["state"], task["attempts"]) for task in told["tasks"]],
                         [("bad", "failed", 3), ("behind", "skipped", 0), ("tidy", "succeeded", 1)])
        self.assertIn("with ***", told["tasks"][0]["output"])
        self.assertTrue(os.path.exists(os.path.join(self.lake, "tidied")))
        self.assertEqual([(path, body.get("event")) for path, _, body in hook.kept],
                         [("/x", "retry"), ("/x", "retry"), ("/x", "failure"), ("/own", None)])
        self.assertEqual(hook.kept[0][1]["X-Token"], "very-secret")
        self.assertEqual(hook.kept[2][2]["owner"], "mia")
        self.assertNotIn("very-secret", json.dumps([body for _, _, body in hook.kept]))
        self.assertIn("exit code 3", hook.kept[3][2]["say"])
        (envelope, mail), = mails.kept
        self.assertIn("RCPT TO:<b@example.org>", envelope)
        self.assertIn("Subject: =?utf-8?B?", mail)
        self.assertIn("with ***", mail)
        self.assertEqual(json.loads(self.read("told.json"))["event"], "failure")
        self.assertNotIn("very-secret", self.jobs("runs", "1", "--log").stdout)

    def test_an_interrupt_cancels_the_run_and_its_task(self):
        self.write("jobs/a.yml", """jobs:
  - {name: slow, tasks: [{name: t, command: "echo $$ > pid; sleep 60; touch late"}]}
""")
        process = self.start("jobs", "run", "slow")
        pid = int(self.until("the task", lambda: self.read("pid").strip(), process))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=LIMIT_S)
        self.assertEqual(process.returncode, 130)
        self.assertRaises(ProcessLookupError, os.kill, pid, 0)
        self.assertEqual(self.rows("SELECT state FROM ops.job_runs"), [["cancelled"]])

    def test_a_second_run_is_refused_while_one_runs_and_cancelled_from_outside(self):
        self.write("jobs/a.yml", """jobs:
  - {name: slow, tasks: [{name: t, command: "touch begun; sleep 60"}]}
""")
        process = self.start("jobs", "run", "slow")
        self.until("the task", lambda: os.path.exists(os.path.join(self.lake, "begun")), process)
        run = self.jobs("run", "slow")
        self.assertEqual(run.returncode, 1)
        self.assertIn("Conflict", run.stderr)
        self.assertEqual(self.jobs("cancel", "1").returncode, 0)
        process.communicate(timeout=LIMIT_S)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(self.jobs("cancel", "1").returncode, 1)


class KilledTest(JobsTest):
    JOB = """jobs:
  - name: long
    tasks:
      - {name: first, command: echo x >> first}
      - {name: second, command: "echo x >> second; test -f go || sleep 120", depends_on: first}
      - {name: third, sql: "CREATE TABLE main.made AS SELECT 1 AS a;", depends_on: second}
"""

    def check_gone_on(self):
        self.assertEqual(self.read("first").split(), ["x"])
        self.assertEqual(self.read("second").split(), ["x", "x"])
        self.assertEqual(self.rows("SELECT a FROM main.made"), [["1"]])
        self.assertEqual(self.rows("SELECT state FROM ops.job_runs"), [["succeeded"]])

    def test_a_killed_run_goes_on_where_it_was(self):
        self.write("jobs/a.yml", self.JOB)
        process = self.start("jobs", "run", "long")
        self.until("the second task", lambda: self.read("second"), process)
        process.kill()
        process.wait()
        self.write("go", "")
        run = self.jobs("run", "long")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.check_gone_on()

    def test_a_killed_server_is_followed_by_another(self):
        self.write("jobs/a.yml", self.JOB)
        run = self.jobs("run", "long", "--detach")
        self.assertEqual(run.returncode, 0, run.stderr)
        server = self.serve()
        self.until("the second task", lambda: self.read("second"), server)
        server.kill()
        server.wait()
        self.write("go", "")
        server = self.serve()
        self.until("the end", lambda: self.rows("SELECT state FROM ops.job_runs") == [["succeeded"]], server)
        self.end(server)
        self.check_gone_on()


class ServedTest(JobsTest):
    def test_two_servers_run_each_time_once(self):
        self.write("jobs/a.yml", """jobs:
  - {name: tick, schedule: {every: 2s}, catch_up: all, tasks: [{name: t, command: "echo {{ run.scheduled }} >> times"}]}
""")
        servers = [self.serve(), self.serve()]
        self.until("six times", lambda: len(self.read("times").split()) >= 6, *servers)
        for server in servers:
            self.end(server)
        times = self.read("times").split()
        self.assertEqual(len(times), len(set(times)), times)
        self.assertEqual(self.rows("SELECT count(*) FROM ops.job_runs WHERE state = 'succeeded'"),
                         [[str(len(times))]])

    def test_a_new_version_a_file_and_another_job_start_runs(self):
        self.assertEqual(self.sql("CREATE TABLE main.t (a INT)").returncode, 0)
        self.write("jobs/a.yml", """jobs:
  - {name: changed, sensors: [{table_changed: main.t}], tasks: [{name: t, command: touch changed}]}
  - {name: arrived, sensors: [{files: "in/*.csv"}], tasks: [{name: t, command: "echo {{ run.files[0] }} > arrived"}]}
  - {name: behind, after: changed, tasks: [{name: t, command: touch behind}]}
""")
        server = self.serve()
        time.sleep(3)
        self.assertFalse(os.path.exists(os.path.join(self.lake, "changed")))
        self.write("in/x.csv", "a\n")

        def is_behind():
            self.assertEqual(self.sql("INSERT INTO main.t VALUES (1)").returncode, 0)
            return os.path.exists(os.path.join(self.lake, "behind"))

        self.until("behind", is_behind, server)
        self.until("arrived", lambda: self.read("arrived") == "in/x.csv\n", server)
        self.end(server)
        self.assertEqual(self.rows("SELECT DISTINCT job, trigger FROM ops.job_runs ORDER BY job"),
                         [["arrived", "sensor"], ["behind", "sensor"], ["changed", "sensor"]])

    def test_a_server_that_ends_gives_its_run_to_the_next(self):
        self.write("jobs/a.yml", """jobs:
  - {name: slow, tasks: [{name: t, command: "echo x >> begun; test -f go || sleep 60"}]}
""")
        self.assertEqual(self.jobs("run", "slow", "--detach").returncode, 0)
        server = self.serve()
        self.until("the task", lambda: self.read("begun"), server)
        self.end(server)
        self.write("go", "")
        server = self.serve()
        self.until("the end", lambda: self.rows("SELECT state FROM ops.job_runs") == [["succeeded"]], server)
        self.end(server)
        self.assertEqual(self.rows("SELECT attempts FROM ops.job_tasks"), [["1"]])


if __name__ == "__main__":
    unittest.main()
