"""Words, times, colours and plans of the offline site."""
from __future__ import annotations

import json
import re
import unittest
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

import sample
from sample import Look, Room, Track

from eventapp.site import colors, plan, scripts
from eventapp.site.views import Views, folded, initials
from eventapp.site.words import FOLDER, direction, language_name, words, zone_name


class Words(unittest.TestCase):
    def test_every_language_says_the_same_things(self) -> None:
        tables = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(FOLDER.glob("*.json"))}
        self.assertEqual(set(tables), {"en", "de", "fr", "es", "hi", "zh-Hans", "ar"})
        for tag, table in tables.items():
            for key, value in table.items():
                with self.subTest(language=tag, key=key):
                    english = tables["en"][key]
                    self.assertEqual(type(value), type(english))
                    if isinstance(value, list):
                        self.assertEqual(len(value), len(english))
                    elif isinstance(value, str) and not key.startswith("date_"):
                        names = [set(re.findall(r"\{(\w+)\}", text)) for text in (value, english)]
                        self.assertEqual(*names)
                        self.assertTrue(value.strip())
            self.assertEqual(set(table), set(tables["en"]), tag)

    def test_times_are_written_as_the_language_does(self) -> None:
        for language, hour, wanted in (
                ("en", 0, "12:05 am"), ("en", 12, "12:05 pm"), ("en-US", 15, "3:05 pm"), ("en-GB", 15, "15:05"),
                ("de", 9, "09:05"), ("es", 15, "15:05"), ("es-MX", 15, "3:05 p. m."), ("zh", 15, "15:05"),
                ("ar", 15, "3:05 م"), ("ja", 15, "3:05 pm"), ("", 1, "1:05 am")):
            with self.subTest(language=language, hour=hour):
                self.assertEqual(words(language).time(datetime(2026, 1, 2, hour, 5)), wanted)

    def test_an_end_on_another_day_has_its_weekday(self) -> None:
        said = words("de").span(sample.at(1, 22), sample.at(2, 2))
        self.assertEqual(said, "22:00 – 02:00 (Sa)")
        self.assertEqual(words("de").span(sample.at(1, 22), sample.at(1, 22)), "22:00")

    def test_dates(self) -> None:
        one, other = sample.at(1, 9).date(), sample.at(2, 9).date()
        self.assertEqual(words("en").dates(one, one), "Friday, 17 March 2017")
        self.assertEqual(words("en").dates(one, other), "Friday, 17 March – Saturday, 18 March 2017")
        self.assertEqual(words("zh-Hans").date(one), "3月17日 星期五")

    def test_values_are_no_patterns(self) -> None:
        self.assertEqual(words("en").say("times_in", zone="{zone} {n}"), "Times in {zone} {n}")

    def test_direction_goes_by_script_then_by_language(self) -> None:
        for tag, wanted in (("ar", "rtl"), ("he-IL", "rtl"), ("ur", "rtl"), ("az-Arab", "rtl"), ("ar-Latn", "ltr"),
                            ("en", "ltr"), ("", "ltr"), ("zh-Hans", "ltr")):
            self.assertEqual(direction(tag), wanted, tag)

    def test_languages_without_words_get_english_ones_in_their_direction(self) -> None:
        self.assertEqual((words("he").tag, words("he").direction), ("en", "rtl"))
        self.assertEqual(words("../../etc/passwd").tag, "en")

    def test_zones_are_named_with_what_they_are_ahead(self) -> None:
        summer, winter = datetime(2026, 7, 1, tzinfo=timezone.utc), datetime(2026, 1, 1, tzinfo=timezone.utc)
        for zone, moment, wanted in (
                ("Europe/Berlin", summer, "Berlin (UTC+2)"), ("Europe/Berlin", winter, "Berlin (UTC+1)"),
                ("Asia/Kolkata", winter, "Kolkata (UTC+5:30)"), ("America/New_York", winter, "New York (UTC−5)"),
                ("America/Argentina/Buenos_Aires", winter, "Buenos Aires (UTC−3)"), ("UTC", winter, "UTC"),
                ("America/St_Johns", winter, "St Johns (UTC−3:30)"), ("Etc/GMT-3", winter, "UTC+3"),
                ("Europe/London", winter, "London (UTC)")):
            self.assertEqual(zone_name(zone, moment.astimezone(ZoneInfo(zone))), wanted)

    def test_languages_of_sessions_are_named(self) -> None:
        self.assertEqual([language_name(one) for one in ("de-AT", "German", "zh")], ["Deutsch", "German", "中文"])


class ViewsOfEvents(unittest.TestCase):
    def test_a_session_belongs_to_the_day_on_which_it_begins(self) -> None:
        days = Views(sample.event(), Look()).days
        self.assertEqual([day.count for day in days], [7, 2])
        self.assertEqual(
            [slot.label for slot in days[0].slots], ["9:00 am", "10:00 am", "10:30 am", "2:00 pm", "10:00 pm"])

    def test_a_day_names_the_zone_as_it_is_on_that_day(self) -> None:
        zone = ZoneInfo("Europe/Berlin")
        session = sample.event().sessions[0]
        at = [datetime(2026, 3, day, 10, tzinfo=zone) for day in (28, 29)]
        event = sample.bare(zone="Europe/Berlin", starts=at[0], ends=at[1], sessions=tuple(
            sample.replace(session, id=str(number), starts=moment, ends=moment) for number, moment in enumerate(at)))
        views = Views(event, Look())
        self.assertEqual([day.zone for day in views.days], ["Berlin (UTC+1)", "Berlin (UTC+2)"])
        self.assertEqual([offset for _, offset in scripts.offsets(views)], [60, 120])

    def test_initials(self) -> None:
        for name, wanted in (("Ada Lovelace", "AL"), ("ada king noel", "AN"), ("李小龙", "李"), ("محمد الأمين", "م"),
                             ("🦄", "🦄"), ("🦄 Bo", "B"), ("Zoë", "Z"), ("", "")):
            self.assertEqual(initials(name), wanted, name)

    def test_speakers_are_sorted_without_case_and_marks(self) -> None:
        self.assertEqual(sorted(["Zed", "ångström", "Ada", "«Bo»"], key=folded), ["Ada", "ångström", "«Bo»", "Zed"])

    def test_the_map_of_the_venue_is_a_geo_address(self) -> None:
        self.assertEqual(Views(sample.event(location="A (b) & c"), Look()).map_url(),
                         "geo:1.333100,103.736200?q=1.333100,103.736200(A%20%28b%29%20%26%20c)")
        self.assertEqual(Views(sample.bare(), Look()).map_url(), "")

    def test_literals_cannot_be_left(self) -> None:
        self.assertEqual(scripts.literal("</script>\u2028\"'"), '"\\u003c/script>\\u2028\\"\'"')


class Colors(unittest.TestCase):
    ACCENTS = ("#000000", "#ffffff", "#ffff00", "#2f5d62", "#ff0000", "#00ff00", "#0000ff", "#777777", "#808080",
               "#123456", "#fedcba", "nonsense")

    def test_texts_are_readable_whatever_the_accent_is(self) -> None:
        for accent in self.ACCENTS:
            for rule in re.findall(r":root[^{]*\{([^}]*)\}", colors.css(accent, ())):
                values = {key: colors.parse(value) for key, value in re.findall(r"--([\w-]+):(#\w{6})", rule)}
                with self.subTest(accent=accent, rule=rule):
                    for text, background in (("on-accent", "accent"), ("on-tint", "tint")):
                        self.assertGreaterEqual(colors.contrast(values[text], values[background]), 4.5)
        light, dark = (re.search(r"--ink:(#\w{6})", rule) for rule in colors.css("#808080", ()).split("\n")[:2])
        for found, grounds in ((light, ((255, 255, 255), colors.LIGHT)), (dark, ((0x12, 0x14, 0x17), colors.DARK))):
            for ground in grounds:
                assert found
                self.assertGreaterEqual(colors.contrast(colors.parse(found[1]), ground), 4.5)

    def test_tracks_have_readable_chips(self) -> None:
        tracks = tuple(Track(str(number), "x", color) for number, color in enumerate(self.ACCENTS))
        found = re.findall(r"--track:(#\w{6});--on-track:(#\w{6})", colors.css("#2f5d62", tracks))
        self.assertGreaterEqual(len(found), len(tracks))
        for ground, text in found:
            self.assertGreaterEqual(colors.contrast(colors.parse(ground), colors.parse(text)), 4.5)


class Plans(unittest.TestCase):
    @staticmethod
    def rooms(*places: tuple[float | None, float | None]) -> list[tuple[int, Room]]:
        return [(number, Room(str(number), f"Room {number}", 0, *place)) for number, place in enumerate(places, 1)]

    def test_north_is_up_and_east_is_right(self) -> None:
        drawn = plan.draw(self.rooms((1.0, 103.0), (1.001, 103.001)))
        assert drawn
        self.assertGreater(drawn.spots[0].y, drawn.spots[1].y)
        self.assertLess(drawn.spots[0].x, drawn.spots[1].x)

    def test_nothing_is_drawn_where_nothing_is_known(self) -> None:
        for rooms in (self.rooms(), self.rooms((1.0, 1.0)), self.rooms((None, None), (1.0, 1.0)),
                      self.rooms((1.0, 1.0), (1.0, 1.0)), self.rooms((float("nan"), 1.0), (1.0, 1.0)),
                      self.rooms(*((n / 100, n / 100) for n in range(plan.MOST + 1)))):
            self.assertIsNone(plan.draw(rooms))

    def test_circles_stay_on_the_plan_and_apart(self) -> None:
        for places in ([(1.0, 1.0), (1.0, 1.0), (1.0, 1.0), (1.0001, 1.0)], [(0.0, n / 10) for n in range(6)],
                       [(89.9, 10.0), (-89.9, -170.0)], [(n % 4 / 1000, n // 4 / 1000) for n in range(24)]):
            with self.subTest(places=places):
                drawn = plan.draw(self.rooms(*places))
                assert drawn
                self.assertLess(drawn.height, 2000)
                for number, one in enumerate(drawn.spots):
                    self.assertTrue(plan.RADIUS <= one.x <= drawn.width - plan.RADIUS)
                    self.assertTrue(plan.RADIUS <= one.y <= drawn.height - plan.RADIUS)
                    for other in drawn.spots[number + 1:]:
                        self.assertGreater((one.x - other.x) ** 2 + (one.y - other.y) ** 2, 900)


if __name__ == "__main__":
    unittest.main()
