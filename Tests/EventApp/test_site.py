"""The offline site as files: what every page promises, whatever the event's texts are."""
from __future__ import annotations

import re
import tempfile
import unittest
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import sample
from sample import Event, Link, Look, Picture

from eventapp.site import render

LOADS = {"img": "src", "script": "src", "link": "href", "iframe": "src", "source": "src", "video": "src"}
NAMES = re.compile(
    r"(index|speakers|rooms|tracks|sponsors|search|bookmarks|more|about|day-\d+|track-\d+"
    r"|(sessions|speakers|rooms)/\d+)\.html|static/[a-z-]+\.(css|js)|pictures/[a-z]+\.png")


class Page(HTMLParser):
    """What a page loads, links to and says."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.inline: list[str] = []
        self.open = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.open = tag

    def handle_endtag(self, tag: str) -> None:
        self.open = ""

    def handle_data(self, data: str) -> None:
        (self.inline if self.open in ("script", "style") else self.words).append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def ids(self) -> set[str | None]:
        return {attributes.get("id") for _, attributes in self.elements}

    def policy(self) -> str:
        return next(one.get("content") or "" for one in self.all("meta") if one.get("http-equiv"))


def site(case: unittest.TestCase, event: Event, look: Look = Look()) -> Path:
    """Renders into a folder that lives as long as the test."""
    folder = tempfile.TemporaryDirectory()
    case.addCleanup(folder.cleanup)
    path = Path(folder.name) / "site"
    sample.pictures(path)
    render.write(event, look, path)
    return path


def pages(folder: Path) -> dict[str, Page]:
    return {str(path.relative_to(folder)): Page(path.read_text(encoding="utf-8"))
            for path in sorted(folder.rglob("*.html"))}


class EveryPage(unittest.TestCase):
    """With and without live updates, in both directions, and with nothing but a name."""

    def events(self) -> list[tuple[str, Event, Look]]:
        live = Look(live_updates=True)
        return [
            ("plain", sample.event(), Look()),
            ("right to left", sample.event("ar"), Look("#ffeb3b")),
            ("live", sample.event(endpoint="https://api.example.org:8443/v1/"), live),
            ("bare", sample.bare(), Look()),
        ]

    def test_loads_nothing_from_elsewhere_and_runs_nothing_inline(self) -> None:
        for name, event, look in self.events():
            folder = site(self, event, look)
            for path, page in pages(folder).items():
                with self.subTest(event=name, page=path):
                    for tag, attributes in page.elements:
                        self.assertNotIn("style", attributes)
                        self.assertFalse([key for key in attributes if key.startswith("on")])
                        if tag in LOADS:
                            source = attributes[LOADS[tag]] or ""
                            self.assertNotRegex(source, r"^(/|[a-z]+:)")
                            self.assertTrue((folder / path).parent.joinpath(source).resolve().is_file(), source)
                    self.assertEqual("".join(page.inline).strip(), "")

    def test_links_lead_to_pages_that_are_there(self) -> None:
        for name, event, look in self.events():
            folder = site(self, event, look)
            made = pages(folder)
            for path, page in made.items():
                for link in page.all("a"):
                    target = link["href"] or ""
                    if re.match(r"(https?|mailto|tel|geo):", target):
                        continue
                    with self.subTest(event=name, page=path, link=target):
                        file, _, anchor = target.partition("#")
                        leads = ((folder / path).parent / file).resolve() if file else folder.resolve() / path
                        key = str(leads.relative_to(folder.resolve()))
                        self.assertIn(key, made)
                        if anchor:
                            self.assertIn(anchor, made[key].ids())

    def test_has_a_strict_policy(self) -> None:
        for name, event, look in self.events():
            for path, page in pages(site(self, event, look)).items():
                with self.subTest(event=name, page=path):
                    policy = page.policy()
                    self.assertIn("default-src 'none'", policy)
                    self.assertNotIn("unsafe", policy)
                    connects = re.findall(r"connect-src ([^;]*)", policy)
                    self.assertEqual(connects, ["https://api.example.org:8443"] if name == "live" else [])

    def test_has_landmarks_one_heading_and_its_language(self) -> None:
        for name, event, look in self.events():
            for path, page in pages(site(self, event, look)).items():
                with self.subTest(event=name, page=path):
                    for landmark in ("header", "nav", "main", "h1", "title"):
                        self.assertGreaterEqual(len(page.all(landmark)), 1, landmark)
                    self.assertEqual(len(page.all("h1")), 1)
                    root = page.all("html")[0]
                    self.assertEqual(root["dir"], "rtl" if name == "right to left" else "ltr")
                    self.assertEqual(root["lang"], "ar" if name == "right to left" else "en")


class Site(unittest.TestCase):
    def test_the_same_event_gives_the_same_bytes(self) -> None:
        one, other = (site(self, sample.event(), Look()) for _ in range(2))
        for path in sorted(one.rglob("*")):
            if path.is_file():
                self.assertEqual(path.read_bytes(), (other / path.relative_to(one)).read_bytes(), path.name)

    def test_names_of_files_come_from_numbers_never_from_the_data(self) -> None:
        event = sample.event()
        sessions = tuple(replace(one, id=f"../../{one.id}") for one in event.sessions)
        folder = site(self, replace(event, id="/etc/passwd", sessions=sessions))
        for path in folder.rglob("*"):
            if path.is_file():
                self.assertRegex(str(path.relative_to(folder)), rf"^({NAMES.pattern})$")

    def test_texts_are_shown_as_typed(self) -> None:
        made = pages(site(self, sample.event()))
        for path in ("day-1.html", "sessions/3.html", "track-1.html", "rooms/1.html", "speakers/4.html"):
            with self.subTest(page=path):
                self.assertIn(sample.HOSTILE, "".join(made[path].words))
                self.assertEqual(made[path].all("b"), [])
        self.assertIn("FOSS <Asia> & \"Friends\" 2017", "".join(made["index.html"].words))

    def test_links_that_are_none_of_the_web_are_left_out(self) -> None:
        event = sample.event()
        bad = tuple(Link("bad", url) for url in (
            "javascript:alert(1)", "JAVASCRIPT:alert(1)", "file:///etc/passwd", "data:text/html,x", "//x", "intent:x",
            "https://[", "content://x"))
        sessions = (replace(event.sessions[0], links=bad),)
        sponsors = (replace(event.sponsors[0], url="javascript:alert(1)"),)
        people = (replace(event.speakers[0], links=bad),)
        made = pages(site(self, replace(event, sessions=sessions, sponsors=sponsors, speakers=people, links=bad)))
        for path, page in made.items():
            for link in page.all("a"):
                self.assertRegex(link["href"] or "", r"^(geo:|mailto:|https://example\.|[#.a-z0-9/-]+$)", path)

    def test_what_is_empty_is_no_entry(self) -> None:
        made = pages(site(self, sample.bare()))
        self.assertEqual(set(made), {"index.html", "more.html", "about.html"})
        self.assertIn("has not been published", "".join(made["index.html"].words))
        made = pages(site(self, replace(sample.event(), sponsors=(), rooms=(), speakers=(), tracks=())))
        self.assertNotIn("sponsors.html", made)
        for path, page in made.items():
            self.assertFalse([link for link in page.all("a") if "rooms" in (link["href"] or "")], path)

    def test_the_pictures_of_the_form_win(self) -> None:
        look = Look(logo=Picture("pictures/ada.png", 320, 320))
        sources = [one["src"] for one in pages(site(self, sample.event(), look))["index.html"].all("img")]
        self.assertIn("pictures/ada.png", sources)
        self.assertNotIn("pictures/logo.png", sources)

    def test_live_updates_need_an_address_that_a_policy_can_name(self) -> None:
        for endpoint, allowed in (
                ("https://api.example.org/v1/events/6", "https://api.example.org"),
                ("http://[2001:db8::1]:8080/x", "http://[2001:db8::1]:8080"),
                ("https://bücher.example/x", "https://xn--bcher-kva.example"),
                ("https://x; script-src *", ""), ("https://a b/", ""), ("ftp://x/", ""), ("https://x:99999/", "")):
            with self.subTest(endpoint=endpoint):
                folder = site(self, sample.bare(endpoint=endpoint), Look(live_updates=True))
                policy = pages(folder)["index.html"].policy()
                self.assertEqual("".join(re.findall(r"connect-src ([^;]*)", policy)), allowed)
                self.assertEqual("script-src 'self'" in policy.split("; "), True)
                settings = (folder / "static/settings.js").read_text(encoding="utf-8")
                self.assertEqual('"endpoint"' in settings, bool(allowed))
        settings = (site(self, sample.bare(endpoint="https://x.example/")) / "static/settings.js").read_text()
        self.assertNotIn("x.example", settings)

    def test_texts_that_utf_8_cannot_hold_do_not_stop_it(self) -> None:
        event = sample.event(name="half \ud83d of an emoji \u2028 line")
        folder = site(self, event)
        self.assertIn("half ? of", (folder / "index.html").read_text(encoding="utf-8"))

    def test_unknown_references_are_names_without_links(self) -> None:
        event = sample.event()
        made = pages(site(self, replace(event, speakers=(), rooms=(), tracks=())))
        self.assertIn("Ada Lovelace", "".join(made["sessions/1.html"].words))
        self.assertIn("Hall \"A\"", "".join(made["sessions/1.html"].words))

    def test_thousands_of_sessions_are_pages_of_bounded_size(self) -> None:
        folder = site(self, sample.large(5000, 2, 500))
        sizes = {str(path.relative_to(folder)): path.stat().st_size for path in folder.rglob("*") if path.is_file()}
        self.assertEqual(len([name for name in sizes if name.startswith("sessions/")]), 5000)
        self.assertLess(max(sizes.values()), 1 << 20, max(sizes, key=lambda name: sizes[name]))
        self.assertLess(sum(sizes.values()), 60 << 20)
        day = Page((folder / "day-1.html").read_text(encoding="utf-8"))
        # Lists of bounded length: what is not on the screen costs nothing.
        lists = [one for one in day.all("ol") if one.get("class") == "cards"]
        self.assertGreaterEqual(len(lists), 2500 // 50)
        self.assertIn("h8", day.ids())


if __name__ == "__main__":
    unittest.main()
