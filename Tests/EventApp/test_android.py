"""What Android reads of an app, asked of aapt, which others wrote."""
from __future__ import annotations

import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
import zipfile
from pathlib import Path

RECIPE = Path(__file__).resolve().parents[2] / "recipes" / "event-app"
sys.path.insert(0, str(RECIPE))

from eventapp import android, colors, inspecting  # noqa: E402

NAMES = [
    "A & B's <i>\"x\"</i>", "@string/x", "@android:string/ok", "?attr/foo", "  two  spaces  ",
    "back\\slash \\n \\u0041",
    "🎉🎊", "👩‍👩‍👧‍👦 Family", "开源大会 二〇二六", "مؤتمر البرمجيات", "100% %s %d %1$s", "#123456", "true", "\\", "\"", "'",
    "e\u0301", "{x} $(reboot) `id` ${x}", "-", "]]>", "&amp;", "x" * android.LONGEST_LABEL,
]


class Android(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = Path(cls.scratch.name)
        cls.pictures = cls.folder / "pictures"
        dot = cls.folder / "dot.png"
        subprocess.run(["vips", "black", str(dot), "48", "48", "--bands", "3"], check=True, timeout=60)
        for folder, names in {"mipmap-mdpi": ["ic_launcher", "ic_launcher_round", "ic_launcher_foreground"],
                              "drawable-mdpi": ["splash_picture"]}.items():
            (cls.pictures / folder).mkdir(parents=True)
            for name in names:
                (cls.pictures / folder / f"{name}.png").write_bytes(dot.read_bytes())

    @classmethod
    def tearDownClass(cls) -> None:
        cls.scratch.cleanup()

    def compiled(self, **changes: object) -> Path:
        facts = {"package": "org.kiln.event.sample", "name": "Sample", "version_code": 7,
                 "version_name": "2026.11.21-7"}
        app = android.App(**(facts | changes))
        return android.compile(
            app, RECIPE / "shell", self.pictures, Path(tempfile.mkdtemp(dir=self.folder)))

    def badge(self, **changes: object) -> inspecting.Badge:
        answer = subprocess.run(
            ["aapt", "dump", "badging", str(self.compiled(**changes))], capture_output=True, timeout=60, check=True)
        return inspecting.badge(answer.stdout.decode())

    def test_a_name_is_shown_as_typed(self) -> None:
        for name in NAMES:
            with self.subTest(name):
                self.assertEqual(self.badge(name=name).label, name)

    def test_a_long_name_is_cut_between_letters(self) -> None:
        for name in ("x" * 200, "名" * 200, "e\u0301" * 200, "👩‍👩‍👧‍👦" * 60, "👍🏽" * 90):
            label = android.label(name)
            with self.subTest(name[:4]):
                self.assertLessEqual(len(label), android.LONGEST_LABEL)
                self.assertTrue(label.endswith("…"))
                self.assertTrue(name.startswith(label[:-1]))
                self.assertNotIn(name[len(label) - 1], "\u0301\u200d\U0001f3fd")
                self.assertEqual(self.badge(name=name).label, label)

    def test_what_no_xml_holds_is_left_out(self) -> None:
        self.assertEqual(android.label("a\tb\nc\u0000d\ud800e\uffff\u2028f"), "a b c de f")

    def test_a_release_may_do_nothing(self) -> None:
        badge = self.badge()
        self.assertEqual(badge.permissions, ())
        self.assertEqual((badge.package, badge.version_code, badge.version_name), (
            "org.kiln.event.sample", 7, "2026.11.21-7"))
        self.assertEqual((badge.minimum, badge.target, badge.debug), (21, 29, False))
        self.assertEqual(badge.activity, "org.kiln.shell.EventActivity")

    def test_a_debug_app_is_open_to_tools(self) -> None:
        self.assertTrue(self.badge(debug=True, package="org.kiln.event.sample.debug").debug)

    def test_live_updates_take_the_network_and_nothing_more(self) -> None:
        self.assertEqual(self.badge(endpoint="https://example.org/x").permissions, ("android.permission.INTERNET",))
        for endpoint, clear in {"": "false", "https://example.org/": "false", "http://example.org/": "true",
                                "HTTP://example.org/": "true"}.items():
            app = android.App("org.kiln.event.a", "a", 1, "1", endpoint=endpoint)
            root = ElementTree.fromstring(android.manifest(app, RECIPE / "shell" / "AndroidManifest.xml"))
            name = "{http://schemas.android.com/apk/res/android}usesCleartextTraffic"
            self.assertEqual(root.find("application").get(name), clear, endpoint)

    def test_nothing_of_a_name_gets_into_the_manifest(self) -> None:
        template = RECIPE / "shell" / "AndroidManifest.xml"
        made = {android.manifest(android.App("org.kiln.event.a", name, 1, "1"), template) for name in NAMES}
        self.assertEqual(len(made), 1)

    def test_the_same_app_is_the_same_bytes(self) -> None:
        contents = [
            {entry.filename: archive.read(entry) for entry in archive.infolist()}
            for archive in (zipfile.ZipFile(self.compiled()), zipfile.ZipFile(self.compiled()))]
        self.assertEqual(contents[0], contents[1])


class Colors(unittest.TestCase):
    def test_only_six_digits_are_a_colour(self) -> None:
        self.assertEqual(colors.checked(" #2F5D62 "), "#2f5d62")
        for text in ("red", "#fff", "#12345g", "2f5d62", "#2f5d62;", ""):
            self.assertIsNone(colors.checked(text), text)

    def test_white_signs_can_be_read_on_every_bar(self) -> None:
        for color in ("#ffffff", "#ffff00", "#2f5d62", "#000000", "#e0e0e0", "#ff0000"):
            self.assertGreaterEqual(colors.contrast("#ffffff", colors.darkened(color)), 4.5)
        self.assertEqual(colors.darkened("#2f5d62"), "#2f5d62", "one that is dark enough stays")

    def test_ink_is_what_can_be_read(self) -> None:
        self.assertEqual((colors.ink("#ffcc00"), colors.ink("#2f5d62")), ("#000000", "#ffffff"))


if __name__ == "__main__":
    unittest.main()
