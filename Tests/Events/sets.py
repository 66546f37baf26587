"""Three events in the format that Open Event exports, of different size and script: 3, 150 and 5,000 sessions.

The older exports spell their keys with underscores (`start_time`, `background_image`, `photo`), the newer ones with
dashes (`starts-at`, `original-image-url`, `photo-url`); `small` and `middle` are of the first kind, `large` of the
second. Every call gives the same data.
"""
from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pictures
import texts

Record = dict[str, Any]


@dataclass
class EventData:
    """What an export holds: its documents by name, and its files by their path in it."""

    event: Record
    sessions: list[Record] = field(default_factory=list)
    speakers: list[Record] = field(default_factory=list)
    tracks: list[Record] = field(default_factory=list)
    sponsors: list[Record] = field(default_factory=list)
    microlocations: list[Record] = field(default_factory=list)
    session_types: list[Record] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def documents(self) -> dict[str, Any]:
        return {
            "event": self.event, "sessions": self.sessions, "speakers": self.speakers, "tracks": self.tracks,
            "sponsors": self.sponsors, "microlocations": self.microlocations, "session_types": self.session_types,
        }


def small(name: str = "Tiny Days") -> EventData:
    """Three sessions on one day, Latin letters."""
    data = EventData(event={
        "id": 7, "name": name, "start_time": "2027-05-14T09:00:00", "end_time": "2027-05-14T18:00:00",
        "timezone": "Europe/Berlin", "location_name": "Old Mill, Lübeck", "latitude": 53.8655, "longitude": 10.6866,
        "description": "<p>One day of small things.</p>", "organizer_name": "Mill Society",
        "organizer_description": "We keep the mill.", "email": "mill@example.org", "logo": "/images/logo.png",
        "background_image": "/images/background.png", "event_url": "https://example.org/tiny", "ticket_url": "",
        "social_links": [{"id": 1, "name": "Mastodon", "link": "https://social.example/@mill"}],
        "code_of_conduct": "Be kind.", "privacy": "public", "type": "Conference", "topic": "Crafts",
        "copyright": {"holder": "Mill Society", "licence": "CC BY 4.0", "year": 2027},
    })
    data.files = {
        "images/logo.png": pictures.png(256, 256, "logo"), "images/background.png": pictures.png(800, 400, "back"),
        "images/speakers/AdaStone_1.png": pictures.png(200, 200, "ada"),
    }
    data.tracks = [{"id": 1, "name": "Hands", "color": "#aa3300"}, {"id": 2, "name": "Heads", "color": "#0b6e4f"}]
    data.microlocations = [{"id": 1, "name": "Barn", "floor": 0}, {"id": 2, "name": "Loft", "floor": 1}]
    data.session_types = [{"id": 1, "name": "Talk", "length": "00:30"}, {"id": 2, "name": "Workshop", "length": "02:00"}]
    data.speakers = [
        {"id": 1, "name": "Ada Stone", "photo": "/images/speakers/AdaStone_1.png", "organisation": "Mill Society",
         "position": "Miller", "country": "Germany", "city": "Lübeck", "short_biography": "Grinds.",
         "long_biography": "<p>Grinds <em>finely</em>.</p>", "website": "https://example.org/ada", "twitter": "",
         "featured": True},
        {"id": 2, "name": "Bo O’Hara", "photo": None, "organisation": "", "position": "", "country": "Ireland",
         "short_biography": "", "long_biography": None, "website": None},
    ]
    rows = (
        (1, "Opening", "09:30", "10:00", 2, 1, 1, [1, 2]),
        (2, "Dressing a millstone", "10:00", "12:00", 1, 2, 1, [1]),
        (3, "Why flour rests", "14:00", "14:30", 2, 1, 2, [2]),
    )
    for number, title, start, end, track, kind, room, people in rows:
        data.sessions.append({
            "id": number, "title": title, "subtitle": "", "short_abstract": f"<p>{title}, in short.</p>",
            "long_abstract": "", "comments": "", "language": "en", "level": "",
            "start_time": f"2027-05-14T{start}:00", "end_time": f"2027-05-14T{end}:00", "state": "accepted",
            "slides": None, "video": None, "audio": None, "signup_url": None,
            **_references(data, "session_type", track, kind, room, people),
        })
    data.sponsors = [{
        "id": 1, "name": "Bakers & Daughters", "logo": "", "level": "1", "sponsor_type": "Gold",
        "url": "https://example.org/bakers", "description": "Bread.",
    }]
    return data


def _references(
    data: EventData, type_key: str, track: int, kind: int, room: int, people: list[int]
) -> Record:
    """A session's links to the other documents: an id beside the name, as the export writes them."""
    def named(records: list[Record], wanted: int) -> Record:
        return {"id": wanted, "name": next(record["name"] for record in records if record["id"] == wanted)}

    return {
        "track": named(data.tracks, track), type_key: named(data.session_types, kind),
        "microlocation": named(data.microlocations, room), "speakers": [named(data.speakers, one) for one in people],
    }


MIDDLE_LANGUAGES = (texts.GERMAN, texts.FRENCH, texts.HINDI, texts.ENGLISH)
TRACKS = (
    ("Städte & Straßen", "#1b5e8c"), ("Bibliothèques", "#8e2f5c"), ("भाषा", "#b35a00"), ("Hardware <3", "#2e7d32"),
    ("Recht", "#5d4037"), ("École ouverte", "#00695c"), ("Karten", "#4527a0"), ("“Quotes”", "#c62828"),
)
ROOMS = ("Saal", "Werkstatt", "Atelier", "कक्षा", "Foyer", "Studio", "Garten", "Salon", "Labor", "Keller", "Dach", "Turm")


def middle() -> EventData:
    """150 sessions on three days over the start of summer time; German, French and Hindi; many pictures."""
    rng = random.Random("middle")
    data = EventData(event={
        "id": 42, "name": "Offene Tage für Straßen & Bücher", "start_time": "2027-03-26T08:30:00",
        "end_time": "2027-03-28T19:00:00", "timezone": "Europe/Berlin", "location_name": "Haus am Köllnischen Park, Berlin",
        "latitude": 52.5113, "longitude": 13.4180, "description": texts.paragraphs(rng, MIDDLE_LANGUAGES, 4),
        "organizer_name": "Verein für offene Tage e. V.", "organizer_description": texts.paragraphs(rng, MIDDLE_LANGUAGES, 2),
        "email": "tage@example.org", "logo": "/images/logo.png", "background_image": "/images/background.png",
        "event_url": "https://example.org/tage", "code_of_conduct": "<p>Seid freundlich.</p>",
        "social_links": [
            {"id": 1, "name": "Mastodon", "link": "https://social.example/@tage"},
            {"id": 2, "name": "Github", "link": "https://github.com/example"},
        ],
    })
    data.files = {
        "images/logo.png": pictures.png(512, 512, "m-logo"), "images/background.png": pictures.png(1600, 900, "m-back"),
    }
    data.tracks = [{"id": n + 1, "name": name, "color": color} for n, (name, color) in enumerate(TRACKS)]
    data.microlocations = [
        {"id": n + 1, "name": name, "floor": n // 4, "latitude": 52.5113 + n / 1e5, "longitude": 13.418 + n / 1e5}
        for n, name in enumerate(ROOMS)
    ]
    data.session_types = [
        {"id": n + 1, "name": name, "length": "00:45"} for n, name in enumerate(("Vortrag", "Atelier", "बातचीत"))
    ]
    for number in range(1, 61):
        path = f"images/speakers/Speaker_{number}.png"
        data.files[path] = pictures.png(400, 400, f"speaker {number}")
        data.speakers.append({
            "id": number, "name": texts.name(rng, ("latin", "hindi"), number), "photo": "/" + path,
            "organisation": rng.choice(texts.COMPANIES), "position": rng.choice(("Autorin", "Développeur", "अध्यापक", "")),
            "city": rng.choice(texts.CITIES), "country": "", "short_biography": rng.choice(texts.GERMAN),
            "long_biography": texts.paragraphs(rng, MIDDLE_LANGUAGES, 3), "website": f"https://example.org/s/{number}",
            "twitter": "https://twitter.com/example", "github": "", "linkedin": None, "featured": number % 10 == 0,
        })
    for number in range(1, 21):
        drawn = number % 5 == 0
        path = f"images/sponsors/Sponsor_{number}.{'svg' if drawn else 'png'}"
        name = f"{rng.choice(texts.COMPANIES)} {number}"
        data.files[path] = pictures.svg(name, "#234f7d") if drawn else pictures.png(480, 160, f"sponsor {number}")
        data.sponsors.append({
            "id": number, "name": name, "logo": "/" + path, "level": str(1 + number % 4),
            "sponsor_type": ("Gold", "Silber", "Bronze", "Médias")[number % 4], "url": f"https://example.org/p/{number}",
            "description": texts.paragraphs(rng, MIDDLE_LANGUAGES, 1),
        })
    for number in range(150):
        day, place = divmod(number, 50)
        slot, room = divmod(place, 12)
        start = datetime(2027, 3, 26 + day, 9, 0) + timedelta(minutes=105 * slot)
        if number == 149:
            # Over the hour that the clocks leave out: half past one to half past three is one hour.
            start = datetime(2027, 3, 28, 1, 30)
        length = timedelta(minutes=120 if number == 149 else rng.choice((45, 60, 90)))
        people = sorted(rng.sample(range(1, 61), rng.choice((1, 1, 1, 2, 3))))
        data.sessions.append({
            "id": 1000 + number, "title": texts.title(rng, MIDDLE_LANGUAGES, number),
            "subtitle": rng.choice(("", "Ein Blick zurück", "mode d’emploi")),
            "short_abstract": rng.choice(rng.choice(MIDDLE_LANGUAGES)),
            "long_abstract": texts.paragraphs(rng, MIDDLE_LANGUAGES, rng.randrange(2, 7)), "comments": "",
            "language": rng.choice(("de", "fr", "hi", "en")), "level": rng.choice(("Beginner", "Advanced", "")),
            "start_time": start.isoformat(), "end_time": (start + length).isoformat(), "state": "accepted",
            "slides": "https://example.org/slides.pdf" if number % 9 == 0 else None, "video": None, "audio": None,
            "signup_url": None,
            **_references(data, "session_type", 1 + number % 8, 1 + number % 3, 1 + room, people),
        })
    return data


LARGE_LANGUAGES = (texts.CHINESE, texts.ARABIC, texts.ENGLISH)


def large(session_count: int = 5000, speaker_count: int = 2000) -> EventData:
    """5,000 sessions and 2,000 speakers on five days; Chinese and Arabic; the newer spelling of keys."""
    rng = random.Random("large")
    data = EventData(event={
        "id": "a1b2c3", "identifier": "a1b2c3", "name": "开放世界大会 العالم المفتوح",
        "starts-at": "2027-09-06T08:00:00+08:00", "ends-at": "2027-09-10T21:00:00+08:00", "timezone": "Asia/Singapore",
        "location-name": "滨海湾会展中心", "latitude": 1.2834, "longitude": 103.8607,
        "description": texts.paragraphs(rng, LARGE_LANGUAGES, 5), "organizer-name": "开放世界协会",
        "organizer-description": texts.paragraphs(rng, LARGE_LANGUAGES, 2), "email": "world@example.org",
        "logo-url": "/images/logo.png", "original-image-url": "/images/background.png", "privacy": "public",
        "external-event-url": "https://example.org/world", "code-of-conduct": "<p>请友善。</p>",
        "social-links": [{"id": 1, "name": "微博", "link": "https://weibo.example/world"}],
    })
    data.files = {
        "images/logo.png": pictures.png(512, 512, "l-logo"), "images/background.png": pictures.png(1600, 900, "l-back"),
    }
    data.tracks = [
        {"id": n + 1, "name": f"{rng.choice((texts.CHINESE, texts.ARABIC)[n % 2])} {n + 1}",
         "color": f"#{rng.randrange(0x202020, 0xc0c0c0):06x}", "font-color": "#ffffff"} for n in range(24)
    ]
    data.microlocations = [
        {"id": n + 1, "name": f"{'厅' if n % 2 else 'قاعة'} {n + 1}", "floor": n // 10} for n in range(40)]
    data.session_types = [{"id": n + 1, "name": name, "length": "00:25"} for n, name in enumerate(("演讲", "ورشة"))]
    for number in range(1, speaker_count + 1):
        record: Record = {
            "id": number, "name": texts.name(rng, ("chinese", "arabic"), number), "photo-url": None,
            "organisation": rng.choice(texts.COMPANIES), "position": rng.choice(("工程师", "مهندسة", "")),
            "city": rng.choice(texts.CITIES), "country": "", "short-biography": rng.choice(texts.CHINESE),
            "long-biography": texts.paragraphs(rng, LARGE_LANGUAGES, 2), "is-featured": number % 100 == 0,
            "website": f"https://example.org/s/{number}",
        }
        if number % 10 == 0:
            path = f"images/speakers/{number}.png"
            data.files[path] = pictures.png(160, 160, f"large {number}")
            record["photo-url"] = "/" + path
        data.speakers.append(record)
    for number in range(1, 31):
        data.sponsors.append({
            "id": number, "name": f"{rng.choice(texts.COMPANIES)} {number}", "logo-url": None, "level": 1 + number % 3,
            "type": ("Gold", "Silver", "Bronze")[number % 3], "url": f"https://example.org/p/{number}", "description": "",
        })
    for number in range(session_count):
        day, place = divmod(number, max(1, session_count // 5))
        slot, room = divmod(place, 40)
        start = datetime(2027, 9, 6 + min(day, 4), 8, 0) + timedelta(minutes=30 * (slot % 25))
        people = sorted(rng.sample(range(1, speaker_count + 1), rng.choice((1, 1, 2))))
        data.sessions.append({
            "id": str(10_000 + number), "title": texts.title(rng, LARGE_LANGUAGES, number), "subtitle": "",
            "short-abstract": rng.choice(rng.choice(LARGE_LANGUAGES)),
            "long-abstract": texts.paragraphs(rng, LARGE_LANGUAGES, rng.randrange(1, 5)), "comments": "",
            "language": rng.choice(("zh", "ar", "en")), "level": "", "state": "confirmed",
            "starts-at": start.isoformat() + "+08:00", "ends-at": (start + timedelta(minutes=25)).isoformat() + "+08:00",
            "slides-url": None, "video-url": None, "audio-url": None, "signup-url": None,
            **_references(data, "session-type", 1 + number % 24, 1 + number % 2, 1 + room, people),
        })
    return data


SETS = {"small": small, "middle": middle, "large": large}
