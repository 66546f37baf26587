"""An event in normal form: what reading gives and rendering takes.

Every reference is resolved, every time has the event's zone, every HTML text is already cleaned to the allow-list, and
every picture is a file that was looked at. Lists are in the order in which they are shown.
"""
from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Picture:
    """A picture as it came: a file in the scratch folder, not yet re-encoded.

    After `pictures.prepare`, `path` is relative to the site's folder (`pictures/<name>.webp`) and the size is known."""

    path: str
    width: int = 0
    height: int = 0
    #: Where the data names it, for messages: `speakers[3].photo`.
    origin: str = ""


@dataclass(frozen=True)
class Link:
    """An http, https, mailto or tel address and what to call it."""

    name: str
    url: str


@dataclass(frozen=True)
class Track:
    id: str
    name: str
    #: `#rrggbb`, lower case.
    color: str = "#607d8b"
    description_html: str = ""


@dataclass(frozen=True)
class Room:
    """Open Event calls it a microlocation."""

    id: str
    name: str
    floor: int | None = None
    latitude: float | None = None
    longitude: float | None = None


@dataclass(frozen=True)
class Speaker:
    id: str
    name: str
    photo: Picture | None = None
    position: str = ""
    organisation: str = ""
    city: str = ""
    country: str = ""
    #: Cleaned HTML; empty where nothing is known.
    biography_html: str = ""
    is_featured: bool = False
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Sponsor:
    id: str
    name: str
    #: "Gold", "Media partner", ...; empty where the data names none.
    kind: str = ""
    #: Small is shown first.
    level: int = 0
    description_html: str = ""
    url: str = ""
    logo: Picture | None = None


@dataclass(frozen=True)
class Session:
    id: str
    title: str
    #: Both in the event's zone; the end is not before the start.
    starts: datetime
    ends: datetime
    subtitle: str = ""
    abstract_html: str = ""
    #: "Talk", "Workshop", ...; its type's name.
    kind: str = ""
    level: str = ""
    #: As the data has it: a BCP 47 tag or a name.
    language: str = ""
    track: Track | None = None
    room: Room | None = None
    speakers: tuple[Speaker, ...] = ()
    #: Slides, video, audio, sign-up, ...
    links: tuple[Link, ...] = ()


@dataclass(frozen=True)
class Event:
    id: str
    name: str
    starts: datetime
    ends: datetime
    #: An IANA name, "Asia/Singapore".
    zone: str
    #: BCP 47; decides `lang` and, with the texts themselves, the direction of the pages.
    language: str = "en"
    description_html: str = ""
    location: str = ""
    latitude: float | None = None
    longitude: float | None = None
    organizer: str = ""
    organizer_html: str = ""
    email: str = ""
    code_of_conduct_html: str = ""
    logo: Picture | None = None
    background: Picture | None = None
    links: tuple[Link, ...] = ()
    sessions: tuple[Session, ...] = ()
    speakers: tuple[Speaker, ...] = ()
    tracks: tuple[Track, ...] = ()
    rooms: tuple[Room, ...] = ()
    sponsors: tuple[Sponsor, ...] = ()
    #: Where the data came from, if it was fetched; what live updates read.
    endpoint: str = ""
    #: What was left out or assumed, in words for the requester's log.
    notes: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Look:
    """What the form says about the app's looks."""

    #: `#rrggbb`, the colour of bars and buttons.
    color: str = "#2f5d62"
    #: Prepared pictures of the form; they win over the event's own.
    logo: Picture | None = None
    background: Picture | None = None
    #: Whether the app asks `Event.endpoint` for changes when it is opened.
    live_updates: bool = False
