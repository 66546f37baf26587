"""Data in a zip and fetched documents: where files are found, and how their faults are told."""

import random
import time
import unittest
from pathlib import Path
from typing import Any, Callable

import data
from eventapp import positions, reading
from eventapp.faults import InputFaults


class Reading(data.DataTestCase):
    def test_files_are_found_wherever_exports_put_them(self) -> None:
        def named(change: Callable[[str], str]) -> dict[str, Any]:
            return {change(name): value for name, value in data.files().items()}

        layouts = {
            "at the top": named(lambda name: name),
            "in a folder": named(lambda name: f"event182/{name}"),
            "deeper": named(lambda name: f"a/b/{name}"),
            "with endings": named(lambda name: name if "/" in name else f"{name}.json"),
            "in capitals": named(lambda name: name.upper() if "/" in name else f"{name.title()}.JSON"),
            "with Images": named(lambda name: name.replace("images/", "Images/")),
            "with litter": {
                **named(lambda name: name),
                "__MACOSX/._event": b"x",
                ".DS_Store": b"x",
                "images/event.json": b"x",
            },
            "with dashes": named(lambda name: name.replace("session_types", "session-types")),
        }
        for layout, files in layouts.items():
            with self.subTest(layout):
                event = self.load(files)
                self.assertEqual((len(event.sessions), event.sessions[0].kind), (2, "Talk"))
                self.assertIsNotNone(event.logo)
                self.assertIsNotNone(event.sessions[0].speakers[0].photo)

    def test_required_files_that_are_missing_are_told(self) -> None:
        files = data.files()
        files.pop("event"), files.pop("sessions")
        found = self.faults(files)
        self.assertEqual([fault.file for fault in found], ["event", "sessions"])
        self.assertIn('"speakers"', str(found[0]))
        self.assertIn("The zip is empty", str(self.faults({})[0]))

    def test_two_files_for_one_are_told_unless_they_are_the_same(self) -> None:
        files = data.files()
        self.assertEqual(len(self.load({**files, "tracks.json": files["tracks"]}).tracks), 1)
        self.assert_fault({**files, "tracks.json": []}, "data.zip", "two files for tracks")
        self.assert_fault({"a/event": files["event"], "b/event": files["event"]}, "data.zip", "two events")

    def test_broken_json_is_told_with_line_and_column(self) -> None:
        files = data.files()
        files["sessions"] = '[\n  {"id": 1,\n   "title": FOSSASIA}\n]'
        self.assert_fault(files, "sessions, line 3, column 13", "a value was expected", "FOSSASIA")

    def test_a_file_that_cannot_be_read_says_nothing_of_what_refers_to_it(self) -> None:
        files = data.files()
        files["speakers"] = b"[" * 20_000
        self.assert_fault(files, "speakers", "levels deep")
        files["speakers"] = b"[" + b" " * (positions.LARGEST + 1) + b"]"
        files["noise"] = bytes(random.Random(1).randbytes(1 << 20))
        self.assert_fault(files, "speakers", "larger than 16 MiB")

    def test_all_faults_are_told_at_once_and_bounded(self) -> None:
        files = data.files()
        files["event"].pop("name")
        files["tracks"] = "{"
        files["sessions"][0]["speakers"] = [{"id": 70 + number} for number in range(60)]
        with self.assertRaises(InputFaults) as caught:
            reading.load(self.zip(files), None, "", self.folder)
        self.assertEqual((len(caught.exception.faults), caught.exception.more), (50, 12))
        lines = caught.exception.lines()
        self.assertEqual((len(lines), lines[-1]), (51, "and 12 more"))
        self.assertTrue(all("\n" not in line for line in lines))

    def test_pictures_are_found_or_noted(self) -> None:
        files = data.files()
        files["event"]["background_image"] = "/images/back.jpg"
        files["images/back.png"] = data.PNG
        files["speakers"][1]["photo"] = "/images/gone.png"
        files["sponsors"][0]["logo"] = "https://example.org/logo.png"
        event = self.load(files)
        told = " ".join(event.notes)
        for words in (
            "event.background_image",
            'there is "images/back.png"',
            "speakers[1].photo",
            "sponsors[0].logo",
            "not fetched",
        ):
            self.assertIn(words, told)
        self.assertIsNone(event.background)
        self.assertEqual(Path(event.logo.path).read_bytes(), data.PNG)

    def test_pictures_that_are_none_are_told(self) -> None:
        for contents, words in (
            (b"<!DOCTYPE html><p>Not found", "HTML"),
            (b"", "empty"),
            (b'{"a": 1}', "JSON"),
            (b"hello", "text"),
            (b"BM\0\0", "BMP"),
        ):
            with self.subTest(words):
                files = data.files()
                files["images/speakers/AdaStone_1.png"] = contents
                self.assert_fault(files, "speakers[0].photo", "AdaStone_1.png", words)

    def test_forbidden_pictures_are_told_by_the_key_that_names_them(self) -> None:
        for value in ("/../../etc/passwd", "file:///etc/passwd", "http://169.254.169.254/x", "data:image/png;base64,"):
            files = data.files()
            files["event"]["original-image-url"] = value
            files["tracks"][0]["track_image_url"] = value
            self.assertEqual(
                [fault.where for fault in self.faults(files)], ["event.original-image-url", "tracks[0].track_image_url"]
            )

    def test_pictures_of_an_uploaded_event_come_out_of_what_was_fetched(self) -> None:
        files = data.files()
        files["speakers"][1]["photo"] = "https://example.org/bo.jpg"
        files["speakers"][0]["photo"] = "https://example.org/gone.jpg"
        fetched = self.fetched(
            {},
            [
                {"url": "https://example.org/bo.jpg", "name": "aa.bin", "status": 200},
                {"url": "https://example.org/gone.jpg", "name": "bb.bin", "status": 404, "error": "status 404"},
            ],
            **{"pictures/aa.bin": data.JPEG},
        )
        event = self.load(files, fetched)
        self.assertEqual(Path(event.speakers[0].photo.path).read_bytes(), data.JPEG)
        self.assertIn("status 404", " ".join(event.notes))

    def test_an_event_that_was_fetched_is_read_alike(self) -> None:
        files = {name: value for name, value in data.files().items() if not isinstance(value, bytes)}
        files["event"]["logo"] = "/static/logo.png"
        logo = "https://api.example.org/static/logo.png"
        bare = self.fetched(files)
        found = reading.look(None, bare, "https://api.example.org/v1/events/6")
        self.assertEqual((found.report.faults, list(found.pictures)[0]), ([], logo))
        whole = self.fetched(
            files,
            [{"url": logo, "name": found.pictures[logo], "status": 200}],
            **{f"pictures/{found.pictures[logo]}": data.PNG},
        )
        event = reading.load(None, whole, "https://api.example.org/v1/events/6", self.folder)
        self.assertEqual((event.endpoint, len(event.sessions)), ("https://api.example.org/v1/events/6", 2))
        self.assertIsNotNone(event.logo)

    def test_faults_of_fetched_documents_name_the_address(self) -> None:
        files = {name: value for name, value in data.files().items() if not isinstance(value, bytes)}
        files["sessions"] = "<html>"
        report = reading.look(None, self.fetched(files), "https://api.example.org/v1/events/6").report
        self.assertIn("https://api.example.org/v1/events/6/sessions, line 1", str(report.faults[0]))
        files.pop("sessions")
        self.assertIn("/sessions", str(reading.look(None, self.fetched(files), "x").report.faults[0]))

    def test_what_kiln_packed_badly_is_no_fault_of_the_requester(self) -> None:
        path = self.folder / "fetched.zip"
        path.write_bytes(b"x")
        with self.assertRaises(reading.FetchUnreadable):
            reading.look(None, path, "https://example.org")

    def test_thousands_of_sessions_are_judged_within_two_seconds(self) -> None:
        files = data.files()
        files["speakers"] = [{"id": number, "name": f"Speaker {number}"} for number in range(2000)]
        files["sessions"] = [
            {
                **files["sessions"][0],
                "id": number,
                "title": f"Talk {number}",
                "speakers": [{"id": number % 2000, "name": "x"}],
            }
            for number in range(5000)
        ]
        path = self.zip(files)
        start = time.process_time()
        report = reading.look(path, None, "").report
        self.assertEqual(report.faults, [])
        self.assertLess(time.process_time() - start, 2)


if __name__ == "__main__":
    unittest.main()
