"""What machines call an app."""
from __future__ import annotations

import re
import sys
import unicodedata
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "recipes" / "event-app"))

from eventapp import naming  # noqa: E402


class Naming(unittest.TestCase):
    def test_a_plain_name_is_itself(self) -> None:
        for name, slug in {
            "FOSSASIA Summit": "fossasia_summit", "Ada's Fair": "adas_fair",
            "a--b__c": "a_b_c", "PyCon 2026": "pycon_2026",
        }.items():
            with self.subTest(name):
                self.assertEqual(naming.slug(name), slug)
        self.assertRegex(naming.slug("  37 days, later!"), r"^event_37_days_later_[0-9a-f]{8}$")

    def test_every_name_gives_a_valid_package(self) -> None:
        names = ["🎉🎊", "开源大会", "تجربة", "class", "native", "true", "x" * 200, "名" * 200, "", "   ", "!!!", "9",
                 "_", "@string/x", "a\u0000b", "\ud800", "ß", "Ærø", "ⴰⴱ", "é" * 90 + "class", "../../etc", "$(reboot)"]
        for name in names:
            for debug in (False, True):
                package = naming.package(name, debug)
                with self.subTest(name=name, debug=debug):
                    self.assertRegex(package, r"^org\.kiln\.event(\.[a-z][a-z0-9_]*){1,2}$")
                    self.assertLess(len(package), 90)
                    self.assertEqual(package.endswith(".debug"), debug)
                    self.assertNotIn(package.split(".")[3], {"class", "native", "true", "_"})

    def test_two_names_that_look_alike_are_two_apps(self) -> None:
        for one, other in [("Cafe", "Café"), ("开源大会", "开源年会"), ("🎉", "🎊"), ("x" * 200, "x" * 199),
                           ("class", "event class"),
                           ("9", "event 9"), ("Zürich", "Zurich"), ("Straße", "Strasse")]:
            with self.subTest(one):
                self.assertNotEqual(naming.slug(one), naming.slug(other))

    def test_the_same_name_in_another_spelling_of_unicode_is_the_same_app(self) -> None:
        for name in ("Café Zürich", "대회", "Ångström"):
            self.assertEqual(
                naming.slug(unicodedata.normalize("NFC", name)), naming.slug(unicodedata.normalize("NFD", name)))

    def test_names_never_change_with_a_new_version(self) -> None:
        # An app under another package is no update: these values are for good.
        self.assertEqual({name: naming.slug(name) for name in _FIXED}, _FIXED)

    def test_readable_letters_stay(self) -> None:
        for name, start in {"Zürich Straßenfest": "zurich_strassenfest_", "Łódź": "lodz_", "Ærø": "aero_"}.items():
            self.assertTrue(naming.slug(name).startswith(start), naming.slug(name))
            self.assertTrue(re.fullmatch(r"[0-9a-f]{8}", naming.slug(name).rsplit("_", 1)[1]))


_FIXED = {
    "FOSSASIA Summit": "fossasia_summit",
    "Café": "cafe_73473dcc",
    "开源大会": "event_1d7e220c",
    "🎉🎊": "event_965a4f77",
    "class": "class_0889113e",
    "35C3": "event_35c3_0048ea97",
    "x" * 200: "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx_aa20c23e",
}

if __name__ == "__main__":
    unittest.main()
