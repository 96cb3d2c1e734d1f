"""A lake behind `tarn serve`, for the tests that are its HTTP clients."""

import http.client
import json
import os
import subprocess
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
TARN = os.environ.get("TARN_BIN", os.path.join(ROOT, "build", "release", "tarn"))
LIMIT_S = 60

ENDPOINT = """name: events
version: v1
path: /v1/events
owner: test
source: {table: gold.events}
columns:
  - {name: id, type: integer}
  - {name: kind, type: string}
parameters:
  - {name: kind, type: string, column: kind}
order:
  by: [{column: kind, direction: desc, nulls: first}]
  unique: [id]
page: {default: 7, largest: 100}
"""


class ServedLake(unittest.TestCase):
    """A lake with a table and an endpoint over it."""

    def setUp(self):
        self.temp = tempfile.TemporaryDirectory()
        self.lake = self.temp.name
        self.put_settings("name: served\n")
        os.mkdir(os.path.join(self.lake, "apis"))
        self.put_endpoint(ENDPOINT)
        self.sql(
            "CREATE SCHEMA gold; CREATE TABLE gold.events AS SELECT i AS id, "
            "CASE i % 3 WHEN 0 THEN NULL WHEN 1 THEN 'a' ELSE 'b' END AS kind FROM range(60) t(i)"
        )
        self.process = None

    def tearDown(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.communicate()
        self.temp.cleanup()

    def put_settings(self, text):
        with open(os.path.join(self.lake, "tarn.yml"), "w", encoding="utf-8") as file:
            file.write(text)

    def put_endpoint(self, text):
        with open(os.path.join(self.lake, "apis", "events.yml"), "w", encoding="utf-8") as file:
            file.write(text)

    def sql(self, statements, *flags):
        run = subprocess.run(
            [TARN, "sql", "--lake", self.lake, *flags, "-c", statements],
            capture_output=True, text=True, timeout=LIMIT_S, check=False,
        )
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout

    def serve(self, errors=subprocess.PIPE):
        self.process = subprocess.Popen(
            [TARN, "serve", "--lake", self.lake, "--port", "0"],
            stdout=subprocess.PIPE, stderr=errors, text=True,
        )
        line = self.process.stdout.readline()
        self.assertIn("http://", line, self.process.poll())
        self.port = int(line.rsplit(":", 1)[1])

    def get(self, target, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=LIMIT_S)
        try:
            connection.request("GET", target, headers=headers)
            answer = connection.getresponse()
            body = answer.read().decode()
            return answer.status, json.loads(body) if body.startswith("{") else body, answer
        finally:
            connection.close()
