"""The links of records: what they are called, and that they lead to the web."""

from __future__ import annotations

import re
from typing import Any

from . import clean, values
from .checking import Record
from .event import Link
from .faults import Report, quoted


def link(record: Record, key: str, name: str, report: Report) -> Link | None:
    """The link in a key, or none, with a note if there is something else."""
    made = values.link(record, key, name)
    if made is None and record.get(key) is not None:
        told = quoted(record.get(key), 80)
        report.note(f"{record.where(key)} is {told}, no web address; the app goes without it.")
    return made


def of_event(record: Record, others: list[Record], report: Report) -> tuple[Link, ...]:
    """An event's links, each address once: its own, those listed in it, and those of a document of their own."""
    found = [link(record, "event_url", "Website", report), link(record, "ticket_url", "Tickets", report)]
    place = record.where("social_links")
    listed = record.get("social_links") or []
    within = [
        Record("social_links", record.file, f"{place}[{number}]", _values(one)) for number, one in enumerate(listed)
    ]
    for one in within + others:
        found.append(link(one, "link", clean.line(one.get("name"), 80), report))
    named = [Link(one.name or _host(one.url), one.url) for one in found if one is not None]
    # Of two for one address the first stays.
    return tuple({one.url: one for one in reversed(named)}.values())[::-1]


def _values(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"link": value}
    found = {str(key).casefold(): one for key, one in value.items()} if isinstance(value, dict) else {}
    led = next((found[key] for key in ("link", "url", "event_url") if found.get(key)), None)
    return {"name": found.get("name"), **({"link": led} if led is not None else {})}


def _host(url: str) -> str:
    return re.sub(r"^(?:https?://|mailto:|tel:)(?:www\.)?", "", url).split("/")[0]
