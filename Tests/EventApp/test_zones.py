"""Zones and times, as exports write them and as clocks show them."""

import unittest
from datetime import datetime
from zoneinfo import ZoneInfo

import data  # noqa: F401
from eventapp import zones

BERLIN = ZoneInfo("Europe/Berlin")


class Zones(unittest.TestCase):
    def test_a_zone_is_found_however_it_is_spelled(self) -> None:
        cases = [
            ("Asia/Singapore", "Asia/Singapore"),
            ("asia/singapore", "Asia/Singapore"),
            ("US / Pacific", "US/Pacific"),
            (" america/new york ", "America/New_York"),
            ("UTC", "UTC"),
            ("America/Argentina/Ushuaia",) * 2,
        ]
        for name, expected in cases:
            with self.subTest(name):
                found, _ = zones.find(name)
                self.assertEqual(found and found.key, expected)

    def test_an_unknown_zone_is_none_and_the_nearest_are_named(self) -> None:
        cases = [
            ("Asia/Singapur", "Asia/Singapore"),
            ("Berlin", "Europe/Berlin"),
            ("Europe/Berlln", "Europe/Berlin"),
            ("../../etc/passwd", None),
            ("/etc/localtime", None),
            ("localtime", None),
            ("", None),
            ("+08:00", None),
            ("x" * 5000, None),
            ("Europe/Ber\0lin", "Europe/Berlin"),
            ("GMT+8", None),
            ("Etc", None),
        ]
        for name, nearest in cases:
            with self.subTest(name[:20]):
                found, near = zones.find(name)
                self.assertIsNone(found)
                if nearest:
                    self.assertIn(nearest, near)

    def test_times_are_read_as_they_are_written(self) -> None:
        cases = [
            ("2026-03-14T09:00:00+08:00", "2026-03-14T09:00:00+08:00"),
            ("2026-03-14T09:00:00.123456Z", "2026-03-14T09:00:00+00:00"),
            ("2026-03-14 09:00:00", "2026-03-14T09:00:00"),
            ("2026-03-14 09:00:00+00:00", "2026-03-14T09:00:00+00:00"),
            ("2026-03-14T09:00", "2026-03-14T09:00:00"),
            ("2026-03-14T09:00:00 UTC", "2026-03-14T09:00:00+00:00"),
            ("2026-03-14T09:00:00-0730", "2026-03-14T09:00:00-07:30"),
            ("2026-12-31T24:00:00", "2027-01-01T00:00:00"),
        ]
        for text, expected in cases:
            with self.subTest(text):
                moment = zones.parse(text)
                self.assertEqual(moment and moment.value.isoformat(), expected)

    def test_what_is_no_time_is_none(self) -> None:
        for text in (
            "",
            "yesterday",
            "2026-13-01T00:00",
            "2026-02-30",
            "2026-03-14T25:00",
            "14.3.2026 9:00",
            "1773478800",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59",
            "2026-03-14T09:00:00+99:00",
            "２０２６-03-14",
            "2026-03-14T" * 9,
        ):
            with self.subTest(text):
                self.assertIsNone(zones.parse(text))

    def test_a_time_that_clocks_skip_is_an_hour_later(self) -> None:
        value, is_skipped = zones.placed(zones.Moment(datetime(2026, 3, 29, 2, 30)), BERLIN)
        self.assertEqual((value.isoformat(), is_skipped), ("2026-03-29T03:30:00+02:00", True))

    def test_a_time_that_comes_twice_can_be_either(self) -> None:
        moment = zones.Moment(datetime(2026, 10, 25, 2, 30))
        self.assertEqual(zones.placed(moment, BERLIN)[0].isoformat(), "2026-10-25T02:30:00+02:00")
        self.assertEqual(zones.placed(moment, BERLIN, fold=1)[0].isoformat(), "2026-10-25T02:30:00+01:00")

    def test_a_time_with_an_offset_is_shown_on_the_clock_of_the_place(self) -> None:
        moment = zones.parse("2026-07-01T01:00:00Z")
        self.assertEqual(zones.placed(moment, ZoneInfo("Asia/Kathmandu"))[0].isoformat(), "2026-07-01T06:45:00+05:45")


if __name__ == "__main__":
    unittest.main()
