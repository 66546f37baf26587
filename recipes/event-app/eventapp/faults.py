"""What is wrong with an event's data, in words for the person who sent it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

#: So many faults are told one by one; of the others only how many there are.
TOLD = 50
#: Beyond so many, faults are no longer looked for.
COUNTED = 1000
#: So many notes are kept for the log.
NOTED = 100


def quoted(text: object, limit: int = 60) -> str:
    """A piece of the data for a message: one line, bounded, without control characters, in quotation marks."""
    kept = []
    for character in str(text)[: limit * 4]:
        kind = unicodedata.category(character)
        kept.append(" " if kind in ("Zl", "Zp") or character in "\t\n\r" else character)
        if kind in ("Cc", "Cf", "Cs") and kept[-1] != " ":
            kept[-1] = "\N{REPLACEMENT CHARACTER}" if kind != "Cf" else ""
    line = "".join(kept).strip()
    if len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    return f'"{line}"'


@dataclass(frozen=True)
class Fault:
    """One thing to mend: in which file, where in it, what is wrong, and what to write instead.

    `path` is a JSON path such as `sessions[3].speakers[0].id`, or empty where the whole file is meant; `line` and
    `column` count from 1, and 0 means not known."""

    file: str
    path: str
    message: str
    mend: str = ""
    line: int = 0
    column: int = 0

    @property
    def where(self) -> str:
        """The place for a list of problems: the path, or the file and the line where there is no path."""
        if self.path:
            return self.path
        if self.line:
            return f"{self.file}, line {self.line}, column {self.column}"
        return self.file

    def __str__(self) -> str:
        """`FILE: PATH: message. mend`, as the log tells it; the line and column stand behind the file's name."""
        place = f"{self.file}, line {self.line}, column {self.column}" if self.line else self.file
        told = f"{self.message}. {self.mend}" if self.mend else self.message
        return ": ".join([part for part in (place, self.path, told) if part])


class InputFaults(Exception):
    """The data cannot be used: `faults` holds the first faults, `more` says how many there are besides."""

    def __init__(self, faults: list[Fault], more: int = 0) -> None:
        super().__init__(f"{len(faults) + more} faults in the event's data")
        self.faults = faults
        self.more = more

    def lines(self) -> list[str]:
        """One line a fault, and one that says how many more there are."""
        told = [str(fault) for fault in self.faults]
        return [*told, more_of(self.more)] if self.more else told


def more_of(count: int) -> str:
    """How many faults there are beside those that are told."""
    return f"and more than {COUNTED:,} more" if count >= COUNTED else f"and {count} more"


@dataclass
class Report:
    """What reading gathers on its way: the faults that stop it and the notes that do not."""

    faults: list[Fault] = field(default_factory=list)
    more: int = 0
    notes: list[str] = field(default_factory=list)
    more_notes: int = 0
    #: Those of the notes that the build's page says as well: much is missing.
    pages: list[str] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        """Whether a further fault would only be counted; then nobody need search for how to mend it."""
        return len(self.faults) >= TOLD

    @property
    def is_beyond_counting(self) -> bool:
        """Whether it is no use to look on."""
        return self.more >= COUNTED

    def fault(self, file: str, path: str, message: str, mend: str = "", line: int = 0, column: int = 0) -> None:
        """Adds a fault, or counts it once enough are told."""
        self.add(Fault(file, path, message, mend, line, column))

    def add(self, fault: Fault) -> None:
        """Adds a fault, or counts it once enough are told."""
        if self.is_full:
            self.more += 1
        else:
            self.faults.append(fault)

    def note(self, text: str) -> None:
        """Adds a note for the requester's log, or counts it once enough are kept."""
        if len(self.notes) >= NOTED:
            self.more_notes += 1
        elif text not in self.notes:
            self.notes.append(text)

    def note_page(self, text: str) -> None:
        """Adds a note that a list is the first of several pages."""
        self.note(text)
        if text not in self.pages:
            self.pages.append(text)

    def told_notes(self) -> tuple[str, ...]:
        """The notes, with a last one that says how many more there were."""
        if self.more_notes:
            return (*self.notes, f"and {self.more_notes} more notes")
        return tuple(self.notes)

    def stop_if_faulty(self) -> None:
        """Raises `InputFaults` if there is any fault."""
        if self.faults:
            raise InputFaults(list(self.faults), self.more)
