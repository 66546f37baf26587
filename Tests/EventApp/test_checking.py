"""Documents in every spelling and wrapping become the same records; the schemas say no more than keys and types."""

import json
import unittest
from typing import Any

import data
from eventapp import checking, spellings
from eventapp.faults import TOLD, Report


def records(document: str, value: Any) -> tuple[list[checking.Record], Report]:
    report = Report()
    return checking.records(document, value, document, report), report


class Checking(unittest.TestCase):
    def test_every_wrapping_of_a_list_is_read(self) -> None:
        track = {"id": 1, "name": "Main"}
        for value in (
            [track],
            {"tracks": [track]},
            {"data": [track]},
            {"results": [track], "count": 1},
            {"Tracks": {"data": [track]}},
        ):
            with self.subTest(value):
                found, report = records("tracks", value)
                self.assertEqual(([one.values for one in found], report.faults), ([track], []))

    def test_every_wrapping_of_the_event_is_read(self) -> None:
        event = {"name": "A", "starts_at": "x", "ends_at": "y"}
        api = {"data": {"id": "1", "type": "event", "attributes": {"name": "A", "starts-at": "x", "ends-at": "y"}}}
        for value in (event, [event], {"event": event}, api, {"data": event}):
            with self.subTest(value):
                found, report = records("event", value)
                self.assertEqual(report.faults, [])
                self.assertEqual(found[0].get("starts_at"), "x")

    def test_spellings_of_all_years_are_one(self) -> None:
        for value in (
            {"id": 1, "title": "T", "start_time": "x", "end_time": "y", "session_type": {"id": 2}},
            {"id": 1, "title": "T", "starts_at": "x", "ends_at": "y", "session_type_id": 2},
            {"ID": 1, "Title": "T", "Starts-At": "x", "ENDS-AT": "y", "session-type": {"id": "2"}},
            {
                "id": "1",
                "attributes": {"title": "T", "starts-at": "x", "ends-at": "y"},
                "relationships": {
                    "session-type": {"data": {"type": "session-type", "id": "2"}},
                    "track": {"links": {}},
                },
            },
        ):
            with self.subTest(value):
                found, report = records("sessions", [value])
                self.assertEqual(report.faults, [])
                self.assertEqual(
                    (found[0].get("title"), found[0].get("starts_at"), found[0].get("ends_at")), ("T", "x", "y")
                )
                self.assertIsNotNone(found[0].get("session_type"))

    def test_a_place_is_told_as_the_document_spells_it(self) -> None:
        found, _ = records(
            "sessions", {"data": [{"id": 1, "attributes": {"title": "T", "starts-at": "x", "ends-at": "y"}}]}
        )
        self.assertEqual(found[0].where("starts_at"), "sessions.data[0].attributes.starts-at")

    def test_what_is_empty_is_not_there_and_the_next_spelling_counts(self) -> None:
        found, _ = records(
            "speakers", [{"name": " ", "photo-url": None, "photo": "", "icon": "i.png"}, {"name": "A", "bio": "b"}]
        )
        self.assertEqual(found[0].pictures, {"photo": [("icon", "i.png")]})
        self.assertEqual(found[1].get("long_biography"), "b")

    def test_faults_are_told_in_plain_words(self) -> None:
        cases: list[tuple[str, Any, str, list[str]]] = [
            ("event", {"name": "A"}, "event.starts_at", ["is missing", '"start_time"', "2026-03-14"]),
            ("event", {"name": [], "starts_at": "x", "ends_at": "y"}, "event.name", ["is a list", "a text"]),
            ("event", [], "event", ["lists 0 events"]),
            ("event", "x", "event", ["is a text", "an object"]),
            ("tracks", {"message": "no"}, "tracks", ["is an object", "a list"]),
            ("tracks", {"errors": [{"detail": "gone"}]}, "tracks", ["failed request", "gone"]),
            ("tracks", [{"name": "A"}, 5], "tracks[1]", ["is a whole number", "an object"]),
            (
                "sessions",
                [{"title": "Hi", "starts_at": 5, "ends_at": "y"}],
                "sessions[0].starts_at",
                ["a whole number", '"Hi"'],
            ),
            (
                "sessions",
                [{"title": "Hi", "starts_at": "x", "ends_at": "y", "speakers": [[1]]}],
                "sessions[0].speakers[0]",
                ["a list"],
            ),
            (
                "sessions",
                [{"title": "Hi", "starts_at": "x", "ends_at": "y", "track": {"id": {}}}],
                "sessions[0].track.id",
                ["an object"],
            ),
            ("speakers", [{"id": True, "name": "A"}], "speakers[0].id", ["true or false"]),
            ("tracks", [{"name": "x"}] * (checking.MOST + 1), "tracks", ["20,001 entries"]),
        ]
        for document, value, place, words in cases:
            with self.subTest(place):
                _, report = records(document, value)
                self.assertIn(place, [fault.path for fault in report.faults])
                told = next(str(fault) for fault in report.faults if fault.path == place)
                for word in words:
                    self.assertIn(word, told)

    def test_all_missing_keys_are_told_each_once(self) -> None:
        _, report = records("event", {"id": 1})
        self.assertEqual([fault.path for fault in report.faults], ["event.name", "event.starts_at", "event.ends_at"])

    def test_unknown_keys_are_fine(self) -> None:
        _, report = records(
            "event", {"name": "A", "start_time": "x", "end_time": "y", "version": {"event_ver": 1}, "large": None}
        )
        self.assertEqual(report.faults, [])

    def test_a_session_that_is_not_shown_need_not_be_complete(self) -> None:
        for hidden in ({"state": "draft"}, {"state": "Rejected"}, {"deleted-at": "2026-01-01"}, {"in_trash": True}):
            with self.subTest(hidden):
                _, report = records("sessions", [{"id": 1, "title": "T", "starts_at": None, **hidden}])
                self.assertEqual(report.faults, [])
        self.assertEqual(len(records("sessions", [{"title": "T", "state": "accepted"}])[1].faults), 2)

    def test_many_faults_are_bounded(self) -> None:
        _, report = records("tracks", [{"id": number} for number in range(170)])
        self.assertEqual((len(report.faults), report.more), (TOLD, 120))

    def test_the_first_page_of_many_is_noted(self) -> None:
        for value in ({"data": [], "links": {"next": "/p2"}}, {"results": [], "next": "/p2"}):
            report = records("tracks", value)[1]
            self.assertIn("first page", " ".join(report.notes))
            self.assertIn("with 0 tracks", " ".join(report.pages))

    def test_schemas_ask_for_keys_and_types_alone(self) -> None:
        # Entries of one shape share a verdict: what depends on more than the shape must not be in a schema.
        allowed = {"$schema", "title", "description", "type", "required", "properties", "items", "examples"}

        def keywords(schema: dict[str, Any]) -> set[str]:
            inner = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
            return set(schema).union(*map(keywords, inner))

        for document in spellings.DOCUMENTS:
            with self.subTest(document):
                schema = json.loads((data.RECIPE / "schema" / f"{document}.json").read_text())
                self.assertLessEqual(keywords(schema), allowed)
                self.assertLessEqual(set(schema["properties"]), set(spellings.KEYS[document]))


if __name__ == "__main__":
    unittest.main()
