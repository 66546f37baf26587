"""Event data as organisers send it, for the tests of what reads it."""

from __future__ import annotations

import copy
import json
import sys
import tempfile
import unittest
import zipfile
from pathlib import Path
from typing import Any

RECIPE = Path(__file__).resolve().parents[2] / "recipes" / "event-app"
if str(RECIPE) not in sys.path:
    sys.path.insert(0, str(RECIPE))

from eventapp import reading  # noqa: E402
from eventapp.event import Event  # noqa: E402
from eventapp.faults import Fault, InputFaults  # noqa: E402

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
JPEG = b"\xff\xd8\xff\xe0" + bytes(64)

_FILES: dict[str, Any] = {
    "event": {
        "id": 6,
        "name": "Aurora Days",
        "start_time": "2026-03-14T09:00:00",
        "end_time": "2026-03-15T18:00:00",
        "timezone": "Europe/Berlin",
        "logo": "/images/logo.png",
        "description": "Two days.\n\nOf light.",
        "location_name": "Old mill",
        "latitude": 52.5,
        "longitude": "13.4",
        "email": "team@example.org",
        "social_links": [{"id": 1, "name": "Site", "link": "https://example.org/"}],
    },
    "sessions": [
        {
            "id": 1,
            "title": "Opening",
            "start_time": "2026-03-14T09:00:00+01:00",
            "end_time": "2026-03-14T10:00:00+01:00",
            "long_abstract": "<p>Hello <b>all</b></p>",
            "track": {"id": 1, "name": "Main"},
            "microlocation": {"id": 1, "name": "Hall"},
            "session_type": {"id": 1, "name": "Talk"},
            "speakers": [{"id": 1, "name": "Ada Stone"}],
            "state": "accepted",
            "slides": "https://example.org/slides.pdf",
        },
        {
            "id": 2,
            "title": "Closing",
            "start_time": "2026-03-15T16:00:00",
            "end_time": "2026-03-15T17:00:00",
            "track": {"id": 1, "name": "Main"},
            "microlocation": {"id": 2, "name": "Attic"},
            "speakers": [{"id": 2}],
        },
    ],
    "speakers": [
        {"id": 1, "name": "Ada Stone", "photo": "/images/speakers/AdaStone_1.png", "long_biography": "Builds mills."},
        {"id": 2, "name": "Bo Reed", "is_featured": True, "twitter": "@boreed"},
    ],
    "tracks": [{"id": 1, "name": "Main", "color": "#BF532E"}],
    "sponsors": [{"id": 1, "name": "Example Ltd", "sponsor_type": "Gold", "level": "2", "url": "https://example.com"}],
    "microlocations": [{"id": 1, "name": "Hall", "floor": "0"}, {"id": 2, "name": "Attic", "floor": 3}],
    "session_types": [{"id": 1, "name": "Talk", "length": "00.30"}],
    "meta": {"root_url": "https://example.org/"},
    "images/logo.png": PNG,
    "images/speakers/AdaStone_1.png": PNG + b"ada",
}


def files() -> dict[str, Any]:
    """The files of a small event without faults, to be changed."""
    return copy.deepcopy(_FILES)


class DataTestCase(unittest.TestCase):
    """A folder of its own for each test, and short ways to read what lies there."""

    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def zip(self, contents: dict[str, Any], name: str = "data.zip") -> Path:
        """A zip of files; what is not bytes or text is written as JSON."""
        path = self.folder / name
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry, value in contents.items():
                archive.writestr(entry, value if isinstance(value, (bytes, str)) else json.dumps(value))
        return path

    def fetched(self, documents: dict[str, Any], pictures: list[dict[str, Any]] = [], **others: Any) -> Path:
        """What Kiln packs of what it fetched from `https://api.example.org/v1/events/6`."""
        base = "https://api.example.org/v1/events/6"
        told = {
            "from": base,
            "pictures": pictures,
            "documents": [{"name": name, "url": f"{base}/{name}", "status": 200} for name in documents],
        }
        contents = {f"documents/{name}": value for name, value in documents.items()}
        return self.zip({**contents, "fetched.json": told, **others}, "fetched.zip")

    def load(self, contents: dict[str, Any], fetched: Path | None = None) -> Event:
        return reading.load(self.zip(contents), fetched, "", self.folder)

    def faults(self, contents: dict[str, Any]) -> list[Fault]:
        """The faults; loading and looking must tell the same."""
        path = self.zip(contents)
        seen = reading.look(path, None, "").report
        try:
            reading.load(path, None, "", self.folder)
        except InputFaults as faults:
            self.assertEqual([str(one) for one in faults.faults], [str(one) for one in seen.faults])
            self.assertEqual(faults.more, seen.more)
            return faults.faults
        self.assertEqual(seen.faults, [])
        return []

    def assert_fault(self, contents: dict[str, Any], place: str, *words: str) -> None:
        """There is exactly one fault, at this place, and its text has these words."""
        found = self.faults(contents)
        self.assertEqual([one.where for one in found], [place], "\n".join(map(str, found)))
        for word in words:
            self.assertIn(word, str(found[0]))
