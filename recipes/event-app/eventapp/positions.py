"""JSON, read strictly: where exactly it is broken, and nothing that makes the reader itself break."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from .faults import Fault, quoted

#: The largest document, in bytes.
LARGEST = 16 * 1024 * 1024
#: The most values of one document, keys' values and list entries together; commas within texts count too.
MOST_VALUES = 1_000_000
#: How deep lists and objects may nest.
DEEPEST = 100

_STRING = r'"[^"\\]*(?:\\.[^"\\]*)*(?:"|\\?\Z)'
_TOKEN = re.compile(_STRING + r"|[\[\]{},:]|[^\s\[\]{},:\"]+", re.DOTALL)
_NESTING = re.compile(_STRING + r"|[\[\]{}]", re.DOTALL)
_NAN = re.compile(_STRING + r"|-?\bInfinity\b|\bNaN\b", re.DOTALL)

_EXPECTED = {
    "Expecting value": (
        "a value was expected here",
        "Write a text in double quotes, a number, true, false, null, [ or {.",
    ),
    "Expecting ',' delimiter": ("a comma or the end of the list or object was expected here", "Is a comma missing?"),
    "Expecting ':' delimiter": ("a colon was expected here, between a key and its value", ""),
    "Expecting property name enclosed in double quotes": (
        "a key in double quotes was expected here",
        "A comma before } is one too many; single quotes and bare words are no JSON.",
    ),
    "Illegal trailing comma before end of object": ("there is a comma too many before }", "Leave it out."),
    "Illegal trailing comma before end of array": ("there is a comma too many before ]", "Leave it out."),
    "Unterminated string starting at": ("a text begins here and never ends", "Close it with a double quote."),
    "Invalid control character at": ("a line break or control character stands within a text", "Write \\n instead."),
    "Invalid \\escape": ("a backslash stands before a character that needs none", "Write \\\\ for a backslash."),
    "Invalid \\uXXXX escape": ("\\u is not followed by four hexadecimal digits", "Write it as in \\u00e9."),
    "Extra data": ("the document ended before this, and more follows", "One file holds one list or object."),
}


class NotJSON(Exception):
    """The bytes are no JSON that is accepted; `fault` says where and why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


class _Constant(Exception):
    pass


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Line and column of a character, both counted from 1; a line ends with a line feed or carriage return."""
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def parse(data: bytes, file: str) -> Any:
    """The value of a JSON document in UTF-8, UTF-16 or UTF-32, with or without a byte order mark.

    Raises `NotJSON`, and nothing else, for broken text, keys written twice, NaN and Infinity, too many bytes and too
    deep nesting. Objects are `dict`, in the document's order; numbers that no event needs are `float`."""
    if len(data) > LARGEST:
        size = f"{len(data) / 1e6:.1f} MB"
        raise _fault(file, f"is {size} large; at most {LARGEST // 1048576} MiB are read", "Shorten its texts.")
    text = _decoded(data, file)
    if not text.strip():
        raise _fault(file, "is empty", "Write [] if there is nothing to list.")
    if text.count(",") >= MOST_VALUES:
        raise _fault(file, f"holds more than {MOST_VALUES:,} values", "Leave out what no app needs.")
    has_twice = []

    def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) != len(pairs):
            has_twice.append(True)
        return made

    try:
        value = json.loads(text, object_pairs_hook=object_of, parse_constant=_refuse_constant, parse_int=_integer)
    except json.JSONDecodeError as error:
        raise _broken(text, file, error.msg, error.pos) from None
    except _Constant as error:
        found = next((match for match in _NAN.finditer(text) if not match.group().startswith('"')), None)
        line, column = line_and_column(text, found.start() if found else 0)
        raise NotJSON(Fault(file, "", f"{error} is no JSON value", "Write null instead.", line, column)) from None
    except RecursionError:
        raise _too_deep(file) from None
    if _depth_exceeds(text, DEEPEST):
        raise _too_deep(file)
    if has_twice:
        raise _key_twice(text, file)
    return value


def keys_twice(text: str) -> Iterator[tuple[str, int]]:
    """Every key that its object already has, and the offset of its second mention. `text` must be valid JSON."""
    stack: list[set[str] | None] = []
    for match in _TOKEN.finditer(text):
        token = match.group()
        if token == "{":
            stack.append(set())
        elif token == "[":
            stack.append(None)
        elif token in ("}", "]"):
            stack.pop()
        elif token.startswith('"') and stack and stack[-1] is not None and _is_key(text, match.end()):
            key = json.loads(token)
            if key in stack[-1]:
                yield key, match.start()
            stack[-1].add(key)


def _is_key(text: str, end: int) -> bool:
    while text[end] in " \t\r\n":
        end += 1
    return text[end] == ":"


def _depth_exceeds(text: str, limit: int) -> bool:
    depth = 0
    for match in _NESTING.finditer(text):
        character = text[match.start()]
        if character in "[{":
            depth += 1
            if depth > limit:
                return True
        elif character in "]}":
            depth -= 1
    return False


def _decoded(data: bytes, file: str) -> str:
    encoding = json.detect_encoding(data)
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        good = data[: error.start].decode(encoding, "replace")
        line, column = line_and_column(good, len(good))
        message = f"is not valid {encoding.upper().removesuffix('-SIG')} at byte {error.start + 1}"
        raise NotJSON(Fault(file, "", message, "Save the file as UTF-8.", line, column)) from None


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) <= 18 else float(digits)


def _refuse_constant(name: str) -> Any:
    raise _Constant(name)


def _broken(text: str, file: str, problem: str, offset: int) -> NotJSON:
    message, mend = _EXPECTED.get(problem, (problem.lower(), ""))
    line, column = line_and_column(text, offset)
    found = text[offset : offset + 24].split("\n")[0].strip()
    seen = (
        f"there is {quoted(found, 24)}"
        if found
        else "there is the end of the file" if not text[offset:].strip() else ""
    )
    return NotJSON(Fault(file, "", message + (f"; {seen}" if seen else ""), mend, line, column))


def _key_twice(text: str, file: str) -> NotJSON:
    key, offset = next(keys_twice(text), ("", 0))
    line, column = line_and_column(text, offset)
    return NotJSON(Fault(file, "", f"the key {quoted(key)} stands twice in one object", "Leave one out.", line, column))


def _too_deep(file: str) -> NotJSON:
    return _fault(file, f"is nested more than {DEEPEST} levels deep", "An event's data needs no more than six.")


def _fault(file: str, message: str, mend: str) -> NotJSON:
    return NotJSON(Fault(file, "", message, mend))
