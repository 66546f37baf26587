"""Reads an event: from a zip as Open Event exports it, or from what was fetched of its address.

    event = reading.load(Path("data.zip"), None, "", scratch)

`load` is for making the app, `look` for saying beforehand what is wrong; both judge alike."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from . import archive, checking, positions
from .archive import Archive
from .event import Event
from .faults import Report, quoted
from .gallery import Gallery
from .references import Index
from .resolving import Resolver
from .spellings import DOCUMENTS, REQUIRED, document_of


class FetchUnreadable(Exception):
    """What Kiln itself fetched and packed is not as it was agreed: no fault of the requester's."""


@dataclass
class Found:
    """What looking brought: the faults, and the pictures to fetch by address with the name to store each under."""

    report: Report
    pictures: dict[str, str] = field(default_factory=dict)


@dataclass
class _Sources:
    report: Report
    data: Archive | None = None
    fetched: Archive | None = None
    root: str = ""
    base: str = ""
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)
    #: By document: the file's name for messages, and its bytes; none where they could not be had, which is told.
    documents: dict[str, tuple[str, bytes | None]] = field(default_factory=dict)

    def close(self) -> None:
        for one in (self.data, self.fetched):
            if one is not None:
                one.close()


def load(data_zip: Path | None, fetched_zip: Path | None, endpoint: str, scratch: Path) -> Event:
    """The event, its pictures as files below `scratch`. `InputFaults` with all faults at once if it cannot be used.

    The documents are those of `data_zip`, or else those fetched from `endpoint`; pictures that were named by address
    are in `fetched_zip` in either case."""
    report = Report()
    sources = _opened(data_zip, fetched_zip, endpoint, report)
    try:
        resolver, _ = _resolver(sources, scratch, with_texts=True)
        event = resolver.event("" if data_zip is not None else endpoint)
        report.stop_if_faulty()
        if event is None:
            report.fault("event", "", "is missing", "Export the event again.")
            report.stop_if_faulty()
            raise AssertionError("a missing event is a fault")
        return event
    finally:
        sources.close()


def look(data_zip: Path | None, fetched_zip: Path | None, endpoint: str) -> Found:
    """What is wrong with the data, and which pictures it names by address. Raises nothing for what a requester sent."""
    report = Report()
    sources = _opened(data_zip, fetched_zip, endpoint, report)
    try:
        resolver, gallery = _resolver(sources, None, with_texts=False)
        resolver.event("")
        return Found(report, gallery.wanted)
    finally:
        sources.close()


def _resolver(sources: _Sources, scratch: Path | None, with_texts: bool) -> tuple[Resolver, Gallery]:
    gallery = Gallery(
        sources.report,
        files=sources.data,
        root=sources.root,
        fetched=sources.fetched,
        answers=sources.answers,
        base=sources.base,
        scratch=scratch,
    )
    indexes = {document: _index(document, sources) for document in DOCUMENTS}
    return Resolver(indexes, gallery, sources.report, with_texts), gallery


def _index(document: str, sources: _Sources) -> Index:
    file, data = sources.documents.get(document, ("", None))
    index = Index(document, file, sources.report)
    if data is None:
        # One that must be there and is not has its fault already, as has one that could not be read.
        index.is_broken = document in REQUIRED or file != ""
        return index
    try:
        value = positions.parse(data, file)
    except positions.NotJSON as problem:
        sources.report.add(problem.fault)
        index.is_broken = True
        return index
    before = len(sources.report.faults)
    records = checking.records(document, value, file, sources.report)
    index.is_broken = not records and len(sources.report.faults) > before
    for record in records:
        index.add(record)
    return index


def _opened(data_zip: Path | None, fetched_zip: Path | None, endpoint: str, report: Report) -> _Sources:
    sources = _Sources(report)
    if fetched_zip is not None:
        _open_fetched(fetched_zip, sources)
    if data_zip is not None:
        sources.data = archive.open_zip(data_zip, "data.zip", report)
        sources.base = ""
        sources.documents = {}
        if sources.data is not None:
            _take_documents(sources.data, sources)
    elif fetched_zip is not None:
        sources.base = sources.base or endpoint
        _require_documents(sources, "the address", "Does the address answer with it? Was it typed in full?")
    return sources


def _take_documents(data: Archive, sources: _Sources) -> None:
    """Finds the folder that holds the event and reads the documents in it, each with its bound."""
    by_folder: dict[str, dict[str, list[str]]] = {}
    for key in data.entries:
        path = PurePosixPath(key)
        document = document_of(path.name)
        if document is not None and "images" not in path.parts[:-1]:
            folder = "" if str(path.parent) == "." else str(path.parent)
            by_folder.setdefault(folder, {}).setdefault(document, []).append(key)
    roots = sorted((folder for folder, found in by_folder.items() if "event" in found), key=_depth)
    if not roots:
        roots = sorted(by_folder, key=lambda folder: (_depth(folder), -len(by_folder[folder])))[:1]
    elif len(roots) > 1 and _depth(roots[0]) == _depth(roots[1]):
        told = " and ".join(quoted(root) for root in roots[:2])
        sources.report.fault(data.name, "", f"holds two events, in {told}", "Keep the one for the app.")
        return
    sources.root = roots[0] if roots else ""
    for document, keys in by_folder.get(sources.root, {}).items():
        names = [quoted(data.entries[key].filename, 120)[1:-1] for key in keys]
        if len(keys) > 1 and len({(data.entries[key].CRC, data.entries[key].file_size) for key in keys}) > 1:
            told = " and ".join(quoted(name) for name in names[:2])
            sources.report.fault(data.name, "", f"holds {told}, two files for {document}", "Keep one of them.")
        try:
            sources.documents[document] = names[0], data.read(keys[0], positions.LARGEST)
        except archive.Unreadable as problem:
            sources.report.fault(names[0], "", str(problem), "Export it again.")
            sources.documents[document] = names[0], None
    _require_documents(sources, "the zip", _found_instead(data))


def _depth(folder: str) -> int:
    return folder.count("/") + 1 if folder else 0


def _require_documents(sources: _Sources, where: str, mend: str) -> None:
    for document in REQUIRED:
        if document not in sources.documents:
            also = "" if document == "event" else " Write [] into it if nothing is planned yet."
            message = (
                f"there is no file {document} (or {document}.json) in {where}"
                if where == "the zip"
                else f"{where} has no /{document}"
            )
            sources.report.fault(document, "", message, mend + also)


def _found_instead(data: Archive) -> str:
    names = [info.filename for info in data.entries.values()]
    if not names:
        return "The zip is empty."
    told = ", ".join(quoted(name, 40) for name in sorted(names, key=lambda name: (name.count("/"), name))[:5])
    return f"It holds {told}{' and others' if len(names) > 5 else ''}."


def _open_fetched(path: Path, sources: _Sources) -> None:
    report = Report()
    fetched = archive.open_zip(path, "fetched.zip", report)
    if fetched is None or report.faults:
        raise FetchUnreadable("; ".join(str(fault) for fault in report.faults))
    sources.fetched = fetched
    try:
        told = json.loads(fetched.read("fetched.json", positions.LARGEST))
        sources.base = str(told.get("from") or "")
        sources.answers = {one["url"]: one for one in told.get("pictures") or []}
        urls = {one["name"]: one["url"] for one in told.get("documents") or []}
    except (KeyError, ValueError, TypeError, AttributeError, archive.Unreadable) as problem:
        raise FetchUnreadable(f"fetched.json: {problem!r}") from None
    for key in fetched.entries:
        folder, _, name = key.partition("/")
        document = document_of(name) if folder == "documents" else None
        if document is not None:
            shown = urls.get(fetched.entries[key].filename.partition("/")[2], document)
            try:
                sources.documents[document] = shown, fetched.read(key, positions.LARGEST)
            except archive.Unreadable as problem:
                sources.report.fault(shown, "", str(problem), "Does the address answer with the event's data?")
                sources.documents[document] = shown, None
