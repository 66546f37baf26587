"""Gets the pictures that records name, out of the event's zip or out of what was fetched."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from . import kinds
from .archive import Archive, Unreadable, folded
from .checking import Record
from .event import Picture
from .faults import Report, quoted
from .wanted import Wish, stored_name, wish

#: The largest picture, in bytes.
LARGEST = 16 * 1024 * 1024
#: The most pictures that are fetched by address, the event's own and the sponsors' before the speakers'.
MOST_FETCHED = 3000


@dataclass
class Gallery:
    """Where an event's pictures are. Without `scratch` they are only looked at, and none is given out."""

    report: Report
    #: The event's zip, and the folded path of the folder in it that holds the data.
    files: Archive | None = None
    root: str = ""
    #: What was fetched, and by address what became of it.
    fetched: Archive | None = None
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: Where the data itself was fetched from.
    base: str = ""
    scratch: Path | None = None
    #: By address, the name under which a picture is to be stored.
    wanted: dict[str, str] = field(default_factory=dict)
    #: By a file's name without its ending, its path: for what may be meant by a name that is not there.
    _stems: dict[str, str] = field(default_factory=dict)
    _stored_at: dict[tuple[str, str], Path] = field(default_factory=dict)

    def picture(self, record: Record, key: str) -> Picture | None:
        """The picture of a record: the first that can be had of those that it names; a note if there is none of them.

        Every value is judged, also of those that are not used: a fault if it asks for what it may not."""
        wishes = self.judge(record, key)
        misses = []
        for one in wishes:
            if one.url and self.scratch is None:
                if len(self.wanted) < MOST_FETCHED:
                    self.wanted.setdefault(one.url, stored_name(one.url))
                return None
            found = self._found(one)
            if found is not None:
                archive, entry = found
                return self._taken(one, archive, entry)
            misses.append(self._miss(one))
        if misses:
            self.report.note(f"{wishes[0].origin}: {misses[0]}; the app goes without it.")
        return None

    def judge(self, record: Record, key: str) -> list[Wish]:
        """What the record's picture key asks for in each of its spellings, without what may not be asked for."""
        made = []
        for spelling, value in record.pictures.get(key, []):
            one = wish(value, f"{record.path}.{spelling}", record.file, self.base, self.report)
            if one is not None:
                made.append(one)
        return made

    def _found(self, one: Wish) -> tuple[Archive, str] | None:
        if one.url:
            answer = self.answers.get(one.url, {})
            entry = folded(f"pictures/{answer.get('name', '')}")
            has_it = self.fetched is not None and not answer.get("error") and entry in self.fetched.entries
            return (self.fetched, entry) if has_it and self.fetched is not None else None
        if self.files is None:
            return None
        below = f"{self.root}/{one.path}" if self.root else one.path
        entry = next((path for path in (below, one.path) if path in self.files.entries), None)
        return (self.files, entry) if entry is not None else None

    def _miss(self, one: Wish) -> str:
        if one.url:
            answer = self.answers.get(one.url, {})
            why = answer.get("error") or (
                f"status {answer['status']}" if answer.get("status") else "it was not fetched"
            )
            return f"{quoted(one.value, 120)} could not be had ({quoted(why, 120)[1:-1]})"
        if not self._stems and self.files is not None:
            self._stems = {PurePosixPath(path).stem: info.filename for path, info in self.files.entries.items()}
        near = self._stems.get(PurePosixPath(one.path).stem, "")
        hint = f" (there is {quoted(near, 80)})" if near else ""
        return f"{quoted(one.value, 120)} is not in the zip{hint}"

    def _taken(self, one: Wish, archive: Archive, entry: str) -> Picture | None:
        try:
            kind = kinds.kind(archive.head(entry, kinds.ENOUGH))
            if kind not in kinds.PICTURES:
                what = f"{quoted(one.value, 120)} is {kind}, no picture that is read"
                self.report.fault(
                    one.file, one.origin, what, "Use a PNG, JPEG, WebP, GIF or SVG, or leave the key out."
                )
                return None
            if archive.entries[entry].file_size > LARGEST:
                raise Unreadable(f"is larger than {LARGEST // 1048576} MiB")
            if self.scratch is None:
                return None
            return Picture(path=str(self._stored(archive, entry, kind)), origin=one.origin)
        except Unreadable as problem:
            self.report.fault(
                one.file, one.origin, f"{quoted(one.value, 120)} {problem}", "Put another picture in its place."
            )
            return None

    def _stored(self, archive: Archive, entry: str, kind: str) -> Path:
        assert self.scratch is not None
        if (path := self._stored_at.get((archive.name, entry))) is not None:
            return path
        data = archive.read(entry, LARGEST)
        folder = self.scratch / "came"
        folder.mkdir(exist_ok=True)
        # Named by its content: two that are the same are one file, and no name of the data reaches the disk.
        path = folder / f"{hashlib.sha256(data).hexdigest()[:24]}{kinds.SUFFIXES.get(kind, '.svg')}"
        if not path.exists():
            path.write_bytes(data)
        self._stored_at[archive.name, entry] = path
        return path
