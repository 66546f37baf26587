"""Plays GitHub Actions: the few calls of its REST interface that Kiln makes, and a runner that does the steps for real.

    run.py WORKFLOW REPOSITORY FOLDER [--leave-out STEP]...

WORKFLOW is the job file, REPOSITORY what `actions/checkout` checks out. Prints its address as JSON; ends with its
standard input. The workflow's name in the interface is that of the file.
"""
from __future__ import annotations

import argparse
import datetime
import http.server
import io
import json
import pathlib
import sys
import threading
import urllib.parse
import zipfile
from dataclasses import dataclass
from typing import Any

import yaml

from job import Job, Unknown

BASE = "/api/v3/repos/ada/apps"


@dataclass
class Run:
    number: int
    job: Job
    created: datetime.datetime
    status: str = "queued"
    conclusion: str | None = None

    def describe(self, origin: str) -> dict[str, Any]:
        return {
            "id": self.number, "name": "app", "display_title": self.job.title, "status": self.status,
            "conclusion": self.conclusion, "event": "workflow_dispatch", "head_branch": "main", "run_attempt": 1,
            "html_url": f"{origin}/ada/apps/actions/runs/{self.number}",
            "created_at": self.created.strftime("%Y-%m-%dT%H:%M:%SZ"),
        }

    def go(self) -> None:
        self.status = "in_progress"
        try:
            self.conclusion = self.job.run()
        except Exception as error:
            print(f"the workflow cannot be played: {error!r}", file=sys.stderr, flush=True)
            self.conclusion = "startup_failure"
        self.status = "completed"

    def log(self) -> bytes:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for number, step in enumerate(self.job.steps, 1):
                name = step.name.replace("/", "")
                archive.writestr(f"{self.job.name}/{number}_{name}.txt", step.log)
        return out.getvalue()


class Actions(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, options: argparse.Namespace) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.options = options
        self.runs: list[Run] = []
        self.guard = threading.Lock()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def dispatch(self, inputs: dict[str, str]) -> Run:
        workflow = yaml.safe_load(pathlib.Path(self.options.workflow).read_text())
        with self.guard:
            number = 9_000_000_001 + len(self.runs)
            folder = pathlib.Path(self.options.folder) / str(number)
            job = Job(workflow, inputs, pathlib.Path(self.options.repository), folder, self.options.leave_out)
            run = Run(number, job, datetime.datetime.now(datetime.timezone.utc))
            self.runs.append(run)
        threading.Thread(target=run.go, daemon=True).start()
        return run


class Handler(http.server.BaseHTTPRequestHandler):
    server: Actions
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self._route("POST", json.loads(body) if body else {})

    def do_GET(self) -> None:
        self._route("GET", {})

    def _route(self, method: str, body: dict[str, Any]) -> None:
        path = urllib.parse.urlsplit(self.path).path
        if path.startswith("/logs/"):
            self._send(200, self._run(path).log(), "application/zip")
            return
        if self.headers.get("Authorization") != "Bearer s3cret-t0ken":
            self._json({"message": "Bad credentials"}, 401)
            return
        workflow = f"{BASE}/actions/workflows/{pathlib.Path(self.server.options.workflow).name}"
        if path == BASE:
            self._json({"permissions": {"push": True, "pull": True}, "archived": False})
        elif path == workflow:
            self._json({"state": "active", "path": ".github/workflows/" + path.rsplit("/", 1)[-1]})
        elif path == workflow + "/runs":
            self._json({"workflow_runs": [run.describe(self.server.origin) for run in reversed(self.server.runs)]})
        elif (method, path) == ("POST", workflow + "/dispatches"):
            self._dispatch(body)
        elif path.startswith(f"{BASE}/actions/runs/"):
            self._answer_run(path)
        else:
            self._json({"message": "Not Found"}, 404)

    def _dispatch(self, body: dict[str, Any]) -> None:
        try:
            run = self.server.dispatch(body["inputs"])
        except Unknown as error:
            self._json({"message": str(error)}, 422)
            return
        page = f"{self.server.origin}/ada/apps/actions/runs/{run.number}"
        if body.get("return_run_details"):
            self._json({"workflow_run_id": run.number, "run_url": page, "html_url": page})
        else:
            self._send(204, b"", "application/json")

    def _answer_run(self, path: str) -> None:
        run = self._run(path)
        rest = path.removeprefix(f"{BASE}/actions/runs/{run.number}")
        if rest == "":
            self._json(run.describe(self.server.origin))
        elif rest == "/jobs":
            steps = [{"name": step.name, "status": step.status, "conclusion": step.conclusion} for step in run.job.steps]
            self._json({"jobs": [{"name": run.job.name, "status": run.status, "steps": steps}]})
        elif rest == "/logs":
            self.send_response(302)
            self.send_header("Location", f"{self.server.origin}/logs/{run.number}")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif rest == "/artifacts":
            self._json({"total_count": 0, "artifacts": []})
        elif rest == "/cancel":
            run.job.cancel()
            self._json({}, 202)
        else:
            self._json({"message": "Not Found"}, 404)

    def _run(self, path: str) -> Run:
        number = next(part for part in path.split("/") if part.startswith("9"))
        return self.server.runs[int(number) - 9_000_000_001]

    def _json(self, value: object, status: int = 200) -> None:
        self._send(status, json.dumps(value).encode(), "application/json; charset=utf-8")

    def _send(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Plays GitHub Actions.")
    parser.add_argument("workflow")
    parser.add_argument("repository")
    parser.add_argument("folder")
    parser.add_argument("--leave-out", action="append", default=[], metavar="STEP")
    actions = Actions(parser.parse_args())
    threading.Thread(target=actions.serve_forever, daemon=True).start()
    print(json.dumps({"url": actions.origin}), flush=True)
    sys.stdin.read()
    for run in actions.runs:
        run.job.cancel()
    return 0


if __name__ == "__main__":
    sys.exit(main())
