"""The events of Tests/Events: the same bytes each time, readable, and the bad ones told as they have to be."""
from __future__ import annotations

import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "recipes/event-app"), str(ROOT / "Tests/Events")]

import bad  # noqa: E402
import pack  # noqa: E402
import sets  # noqa: E402
from eventapp import reading  # noqa: E402
from eventapp.event import Event  # noqa: E402
from eventapp.faults import InputFaults  # noqa: E402


class EventSets(unittest.TestCase):
    def load(self, contents: bytes) -> Event:
        with tempfile.TemporaryDirectory() as folder:
            data, scratch = Path(folder) / "data.zip", Path(folder) / "scratch"
            data.write_bytes(contents)
            scratch.mkdir()
            return reading.load(data, None, "", scratch)

    def test_each_is_the_same_every_time(self) -> None:
        for name, build in sets.SETS.items():
            with self.subTest(name):
                self.assertEqual(pack.as_zip(build()), pack.as_zip(build()))

    def test_each_has_what_it_says(self) -> None:
        for name, counts in (("small", (3, 2, 2, 2, 1)), ("middle", (150, 60, 8, 12, 20)),
                             ("large", (5000, 2000, 24, 40, 30))):
            with self.subTest(name):
                event = self.load(pack.as_zip(sets.SETS[name]()))
                found = (event.sessions, event.speakers, event.tracks, event.rooms, event.sponsors)
                self.assertEqual(tuple(map(len, found)), counts)

    def test_middle_has_its_pictures_and_knows_summer_time(self) -> None:
        event = self.load(pack.as_zip(sets.middle(), images="Images"))
        self.assertTrue(all(speaker.photo for speaker in event.speakers))
        self.assertTrue(all(sponsor.logo for sponsor in event.sponsors))
        night, = (session for session in event.sessions if session.id == "1149")
        self.assertEqual(night.ends.timestamp() - night.starts.timestamp(), 3600)

    def test_every_bad_one_is_told_in_the_words_it_has_to_be(self) -> None:
        self.assertEqual(set(bad.BAD), set(bad.EXPECTED))
        for name, build in bad.BAD.items():
            with self.subTest(name), self.assertRaises(InputFaults) as caught:
                self.load(build())
            said = " ".join(caught.exception.lines()).lower()
            # The field's name is the form's, not the reader's.
            for word in set(bad.EXPECTED[name]) - {"data"}:
                self.assertIn(word, said, name)

    def test_hard_names_come_through(self) -> None:
        for key, name in bad.NAMES.items():
            with self.subTest(key):
                self.assertEqual(self.load(bad.named(name)).name, name.strip())


if __name__ == "__main__":
    unittest.main()
