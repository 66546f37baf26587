"""The pictures that an event's data names: files of its zip, or addresses to fetch; everything else is refused."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from . import addresses
from .archive import folded
from .faults import Report, quoted

_MEND = "Name a file of the zip, such as /images/logo.png, or an https address."
_PLACEHOLDERS = {"null", "none", "undefined", "n/a", "-"}


@dataclass(frozen=True)
class Wish:
    """A picture that the data asks for: either the folded path of a file, or an address."""

    #: `speakers[3].photo`
    origin: str
    file: str
    value: str
    path: str = ""
    url: str = ""


def stored_name(url: str) -> str:
    """The name of a fetched picture, the same for the same address whoever asks."""
    return hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()[:16] + ".bin"


def wish(value: Any, origin: str, file: str, base: str, report: Report) -> Wish | None:
    """What a picture's value asks for; None with a fault if it asks for what it may not.

    `base` is the address that the data was fetched from, or empty: relative names are then addresses there, and its
    host may be asked for pictures as it was for data (whoever fetches judges it again)."""
    if not isinstance(value, str):
        report.fault(file, origin, "is no text, where the name or address of a picture is expected", _MEND)
        return None
    name = value.strip()
    if name.casefold() in _PLACEHOLDERS:
        return None
    problem, asked = _asked(name, origin, file, base)
    if problem is not None:
        report.fault(file, origin, f"names {quoted(value, 120)}, which {problem}", _MEND)
    return asked


def _asked(name: str, origin: str, file: str, base: str) -> tuple[str | None, Wish | None]:
    if len(name) > addresses.LONGEST or any(unicodedata.category(one) in ("Cc", "Cs") for one in name):
        return "is too long or has control characters within", None
    kind = addresses.scheme(name)
    if kind in ("http", "https"):
        return _address(name, name, origin, file, base)
    if kind:
        what = "is a file of some computer" if kind == "file" or len(kind) == 1 else f"is a {kind}: address"
        return f"{what}, and is not read", None
    if name.startswith(("//", "\\\\")):
        if base or name.startswith("\\\\"):
            return "names no file and no whole address", None
        return _address("https:" + name, name, origin, file, base)
    for spelling in (name, unquote(name)):
        if ".." in re.split(r"[/\\]", spelling) or "\0" in spelling:
            return "leads out of the folder that holds the event's data", None
    if base:
        return _address(
            urljoin(base if base.endswith("/") else base + "/", name.replace("\\", "/")), name, origin, file, base
        )
    parts = [part for part in re.split(r"[/\\]", name) if part not in ("", ".")]
    return None, Wish(origin, file, name, path=folded("/".join(parts)))


def _address(url: str, value: str, origin: str, file: str, base: str) -> tuple[str | None, Wish | None]:
    problem = addresses.refusal(url)
    if problem is not None and not (base and _same_place(url, base)):
        return problem, None
    return None, Wish(origin, file, value, url=url)


def _same_place(url: str, base: str) -> bool:
    try:
        one, other = urlsplit(url), urlsplit(base)
        plain = one.username is None and one.password is None and "\\" not in url and not re.search(r"\s", url)
        same = (one.scheme, one.hostname, one.port) == (other.scheme, other.hostname, other.port)
        return plain and same and len(url) <= addresses.LONGEST
    except ValueError:
        return False
