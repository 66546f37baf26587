"""The API of an event, and everything that such an address can do wrong: a small HTTP server on loopback.

`Api(folder)` serves what `pack.as_folder` wrote. `faults` says what happens at a path instead: `hang`, `endless`,
`announced` (10 GB are), `status N`, `redirect URL`, `html`, `cut`.
"""
from __future__ import annotations

import http.server
import pathlib
import sys
import threading

KINDS = {".png": "image/png", ".svg": "image/svg+xml", ".json": "application/json"}
TEN_GIGABYTES = 10_000_000_000


class Api(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, folder: pathlib.Path, faults: dict[str, str] | None = None, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.folder, self.faults = folder, faults or {}
        self.asked: list[str] = []
        #: Set at the end, so that whoever hangs lets go.
        self.over = threading.Event()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are some of what is tried; every other fault is told."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def stop(self) -> None:
        self.over.set()
        self.shutdown()
        self.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Api
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        self.server.asked.append(path)
        self.close_connection = True
        fault, _, rest = self.server.faults.get(path, "").partition(" ")
        if fault:
            getattr(self, "_" + fault)(rest)
            return
        file = self.server.folder / path.lstrip("/")
        document = self.server.folder / "documents" / (path.lstrip("/") + ".json")
        found = document if document.is_file() else file
        if ".." in path or not found.is_file():
            self._status("404")
        else:
            self._answer(200, found.read_bytes(), KINDS.get(found.suffix, "application/octet-stream"))

    def _answer(self, status: int, body: bytes, kind: str, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def _hang(self, _: str) -> None:
        self.server.over.wait(600)

    def _status(self, number: str) -> None:
        self._answer(int(number), b'{"error": "no"}', "application/json")

    def _html(self, _: str) -> None:
        self._answer(200, b"<!doctype html><title>Log in</title>", "text/html")

    def _cut(self, _: str) -> None:
        self._answer(200, b'[{"id": 1, "na', "application/json", length=5000)

    def _redirect(self, address: str) -> None:
        self.send_response(302)
        self.send_header("Location", address)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _announced(self, _: str) -> None:
        self._answer(200, b"[", "application/json", length=TEN_GIGABYTES)
        self.server.over.wait(600)

    def _endless(self, _: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        piece = b" " * 65536
        try:
            self.wfile.write(b"[")
            while not self.server.over.is_set():
                self.wfile.write(piece)
        except OSError:
            pass

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: who started it looks at `asked`."""
