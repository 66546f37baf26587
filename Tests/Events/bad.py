"""Uploads and addresses that no app can be made of, and names that are hard: a builder for each, by name.

A builder gives the zip; `EXPECTED` says in which words its fault has to be told.
"""
from __future__ import annotations

import io
import json
import zipfile
from typing import Any, Callable

import pictures
from pack import as_zip, zip_of
from sets import EventData, small


def _changed(change: Callable[[EventData], Any]) -> bytes:
    data = small()
    change(data)
    return as_zip(data)


def _entries(data: EventData | None = None) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(as_zip(data or small()))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _without(name: str) -> bytes:
    return zip_of({path: contents for path, contents in _entries().items() if path != name})


def _broken_json() -> bytes:
    entries = _entries()
    lines = entries["sessions"].decode().split("\n")
    lines[4] = lines[4].replace(",", " oops,")
    return zip_of(entries | {"sessions": "\n".join(lines).encode()})


def _logo(address: str) -> bytes:
    return _changed(lambda data: data.event.update({"logo": "", "original-image-url": address}))


def _bomb() -> bytes:
    """A small file that says, truthfully, that it unpacks to 600 MiB."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path, contents in _entries().items():
            archive.writestr(path, contents)
        for number in range(6):
            with archive.open(f"images/speakers/zeros-{number}.png", "w") as entry:
                for _ in range(100):
                    entry.write(bytes(1 << 20))
    return out.getvalue()


def _lying_bomb() -> bytes:
    """One entry of 400 MiB whose headers say that it has 100 bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path, contents in _entries().items():
            if path != "speakers":
                archive.writestr(path, contents)
        with archive.open("speakers", "w") as entry:
            for _ in range(400):
                entry.write(b" " * (1 << 20))
    whole = out.getvalue()
    true_size = (400 << 20).to_bytes(4, "little")
    assert whole.count(true_size) >= 1, "the size stands in the headers"
    return whole.replace(true_size, (100).to_bytes(4, "little"))


def _escaping() -> bytes:
    return zip_of(_entries() | {"../../outside.txt": b"out"})


def _deep() -> bytes:
    return zip_of(_entries() | {"tracks": b"[" * 20_000 + b"]" * 20_000})


BAD: dict[str, Callable[[], bytes]] = {
    "event-missing": lambda: _without("event"),
    "broken-json": _broken_json,
    "unknown-speaker": lambda: _changed(
        lambda data: data.sessions[1].update(speakers=[{"id": 99, "name": "Nobody Known"}])),
    "unknown-track": lambda: _changed(lambda data: data.sessions[0].update(track={"id": 77, "name": "Tails"})),
    "html-picture": lambda: _changed(
        lambda data: data.files.update({"images/speakers/AdaStone_1.png": pictures.HTML})),
    "picture-outside": lambda: _logo("/../../etc/passwd"),
    "picture-of-a-file": lambda: _logo("file:///etc/passwd"),
    "picture-of-the-cloud": lambda: _logo("http://169.254.169.254/latest/meta-data"),
    "no-name": lambda: _changed(lambda data: data.event.pop("name")),
    "unknown-zone": lambda: _changed(lambda data: data.event.update(timezone="Europe/Berlln")),
    "ends-before-it-starts": lambda: _changed(lambda data: data.sessions[2].update(end_time="2027-05-14T13:00:00")),
    "two-faults": lambda: _changed(lambda data: (
        data.sessions[0].update(speakers=[{"id": 98, "name": "First Ghost"}]),
        data.sessions[2].update(start_time="yesterday"))),
    "zip-bomb": _bomb,
    "lying-zip-bomb": _lying_bomb,
    "escaping-entry": _escaping,
    "deep-json": _deep,
    "no-zip": lambda: b"This is a letter, not a zip.\n" * 20,
    "cut-zip": lambda: as_zip(small())[:-2000],
}

#: Words that the answer has to hold, in small letters: what is wrong, and where.
EXPECTED: dict[str, list[str]] = {
    "event-missing": ["event"],
    "broken-json": ["sessions", "line 5"],
    "unknown-speaker": ["sessions[1]", "99"],
    "unknown-track": ["sessions[0]", "77"],
    "html-picture": ["adastone_1.png", "html"],
    "picture-outside": ["/../../etc/passwd"],
    "picture-of-a-file": ["file:///etc/passwd"],
    "picture-of-the-cloud": ["169.254.169.254"],
    "no-name": ["event", "name"],
    "unknown-zone": ["europe/berlln"],
    "ends-before-it-starts": ["sessions[2]"],
    "two-faults": ["98", "yesterday"],
    "zip-bomb": ["data"],
    "lying-zip-bomb": ["data"],
    "escaping-entry": ["data"],
    "deep-json": ["tracks"],
    "no-zip": ["data"],
    "cut-zip": ["data"],
}

#: Names that an app has to show as they were typed.
NAMES: dict[str, str] = {
    "emoji": "🎪🎈🦄",
    "chinese": "开放世界大会",
    "arabic": "العالم المفتوح",
    "ampersand": "Bread & Butter",
    "less": "a < b > c",
    "quotes": "The \"Mill's\" Day",
    "resource": "@string/x",
    "attribute": "?attr/colorPrimary",
    "backslash": "C:\\new\\tab %1$s",
    "class": "class",
    "digits": "2027",
    "long": ("Long Days " * 20)[:200],
}


def named(name: str) -> bytes:
    return as_zip(small(name))


def expectations() -> str:
    return json.dumps({"bad": EXPECTED, "names": NAMES}, ensure_ascii=False)
