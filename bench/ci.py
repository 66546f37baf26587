"""A service of an operator's own that builds nothing: it takes what the provider `webhook` sends and answers at once.

    python3 bench/ci.py PORT

`POST /kiln`: Kiln's requests; every run goes on until it is told to end. `POST /end/ATTEMPT`: the run has succeeded.
`GET /runs`: what Kiln sent for each run, by attempt. `GET /asked`: how often each event came."""

import collections
import json
import socketserver
import sys
from http.server import BaseHTTPRequestHandler

runs, ended, asked = {}, set(), collections.Counter()


class Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave together: no answer waits for an acknowledgement.
    wbufsize = -1
    disable_nagle_algorithm = True

    def do_GET(self):
        if self.path not in ("/runs", "/asked"):
            return self.answer(404, {})
        self.answer(200, runs if self.path == "/runs" else asked)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/end/"):
            ended.add(self.path.removeprefix("/end/"))
            return self.answer(200, {})
        document = json.loads(body)
        asked[document["event"]] += 1
        if document["event"] == "check":
            return self.answer(200, {})
        attempt = document["attempt"]
        if document["event"] == "trigger":
            runs[attempt] = {"callback": document["callback"], "build": document["build"]}
        elif attempt not in runs:
            return self.answer(404, {"error": "no such run"})
        state = "succeeded" if attempt in ended else "running"
        self.answer(200, {"run": {"id": attempt, "state": state, "phase": "Building"}})

    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, *_):
        pass


class Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 1024


if __name__ == "__main__":
    with Listener(("127.0.0.1", int(sys.argv[1])), Service) as listener:
        listener.serve_forever()
