"""From checked records to an event in normal form: references found, times on the event's clock, texts cleaned."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import Any

from . import clean, links, values
from .checking import MOST, Record, left_out_as
from .event import Event, Room, Session, Speaker, Sponsor, Track
from .faults import Report, quoted
from .gallery import Gallery
from .references import Index, id_of, name_of
from .schedule import Clock, clock_of

#: The most speakers of one session.
MOST_SPEAKERS = 500

_SESSION_LINKS = {"slides": "Slides", "video": "Video", "audio": "Audio", "signup_url": "Sign up"}
_SPEAKER_LINKS = {
    "website": "Website",
    "twitter": "Twitter",
    "mastodon": "Mastodon",
    "facebook": "Facebook",
    "instagram": "Instagram",
    "linkedin": "LinkedIn",
    "github": "GitHub",
}


class Resolver:
    """Makes one event. Faults and notes go to the report; what it returns counts only if there are no faults."""

    def __init__(self, indexes: dict[str, Index], gallery: Gallery, report: Report, with_texts: bool) -> None:
        self.indexes = indexes
        self.gallery = gallery
        self.report = report
        #: Whether HTML is cleaned; looking for faults needs none of it.
        self.html = clean.html if with_texts else lambda value: ""
        # By the record that each was made of.
        self.speakers: dict[int, Speaker] = {}
        self.named_speakers: dict[int, list[Record]] = {}
        self.tracks: dict[int, Track] = {}
        self.rooms: dict[int, Room] = {}

    def event(self, endpoint: str) -> Event | None:
        """The event; None if its record is not there."""
        record = next(iter(self.indexes["event"].records), None)
        if record is None or not record.is_good:
            self._sessions(None)
            return None
        clock = clock_of(record, self.report)
        logo, background = self.gallery.picture(record, "logo"), self.gallery.picture(record, "background")
        sponsors = [self._sponsor(one, number) for number, one in enumerate(self._good("sponsors"))]
        sessions = self._sessions(clock)
        speakers = [made for record in self._good("speakers") if (made := self.speakers.get(id(record))) is not None]
        for one in self._good("tracks"):
            self.gallery.judge(one, "picture")
            self._track(one)
        rooms = sorted(self._good("microlocations"), key=lambda one: values.number(one.get("position")) or 0)
        latitude, longitude = values.place(record)
        return Event(
            id=values.safe_id(record, 0),
            name=name_of(record),
            starts=clock.starts,
            ends=clock.ends,
            zone=clock.zone.key,
            language=self._language(record, sessions),
            description_html=self.html(record.get("description")),
            location=clean.line(record.get("location_name")),
            latitude=latitude,
            longitude=longitude,
            organizer=clean.line(record.get("organizer_name")),
            organizer_html=self.html(record.get("organizer_description")),
            email=self._email(record),
            code_of_conduct_html=self.html(_text_within(record.get("code_of_conduct"))),
            logo=logo,
            background=background,
            links=links.of_event(record, self._good("social_links"), self.report),
            sessions=tuple(sessions),
            speakers=tuple(sorted(speakers, key=lambda one: (not one.is_featured, _sorted_as(one.name), one.id))),
            tracks=tuple(self._track(one) for one in self._good("tracks")),
            rooms=tuple(self._room(one) for one in rooms),
            sponsors=tuple(sorted(sponsors, key=lambda one: one.level)),
            endpoint=endpoint,
            notes=self.report.told_notes(),
        )

    def _good(self, document: str) -> list[Record]:
        return [record for record in self.indexes[document].records if record.is_good]

    # Sessions

    def _sessions(self, clock: Clock | None) -> list[Session]:
        records = self.indexes["sessions"].records
        shown = [record for record in records if not left_out_as(record)]
        self._note_left_out(records)
        speakers_of = self._named_by("speakers", shown)
        track_of = self._named_by("tracks", shown)
        self._make_speakers(records, shown, speakers_of)
        made = []
        for number, record in enumerate(shown):
            if not record.is_good:
                continue
            session = self._session(record, number, clock, speakers_of, track_of)
            if session is not None:
                made.append(session)
        if clock is not None and not made and not self.report.faults:
            self.report.note("There is no session to show: the app has no schedule.")
        return sorted(made, key=lambda one: (one.starts.timestamp(), one.ends.timestamp(), one.title, one.id))

    def _session(
        self,
        record: Record,
        number: int,
        clock: Clock | None,
        speakers_of: dict[int, list[Record]],
        track_of: dict[int, list[Record]],
    ) -> Session | None:
        track = self._referred(record, "track", "tracks")
        if record.get("track") is None:
            track = next(iter(track_of.get(id(record), [])), None)
        room = self._referred(record, "microlocation", "microlocations")
        kind = self._referred(record, "session_type", "session_types")
        speakers = (
            self._speakers_named(record) if record.get("speakers") is not None else speakers_of.get(id(record), [])
        )
        times = clock.session(record) if clock is not None else None
        if times is None:
            return None
        led = [links.link(record, key, name, self.report) for key, name in _SESSION_LINKS.items()]
        return Session(
            id=values.safe_id(record, number),
            title=name_of(record),
            starts=times[0],
            ends=times[1],
            subtitle=clean.line(record.get("subtitle")),
            abstract_html=self._abstract(record),
            kind=name_of(kind) if kind is not None else "",
            level=clean.line(record.get("level"), 80),
            language=clean.line(record.get("language"), 40),
            track=self._track(track) if track is not None else None,
            room=self._room(room) if room is not None else None,
            speakers=tuple(dict.fromkeys(self.speakers[id(one)] for one in speakers if id(one) in self.speakers)),
            links=tuple(link for link in led if link is not None),
        )

    def _abstract(self, record: Record) -> str:
        short, long = self.html(record.get("short_abstract")), self.html(record.get("long_abstract"))
        return long if not short or short in long else short + long

    def _referred(self, record: Record, key: str, document: str) -> Record | None:
        value = record.get(key)
        if value is None:
            return None
        found = self.indexes[document].find(value, record.where(key), record)
        return found if found is not None and found.is_good else None

    def _speakers_named(self, record: Record) -> list[Record]:
        if (known := self.named_speakers.get(id(record))) is not None:
            return known
        value = record.get("speakers")
        place = record.where("speakers")
        named = (
            [(value, place)]
            if not isinstance(value, list)
            else [(one, f"{place}[{number}]") for number, one in enumerate(value)]
        )
        if len(named) > MOST_SPEAKERS:
            told = f"lists {len(named):,} speakers; at most {MOST_SPEAKERS} are read"
            self.report.fault(record.file, place, told, "Leave some out.")
            named = []
        found = [self.indexes["speakers"].find(one, where, record) for one, where in named]
        return self.named_speakers.setdefault(id(record), [one for one in found if one is not None and one.is_good])

    def _named_by(self, document: str, shown: list[Record]) -> dict[int, list[Record]]:
        """For sessions that do not say so themselves: which records of a document list them.

        Exports keep these lists badly, so one that names no session is not a fault."""
        sessions = self.indexes["sessions"]
        found: dict[int, list[Record]] = {}
        for record in self._good(document):
            for value in (record.get("sessions") or [])[:MOST]:
                session = sessions.by_id.get(id_of(value.get("id") if isinstance(value, dict) else value))
                if session is not None:
                    found.setdefault(id(session), []).append(record)
        return found

    def _note_left_out(self, records: list[Record]) -> None:
        states = Counter(state for record in records if (state := left_out_as(record)))
        if states:
            told = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
            count = sum(states.values())
            self.report.note(f"{count} session{'s are' if count > 1 else ' is'} left out: {told}.")

    # Speakers

    def _make_speakers(self, records: list[Record], shown: list[Record], speakers_of: dict[int, list[Record]]) -> None:
        hidden: set[int] = set()
        seen: set[int] = set()
        index = self.indexes["speakers"]
        shown_ids = {id(record) for record in shown}
        if not index.file:
            for record in shown:
                if record.is_good and record.get("speakers") is not None:
                    self._speakers_named(record)
        for record in records:
            value = record.get("speakers")
            for one in value[:MOST_SPEAKERS] if isinstance(value, list) else [value]:
                known = index.by_id.get(id_of(one.get("id") if isinstance(one, dict) else one))
                if known is not None:
                    (seen if id(record) in shown_ids else hidden).add(id(known))
        for named in speakers_of.values():
            seen.update(id(record) for record in named)
        count = 0
        for number, record in enumerate(self._good("speakers")):
            if id(record) in hidden and id(record) not in seen:
                count += 1
                continue
            self.speakers[id(record)] = self._speaker(record, number)
        if count:
            self.report.note(f"{count} speaker{'s' if count > 1 else ''} of sessions that are left out: left out too.")

    def _speaker(self, record: Record, number: int) -> Speaker:
        led = [links.link(record, key, name, self.report) for key, name in _SPEAKER_LINKS.items()]
        return Speaker(
            id=values.safe_id(record, number),
            name=name_of(record),
            photo=self.gallery.picture(record, "photo"),
            position=clean.line(record.get("position")),
            organisation=clean.line(record.get("organisation")),
            city=clean.line(record.get("city"), 100),
            country=clean.line(record.get("country"), 100),
            biography_html=self.html(record.get("long_biography")) or self.html(record.get("short_biography")),
            is_featured=values.truth(record.get("is_featured")),
            links=tuple(link for link in led if link is not None),
        )

    # The others

    def _track(self, record: Record) -> Track:
        if id(record) not in self.tracks:
            color = values.color(record.get("color"))
            if color is None and record.get("color") is not None:
                told = quoted(record.get("color"))
                self.report.note(f"{record.where('color')} is {told}, no colour such as #2f5d62; another is used.")
            self.tracks[id(record)] = Track(
                id=values.safe_id(record, len(self.tracks)),
                name=name_of(record),
                description_html=self.html(record.get("description")),
                **({"color": color} if color else {}),
            )
        return self.tracks[id(record)]

    def _room(self, record: Record) -> Room:
        if id(record) not in self.rooms:
            latitude, longitude = values.place(record)
            self.rooms[id(record)] = Room(
                id=values.safe_id(record, len(self.rooms)),
                name=name_of(record),
                floor=values.whole(record.get("floor")),
                latitude=latitude,
                longitude=longitude,
            )
        return self.rooms[id(record)]

    def _sponsor(self, record: Record, number: int) -> Sponsor:
        url = links.link(record, "url", "", self.report)
        return Sponsor(
            id=values.safe_id(record, number),
            name=name_of(record),
            kind=clean.line(record.get("sponsor_type"), 100),
            level=values.whole(record.get("level")) or 0,
            description_html=self.html(record.get("description")),
            url=url.url if url is not None else "",
            logo=self.gallery.picture(record, "logo"),
        )

    def _email(self, record: Record) -> str:
        text = clean.line(record.get("email"), 254)
        return text if re.fullmatch(r"[^\s@<>\"]+@[^\s@<>\"]+\.[^\s@<>\"]+", text) else ""

    def _language(self, record: Record, sessions: list[Session]) -> str:
        own = values.language(record.get("language"))
        spoken = {values.language(session.language) for session in sessions if session.language}
        return own or (spoken.pop() if len(spoken) == 1 else "") or "en"


def _text_within(value: Any) -> Any:
    return value.get("description") if isinstance(value, dict) else value


def _sorted_as(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name)
    return "".join(character for character in plain if not unicodedata.combining(character)).casefold()
