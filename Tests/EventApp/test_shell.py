"""The app's program itself: translated for the Java machine, which verifies it, and run on stand-ins of Android."""
from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
RECIPE = HERE.parents[1] / "recipes" / "event-app"
sys.path.insert(0, str(RECIPE))

from eventapp import android, packaging  # noqa: E402

LINKS = {
    "file:///android_asset/site/sessions/1.html#a": "false ",
    "https://example.org/?a=1": "true start android.intent.action.VIEW https://example.org/?a=1 ",
    "HTTPS://example.org/": "true start android.intent.action.VIEW https://example.org/ ",
    "http://example.org/": "true start android.intent.action.VIEW http://example.org/ ",
    "mailto:ada@example.org": "true start android.intent.action.VIEW mailto:ada@example.org ",
    "tel:+491234": "true start android.intent.action.VIEW tel:+491234 ",
    "geo:1.3,103.7?q=Hall": "true start android.intent.action.VIEW geo:1.3,103.7?q=Hall ",
    "file:///android_asset/other.html": "true ", "file:///data/data/org.kiln.event.sample/x": "true ",
    "file:///sdcard/x": "true ", "content://com.android.contacts/": "true ",
    "intent://x#Intent;scheme=http;end": "true ",
    "javascript:alert(1)": "true ", "data:text/html,x": "true ", "market://details?id=x": "true ", "sms:123": "true ",
    "about:blank": "true ", "nothing": "true ", " http://example.org/": "true ", "https mailto:x": "true ",
}


@unittest.skipUnless(shutil.which("enjarify") and shutil.which("javac"), "without enjarify and javac")
class Shell(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.scratch = tempfile.TemporaryDirectory()
        folder = Path(cls.scratch.name)
        code = packaging.code(folder / "nothing", RECIPE / "shell", folder)
        call(["enjarify", "-o", str(folder / "shell.jar"), str(code)])
        sources = []
        for part in (HERE / "shell" / "stubs.txt").read_text("utf-8").split("\n=== ")[1:]:
            name, _, text = part.partition("\n")
            sources.append(folder / f"{name}.java")
            sources[-1].parent.mkdir(parents=True, exist_ok=True)
            sources[-1].write_text(text, "utf-8")
        call(["javac", "-nowarn", "--release", "11", "-cp", str(folder / "shell.jar"), "-d", str(folder / "classes"),
              *map(str, sources)])
        said = call(["java", "-Xverify:all", "-cp", f"{folder}/shell.jar:{folder}/classes", "Trial", *LINKS])
        cls.said = dict(line.split(": ", 1) for line in said.splitlines() if not line.startswith("link "))
        cls.links = dict(re.findall(r"(?m)^link (.*): ((?:true|false) .*)$", said))

    @classmethod
    def tearDownClass(cls) -> None:
        cls.scratch.cleanup()

    def test_it_opens_the_first_page(self) -> None:
        self.assertEqual(self.said["create"], "background 0, loads string/start_page")
        self.assertEqual(self.said["finished"], "uncovered")

    def test_links_go_to_pages_or_out_and_nowhere_else(self) -> None:
        for link, expected in LINKS.items():
            with self.subTest(link):
                end = "android.intent.category.BROWSABLE" if "start" in expected else ""
                self.assertEqual(self.links[link], expected + end)
        self.assertEqual(self.said["nobody"], "told string/no_app")

    def test_pages_may_do_little(self) -> None:
        offline = settings(self.said["offline"])
        self.assertEqual(offline, {
            "JavaScriptEnabled": "true", "DomStorageEnabled": "true", "AllowFileAccess": "false",
            "AllowContentAccess": "false", "AllowFileAccessFromFileURLs": "false",
            "AllowUniversalAccessFromFileURLs": "false", "GeolocationEnabled": "false", "SaveFormData": "false",
            "SupportMultipleWindows": "false", "CanOpenWindows": "false", "SupportZoom": "false",
            "BuiltInZoomControls": "false", "BlockNetworkLoads": "true", "TextZoom": "130", "MixedContentMode": "1",
            "ForceDark": "2"})
        live = settings(self.said["live"])
        self.assertEqual({name for name in live if live[name] != offline[name]},
                         {"AllowUniversalAccessFromFileURLs", "BlockNetworkLoads"})

    def test_back_goes_back_and_then_out(self) -> None:
        self.assertEqual(self.said["back"], "back, left")

    def test_the_page_outlives_the_screen(self) -> None:
        self.assertEqual(self.said["ends"], "3 paused, resumed, destroyed")
        self.assertEqual(self.said["again"], "background 0")
        self.assertEqual(self.said["anew"], "background 0, loads string/start_page")

    def test_an_old_android_is_asked_for_nothing_that_it_has_not(self) -> None:
        self.assertEqual(self.said["old"], "false")

    def test_the_start_page_is_one_that_links_may_lead_to(self) -> None:
        self.assertTrue(android.START_PAGE.startswith("file:///android_asset/site/"))


def settings(text: str) -> dict[str, str]:
    return dict(part.split("=") for part in text.strip("{}").split(", "))


def call(command: list[str]) -> str:
    # Debian's own programs, and the Python that its packages are for.
    end = subprocess.run(command, capture_output=True, timeout=120, check=False, env={"PATH": "/usr/bin:/bin"})
    if end.returncode != 0:
        raise AssertionError(f"{command[0]}: {(end.stdout + end.stderr).decode()}")
    return end.stdout.decode()


if __name__ == "__main__":
    unittest.main()
