"""Writes the offline site of an event: the same event always gives the same bytes."""
from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from eventapp.event import Event, Look
from eventapp.site import colors, scripts
from eventapp.site.views import Entry, Views, initials, joined, safe_links, safe_url
from eventapp.site.words import language_name

HERE = Path(__file__).parent


def write(event: Event, look: Look, folder: Path) -> None:
    """Writes all pages into `folder`, which is made if need be; prepared pictures lie there already.

    Every name of a file comes from a number, never from the data, and no page loads anything from elsewhere."""
    Site(Views(event, look), folder).write()


def put(path: str, data: bytes) -> None:
    """Writes a file by the system's calls alone; what `open` asks beside them counts with thousands of files."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    try:
        while data:
            data = data[os.write(file, data):]
    finally:
        os.close(file)


class Site:
    """One rendering: the compiled templates, and the parts that many pages share."""

    def __init__(self, views: Views, folder: Path) -> None:
        self.views, self.folder = views, folder
        self.environment = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, auto_reload=False,
            trim_blocks=True, lstrip_blocks=True, cache_size=-1)
        self.environment.filters["initials"] = initials
        self.environment.filters["links"] = safe_links
        self.environment.filters["language_name"] = language_name
        self.environment.tests["followable"] = safe_url
        event_language = views.event.language or "en"
        foreign = event_language.split("-")[0].lower() != views.words.tag.split("-")[0]
        self.environment.globals.update(
            event=views.event, views=views, words=views.words, w=SimpleNamespace(**views.words.table),
            say=views.words.say, cards=self.cards, nav=self.nav, joined=joined,
            lang=views.words.tag if foreign else event_language,
            data=Markup('dir="auto" lang="{}"').format(event_language) if foreign else Markup('dir="auto"'),
            policy=self.policy())
        self.sections = views.sections()
        self.card_template = self.environment.get_template("card.html")
        self.made: dict[int, str] = {}
        self.navs: dict[tuple[str, str, bool], Markup] = {}

    def policy(self) -> str:
        """The pages' content policy: nothing from elsewhere, and no connection but live updates."""
        parts = ["default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "base-uri 'none'",
                 "form-action 'none'"]
        source = scripts.origin(self.views.event.endpoint) if self.views.live else ""
        if source:
            parts.append(f"connect-src {source}")
        return "; ".join(parts)

    def cards(self, entries: list[Entry], root: str = "") -> Markup:
        """The list items of sessions. Each is rendered once, however many pages show it."""
        made = []
        for entry in entries:
            card = self.made.get(entry.number)
            if card is None:
                card = self.made[entry.number] = self.card_template.render(entry=entry)
            # No text can hold these characters: quotes of texts are escaped.
            made.append(card.replace('href="sessions/', 'href="../sessions/') if root else card)
        return Markup("".join(made))

    def nav(self, root: str, section: str, page: str) -> Markup:
        """The navigation; it differs only by folder and by what is current."""
        key = (root, section, any(url == page for _, url, _ in self.sections))
        if key not in self.navs:
            self.navs[key] = Markup(self.environment.get_template("nav.html").render(
                root=root, section=section, page=page, sections=self.sections))
        return self.navs[key]

    def text(self, name: str, contents: str) -> None:
        # Lone surrogates, which JSON can spell and UTF-8 cannot, become question marks.
        put(os.path.join(self.folder, name), contents.encode("utf-8", "replace"))

    def page(self, name: str, template: str, section: str, **values: Any) -> None:
        root = "../" if "/" in name else ""
        self.text(name, self.environment.get_template(template).render(
            root=root, section=section, page=name, **values) + "\n")

    def write(self) -> None:
        views, event = self.views, self.views.event
        for part in ("", "static", "sessions", "speakers", "rooms"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        for source in sorted((HERE / "static").iterdir()):
            if source.suffix in (".css", ".js"):
                (self.folder / "static" / source.name).write_bytes(source.read_bytes())
        self.text("static/colors.css", colors.css(views.look.color, event.tracks))
        self.text("static/settings.js", scripts.settings(views))
        self.text("static/search-index.js", scripts.index(views))
        self.page("index.html", "start.html", "start")
        self.page("more.html", "more.html", "more")
        self.page("about.html", "about.html", "more")
        if views.days:
            self.page("search.html", "search.html", "search")
            self.page("bookmarks.html", "bookmarks.html", "mine")
        for day in views.days:
            self.page(day.url, "day.html", "schedule", day=day)
        for entry in views.entries:
            self.page(f"sessions/{entry.number}.html", "session.html", "schedule", entry=entry,
                      session=entry.session, day=views.day_of_date[entry.session.starts.date()])
        self.people_and_places()

    def people_and_places(self) -> None:
        views, event = self.views, self.views.event
        if event.speakers:
            self.page("speakers.html", "speakers.html", "speakers")
        for number, speaker in enumerate(event.speakers, 1):
            self.page(f"speakers/{number}.html", "speaker.html", "speakers", number=number, speaker=speaker,
                      days=views.by_day(views.of_speaker.get(number, [])))
        if event.rooms:
            self.page("rooms.html", "rooms.html", "rooms", floors=views.floors())
        for number, room in enumerate(event.rooms, 1):
            self.page(f"rooms/{number}.html", "room.html", "rooms", number=number, room=room,
                      days=views.by_day(views.of_room.get(number, [])))
        if event.tracks:
            self.page("tracks.html", "tracks.html", "more")
        for number, track in enumerate(event.tracks, 1):
            self.page(f"track-{number}.html", "track.html", "more", number=number, track=track,
                      days=views.by_day(views.of_track.get(number, [])))
        if event.sponsors:
            self.page("sponsors.html", "sponsors.html", "more")
