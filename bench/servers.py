"""The servers under test: Kiln's release binary and nginx, each in a folder of its own on a port of its own."""

import contextlib
import http.client
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
KILN = ROOT / ".build" / "release" / "kiln"


class CannotMeasure(Exception):
    """The run is worth nothing; the text says why."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def most_files():
    """Thousands of connections need more open files than a shell usually allows."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Server:
    """A child process that answers HTTP on loopback; ended by its own process id."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.port = free_port()
        self.process = None

    @property
    def origin(self):
        return f"http://127.0.0.1:{self.port}"

    def launch(self, command, environment, output):
        with open(self.folder / output, "ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                preexec_fn=most_files)

    def wait_for(self, path, limit=20.0):
        """Seconds until `path` answers with 200 for the first time, counted from now."""
        began = time.monotonic()
        while time.monotonic() - began < limit:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self.get(path)[0] == 200:
                    return time.monotonic() - began
            time.sleep(0.002)
        raise CannotMeasure(f"{self.process.args[0]} did not start; its words are in {self.folder}: {self.words()}")

    def words(self):
        return " / ".join(log.read_text(errors="replace")[-600:] for log in self.folder.glob("*.log")).strip()

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def request(self, method, path, body=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()

    def get(self, path, headers=None):
        return self.request("GET", path, headers=headers)

    def memory(self, key):
        """`VmRSS` or `VmHWM` of the process, in bytes."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(key + ":"):
                return int(line.split()[1]) * 1024
        raise CannotMeasure(f"/proc tells no {key}")


class Kiln(Server):
    """`kiln serve` with an empty data folder."""

    def __init__(self, folder, workers=1):
        super().__init__(folder)
        self.workers = workers
        self.held = None

    def environment(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("KILN_")}
        return kept | {
            "KILN_CONFIG": self.configuration(),
            "KILN_SERVER_PORT": str(self.port),
            "KILN_DATA_DIRECTORY": str(self.folder / "data"),
            "KILN_UPLOADS_DIRECTORY": str(self.folder / "uploads"),
            "KILN_RECIPES_DIRECTORY": str(ROOT / "bench" / "recipes"),
            "KILN_TEMPLATES_DIRECTORY": str(ROOT / "templates"),
            "KILN_PUBLIC_DIRECTORY": str(ROOT / "public"),
            "KILN_MAIL_SERVICE": "none",
            "KILN_QUEUE_WORKERS": str(self.workers),
            "KILN_QUEUE_MAX_WAITING": "1000000",
            "KILN_LIMITS_PER_SOURCE_PER_HOUR": "0",
            "KILN_LIMITS_PER_ADDRESS_PER_HOUR": "0",
            # Only used where the kernel has no namespaces; the script is our own and does nothing.
            "KILN_SANDBOX_ALLOW_UNSANDBOXED": "true",
            "KILN_LOG_LEVEL": "warning",
        }

    def configuration(self):
        """An empty file, so that the one of the working directory is not read."""
        file = self.folder / "kiln.yml"
        file.write_text("# Everything comes from the environment.\n")
        return str(file)

    def start(self):
        """Seconds from the start of the process until it is ready."""
        self.launch([str(KILN), "serve"], self.environment(), "kiln.log")
        return self.wait_for("/readyz")

    def stop(self):
        if self.held and self.process.poll() is None:
            self.cancel(self.held)
            self.held = None
        super().stop()
        shutil.rmtree(self.folder / "uploads", ignore_errors=True)

    def submit(self, inputs):
        status, _, body = self.request(
            "POST", "/api/v1/recipes/bench/builds", json.dumps(inputs),
            {"Content-Type": "application/json", "Accept": "application/json"})
        if status != 202:
            raise CannotMeasure(f"a submission was answered with {status}: {body[:300]!r}")
        return json.loads(body)["id"]

    def build(self, build):
        return json.loads(self.get(f"/api/v1/builds/{build}")[2])

    def wait_until(self, build, states, limit=30.0, every=0.01):
        deadline = time.monotonic() + limit
        while time.monotonic() < deadline:
            state = self.build(build)["state"]
            if state in states:
                return
            if state in ("failed", "expired"):
                raise CannotMeasure(f"the build ended as {state}: {self.build(build)['failure']}")
            time.sleep(every)
        raise CannotMeasure(f"a build did not become {' or '.join(states)} within {limit:.0f} s")

    def hold_the_queue(self):
        """Starts a long build in the only place there is, so that what comes later waits and costs nothing."""
        self.held = self.submit({"seconds": 300})
        self.wait_until(self.held, ["running"])
        return self.held

    def cancel(self, build):
        """Ends a build and waits until nothing of its run is left."""
        self.request("POST", f"/api/v1/builds/{build}/cancel", headers={"Accept": "application/json"})
        runs = self.folder / "data" / "runs"
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and any(entry.is_dir() for entry in runs.iterdir()):
            time.sleep(0.02)


class Nginx(Server):
    """nginx that stores bodies as files, and that answers with given bytes."""

    def __init__(self, folder, answers=None):
        super().__init__(folder)
        self.sink = free_port()
        self.answers = answers or {}

    def start(self):
        (self.folder / "bodies").mkdir()
        (self.folder / "files").mkdir()
        configuration = self.folder / "nginx.conf"
        configuration.write_text(self.configuration())
        self.launch(
            ["nginx", "-p", str(self.folder), "-c", str(configuration), "-e", str(self.folder / "error.log")],
            os.environ, "nginx.log")
        self.wait_for("/ready")

    def stop(self):
        super().stop()
        shutil.rmtree(self.folder / "bodies", ignore_errors=True)

    def configuration(self):
        user = "user root;" if os.getuid() == 0 else ""
        temporary = "\n".join(
            f"    {kind}_temp_path {self.folder}/{kind};" for kind in ("proxy", "fastcgi", "uwsgi", "scgi"))
        locations = "\n".join(self.location(name, *answer) for name, answer in self.answers.items())
        return f"""{user}
daemon off;
worker_processes auto;
worker_rlimit_nofile 8192;
pid {self.folder}/nginx.pid;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    sendfile on;
    keepalive_requests 100000000;
    default_type application/octet-stream;
    client_max_body_size 1g;
    client_body_buffer_size 128k;
    client_body_temp_path {self.folder}/bodies;
{temporary}
    server {{
        listen 127.0.0.1:{self.port} backlog=1024;
        location = /ready {{ return 200 "ready"; }}
        location = /store {{
            client_body_in_file_only on;
            proxy_pass http://127.0.0.1:{self.sink};
            proxy_pass_request_body off;
            proxy_set_header Content-Length 0;
        }}
{locations}
    }}
    server {{
        listen 127.0.0.1:{self.sink} backlog=1024;
        return 200 "stored";
    }}
}}
"""

    def location(self, name, headers, body):
        """The same head and body once from the configuration, once from a file."""
        (self.folder / "files" / name).write_bytes(body)
        own = {"server", "date", "connection", "content-length", "content-type", "etag", "last-modified"}
        lines = "".join(
            f"add_header {key} {quoted(value)};\n            " for key, value in headers if key.lower() not in own)
        content_type = next(value for key, value in headers if key.lower() == "content-type")
        return f"""
        location = /memory/{name} {{
            default_type {quoted(content_type)};
            {lines}return 200 {quoted(body.decode())};
        }}
        location = /file/{name} {{
            default_type {quoted(content_type)};
            {lines}alias {self.folder}/files/{name};
        }}"""


def quoted(text):
    """A word of nginx's configuration."""
    if "$" in text:
        raise CannotMeasure("nginx cannot be told to answer with a dollar sign")
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
