"""Events written by hand, with the texts that break careless pages; for every test that needs an event."""
from __future__ import annotations

import struct
import sys
import zlib
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

RECIPE = Path(__file__).resolve().parents[2] / "recipes" / "event-app"
if str(RECIPE) not in sys.path:
    sys.path.insert(0, str(RECIPE))

from eventapp.event import Event, Link, Look, Picture, Room, Session, Speaker, Sponsor, Track  # noqa: E402

ZONE = "Asia/Singapore"
LONG = "Donaudampfschifffahrtsgesellschaftskapitän" * 5
HOSTILE = "<b>bold</b> & \"quoted\" 'single' </script><script>alert(1)</script> @string/x {{ 7*7 }} %s"


def at(day: int, hour: int, minute: int = 0, zone: str = ZONE) -> datetime:
    """A time of the sample's days (1 = 17 March 2017)."""
    return datetime(2017, 3, 16 + day, hour, minute, tzinfo=ZoneInfo(zone))


def png(width: int, height: int, red: int = 90, green: int = 60, blue: int = 160) -> bytes:
    """A picture with a gradient, without a library."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(
        b"\0" + bytes((min(255, red + 90 * y // height), min(255, green + 60 * y // height), blue)) * width
        for y in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def pictures(folder: Path) -> None:
    """Writes the prepared pictures of `event()` into a site's folder."""
    target = folder / "pictures"
    target.mkdir(parents=True, exist_ok=True)
    for number, (name, width, height) in enumerate(
            [("logo.png", 256, 256), ("background.png", 1280, 720), ("ada.png", 320, 320), ("linus.png", 320, 320),
             ("gold.png", 480, 160), ("media.png", 200, 200)]):
        (target / name).write_bytes(png(width, height, 40 + 30 * number, 70, 180 - 25 * number))


def _tracks() -> tuple[Track, ...]:
    return (
        Track("1", "Science & <Tech>", "#ff5722", "<p>Everything that <em>blinks</em>.</p>"),
        Track("2", "Ünïcode 中文", "#ffeb3b"),
        Track("3", "مسار عربي", "#00bcd4"),
        Track("4", "Hidden figures", "#102030"),
    )


def _rooms() -> tuple[Room, ...]:
    return (
        Room("10", "Hall \"A\"", 0, 1.3330, 103.7360),
        Room("11", "Hall B", 0, 1.3333, 103.7366),
        Room("12", "Lab <3", 1, 1.3331, 103.7361),
        Room("13", "屋顶花园 🌿", 2),
        Room("14", "Foyer"),
    )


def _speakers() -> tuple[Speaker, ...]:
    return (
        Speaker("100", "Ada Lovelace", Picture("pictures/ada.png", 320, 320), "Countess", "Analytical Engines",
                "London", "United Kingdom", "<p>Wrote the <strong>first</strong> programme.</p><ul><li>One</li></ul>",
                True, (Link("Website", "https://example.org/ada?a=1&b=2"), Link("Mail", "mailto:ada@example.org"))),
        Speaker("101", "Linus O'Reilly <admin>", Picture("pictures/linus.png", 320, 320)),
        Speaker("102", "李小龙", None, "工程师", "北京大学", "北京", "中国", "<p>你好，世界。</p>"),
        Speaker("103", "محمد الأمين", None, "مهندس", "جامعة القاهرة", "القاهرة", "مصر", "<p>مرحبا بالعالم</p>"),
        Speaker("104", "Zoë Ångström 🦄", None, "", LONG),
        Speaker("105", LONG),
    )


def _sessions(zone: str) -> tuple[Session, ...]:
    science, unicode, arabic, hidden = _tracks()
    hall, second, lab, roof, foyer = _rooms()
    ada, linus, lee, mohamed, zoe, long = _speakers()
    return (
        Session("1000", "Opening & welcome", at(1, 9, 0, zone), at(1, 9, 30, zone), "", "<p>Come in.</p>", "Keynote",
                track=science, room=hall, speakers=(ada,)),
        Session("1001", "Café crème: naïve résumés", at(1, 10, 0, zone), at(1, 11, 0, zone), "A subtitle",
                "<p>Strings are <a href=\"https://example.org/strings\">hard</a>.</p><pre>a &lt; b</pre>", "Talk",
                "Beginner", "en", unicode, second, (linus, lee),
                (Link("Slides", "https://example.org/slides.pdf"), Link("Video", "https://example.org/v?a=1&b=2"))),
        Session("1002", HOSTILE, at(1, 10, 0, zone), at(1, 10, 45, zone), "", "", "Talk", track=science, room=hall,
                speakers=(mohamed,)),
        Session("1003", "并发编程的艺术", at(1, 10, 30, zone), at(1, 12, 0, zone), "", "<p>关于并发。</p>", "Workshop",
                "Advanced", "zh", unicode, lab, (lee,)),
        Session("1004", "مقدمة في البرمجة الحرة", at(1, 14, 0, zone), at(1, 15, 0, zone), "", "<p>مقدمة.</p>", "Talk",
                language="ar", track=arabic, room=roof, speakers=(mohamed,)),
        Session("1005", LONG, at(1, 14, 0, zone), at(1, 14, 0, zone), LONG, f"<p>{LONG}</p>", track=hidden, room=foyer,
                speakers=(zoe, long)),
        Session("1006", "🎉 Party 🎉", at(1, 22, 0, zone), at(2, 2, 0, zone), track=None, room=roof),
        Session("1007", "Breakfast", at(2, 8, 0, zone), at(2, 9, 0, zone)),
        Session("1008", "Closing \"words\"", at(2, 17, 0, zone), at(2, 18, 0, zone), track=science, room=hall,
                speakers=(ada, linus, lee, mohamed)),
    )


def _sponsors() -> tuple[Sponsor, ...]:
    return (
        Sponsor("1", "Gold & Sons", "Gold", 1, "<p>They <em>pay</em>.</p>", "https://example.com/?a=1&b=2",
                Picture("pictures/gold.png", 480, 160)),
        Sponsor("2", "Second <Gold>", "Gold", 1),
        Sponsor("3", "新闻社", "Media partner", 2, "", "https://example.org/", Picture("pictures/media.png", 200, 200)),
    )


def event(language: str = "en", zone: str = ZONE, **changes: object) -> Event:
    """Two days, four tracks, five rooms, nine sessions, each with something awkward; `changes` replace fields."""
    made = Event(
        id="6", name="FOSS <Asia> & \"Friends\" 2017", starts=at(1, 9, 0, zone), ends=at(2, 18, 0, zone), zone=zone,
        language=language,
        description_html="<p>The <strong>summit</strong> of <a href=\"https://example.org/\">free</a> minds.</p>"
                         "<ul><li>Talks</li><li>Workshops</li></ul>",
        location="Science Centre <Hall>, 15 Science Centre Rd", latitude=1.3331, longitude=103.7362,
        organizer="The Organisers' Society", organizer_html="<p>We organise.</p>", email="team@example.org",
        code_of_conduct_html="<p>Be excellent to each other.</p>",
        logo=Picture("pictures/logo.png", 256, 256), background=Picture("pictures/background.png", 1280, 720),
        links=(Link("Website", "https://example.org/"), Link("Mastodon", "https://example.social/@event")),
        sessions=_sessions(zone), speakers=_speakers(), tracks=_tracks(), rooms=_rooms(), sponsors=_sponsors())
    return replace(made, **changes)


def bare(**changes: object) -> Event:
    """An event of which nothing but the name and the dates is known."""
    return replace(Event(id="1", name="🎈", starts=at(1, 9), ends=at(1, 17), zone=ZONE), **changes)


def large(count: int = 5000, days: int = 5, people: int = 2000) -> Event:
    """Many sessions, in Chinese, Arabic and English, over `days` days with 20 starts each."""
    rooms = tuple(Room(str(n), f"Room {n}", n % 4, 1.3 + n * 0.0001, 103.7 + (n * 7 % 13) * 0.0001)
                  for n in range(1, 41))
    tracks = tuple(Track(str(n), f"Track {n}", f"#{(n * 5377911) % 0xffffff:06x}") for n in range(1, 21))
    speakers = tuple(Speaker(str(n), f"{'李王张محمد Zoë Ada'.split()[n % 3]} {n}", position="Engineer",
                             biography_html=f"<p>Number {n} of many.</p>") for n in range(people))
    body = "<p>" + "并发编程 مقدمة في البرمجة and some words of English. " * 8 + "</p>"
    sessions = []
    for n in range(count):
        slot = n * days * 20 // count
        starts = at(1 + slot // 20, 8) + timedelta(minutes=30 * (slot % 20))
        sessions.append(Session(
            str(n), f"{('并发编程的艺术', 'مقدمة في البرمجة', 'A talk about Café culture')[n % 3]} {n}", starts,
            starts + timedelta(minutes=30), abstract_html=body, kind="Talk", track=tracks[n % 20], room=rooms[n % 40],
            speakers=(speakers[n % people], speakers[(n * 7 + 1) % people])))
    return Event(id="large", name="大会 مؤتمر Large", starts=at(1, 8), ends=at(days, 18), zone=ZONE, language="zh-Hans",
                 sessions=tuple(sessions), speakers=speakers, tracks=tracks, rooms=rooms)
