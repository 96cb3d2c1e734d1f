"""A lake with jobs, an HTTP server and a mail server that keep what they are sent, and servers over the lake."""

import http.server
import json
import os
import signal
import socketserver
import subprocess
import threading
import time

from lake import LIMIT_S, TARN, LakeTest, tarn


class Hook(http.server.BaseHTTPRequestHandler):
    """Keeps bodies that are posted."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.kept.append((self.path, dict(self.headers), json.loads(body)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class Mailbox(socketserver.StreamRequestHandler):
    """As much of SMTP as a mail needs (RFC 5321)."""

    def handle(self):
        self.wfile.write(b"220 sink\r\n")
        envelope = []
        for line in self.rfile:
            word = line.strip().decode()
            if word.upper() == "DATA":
                self.wfile.write(b"354 go on\r\n")
                text = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.kept.append((envelope, text.decode()))
            elif word.upper() == "QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                envelope.append(word)
            self.wfile.write(b"250 ok\r\n")


class Listener:
    """A server on a free port of the loopback."""

    def __init__(self, kind, handler):
        self.server = kind(("127.0.0.1", 0), handler)
        self.server.kept = self.kept = []
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class JobsTest(LakeTest):
    def setUp(self):
        super().setUp()
        self.write("tarn.yml", "name: lake\nmaintenance: {at: 'off'}\n")

    def write(self, name, text):
        path = os.path.join(self.lake, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as out:
            out.write(text)

    def read(self, name):
        try:
            with open(os.path.join(self.lake, name), encoding="utf-8") as text:
                return text.read()
        except FileNotFoundError:
            return ""

    def jobs(self, *arguments, env=None):
        return tarn("jobs", arguments[0], "--lake", self.lake, *arguments[1:], env=env)

    def json(self, *arguments):
        run = self.jobs(*arguments, "--format", "json")
        self.assertIn(run.returncode, (0, 1), run.stderr)
        return json.loads(run.stdout)

    def start(self, *command, env=None):
        process = subprocess.Popen([TARN, *command, "--lake", self.lake], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env={**os.environ, **(env or {})})
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def serve(self, env=None):
        process = self.start("serve", "--port", "0", env=env)
        self.assertIn("serving", process.stdout.readline())
        return process

    def end(self, process):
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=LIMIT_S)
        self.assertEqual(process.returncode, 0, err)
        return err

    def until(self, what, asked, *processes):
        """Waits until `asked()` gives something true."""
        end = time.monotonic() + LIMIT_S
        while time.monotonic() < end:
            for process in processes:
                self.assertIsNone(process.poll(), "it ended by itself")
            found = asked()
            if found:
                return found
            time.sleep(0.1)
        self.fail(f"{what} did not come within {LIMIT_S} s")
