"""Single values of records in normal form: numbers, colours, ids, links, yes and no."""

from __future__ import annotations

import hashlib
import math
import re
from typing import Any

from . import clean
from .checking import Record
from .event import Link
from .references import id_of

_COLOR = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})", re.IGNORECASE)
_HANDLE = re.compile(r"@?[A-Za-z0-9_.\-]{1,64}")
_HOST = re.compile(r"(?:[A-Za-z0-9\-]+\.)+[A-Za-z]{2,}(?:[/?#][^\s\\]*)?", re.ASCII)
#: Where a bare name leads, by the key that holds it.
_PLACES = {
    "twitter": "https://twitter.com/",
    "facebook": "https://www.facebook.com/",
    "github": "https://github.com/",
    "linkedin": "https://www.linkedin.com/in/",
    "instagram": "https://www.instagram.com/",
}
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8}){0,3}", re.ASCII)


def safe_id(record: Record, number: int) -> str:
    """An id of letters, digits, `_` and `-` alone: the record's own, or one made from it, or from its place."""
    key = id_of(record.get("id"))
    if re.fullmatch(r"(?!n-)[A-Za-z0-9_\-]{1,40}", key):
        return key
    if key:
        return "x" + hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()[:12]
    return f"n-{number + 1}"


def number(value: Any) -> float | None:
    """A finite number, also from a text that is one; None for anything else."""
    if isinstance(value, bool):
        return None
    try:
        made = float(value) if isinstance(value, (int, float, str)) and len(str(value)) < 40 else math.nan
    except (ValueError, OverflowError):
        return None
    return made if math.isfinite(made) else None


def whole(value: Any) -> int | None:
    """A whole number of at most six digits, also from a text that begins with one."""
    if isinstance(value, str):
        match = re.match(r"\s*([+-]?\d{1,6})(?!\d)", value, re.ASCII)
        return int(match[1]) if match else None
    made = number(value)
    return int(made) if made is not None and abs(made) < 1_000_000 else None


def place(record: Record) -> tuple[float | None, float | None]:
    """Latitude and longitude; neither without the other, off the globe, or where both are 0, which means unknown."""
    latitude, longitude = number(record.get("latitude")), number(record.get("longitude"))
    if (
        latitude is None
        or longitude is None
        or abs(latitude) > 90
        or abs(longitude) > 180
        or latitude == longitude == 0
    ):
        return None, None
    return latitude, longitude


def color(value: Any) -> str | None:
    """`#rrggbb` in lower case; None if it is no colour in hexadecimal digits."""
    match = _COLOR.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        return None
    digits = match[1].lower()
    return "#" + ("".join(digit * 2 for digit in digits) if len(digits) == 3 else digits[:6])


def truth(value: Any) -> bool:
    return value is True or value == 1 or isinstance(value, str) and value.strip().casefold() in ("true", "yes", "1")


def language(value: Any) -> str:
    """A BCP 47 tag with `-`, or nothing."""
    text = value.strip() if isinstance(value, str) else ""
    return (
        text.replace("_", "-") if _LANGUAGE.fullmatch(text) and (len(text) <= 3 or "-" in text or "_" in text) else ""
    )


def link(record: Record, key: str, name: str) -> Link | None:
    """The link in a key: an address, a host without `https://`, or a bare name at the place that the key means."""
    value = record.get(key)
    text = value.strip() if isinstance(value, str) else ""
    url = clean.link(text)
    if not url and _HOST.fullmatch(text):
        url = clean.link("https://" + text)
    elif not url and key in _PLACES and _HANDLE.fullmatch(text):
        url = _PLACES[key] + text.removeprefix("@")
    return Link(name, url) if url else None
