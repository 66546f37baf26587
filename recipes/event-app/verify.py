#!/usr/bin/python3 -IB
"""Tries the signed app in $KILN_ARTIFACTS out: its signature, what Android reads of it, and its pages in a browser.

Leaves a picture of the first page in $KILN_OUT/screen.png. Ends with 0 if the app works, with 1 if it does not."""
from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import zipfile
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parent))

from eventapp import asked, inspecting, programs, scratch  # noqa: E402
from eventapp.browser import Browser, BrowserFailed  # noqa: E402

_PACKAGE = re.compile(r"org\.kiln\.event\.[a-z][a-z0-9_]*(\.debug)?")
_SEARCHED = """
    (async text => {
        const field = document.querySelector('input[type=search]');
        if (!field) return 'there is no field to search in';
        field.value = text;
        field.dispatchEvent(new Event('input', {bubbles: true}));
        for (let turn = 0; turn < 100; turn += 1) {
            const found = [...document.querySelectorAll('main a[href*="sessions/"]')];
            if (found.some(link => link.getClientRects().length > 0)) return '';
            await new Promise(done => setTimeout(done, 50));
        }
        return 'it finds nothing for ' + text;
    })(%s)
"""


class Broken(Exception):
    """The app does not work; the text says what of it."""


def main() -> int:
    artifacts = sorted(Path(os.environ["KILN_ARTIFACTS"]).glob("*.apk"))
    if len(artifacts) != 1:
        print(f"error: there are {len(artifacts)} apps among the artifacts", file=sys.stderr)
        return 1
    order = asked.read(Path(os.environ["KILN_INPUTS"]), os.environ)
    picture = Path(os.environ["KILN_OUT"]) / "screen.png"
    with ThreadPoolExecutor() as pool:
        checks = [pool.submit(check_pages, artifacts[0], order, picture)]
        checks += [pool.submit(check, artifacts[0], order) for check in (check_signature, check_badge, check_alignment)]
        faults = [fault for check in checks if (fault := fault_of(check))]
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    if not faults:
        say(100, "The app works")
    return 1 if faults else 0


def fault_of(check: Future[None]) -> str:
    """What a check found wrong, or why it could not be made; empty if all is well."""
    try:
        check.result()
    except (Broken, BrowserFailed, programs.ProgramFailed, OSError, ValueError, KeyError) as reason:
        return str(reason) or type(reason).__name__
    return ""


def check_signature(apk: Path, order: asked.Order) -> None:
    """Every phone since Android 5 has to take it, and newer ones its newer schemes."""
    code, said, complaints = programs.attempt(
        ["apksigner", "verify", "-v", "--min-sdk-version", "21", str(apk)], seconds=60)
    if code != 0:
        words = " ".join((said + complaints).decode("utf-8", "replace").split())
        raise Broken(f"the app's signature is missing or wrong: {words[:300]}")
    missing = [f"v{number}" for number in (1, 2, 3) if not inspecting.schemes(said.decode()).get(number)]
    if missing:
        raise Broken(f"the app is not signed by {' and '.join(missing)}")


def check_badge(apk: Path, order: asked.Order) -> None:
    badge = inspecting.badge(programs.run(["aapt", "dump", "badging", str(apk)], seconds=60).decode("utf-8"))
    with zipfile.ZipFile(apk) as archive:
        facts = json.loads(archive.read("assets/app.json"))
    expected = {
        "package": facts["package"], "label": facts["label"], "activity": "org.kiln.shell.EventActivity",
        "permissions": tuple(facts["permissions"]), "version_code": order.number, "minimum": 21, "target": 29,
        "debug": order.debug}
    for name, value in expected.items():
        if getattr(badge, name) != value:
            raise Broken(f"the app's {name.replace('_', ' ')} is {getattr(badge, name)!r}, not {value!r}")
    found = _PACKAGE.fullmatch(badge.package)
    if not found or bool(found[1]) != order.debug:
        raise Broken(f"{badge.package} is no package of ours of this kind")
    if badge.permissions and not order.live_updates:
        raise Broken(f"the app wants {', '.join(badge.permissions)}, and live updates are off")
    print(f"{badge.package} {badge.version_name}, permissions: {', '.join(badge.permissions) or 'none'}")


def check_alignment(apk: Path, order: asked.Order) -> None:
    try:
        programs.run(["zipalign", "-c", "4", str(apk)], seconds=60)
    except programs.ProgramFailed as reason:
        raise Broken("the app's files are not aligned") from reason


def check_pages(apk: Path, order: asked.Order, picture: Path) -> None:
    with Browser() as browser, zipfile.ZipFile(apk) as archive:
        say(10, "Looking at the links of every page")
        site = inspecting.Site(archive)
        if "index.html" not in site.pages:
            raise Broken("there is no first page")
        if faults := site.broken_links():
            raise Broken("; ".join(faults))
        if order.live_updates and order.endpoint:
            # There is no network here: an app that asks for changes has to bear that.
            parts = urlsplit(order.endpoint)
            browser.allowed = f"{parts.scheme}://{parts.netloc}/"
        with tempfile.TemporaryDirectory(dir=scratch.place(site.bytes_to_unpack())) as folder:
            site.unpack(Path(folder))
            say(40, "Opening the pages in a browser")
            visit(browser, site.samples, Path(folder), picture)
    print(f"{len(site.pages)} pages, {len(site.samples)} of them opened")


def visit(browser: Browser, pages: list[str], folder: Path, picture: Path) -> None:
    """Opens every page, takes the picture of the first, and searches for something; `Broken` if a page complains."""
    title = ""
    for name in pages:
        browser.open(folder / name, name)
        if name == "index.html":
            picture.write_bytes(browser.photograph())
        elif name.startswith("sessions/"):
            title = str(browser.evaluate("document.querySelector('h1').textContent"))
    words = re.findall(r"\w+", title)
    if words and "search.html" in pages:
        say(80, "Searching")
        browser.open(folder / "search.html", "search.html")
        if trouble := browser.evaluate(_SEARCHED % json.dumps(max(words, key=len))):
            raise Broken(f"the search does not work: {trouble}")
        browser.settle("search.html")
    if browser.troubles:
        raise Broken("; ".join(dict.fromkeys(browser.troubles[:10])))


def say(percent: int, words: str) -> None:
    print(f"==> {percent} {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
