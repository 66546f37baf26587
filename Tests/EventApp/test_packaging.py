"""The zip that an app is."""
from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

RECIPE = Path(__file__).resolve().parents[2] / "recipes" / "event-app"
sys.path.insert(0, str(RECIPE))

from eventapp import packaging  # noqa: E402


class Packaging(unittest.TestCase):
    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)

    def parts(self, name: str, order: list[str]) -> tuple[Path, Path, Path]:
        folder = self.folder / name
        folder.mkdir()
        resources, code, assets = folder / "resources.apk", folder / "classes.dex", folder / "assets"
        with zipfile.ZipFile(resources, "w") as archive:
            archive.writestr("resources.arsc", b"r" * 1001)
            archive.writestr("AndroidManifest.xml", b"m" * 999)
        code.write_bytes(b"dex\n035\0" + b"c" * 500)
        for number, path in enumerate(order):
            target = assets / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.encode() * 50)
            os.utime(target, (number, number))
        return resources, code, assets

    def packed(self, name: str, order: list[str]) -> Path:
        target = self.folder / f"{name}.apk"
        packaging.pack(*self.parts(name, order), target, self.folder)
        return target

    def test_order_and_dates_of_the_files_do_not_show(self) -> None:
        names = ["site/index.html", "site/pictures/a.webp", "site/b.html", "app.json", "site/名.html",
                 "site/_x", "site/.y"]
        one, other = self.packed("one", names), self.packed("other", names[::-1])
        self.assertEqual(one.read_bytes(), other.read_bytes())
        with zipfile.ZipFile(one) as apk:
            self.assertIsNone(apk.testzip())
            self.assertEqual(apk.namelist(), sorted(apk.namelist()))
            self.assertEqual({entry.date_time for entry in apk.infolist()}, {(1980, 1, 1, 0, 0, 0)})
            self.assertEqual(apk.read("assets/site/名.html"), "site/名.html".encode() * 50)
            self.assertEqual(len(apk.namelist()), len(names) + 3)

    def test_what_phones_map_is_stored_and_aligned(self) -> None:
        apk = self.packed("one", ["site/pictures/a.webp", "site/b.png", "site/index.html"])
        subprocess.run(["zipalign", "-c", "4", str(apk)], check=True, timeout=60, capture_output=True)
        subprocess.run(["unzip", "-tq", str(apk)], check=True, timeout=60, capture_output=True)
        with zipfile.ZipFile(apk) as archive:
            stored = {entry.filename for entry in archive.infolist() if entry.compress_type == zipfile.ZIP_STORED}
        self.assertEqual(stored, {"assets/site/b.png", "assets/site/pictures/a.webp", "resources.arsc"})

    def test_links_are_left_behind(self) -> None:
        resources, code, assets = self.parts("one", ["site/index.html"])
        (assets / "site" / "passwd").symlink_to("/etc/passwd")
        target = self.folder / "one.apk"
        packaging.pack(resources, code, assets, target, self.folder)
        with zipfile.ZipFile(target) as apk:
            self.assertNotIn("assets/site/passwd", apk.namelist())

    def test_the_program_is_assembled_where_nobody_prepared(self) -> None:
        made = packaging.code(self.folder / "nothing", RECIPE / "shell", self.folder)
        self.assertEqual(made.read_bytes()[:8], b"dex\n035\0")
        prepared = self.folder / "prepared"
        prepared.mkdir()
        (prepared / "classes.dex").write_bytes(b"ready")
        self.assertEqual(packaging.code(prepared, RECIPE / "shell", self.folder), prepared / "classes.dex")

    def test_another_machine_assembles_the_same_program(self) -> None:
        folders = [self.folder / "a", self.folder / "b"]
        for folder in folders:
            folder.mkdir()
        self.assertEqual(*(packaging.code(folder, RECIPE / "shell", folder).read_bytes() for folder in folders))


if __name__ == "__main__":
    unittest.main()
