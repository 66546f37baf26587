"""Looks a finished app over: what Android reads of it, and whether every link of its pages leads somewhere."""
from __future__ import annotations

import html
import posixpath
import re
import zipfile
from collections.abc import Container, Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

#: Addresses that a link may lead out of the app to; the shell refuses all others.
_OUTWARD = frozenset({"http", "https", "mailto", "tel", "geo"})
_SITE = "assets/site/"
_MOST_FAULTS = 20
#: Attributes that name another file. Pages are rendered by templates, so their tags are regular.
_TAG = re.compile(r"<\w[^<>]*>")
_ATTRIBUTE = re.compile(r"""\s(href|src|poster|action)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


@dataclass(frozen=True)
class Badge:
    """What Android will know of the app, as `aapt dump badging` reads it."""

    package: str
    version_code: int
    version_name: str
    label: str
    activity: str
    permissions: tuple[str, ...]
    minimum: int
    target: int
    debug: bool


def badge(text: str) -> Badge:
    """Reads the lines of `aapt dump badging`; what they do not say is empty or 0."""

    def found(pattern: str) -> str:
        match = re.search(pattern, text, re.MULTILINE)
        return match[1] if match else ""

    return Badge(
        package=found(r"^package: name='([^']*)'"), version_code=int(found(r"^package: .* versionCode='(\d+)'") or 0),
        version_name=found(r"^package: .* versionName='([^']*)'"),
        # aapt writes quotes, backslashes and line breaks of a label with a backslash.
        label=re.sub(r"\\(.)", r"\1", found(r"^application-label:'(.*)'$")),
        activity=found(r"^launchable-activity: name='([^']*)'"),
        permissions=tuple(re.findall(r"^uses-permission: name='([^']*)'", text, re.MULTILINE)),
        minimum=int(found(r"^sdkVersion:'(\d+)'") or 0), target=int(found(r"^targetSdkVersion:'(\d+)'") or 0),
        debug=re.search(r"^application-debuggable$", text, re.MULTILINE) is not None)


def schemes(text: str) -> dict[int, bool]:
    """Which of the schemes 1 to 3 an app is signed by, as `apksigner verify -v` says."""
    found = re.findall(r"using v([123]) scheme.*: (true|false)", text)
    return {int(number): truth == "true" for number, truth in found}


class Site:
    """The pages in an app, read from it one by one."""

    def __init__(self, apk: zipfile.ZipFile) -> None:
        self._apk = apk
        entries = [entry for entry in apk.infolist() if entry.filename.startswith(_SITE) and not entry.is_dir()]
        self._entries = {entry.filename.removeprefix(_SITE): entry for entry in entries}
        self.pages = sorted(name for name in self._entries if name.endswith(".html"))
        #: One page of each kind, the start page first: pages that differ in a number only are of one kind.
        self.samples = _samples(self.pages)

    def broken_links(self) -> list[str]:
        """What is wrong with the references of all pages, bounded: nothing there, or a forbidden address."""
        faults: list[str] = []
        for page in self.pages:
            text = self._apk.read(self._entries[page]).decode("utf-8")
            found = {fault for fault in _faults(text, page, self._entries) if fault}
            faults += [f"{page}: {fault}" for fault in sorted(found)]
            if len(faults) >= _MOST_FAULTS:
                break
        return faults[:_MOST_FAULTS]

    def bytes_to_unpack(self) -> int:
        return sum(self._entries[name].file_size for name in self._names_to_unpack())

    def unpack(self, folder: Path) -> None:
        """Takes out what the sample pages need; `ValueError` if a name leads out of the folder."""
        for name in self._names_to_unpack():
            if name.startswith("/") or "\\" in name or ".." in name.split("/"):
                raise ValueError(f"{name} leads out of the app")
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self._apk.read(self._entries[name]))

    def _names_to_unpack(self) -> list[str]:
        return [name for name in self._entries if not name.endswith(".html") or name in self.samples]


def _samples(pages: list[str]) -> list[str]:
    kinds: dict[str, str] = {}
    for name in sorted(pages, key=lambda name: (len(name), name)):
        kinds.setdefault(re.sub(r"\d+", "#", name), name)
    return sorted(kinds.values(), key=lambda name: (name != "index.html", name))


def _faults(text: str, page: str, known: Container[str]) -> Iterable[str | None]:
    for tag in _TAG.findall(text):
        for attribute, *values in _ATTRIBUTE.findall(tag):
            yield _fault(attribute, html.unescape(values[0] or values[1]), page, known)


def _fault(attribute: str, reference: str, page: str, known: Container[str]) -> str | None:
    parts = urlsplit(reference)
    if parts.scheme or parts.netloc:
        is_link = attribute == "href" and parts.scheme.lower() in _OUTWARD
        is_drawn = attribute == "src" and reference.startswith("data:image/")
        return None if is_link or is_drawn else f"{attribute} leads to {reference[:200]}"
    if not parts.path:
        return None
    target = posixpath.normpath(posixpath.join(posixpath.dirname(page), unquote(parts.path)))
    return None if target in known else f"{attribute} leads to {reference[:200]}, which is not there"

