"""From a document's JSON to records in one spelling, each checked against its schema in `schema/`."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema

from .faults import Report, quoted
from .spellings import KEYS, PICTURES, spelled

#: The most entries of one document.
MOST = 20_000
#: States of sessions that are not shown.
NOT_SHOWN = ("rejected", "pending", "draft", "withdrawn", "canceled", "cancelled", "deleted", "trashed")

_SCHEMAS = Path(__file__).resolve().parent.parent / "schema"
_KINDS = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number"}
_WORDS = {
    "object": "an object {…}",
    "array": "a list […]",
    "string": "a text",
    "boolean": "true or false",
    "integer": "a whole number",
    "number": "a number",
    "null": "null",
}


@dataclass
class Record:
    """One entry of a document: its values by this program's spelling of their keys; what is empty is not there."""

    document: str
    file: str
    #: `sessions[3]`
    path: str
    values: dict[str, Any] = field(default_factory=dict)
    #: How the document spells the keys.
    spelling: dict[str, str] = field(default_factory=dict)
    #: Per key that names a picture: every spelling that is there and its value, the most wanted first.
    pictures: dict[str, list[tuple[str, Any]]] = field(default_factory=dict)
    #: Whether it keeps to the schema. One that does not is there for those that refer to it, and told as a fault.
    is_good: bool = True

    def get(self, key: str) -> Any:
        return self.values.get(key)

    def where(self, key: str) -> str:
        """The JSON path of a value, as the document spells it."""
        return f"{self.path}.{self.spelling.get(key, key)}"

    @property
    def label(self) -> str:
        """The record's name or title for a message, with a space before it; nothing if it has none."""
        name = self.values.get("title", self.values.get("name"))
        return f" {quoted(name)}" if isinstance(name, (str, int, float)) else ""


def records(document: str, value: Any, file: str, report: Report) -> list[Record]:
    """The entries of a document, however it is wrapped; those that do not keep to the schema are told and marked.

    Wrappings: a list; an object that has it under the document's name, `data` (JSON:API) or `results` (pages); for the
    event an object, or a list of one."""
    items, path = _unwrapped(document, value, file, report)
    if items is None:
        return []
    if document == "event":
        entries = (
            [(path, items)] if isinstance(items, dict) else [(f"{path}[{n}]", item) for n, item in enumerate(items)]
        )
        if len(entries) != 1:
            report.fault(file, path, f"lists {len(entries)} events, where one is expected", "Keep the one for the app.")
            return []
    else:
        entries = [(f"{path}[{number}]", item) for number, item in enumerate(items)]
    if len(entries) > MOST:
        report.fault(file, path, f"lists {len(entries):,} entries; at most {MOST:,} are read", "Leave some out.")
        return []
    good_shapes: set[Any] = set()
    made = []
    for place, item in entries:
        if not isinstance(item, dict):
            report.fault(
                file, place, f"is {_word(item)}, where an object with its keys is expected", "Write it as {…}."
            )
            continue
        record = record_of(document, item, file, place)
        record.is_good = is_left_out(record) or _keeps_schema(record, good_shapes, report)
        made.append(record)
    return made


def is_left_out(record: Record) -> bool:
    """Whether the organisers themselves do not show an entry: rejected, a draft, deleted. It may then be incomplete."""
    return record.document == "sessions" and left_out_as(record) != ""


def left_out_as(record: Record) -> str:
    """The state for which a session is not shown, or nothing if it is."""
    if record.get("deleted_at") or record.get("in_trash") is True:
        return "deleted"
    state = record.get("state")
    state = state.strip().casefold() if isinstance(state, str) else ""
    return state if state in NOT_SHOWN else ""


def flat(item: dict[str, Any]) -> dict[str, tuple[str, Any]]:
    """An entry's values by compared key, each with its place in it; of JSON:API its attributes and relations."""
    found: dict[str, tuple[str, Any]] = {}
    attributes = item.get("attributes")
    if not isinstance(attributes, dict):
        _gather(found, item, "")
        return found
    _gather(found, attributes, "attributes.")
    relations = item.get("relationships")
    if isinstance(relations, dict):
        related = {key: one["data"] for key, one in relations.items() if isinstance(one, dict) and "data" in one}
        _gather(found, related, "relationships.", ".data")
    _gather(found, {"id": item.get("id")}, "")
    return found


def _gather(found: dict[str, tuple[str, Any]], item: dict[str, Any], before: str, after: str = "") -> None:
    for key, value in item.items():
        if not _is_blank(value):
            found.setdefault(spelled(key), (before + key.strip() + after, value))


def _is_blank(value: Any) -> bool:
    return value is None or isinstance(value, str) and (not value or value.isspace())


def record_of(document: str, item: dict[str, Any], file: str, path: str) -> Record:
    """An entry in this program's spelling, unchecked."""
    record = Record(document, file, path)
    found = flat(item)
    pictures = PICTURES.get(document, "").split()
    for key, spellings in KEYS[document].items():
        there = [found[spelling] for spelling in spellings if spelling in found]
        if not there:
            continue
        record.spelling[key] = there[0][0]
        if key in pictures:
            record.pictures[key] = there
        else:
            record.values[key] = there[0][1]
    return record


def _unwrapped(document: str, value: Any, file: str, report: Report) -> tuple[Any, str]:
    path = document
    for _ in range(3):
        if isinstance(value, list):
            return value, path
        if not isinstance(value, dict):
            break
        keys = {spelled(key): key for key in value}
        if "errors" in keys and not keys.keys() & {"data", document}:
            report.fault(
                file, path, f"is the answer of a failed request: {quoted(json.dumps(value))}", "Export it again."
            )
            return None, path
        inner = next((key for key in (document, "data", "results") if _holds_entries(value.get(keys.get(key)))), None)
        if document == "event" and (inner is None or keys.keys() & {"name", "title", "attributes"}):
            return value, path
        if inner is None:
            break
        _note_pages(document, value, value[keys[inner]], file, report)
        value, path = value[keys[inner]], f"{path}.{keys[inner]}"
    expected = "an object with the event's keys" if document == "event" else "a list of objects"
    report.fault(
        file, path, f"is {_word(value)}, where {expected} is expected", "Compare it with an export of Open Event."
    )
    return None, path


def _holds_entries(value: Any) -> bool:
    return isinstance(value, (dict, list))


def _note_pages(document: str, value: dict[str, Any], items: Any, file: str, report: Report) -> None:
    links = value.get("links")
    if not isinstance(items, list) or not (value.get("next") or isinstance(links, dict) and links.get("next")):
        return
    told = f"with {len(items):,} {document.replace('_', ' ')}"
    if "://" in file:
        report.note_page(f"The address answers in pages; only the first, {told}, was read.")
    else:
        report.note_page(f"{file} is only the first page of a longer list, {told}; what follows is not in the app.")


def _keeps_schema(record: Record, good_shapes: set[Any], report: Report) -> bool:
    # A schema asks for nothing but keys and types, so entries of one shape get one verdict: thousands need one check.
    shape = tuple((key, _shape(value)) for key, value in record.values.items())
    if shape in good_shapes:
        return True
    if report.is_beyond_counting:
        return False
    keeps = True
    for key, value in record.values.items():
        if isinstance(value, list) and len(value) > MOST:
            told = f"lists {len(value):,} entries; at most {MOST:,} are read"
            report.fault(record.file, record.where(key), told, "Leave some out.")
            return False
    for error in _validator(record.document).iter_errors(record.values):
        keeps = False
        _tell(record, error, report)
        if report.is_beyond_counting:
            break
    if keeps:
        good_shapes.add(shape)
    return keeps


def _tell(record: Record, error: jsonschema.ValidationError, report: Report) -> None:
    place = list(error.absolute_path)
    if error.validator == "required":
        # One error comes for each missing key, all alike but for the message: the first key not told yet is meant.
        missing = next(key for key in error.validator_value if error.message.startswith(repr(key)))
        spellings = KEYS[record.document][missing]
        example = _example(record.document, missing)
        also = f' (or "{spellings[1]}")' if len(spellings) > 1 else ""
        mend = f'Add "{spellings[0]}"{also}' + (f", such as {example}." if example else ".")
        if missing in ("starts_at", "ends_at") and record.document == "sessions":
            mend += ' A session that is not planned yet can have "state": "draft"; it is left out.'
        report.fault(record.file, f"{record.path}.{spellings[0]}", f"is missing or empty{_of(record)}", mend)
        return
    path = record.where(str(place[0])) if place else record.path
    path += "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place[1:])
    wanted = error.validator_value if isinstance(error.validator_value, list) else [error.validator_value]
    expected = " or ".join(_WORDS.get(kind, str(kind)) for kind in wanted)
    example = _example(record.document, str(place[0])) if len(place) == 1 else ""
    mend = f"Write it as in {example}." if example else "Write it so, or leave the key out."
    report.fault(record.file, path, f"is {_word(error.instance)}, where {expected} is expected{_of(record)}", mend)


def _of(record: Record) -> str:
    return f" (of{record.label})" if record.label else ""


def _example(document: str, key: str) -> str:
    examples = _schema(document)["properties"].get(key, {}).get("examples")
    return json.dumps(examples[0], ensure_ascii=False) if examples else ""


def _word(value: Any) -> str:
    return _WORDS[_KINDS.get(type(value), "null")]


def _shape(value: Any) -> Any:
    if isinstance(value, list):
        return frozenset(_shape(item) for item in value)
    if isinstance(value, dict):
        return ("object", type(value.get("id")), type(value.get("name")))
    return (type(value), isinstance(value, float) and value.is_integer())


@lru_cache(maxsize=None)
def _schema(document: str) -> dict[str, Any]:
    return json.loads((_SCHEMAS / f"{document}.json").read_text(encoding="utf-8"))


@lru_cache(maxsize=None)
def _validator(document: str) -> jsonschema.Draft7Validator:
    return jsonschema.Draft7Validator(_schema(document))
