"""An event as the templates see it: numbered, linked, and with every time in words."""
from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from eventapp.event import Event, Link, Look, Picture, Room, Session, Speaker, Track
from eventapp.site import plan
from eventapp.site.words import Words, words, zone_name

#: What a link may be; the shell opens them outside of the app.
SCHEMES = {"http", "https", "mailto", "tel"}


@dataclass(frozen=True)
class Entry:
    """A session with its number and what its card says."""

    number: int
    session: Session
    span: str
    #: Minutes since 1970, for scripts.
    begins: int
    finishes: int
    #: 0 where it has none.
    track: int
    room: int


@dataclass(frozen=True)
class Slot:
    """Sessions that begin together."""

    label: str
    #: Set on the first slot of an hour: where the page's jump list leads.
    anchor: str
    begins: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Day:
    number: int
    date: date
    url: str
    short: str
    name: str
    zone: str
    slots: tuple[Slot, ...]
    tracks: tuple[tuple[int, Track], ...]
    count: int


@dataclass(frozen=True)
class Floor:
    name: str
    rooms: tuple[tuple[int, Room], ...]
    plan: plan.Plan | None


def minute(moment: datetime) -> int:
    return int(moment.timestamp()) // 60


def safe_links(links: Iterable[Link]) -> list[Link]:
    """The links that may be followed. Reading has looked at them; the pages do not depend on that."""
    return [link for link in links if safe_url(link.url)]


def safe_url(url: str) -> bool:
    try:
        return urlsplit(url).scheme.lower() in SCHEMES
    except ValueError:
        return False


def folded(name: str) -> str:
    """A name to sort by, from its first letter on: neither case nor marks are a difference."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name).casefold() if not unicodedata.combining(c))
    start = next((place for place, c in enumerate(plain) if c.isalnum()), 0)
    return plain[start:]


def joined(*parts: str) -> str:
    """What is known of some words about somebody, as a line."""
    return ", ".join(part for part in parts if part)


def initials(name: str) -> str:
    """One or two letters for somebody without a photo."""
    letters = [next((c for c in word if c.isalnum()), "") for word in name.split()]
    letters = [letter for letter in letters if letter]
    if not letters:
        return name[:1]
    if not letters[0].isascii() and not letters[0].upper() != letters[0].lower():
        return letters[0]
    return (letters[0] + (letters[-1] if len(letters) > 1 else "")).upper()


class Views:
    """Everything that pages say of one event. Nothing here depends on the clock or on the machine."""

    def __init__(self, event: Event, look: Look) -> None:
        self.event, self.look = event, look
        self.words: Words = words(event.language)
        self.logo: Picture | None = look.logo or event.logo
        self.background: Picture | None = look.background or event.background
        self.live = bool(look.live_updates and event.endpoint)
        self.track_numbers = {track.id: number for number, track in reversed(list(enumerate(event.tracks, 1)))}
        self.room_numbers = {room.id: number for number, room in reversed(list(enumerate(event.rooms, 1)))}
        self.speaker_numbers = {one.id: number for number, one in reversed(list(enumerate(event.speakers, 1)))}
        self.entries = [self._entry(number, session) for number, session in enumerate(event.sessions, 1)]
        self.in_order = sorted(self.entries, key=lambda entry: (entry.session.starts, entry.number))
        self.of_track: dict[int, list[Entry]] = {}
        self.of_room: dict[int, list[Entry]] = {}
        self.of_speaker: dict[int, list[Entry]] = {}
        for entry in self.in_order:
            self.of_track.setdefault(entry.track, []).append(entry)
            self.of_room.setdefault(entry.room, []).append(entry)
            for number in dict.fromkeys(self.speaker_numbers.get(one.id, 0) for one in entry.session.speakers):
                self.of_speaker.setdefault(number, []).append(entry)
        self.days = self._days()
        self.day_of_date = {day.date: day for day in self.days}
        self.zone = zone_name(event.zone, event.starts)
        self.dates = self.words.dates(event.starts.date(), max(event.starts.date(), event.ends.date()))

    def _entry(self, number: int, session: Session) -> Entry:
        return Entry(
            number, session, self.words.span(session.starts, session.ends), minute(session.starts),
            minute(session.ends), self.track_numbers.get(session.track.id, 0) if session.track else 0,
            self.room_numbers.get(session.room.id, 0) if session.room else 0)

    def _days(self) -> list[Day]:
        dates: dict[date, list[Entry]] = {}
        for entry in self.in_order:
            dates.setdefault(entry.session.starts.date(), []).append(entry)
        days = []
        for number, (day, entries) in enumerate(dates.items(), 1):
            starts: dict[datetime, list[Entry]] = {}
            for entry in entries:
                starts.setdefault(entry.session.starts, []).append(entry)
            hours: set[int] = set()
            slots = []
            for moment, together in starts.items():
                anchor = "" if moment.hour in hours else f"h{moment.hour}"
                hours.add(moment.hour)
                slots.append(Slot(self.words.time(moment), anchor, minute(moment), tuple(together)))
            shown = sorted({entry.track for entry in entries if entry.track})
            days.append(Day(
                number, day, f"day-{number}.html", self.words.date(day, "date_short"), self.words.date(day),
                zone_name(self.event.zone, entries[0].session.starts), tuple(slots),
                tuple((track, self.event.tracks[track - 1]) for track in shown), len(entries)))
        return days

    def by_day(self, entries: Iterable[Entry]) -> list[tuple[Day, list[Entry]]]:
        """The entries, which are in order, under their days."""
        groups: dict[int, list[Entry]] = {}
        for entry in entries:
            groups.setdefault(self.day_of_date[entry.session.starts.date()].number, []).append(entry)
        return [(self.days[number - 1], group) for number, group in groups.items()]

    def floors(self) -> list[Floor]:
        """Floors from the lowest up, then the rooms of which no floor is known."""
        numbered = list(enumerate(self.event.rooms, 1))
        known = sorted({room.floor for _, room in numbered if room.floor is not None})
        floors = []
        for floor in [*known, None]:
            rooms = [(number, room) for number, room in numbered if room.floor == floor]
            if rooms:
                name = self.words.floor(floor) if floor is not None else self.words["other_rooms"] if known else ""
                floors.append(Floor(name, tuple(rooms), plan.draw(rooms)))
        return floors

    def sponsor_groups(self) -> list[tuple[str, list[Any]]]:
        """Sponsors under their kinds, in the order in which the kinds come first."""
        groups: dict[str, list[Any]] = {}
        for sponsor in self.event.sponsors:
            groups.setdefault(sponsor.kind, []).append(sponsor)
        return list(groups.items())

    def speaker_letters(self) -> list[tuple[str, list[tuple[int, Speaker]]]]:
        """All speakers by name, in groups of bounded size: by letter, where there are many and letters are few."""
        named = sorted(((folded(one.name), number, one) for number, one in enumerate(self.event.speakers, 1)),
                       key=lambda entry: entry[:2])
        groups: dict[str, list[tuple[int, Speaker]]] = {}
        for name, number, one in named:
            letter = next((c for c in name if c.isalnum()), "#")
            groups.setdefault(letter.upper() if letter.isalpha() else "#", []).append((number, one))
        if len(named) > 40 and len(groups) <= 60:
            return list(groups.items())
        people = [(number, one) for _, number, one in named]
        return [("", people[start:start + 60]) for start in range(0, len(people), 60)]

    def map_url(self) -> str:
        """A `geo:` address for the venue's place; empty where none is known."""
        event = self.event
        if event.latitude is None or event.longitude is None:
            return ""
        place = f"{event.latitude:.6f},{event.longitude:.6f}"
        label = f"({quote(event.location or event.name, safe='')})" if event.location or event.name else ""
        return f"geo:{place}?q={place}{label}"

    def sections(self) -> list[tuple[str, str, str]]:
        """The entries of the navigation: key, address, words. What is empty is left out."""
        items = []
        if self.days:
            items.append(("schedule", self.days[0].url, self.words["schedule"]))
        if self.event.speakers:
            items.append(("speakers", "speakers.html", self.words["speakers"]))
        if self.event.rooms:
            items.append(("rooms", "rooms.html", self.words["rooms"]))
        if self.days:
            items.append(("mine", "bookmarks.html", self.words["my_schedule"]))
        else:
            items.insert(0, ("start", "index.html", self.words["start"]))
        items.append(("more", "more.html", self.words["more"]))
        return items

    def more(self) -> list[tuple[str, str]]:
        """What the page "More" leads to."""
        items = [("index.html", self.words["start"])]
        if self.event.tracks:
            items.append(("tracks.html", self.words["tracks"]))
        if self.event.sponsors:
            items.append(("sponsors.html", self.words["sponsors"]))
        if self.days:
            items.append(("search.html", self.words["search"]))
        items.append(("about.html", self.words["about"]))
        return items
