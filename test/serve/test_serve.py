"""`tarn serve` beside other processes that change the same lake, as an HTTP client sees it."""

import json
import signal
import socket
import subprocess
import unittest
import urllib.parse

from served_lake import ENDPOINT, LIMIT_S, TARN, ServedLake


class ServeTest(ServedLake):
    def walk(self, between=lambda: None, **parameters):
        """(ids in order, the version read)"""
        ids, versions = [], set()
        while True:
            query = urllib.parse.urlencode(parameters)
            status, page, _ = self.get(f"/v1/events?{query}")
            self.assertEqual(status, 200, page)
            ids += [row["id"] for row in page["data"]]
            versions.add(page["meta"]["tables"][0]["version"])
            if page["page"]["next_cursor"] is None:
                self.assertEqual(len(versions), 1)
                return ids, versions.pop()
            parameters["cursor"] = page["page"]["next_cursor"]
            between()

    def test_a_walk_reads_one_version_while_other_processes_commit(self):
        self.serve()
        next_id = iter(range(1000, 2000))

        def commit():
            one = next(next_id)
            self.sql(f"INSERT INTO gold.events VALUES ({one}, NULL); DELETE FROM gold.events WHERE id = {one - 1000}")

        nulls, a, b = (list(range(k, 60, 3)) for k in range(3))
        self.assertEqual(self.walk(commit, limit=13), (nulls + b + a, 0))
        ids, version = self.walk()
        self.assertEqual(version, 8)
        self.assertEqual(set(ids), set(range(4, 60)) | set(range(1000, 1004)))

    def test_cursors_outlive_the_server_and_a_kill(self):
        self.serve()
        _, first, _ = self.get("/v1/events?limit=50")
        self.process.kill()
        self.process.communicate()
        self.serve()
        cursor = first["page"]["next_cursor"]
        _, second, _ = self.get(f"/v1/events?limit=50&cursor={cursor}")
        self.assertEqual(len({row["id"] for row in first["data"] + second["data"]}), 60)
        changed = cursor[:-2] + ("A" if cursor[-2] != "A" else "B") + cursor[-1]
        status, problem, _ = self.get(f"/v1/events?limit=50&cursor={changed}")
        self.assertEqual((status, problem["errors"][0]["parameter"]), (400, "cursor"))

    def test_a_tag_holds_until_another_process_commits(self):
        self.serve()
        tag = self.get("/v1/events")[2].headers["ETag"]
        self.assertEqual(self.get("/v1/events", **{"If-None-Match": tag})[0], 304)
        self.sql("DELETE FROM gold.events WHERE id = 1")
        self.assertEqual(self.get("/v1/events", **{"If-None-Match": tag})[0], 200)

    def test_what_breaks_behind_the_door_shows_its_words_only_to_the_operator(self):
        self.serve()
        self.sql("DROP TABLE gold.events")
        status, problem, answer = self.get("/v1/events")
        self.assertEqual(status, 500)
        self.assertNotIn("gold", json.dumps(problem))
        self.process.send_signal(signal.SIGINT)
        _, errors = self.process.communicate(timeout=LIMIT_S)
        self.assertEqual(self.process.returncode, 0)
        logged = json.loads(errors.splitlines()[0])
        self.assertEqual(logged["id"], answer.headers["X-Request-Id"])
        self.assertIn("events", logged["failure"])

    def test_what_a_door_only_reads_is_in_the_lineage_where_that_is_asked_for(self):
        for settings, is_kept in (("", False), ("lineage: {queries: true}\n", True)):
            self.put_settings("name: served\n" + settings)
            self.serve()
            self.assertEqual(self.get("/v1/events")[0], 200)
            self.process.send_signal(signal.SIGINT)
            self.process.communicate(timeout=LIMIT_S)
            out = self.sql("SELECT DISTINCT input_column FROM ops.lineage WHERE input_table = 'gold.events' "
                           "AND output_table IS NULL ORDER BY ALL", "--format", "jsonl")
            kept = json.loads(out.splitlines()[-1])["rows"]
            self.assertEqual(["id"] in kept, is_kept, kept)

    def test_a_mistake_in_an_endpoint_file_stops_the_start_at_its_place(self):
        self.put_endpoint(ENDPOINT.replace("kind, type: string}", "kind, type: integer}"))
        run = subprocess.run(
            [TARN, "serve", "--lake", self.lake, "--port", "0"],
            capture_output=True, text=True, timeout=LIMIT_S, check=False,
        )
        self.assertEqual(run.returncode, 2, run.stderr)
        self.assertIn("events.yml:8:12", run.stderr)

    def test_a_web_page_that_rebinds_its_name_gets_nothing(self):
        self.serve()
        self.assertEqual(self.get("/v1/events", Host=f"evil.example:{self.port}")[0], 421)
        self.assertEqual(self.get("/v1/events", Origin="http://evil.example")[0], 403)

    def test_slow_and_silent_connections_do_not_keep_others_out(self):
        self.serve()
        slow = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(200)]
        try:
            for connection in slow[::2]:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: loc")
            for _ in range(20):
                self.assertEqual(self.get("/v1/events")[0], 200)
        finally:
            for connection in slow:
                connection.close()


if __name__ == "__main__":
    unittest.main()
