"""References, times and the rest of the normal form."""

import unittest
from typing import Any

import data
from eventapp.faults import Report
from eventapp.wanted import wish


class Resolving(data.DataTestCase):
    def test_the_normal_form_of_an_export(self) -> None:
        event = self.load(data.files())
        self.assertEqual((event.name, event.zone, event.notes), ("Aurora Days", "Europe/Berlin", ()))
        self.assertEqual(event.starts.isoformat(), "2026-03-14T09:00:00+01:00")
        self.assertEqual((event.latitude, event.longitude), (52.5, 13.4))
        self.assertEqual(event.description_html, "<p>Two days.</p><p>Of light.</p>")
        opening, closing = event.sessions
        self.assertEqual((opening.title, opening.kind, opening.track.color), ("Opening", "Talk", "#bf532e"))
        self.assertEqual((opening.room.name, opening.room.floor, closing.room.floor), ("Hall", 0, 3))
        self.assertEqual([one.name for one in opening.speakers], ["Ada Stone"])
        self.assertEqual(opening.links[0].url, "https://example.org/slides.pdf")
        self.assertEqual([one.name for one in event.speakers], ["Bo Reed", "Ada Stone"])
        self.assertEqual(event.speakers[0].links[0].url, "https://twitter.com/boreed")
        self.assertEqual((event.sponsors[0].level, event.sponsors[0].kind), (2, "Gold"))
        self.assertEqual(event.links[0].name, "Site")

    def test_unknown_references_are_told_with_the_nearest(self) -> None:
        cases: list[tuple[dict[str, Any], str, list[str]]] = [
            (
                {"speakers": [{"id": 9, "name": "Ada Stine"}]},
                "sessions[0].speakers[0].id",
                ['speaker "9"', 'Did you mean "1" ("Ada Stone")?'],
            ),
            ({"speakers": [1, 7]}, "sessions[0].speakers[1]", ['"7"', "speakers"]),
            ({"speakers": ["Ada"]}, "sessions[0].speakers[0]", ['"Ada"', "Ada Stone"]),
            ({"track": {"id": 5, "name": "Main"}}, "sessions[0].track.id", ['track "5"', '"1" ("Main")']),
            ({"microlocation": 12}, "sessions[0].microlocation", ['room "12"', "microlocations"]),
            ({"session_type": "Tolk"}, "sessions[0].session_type", ['type "Tolk"', '"1" ("Talk")']),
        ]
        for change, place, words in cases:
            with self.subTest(place):
                files = data.files()
                files["sessions"][0].update(change)
                self.assert_fault(files, place, '"Opening"', *words)

    def test_references_are_found_by_id_and_by_name(self) -> None:
        for change in (
            {"track": 1},
            {"track": "1"},
            {"track": 1.0},
            {"track": "main"},
            {"track": {"name": "Main"}},
            {"track": {"id": "1"}},
        ):
            with self.subTest(change):
                files = data.files()
                files["sessions"][0].update(change)
                self.assertEqual(self.load(files).sessions[0].track.name, "Main")

    def test_empty_references_are_none(self) -> None:
        for value in (None, {}, {"id": None, "name": None}, ""):
            files = data.files()
            files["sessions"][0]["microlocation"] = value
            self.assertIsNone(self.load(files).sessions[0].room)

    def test_documents_that_are_not_there_are_made_up_from_objects_within(self) -> None:
        files = data.files()
        for name in ("speakers", "tracks", "microlocations", "session_types"):
            files.pop(name)
        files["sessions"][1]["speakers"] = [{"id": 1, "name": "Ada Stone"}]
        event = self.load(files)
        self.assertEqual((len(event.speakers), len(event.tracks), len(event.rooms)), (1, 1, 2))
        files["sessions"][1]["speakers"] = [3]
        self.assert_fault(files, "sessions[1].speakers[0]", 'speaker "3"', "there is no file speakers")

    def test_lists_of_tracks_and_speakers_serve_where_sessions_are_silent(self) -> None:
        files = data.files()
        for session in files["sessions"]:
            session.pop("speakers"), session.pop("track")
        files["speakers"][0]["sessions"] = [{"id": 2, "title": "Closing"}, {"id": 77}]
        files["tracks"][0]["sessions"] = [1, "2"]
        event = self.load(files)
        self.assertEqual([one.name for one in event.sessions[1].speakers], ["Ada Stone"])
        self.assertEqual([one.track.name for one in event.sessions], ["Main", "Main"])

    def test_ids_that_are_there_twice_are_told(self) -> None:
        for document in ("sessions", "speakers", "tracks", "microlocations", "sponsors"):
            with self.subTest(document):
                files = data.files()
                files[document].append({**files[document][0], "id": str(files[document][0]["id"])})
                place = f"{document}[{len(files[document]) - 1}].id"
                self.assert_fault(files, place, "as is that of", f"{document}[0]")

    def test_sessions_that_are_not_accepted_are_left_out_with_their_speakers(self) -> None:
        files = data.files()
        files["sessions"][1]["state"] = "rejected"
        files["sessions"].append({"id": 3, "title": "Later", "state": "pending", "speakers": [{"id": 999}]})
        event = self.load(files)
        self.assertEqual(
            ([one.title for one in event.sessions], [one.name for one in event.speakers]), (["Opening"], ["Ada Stone"])
        )
        self.assertIn("2 sessions are left out: 1 pending, 1 rejected.", event.notes)

    def test_times_that_cannot_be_are_told(self) -> None:
        cases = [
            ({"end_time": "2026-03-14T08:00:00+01:00"}, "end_time", "before the start"),
            ({"end_time": "tomorrow"}, "end_time", "no time"),
            ({"start_time": "2026-03-14"}, "start_time", "a day without a time"),
            ({"start_time": "2026-02-31T09:00"}, "start_time", "no time"),
        ]
        for change, key, words in cases:
            with self.subTest(change):
                files = data.files()
                files["sessions"][0].update(change)
                self.assert_fault(files, f"sessions[0].{key}", words, '"Opening"')
        files = data.files()
        files["event"]["end_time"] = "2026-03-01"
        self.assert_fault(files, "event.end_time", "before the start")

    def test_times_are_on_the_clock_of_the_event(self) -> None:
        files = data.files()
        files["sessions"][0].update(start_time="2026-03-14T03:00:00Z", end_time="2026-03-14 11:30:00")
        session = self.load(files).sessions[0]
        self.assertEqual(
            (session.starts.isoformat(), session.ends.isoformat()),
            ("2026-03-14T04:00:00+01:00", "2026-03-14T11:30:00+01:00"),
        )

    def test_clocks_that_change_break_no_session(self) -> None:
        files = data.files()
        files["event"].update(start_time="2026-03-28", end_time="2026-10-26")
        files["sessions"][0].update(start_time="2026-03-29T01:30:00", end_time="2026-03-29T02:30:00")
        files["sessions"][1].update(start_time="2026-10-25T02:45:00", end_time="2026-10-25T02:15:00")
        event = self.load(files)
        self.assertEqual(event.sessions[0].ends.isoformat(), "2026-03-29T03:30:00+02:00")
        self.assertEqual(event.sessions[1].ends.isoformat(), "2026-10-25T02:15:00+01:00")
        self.assertIn("clocks go forward", " ".join(event.notes))

    def test_zones_are_found_assumed_or_told(self) -> None:
        files = data.files()
        files["event"].pop("timezone")
        event = self.load(files)
        self.assertEqual(event.zone, "UTC")
        self.assertIn("no timezone", " ".join(event.notes))
        files["event"]["timezone"] = "Europe/Berlln"
        self.assert_fault(files, "event.timezone", '"Europe/Berlln"', "Europe/Berlin")

    def test_what_is_odd_but_harmless_is_noted(self) -> None:
        files = data.files()
        files["sessions"][1].update(start_time="2026-04-01T09:00:00", end_time="2026-04-01T10:00:00")
        files["tracks"][0]["color"] = "reddish"
        files["speakers"][0]["website"] = "javascript:alert(1)"
        notes = " ".join(self.load(files).notes)
        for words in ("2026-04-01", "reddish", "javascript:alert(1)"):
            self.assertIn(words, notes)

    def test_names_are_shown_as_typed_and_bounded(self) -> None:
        for name in ("🎪🎈", "开放世界大会", "A & B <c> \"d\" 'e'", "@string/x", "x" * 200):
            files = data.files()
            files["event"]["name"] = name
            self.assertEqual(self.load(files).name, name)
        files["event"]["name"] = "x" * 5000
        self.assertLessEqual(len(self.load(files).name), 300)

    def test_ids_are_safe_for_names_and_places(self) -> None:
        files = data.files()
        files["sessions"][0]["id"] = "../../etc/<b>"
        files["sessions"][1].pop("id")
        for session in self.load(files).sessions:
            self.assertRegex(session.id, r"^[A-Za-z0-9_-]{1,40}$")

    def test_no_mail_address_or_telephone_of_a_speaker_is_in_the_app(self) -> None:
        files = data.files()
        files["speakers"][0].update(email="ada@private.example", mobile="+49 555 0100")
        told = repr(self.load(files))
        self.assertNotIn("private.example", told)
        self.assertNotIn("555 0100", told)

    def test_an_index_of_thousands_finds_the_nearest_of_few(self) -> None:
        files = data.files()
        files["sessions"][0]["speakers"] = [{"id": f"x{number}", "name": "Adda"} for number in range(300)]
        found = self.faults(files)
        self.assertEqual(len(found), 50)


class Wishes(unittest.TestCase):
    def wish(self, value: Any, base: str = "") -> tuple[Any, str]:
        report = Report()
        made = wish(value, "speakers[0].photo", "speakers", base, report)
        return made, " ".join(str(fault) for fault in report.faults)

    def test_forbidden_names_and_addresses_are_refused_by_name(self) -> None:
        for value in (
            "/../../etc/passwd",
            "images/../../x.png",
            "..\\x.png",
            "/images/%2e%2e/%2e%2e/x",
            "file:///etc/passwd",
            "FILE:/etc/passwd",
            "data:image/png;base64,xx",
            "ftp://example.org/x.png",
            "C:\\x.png",
            "javascript:x",
            "\\\\server\\x.png",
            "x\0.png",
            "x" * 3000,
            "http://169.254.169.254/latest",
            "http://127.1/x",
            "http://[::1]/x",
            "http://10.0.0.8/x",
            "http://192.168.1.1./x",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
            "http://0x7f.1/",
            "http://[::ffff:10.0.0.1]/",
            "http://１２７.0.0.1/",
            "http://%31%32%37.0.0.1/",
            "http://①②⑦.0.0.1/",
            "http://localhost/x",
            "http://x.localhost/",
            "http://printer/x",
            "http://metadata.google.internal/",
            "https://u:p@example.org/x",
            "http://example.org:99999/",
            "https://example.org/a b",
            "http://example.org\\@127.0.0.1/",
            "http://[fe80::1%25eth0]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[2002:7f00:1::]/",
            "http://100.64.0.1/",
            "http://0/",
            "http://999.1.1.1/",
            "//127.0.0.1/x.png",
            "https://",
            "http://[::127.0.0.1]/",
            5,
            ["x"],
        ):
            with self.subTest(value):
                made, told = self.wish(value)
                self.assertIsNone(made)
                self.assertIn("speakers[0].photo", told)

    def test_what_may_be_asked_for_is(self) -> None:
        cases = [
            ("/images/speakers/x.jpg", "images/speakers/x.jpg", ""),
            ("Images\\X.JPG", "images/x.jpg", ""),
            ("./a//b.png", "a/b.png", ""),
            ("https://example.org/x.png", "", "https://example.org/x.png"),
            ("//example.org/x.png", "", "https://example.org/x.png"),
            ("https://8.8.8.8/x", "", "https://8.8.8.8/x"),
            ("HTTP://例え.jp/x", "", "HTTP://例え.jp/x"),
            ("a..b/c.png", "a..b/c.png", ""),
        ]
        for value, path, url in cases:
            with self.subTest(value):
                made, told = self.wish(value)
                self.assertEqual((told, made.path, made.url), ("", path, url))

    def test_of_fetched_data_names_are_addresses_there(self) -> None:
        base = "http://127.0.0.1:8080/v1/events/6"
        cases = [
            ("/static/x.png", "http://127.0.0.1:8080/static/x.png"),
            ("x.png", f"{base}/x.png"),
            ("http://127.0.0.1:8080/y.png", "http://127.0.0.1:8080/y.png"),
        ]
        for value, url in cases:
            made, told = self.wish(value, base)
            self.assertEqual((told, made.url), ("", url))
        for value in (
            "http://127.0.0.1:9090/y.png",
            "http://u@127.0.0.1:8080/y",
            "http://10.0.0.1/x",
            "/../x",
            "//evil.org/x",
        ):
            self.assertIsNone(self.wish(value, base)[0], value)

    def test_placeholders_are_no_pictures(self) -> None:
        for value in ("null", "None", "undefined"):
            self.assertEqual(self.wish(value), (None, ""))


if __name__ == "__main__":
    unittest.main()
