"""Whole apps, made and tried out by the recipe's own scripts, in the places that Kiln gives them."""
from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path

RECIPE = Path(__file__).resolve().parents[2] / "recipes" / "event-app"
sys.path.insert(0, str(RECIPE))

from eventapp import inspecting  # noqa: E402

EVENT = {
    "id": 1, "name": "Café & \"Bar\" <i>", "start_time": "2026-11-21T09:00:00", "end_time": "2026-11-21T18:00:00",
    "timezone": "Europe/Berlin", "description": "A day."}
SESSIONS = [{
    "id": 1, "title": "Opening words", "start_time": "2026-11-21T09:00:00", "end_time": "2026-11-21T10:00:00",
    "speakers": [{"id": 7, "name": "Ada"}], "microlocation": {"id": 3, "name": "Hall"},
    "track": {"id": 2, "name": "All"}}]
OTHERS = {
    "speakers": [{"id": 7, "name": "Ada"}], "tracks": [{"id": 2, "name": "All", "color": "#336699"}],
    "microlocations": [{"id": 3, "name": "Hall"}], "sponsors": []}


def data(**changes: object) -> bytes:
    """A zip of a small event, with other keys of the event where `changes` name them."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, value in ({"event": EVENT | changes, "sessions": SESSIONS} | OTHERS).items():
            archive.writestr(name, json.dumps(value))
    return made.getvalue()


class Building(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.scratch = tempfile.TemporaryDirectory()
        cls.root = Path(cls.scratch.name)
        cls.prepared = cls.root / "prepared"
        cls.prepared.mkdir()
        run("prepare.sh", {"KILN_OUT": str(cls.prepared), "KILN_RECIPE_DIR": str(RECIPE)})
        cls.key = cls.root / "key.p12"
        subprocess.run(
            ["keytool", "-genkeypair", "-keystore", str(cls.key), "-storetype", "PKCS12", "-storepass", "password",
             "-alias", "app", "-keyalg", "EC", "-validity", "9000", "-dname", "CN=test"],
            check=True, timeout=60, capture_output=True)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.scratch.cleanup()

    def places(self, zipped: bytes | None, number: int = 7, **fields: str) -> dict[str, str]:
        """The folders of a run with these inputs, by their variables."""
        folder = Path(tempfile.mkdtemp(dir=self.root))
        for name in ("inputs/fields", "inputs/files", "work", "out", "artifacts"):
            (folder / name).mkdir(parents=True)
        if zipped is not None:
            (folder / "inputs" / "files" / "data").write_bytes(zipped)
        for name, value in fields.items():
            (folder / "inputs" / "fields" / name).write_text(value, "utf-8")
        (folder / "inputs" / "build.json").write_text(
            json.dumps({"created_at": "2026-11-21T10:00:00.000Z", "number": number}))
        return {"KILN_INPUTS": f"{folder}/inputs", "KILN_WORK": f"{folder}/work", "KILN_OUT": f"{folder}/out",
                "KILN_PREPARED": str(self.prepared), "KILN_ARTIFACTS": f"{folder}/artifacts",
                "KILN_RECIPE_DIR": str(RECIPE)}

    def build(self, places: dict[str, str], code: int = 0) -> tuple[str, Path | None]:
        log = run("build.py", places, code)
        self.assertEqual(os.listdir(places["KILN_WORK"]), [], "nothing is left behind")
        return log, next(Path(places["KILN_OUT"]).glob("*"), None)

    def sign(self, places: dict[str, str], apk: Path) -> Path:
        signed = Path(places["KILN_ARTIFACTS"]) / apk.name
        subprocess.run(
            ["apksigner", "sign", "--ks", str(self.key), "--ks-pass", "pass:password", "--ks-key-alias", "app",
             "--v1-signing-enabled", "true", "--v2-signing-enabled", "true", "--v3-signing-enabled", "true",
             "--v4-signing-enabled", "false", "--out", str(signed), str(apk)],
            check=True, timeout=60, capture_output=True)
        return signed

    def badge(self, apk: Path) -> inspecting.Badge:
        said = subprocess.run(["aapt", "dump", "badging", str(apk)], check=True, timeout=60, capture_output=True)
        return inspecting.badge(said.stdout.decode())

    def test_an_app_is_made_signed_and_works(self) -> None:
        places = self.places(data(), kind="release", color="#2F5D62", live_updates="false")
        log, apk = self.build(places)
        self.assertEqual([line.split()[1] for line in log.splitlines() if line.startswith("==>")],
                         ["5", "20", "45", "70", "100"])
        self.assertRegex(apk.name, r"^cafe_bar_i_[0-9a-f]{8}\.apk$")
        self.sign(places, apk)
        self.assertIn("==> 100 The app works", run("verify.py", places))
        screen = (Path(places["KILN_OUT"]) / "screen.png").read_bytes()
        self.assertEqual((int.from_bytes(screen[16:20], "big"), int.from_bytes(screen[20:24], "big")), (824, 1830))
        badge = self.badge(apk)
        self.assertEqual((badge.label, badge.version_code, badge.version_name, badge.permissions, badge.debug),
                         (EVENT["name"], 7, "2026.11.21-7", (), False))
        self.verify_refuses(places, apk)

    def verify_refuses(self, places: dict[str, str], apk: Path) -> None:
        """An app that was made for something else, has no signature, or has a broken page, is none."""
        signed = next(Path(places["KILN_ARTIFACTS"]).iterdir())
        (Path(places["KILN_INPUTS"]) / "fields" / "kind").write_text("debug")
        self.assertIn("error: the app's debug is False, not True", run("verify.py", places, 1))
        (Path(places["KILN_INPUTS"]) / "fields" / "kind").write_text("release")
        signed.write_bytes(apk.read_bytes())
        self.assertIn("error: the app's signature is missing or wrong", run("verify.py", places, 1))
        for name, change, words in (
            ("assets/site/sessions/1.html", None, "sessions/1.html, which is not there"),
            ("assets/site/static/app.js", b"\nnothingOfThisName();", "nothingOfThisName is not defined"),
            ("assets/site/static/app.js", b"\nconsole.error('a complaint');", "a complaint"),
            ("assets/site/static/site.css", b"\nbody{background:url(gone.png)}", "gone.png could not be loaded"),
        ):
            with self.subTest(words):
                signed.write_bytes(self._changed(apk, name, change))
                self.assertIn(words, run("verify.py", places, 1))

    def _changed(self, apk: Path, name: str, addition: bytes | None) -> bytes:
        made = io.BytesIO()
        with zipfile.ZipFile(apk) as old, zipfile.ZipFile(made, "w") as new:
            for entry in old.infolist():
                if entry.filename != name or addition is not None:
                    new.writestr(entry, old.read(entry) + ((addition or b"") if entry.filename == name else b""))
        return made.getvalue()

    def test_the_same_inputs_make_the_same_bytes(self) -> None:
        digests = {hashlib.sha256(self.build(self.places(data()))[1].read_bytes()).hexdigest() for _ in range(2)}
        self.assertEqual(len(digests), 1)

    def test_another_build_differs_in_its_version_alone(self) -> None:
        apks = [zipfile.ZipFile(self.build(self.places(data(), number=number))[1]) for number in (7, 8)]
        self.assertEqual(apks[0].namelist(), apks[1].namelist())
        self.assertEqual([name for name in apks[0].namelist() if apks[0].read(name) != apks[1].read(name)],
                         ["AndroidManifest.xml"])

    def test_a_debug_app_is_another_package(self) -> None:
        badge = self.badge(self.build(self.places(data(name="Days"), kind="debug"))[1])
        self.assertEqual((badge.package, badge.debug), ("org.kiln.event.days.debug", True))

    def test_live_updates_without_an_address_take_no_permission(self) -> None:
        log, apk = self.build(self.places(data(), live_updates="true"))
        self.assertIn("note: the data came as a file", log)
        self.assertEqual(self.badge(apk).permissions, ())

    def test_data_that_cannot_be_used_ends_with_65(self) -> None:
        for zipped in (b"PK\x05\x06" + bytes(18), b"no zip", data(name="")):
            log, apk = self.build(self.places(zipped), 65)
            self.assertIsNone(apk)
            self.assertRegex(log, r"(?m)^error: .+: .+")


def run(script: str, places: dict[str, str], code: int = 0) -> str:
    end = subprocess.run(
        [str(RECIPE / script)], env={"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", **places}, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=120, check=False)
    log = end.stdout.decode()
    if end.returncode != code:
        raise AssertionError(f"{script} ended with {end.returncode}, not {code}:\n{log}")
    return log


if __name__ == "__main__":
    unittest.main()
