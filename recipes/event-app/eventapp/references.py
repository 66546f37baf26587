"""Finds what a record refers to: by id, by name, or as an object within."""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import Any

from . import clean
from .checking import Record, record_of
from .faults import Report, quoted

#: For so many faults the nearest match is looked for; it takes milliseconds among thousands.
_SEARCHED = 5
#: Among more names than this, and in more than this of each, it is not looked for.
_AMONG, _LONG = 3000, 60
_ONE = {
    "speakers": "speaker",
    "tracks": "track",
    "microlocations": "room",
    "session_types": "type",
    "sessions": "session",
}


def id_of(value: Any) -> str:
    """An id as it is compared, number or text alike; empty if there is none."""
    if isinstance(value, bool) or value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    return str(value).strip() if isinstance(value, (int, str)) else ""


def name_of(record: Record) -> str:
    """A record's name or title, cleaned."""
    return clean.line(record.get("title") if record.document == "sessions" else record.get("name"))


@dataclass
class Index:
    """The records of one document by id and by name. One that is not there is made up from objects within."""

    document: str
    #: The file's name for messages; empty if the document is not there.
    file: str
    report: Report
    #: Whether the file is there but cannot be read: then nothing is said of what refers to it.
    is_broken: bool = False
    records: list[Record] = field(default_factory=list)
    by_id: dict[str, Record] = field(default_factory=dict)
    by_name: dict[str, list[Record]] = field(default_factory=dict)

    def add(self, record: Record) -> None:
        """Enters a record; a second one of the same id is a fault."""
        self.records.append(record)
        key = id_of(record.get("id"))
        if key in self.by_id:
            first = self.by_id[key]
            message = f"is {quoted(key)}, as is that of {first.path}{first.label}"
            self.report.fault(record.file, record.where("id"), message, "Give each an id of its own.")
        elif key:
            self.by_id[key] = record
        self.by_name.setdefault(name_of(record).casefold(), []).append(record)

    def find(self, value: Any, place: str, owner: Record) -> Record | None:
        """The record that a value refers to; None if it refers to nothing, or, with a fault, to what is unknown."""
        within = value if isinstance(value, dict) else {}
        key = id_of(within.get("id") if within else value)
        name = clean.line(within.get("name")) if isinstance(within.get("name"), (str, int, float)) else ""
        if not key and not name or self.is_broken:
            return None
        if key in self.by_id:
            return self.by_id[key]
        named = self.by_name.get((name or key).casefold(), []) if not (key and name) or not self.file else []
        if len(named) == 1:
            return named[0]
        if not self.file and name:
            made = record_of(self.document, within, owner.file, place)
            self.add(made)
            return made
        self._tell_unknown(key, name, place + (".id" if within and key else ""), owner, len(named))
        return None

    def _tell_unknown(self, key: str, name: str, place: str, owner: Record, count: int) -> None:
        if self.report.is_full:
            self.report.fault(owner.file, place, "")
            return
        one = _ONE[self.document]
        shown = f"{quoted(key)} ({quoted(name)})" if key and name else quoted(key or name)
        of = f"{owner.label}" if owner.label else ""
        if not self.file:
            message = f"names the {one} {shown}, but there is no file {self.document}"
            mend = f"Add the file {self.document}."
        elif count:
            message, mend = f"names the {one} {shown}, of which {self.file} has {count}", "Name it by its id."
        else:
            message = f"names the {one} {shown}, which is not in {self.file}"
            near = self._nearest(key, name) if len(self.report.faults) < _SEARCHED else ""
            mend = f"Did you mean {near}? Or add it to {self.file}." if near else f"Add it to {self.file}."
        self.report.fault(
            owner.file, place, message + (f" (session{of})" if of and owner.document == "sessions" else ""), mend
        )

    def _nearest(self, key: str, name: str) -> str:
        if len(self.by_name) > _AMONG:
            return ""
        if name or not key.isdigit():
            asked = (name or key).casefold()[:_LONG]
            names = [asked] if asked in self.by_name else difflib.get_close_matches(asked, self.by_name, n=1)
            names = names or [known for known in self.by_name if len(asked) > 2 and asked in known][:1]
            close = [self.by_name[found][0] for found in names]
        else:
            close = [self.by_id[found] for found in difflib.get_close_matches(key[:_LONG], self.by_id, n=1)]
        if not close:
            return ""
        found = id_of(close[0].get("id"))
        return f"{quoted(found)} ({quoted(name_of(close[0]))})" if found else quoted(name_of(close[0]))
