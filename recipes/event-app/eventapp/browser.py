"""A headless Chromium that is asked through two pipes: it opens pages as a phone would and tells what went wrong."""
from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

WIDTH, HEIGHT, SCALE = 412, 915, 2
#: Seconds for one answer or one page.
PATIENCE = 30.0

#: The shell without a window first: it starts with half of the whole browser's work. Debian's own binary before the
#: script that starts it, which wants a folder of /etc that is not in the sandbox.
_PROGRAMS = [
    "/usr/lib/chromium/chromium-headless-shell", "/usr/bin/chromium-headless-shell", "/usr/lib/chromium/chromium",
    "/usr/bin/chromium",
]
_SWITCHES = [
    "--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--no-first-run", "--mute-audio",
    "--no-default-browser-check", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-extensions", "--disable-default-apps", "--disable-breakpad", "--hide-scrollbars", "--disable-translate",
    "--disable-features=Translate,OptimizationHints,MediaRouter,DialMediaRouteProvider", "--lang=en",
    f"--window-size={WIDTH},{HEIGHT}",
]


class BrowserFailed(Exception):
    """The browser itself did not do as it was asked; nothing is said of the pages."""


class Browser:
    """One browser with one page, which comes up while others go on. To be used in a `with` block, after which it is
    gone with all its processes.

    `troubles` grows with each page: what it complained of, what it could not load, what it asked of the network."""

    def __init__(self) -> None:
        self.troubles: list[str] = []
        #: Beginning of addresses that may be asked and may fail; empty for none.
        self.allowed = ""
        self._program = next((path for path in _PROGRAMS if os.access(path, os.X_OK)), _PROGRAMS[-1])
        self._number = 0
        self._session = ""
        self._waiting = b""
        self._events: list[dict] = []
        self._addresses: dict[str, str] = {}

    def __enter__(self) -> Browser:
        self._profile = tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True)
        to_browser, self._write = os.pipe()
        self._read, from_browser = os.pipe()
        # The browser reads from 3 and writes to 4, whatever these are here.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (to_browser, from_browser)]
        os.close(to_browser)
        os.close(from_browser)

        def connect() -> None:
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        # Not a pipe: nobody reads it while the browser runs.
        self._complaints = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [self._program, *_SWITCHES, "--remote-debugging-pipe", f"--user-data-dir={self._profile.name}",
             "about:blank"],
            stdin=subprocess.DEVNULL, stdout=self._complaints, stderr=self._complaints, preexec_fn=connect,
            # Not `pass_fds`: 3 and 4 need not be open here. Nothing else of ours can be inherited (PEP 446).
            close_fds=False, start_new_session=True, env={**os.environ, "TZ": "UTC", "LC_ALL": "C.UTF-8"})
        for end in ends:
            os.close(end)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            os.killpg(self._process.pid, 9)
        except ProcessLookupError:
            pass
        self._process.wait()
        for end in (self._write, self._read):
            os.close(end)
        self._complaints.close()
        self._profile.cleanup()

    def open(self, page: Path, name: str) -> None:
        """Loads a page and waits until it has been drawn; `name` is what troubles call it."""
        if not self._session:
            self._attach()
        self._events.clear()
        answer = self._ask("Page.navigate", {"url": page.absolute().as_uri()})
        if "errorText" in answer:
            self.troubles.append(f"{name}: {answer['errorText']}")
            return
        self._await("Page.loadEventFired")
        # Scripts of the page have had a turn after the second frame.
        self.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))")
        self._note(name)

    def evaluate(self, script: str) -> object:
        """The value of an expression in the page, awaited if it is a promise."""
        answer = self._ask("Runtime.evaluate", {"expression": script, "awaitPromise": True, "returnByValue": True})
        if "exceptionDetails" in answer:
            raise BrowserFailed(f"a question could not be asked: {_words(answer['exceptionDetails'])}")
        return answer.get("result", {}).get("value")

    def settle(self, name: str) -> None:
        """Takes what the page named so has said since it was opened."""
        self.evaluate("1")
        self._note(name)

    def photograph(self) -> bytes:
        """What is to be seen, as PNG."""
        return base64.b64decode(self._ask("Page.captureScreenshot", {"format": "png"})["data"])

    def _attach(self) -> None:
        targets = self._ask("Target.getTargets", {})["targetInfos"]
        target = next((target for target in targets if target["type"] == "page"), None)
        identifier = target["targetId"] if target else self._ask(
            "Target.createTarget", {"url": "about:blank"})["targetId"]
        self._session = self._ask("Target.attachToTarget", {"targetId": identifier, "flatten": True})["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self._ask(f"{domain}.enable", {})
        self._ask("Emulation.setDeviceMetricsOverride", {
            "width": WIDTH, "height": HEIGHT, "deviceScaleFactor": SCALE, "mobile": True})
        self._ask("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def _ask(self, method: str, parameters: dict) -> dict:
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            try:
                data = data[os.write(self._write, data):]
            except BrokenPipeError as reason:
                raise BrowserFailed(self._last_words()) from reason
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self._next(deadline, method)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise BrowserFailed(f"{method}: {answer['error'].get('message')}")
                return answer.get("result", {})
            self._events.append(answer)

    def _await(self, event: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not any(known.get("method") == event for known in self._events):
            self._events.append(self._next(deadline, event))

    def _next(self, deadline: float, wanted: str) -> dict:
        while b"\0" not in self._waiting:
            ready, _, _ = select.select([self._read], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise BrowserFailed(f"the browser did not answer within {PATIENCE:g} seconds ({wanted})")
            data = os.read(self._read, 1 << 20)
            if not data:
                raise BrowserFailed(self._last_words())
            self._waiting += data
        message, self._waiting = self._waiting.split(b"\0", 1)
        return json.loads(message)

    def _last_words(self) -> str:
        self._complaints.seek(0)
        words = self._complaints.read()[-600:].decode("utf-8", "replace").strip()
        return f"the browser ended: {words or 'it said nothing'}"

    def _note(self, page: str) -> None:
        """Turns the events so far into troubles of the page."""
        for event in self._events:
            if trouble := self._trouble(event.get("method", ""), event.get("params", {})):
                self.troubles.append(f"{page}: {trouble}")
        self._events.clear()

    def _trouble(self, method: str, facts: dict) -> str | None:
        if method == "Runtime.exceptionThrown":
            return _words(facts["exceptionDetails"])
        if method == "Runtime.consoleAPICalled" and facts["type"] in ("error", "assert"):
            return " ".join(str(part.get("value", part.get("description", ""))) for part in facts["args"])
        if method == "Log.entryAdded" and facts["entry"]["level"] == "error":
            address = facts["entry"].get("url", "")
            return None if self._is_allowed(address) else f"{facts['entry']['text']} ({address})"
        if method == "Network.requestWillBeSent":
            address = facts["request"]["url"]
            self._addresses[facts["requestId"]] = address
            is_own = address.startswith(("file:", "data:", "blob:", "about:")) or self._is_allowed(address)
            return None if is_own else f"asks the network for {address}"
        if method == "Network.loadingFailed" and not facts.get("canceled"):
            address = self._addresses.get(facts["requestId"], "something")
            return None if self._is_allowed(address) else f"{address} could not be loaded: {facts.get('errorText')}"
        return None

    def _is_allowed(self, address: str) -> bool:
        return self.allowed != "" and address.startswith(self.allowed)


def _words(details: dict) -> str:
    thrown = details.get("exception", {}).get("description") or details.get("text", "")
    return f"{str(thrown).splitlines()[0] if thrown else 'an exception'} (line {details.get('lineNumber', 0) + 1})"
