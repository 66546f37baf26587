"""What a person does, in a real browser. Run by scripts/browser-tests.sh; `run.py NAME...` runs the named tests only."""
import os, pathlib, signal, sys, tempfile, threading, time, traceback

from playwright.sync_api import sync_playwright

import color, confirm, event_app, event_site, event_site_live, faults, image, journey, looks, mails, matrix
from kiln import ROOT, Kiln
from pictures import png

SHOTS = ROOT / ".build/screenshots"
MODULES = (
    journey, faults, looks, mails, matrix, image, event_app, event_site, event_site_live, confirm, color)
TESTS = [
    value for module in MODULES for name, value in sorted(vars(module).items())
    if name.startswith("test_")
]
#: Seconds for one test, of which the slowest takes about twenty: some calls to the browser have no limit of their own.
PATIENCE = 150


class Desk:
    """What a test gets: a server, a browser, and pages whose console is watched."""

    def __init__(self, browser, kiln, work):
        self.browser, self.kiln, self.work = browser, kiln, work
        self.complaints = []
        self.picture = work / "sunset.png"

    def context(self, width=1440, height=900, **settings):
        context = self.browser.new_context(viewport={"width": width, "height": height}, **settings)
        context.set_default_timeout(60000)
        return context

    def page(self, context=None, allow=()):
        """`allow`: words of complaints that belong to the test, such as the status of a refused form."""
        page = (context or self.context()).new_page()

        def complain(text):
            if not any(word in text for word in allow):
                self.complaints.append(text)

        page.on("console", lambda message: complain(message.text) if message.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complain(str(error)))
        return page

    def shot(self, page, name):
        page.screenshot(path=str(SHOTS / f"{name}.png"), full_page=True)


def end_browser():
    """Kills the browser that this process started, so that a call to it that hangs fails."""
    def parent(process):
        return int(pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[1])

    for entry in pathlib.Path("/proc").iterdir():
        try:
            command = (entry / "cmdline").read_bytes().split(b"\0") if entry.name.isdigit() else []
            is_browser = command and command[0].endswith(b"chromium") and not any(
                word.startswith(b"--type=") for word in command)
            if is_browser and parent(parent(entry.name)) == os.getpid():
                os.kill(int(entry.name), signal.SIGKILL)
        except (OSError, ValueError):
            continue


def attempt(test, browser, kiln, work):
    """Whether the browser bore it, and what became of the test."""
    desk = Desk(browser, kiln, work)
    watch = threading.Timer(PATIENCE, end_browser)
    watch.start()
    try:
        test(desk)
        assert not desk.complaints, f"the console says: {desk.complaints}"
        verdict = "passed"
    except Exception:
        verdict = "FAILED\n" + traceback.format_exc()
    try:
        for context in browser.contexts:
            for number, page in enumerate(context.pages if verdict != "passed" else []):
                try:
                    desk.shot(page, f"failed-{test.__name__}-{number}")
                except Exception:
                    pass
            context.close()
    except Exception:
        verdict = "FAILED\n" + traceback.format_exc() if verdict == "passed" else verdict
    watch.cancel()
    return browser.is_connected(), verdict


def main(names):
    SHOTS.mkdir(parents=True, exist_ok=True)
    work = pathlib.Path(tempfile.mkdtemp(prefix="kiln-desk-"))
    (work / "sunset.png").write_bytes(png(640, 400))
    kiln = Kiln(work / "sunset.png")
    failed = 0
    try:
        kiln.start()
        with sync_playwright() as playwright:
            def launch():
                return playwright.chromium.launch(
                    executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage"])

            browser = launch()
            for test in TESTS:
                if names and test.__name__ not in names:
                    continue
                began = time.monotonic()
                is_alive, verdict = attempt(test, browser, kiln, work)
                if not is_alive:
                    # The browser's own fault, unless it happens again.
                    print(f"{test.__doc__ or test.__name__}: the browser hung or ended; once more", flush=True)
                    browser = launch()
                    is_alive, verdict = attempt(test, browser, kiln, work)
                    browser = browser if is_alive else launch()
                failed += verdict != "passed"
                print(f"{test.__doc__ or test.__name__}: {verdict} ({time.monotonic() - began:.1f} s)", flush=True)
            browser.close()
        if failed:
            print(kiln.log())
    finally:
        kiln.end()
        for path in work.iterdir():
            path.unlink()
        work.rmdir()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
