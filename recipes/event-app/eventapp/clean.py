"""Texts as they may be shown: plain ones without what disturbs the page, HTML cut down to a short list of elements.

What `html` returns is written by this module from that list alone, so it may stand in a page as it is. What `line`
returns is plain text and is escaped by whoever renders it."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from html import escape, unescape
from html.entities import html5
from typing import Any
from urllib.parse import urlsplit

from bleach.html5lib_shim import Filter
from bleach.sanitizer import Cleaner

#: The longest name or title, and the longest text with paragraphs, in characters.
LINE = 300
TEXT = 20_000
#: A text with more tags than this loses them all: no description needs them, and parsing them takes long.
MOST_TAGS = 1_500

TAGS = ("a", "b", "blockquote", "br", "code", "em", "h3", "h4", "h5", "i", "li", "ol", "p", "pre", "strong", "ul")

_LINK = re.compile(r"(?:https?://[^\s\"'<>]+|mailto:[^\s\"'<>]+)", re.IGNORECASE)
#: No `*` and `#`: with those, numbers are commands to phones and networks.
_CALL = re.compile(r"tel:\+?[0-9().\-]{2,40}", re.IGNORECASE | re.ASCII)
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<!--")
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,31}|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});")
_NUMBERED = re.compile(r"&#(?:([0-9]{1,9})|[xX]([0-9a-fA-F]{1,8}));?")
_BLOCK = re.compile(r"<(?:p|ul|ol|li|h[3-5]|blockquote|pre)\b", re.IGNORECASE)
_HEADING = re.compile(r"<(/?)h([1-6])\b", re.IGNORECASE)
_BOX_END = re.compile(r"</(?:div|section|article|header|footer|tr|table|dd|dt|figure|figcaption)\s*>", re.IGNORECASE)
_HEADINGS = {"1": "h3", "2": "h3", "3": "h4", "4": "h5", "5": "h5", "6": "h5"}
_UNSHOWN = ("script", "style", "template", "noscript", "iframe", "object", "svg", "math", "title", "textarea", "select")
#: What stands at the start of a text, or of one written backwards, and shows nothing.
_BLANK_START = re.compile(r"(?:\s|<br>|<p>\s*</p>)+")
_BLANK_END = re.compile(r"(?:\s|>rb<|>p/<\s*>p<)+")
_EMPTY = re.compile(r"<p>(?:\s|<br>|&nbsp;)*</p>")
_PIECE = re.compile(
    r"<(?P<end>/?)(?P<tag>[a-zA-Z][a-zA-Z0-9]*)"
    r"(?P<attributes>(?:\s+[a-zA-Z_:][\w:.\-]*(?:=(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s\"'<>=`]+))?)*)\s*/?>"
    r"|(?P<entity>&[a-zA-Z][a-zA-Z0-9]{1,30};)|(?P<sign>[&>])|(?P<text>[^<>&]+)"
)
_HREF = re.compile(r"\shref=(?:\"([^\"]*)\"|'([^']*)'|([^\s\"']+))", re.IGNORECASE)
#: Elements whose content is no HTML or none to show; a text with one of them is left to a real parser.
_RAW = frozenset(
    (
        *"script style template noscript iframe object svg math title textarea select option".split(),
        *"xmp plaintext noembed noframes head frameset base embed".split(),
    )
)
_OVERRIDES = "\u202d\u202e"
_OPENS = {"\u202a": "\u202c", "\u202b": "\u202c", "\u202d": "\u202c", "\u202e": "\u202c"}
_ISOLATES = "\u2066\u2067\u2068"
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_JOINS = {"\u200d", "\ufe0e", "\ufe0f", "\u20e3"}


def line(value: Any, limit: int = LINE) -> str:
    """A name or title: one line as it was typed, without control characters, of at most `limit` characters."""
    if value is None:
        return ""
    text = str(value)[: limit * 8]
    return bounded(" ".join(_without_controls(text).split()), limit)


def bounded(text: str, limit: int) -> str:
    """At most `limit` characters of a text, an ellipsis at its end if any are missing; no letter loses its marks."""
    if len(text) <= limit:
        return text
    end = limit - 1
    while end > limit // 2 and (_belongs_to_former(text[end]) or text[end - 1] == "\u200d"):
        end -= 1
    return text[:end].rstrip() + "…"


def html(value: Any, limit: int = TEXT) -> str:
    """A description as safe HTML: the elements of `TAGS`, no attribute but `href` of http, https and mailto links.

    A text without tags becomes paragraphs and line breaks; tags that are not of the list are dropped, their text stays,
    but for scripts, styles and the like."""
    if value is None:
        return ""
    text = str(value).replace("\r\n", "\n").replace("\r", "\n").strip()
    return _html(bounded(text, limit)) if text else ""


@lru_cache(maxsize=2048)
def _html(text: str) -> str:
    if not _TAG.search(text) and not _ENTITY.search(text):
        return paragraphs(_without_controls(text, lines=True))
    text = _NUMBERED.sub(_numbered, text)
    text = _without_controls(text, lines=True)
    if text.count("<") > MOST_TAGS:
        return paragraphs(_without_tags(text))
    text = _BOX_END.sub("<br>", _HEADING.sub(lambda match: f"<{match[1]}{_HEADINGS[match[2]]}", _without_unshown(text)))
    cleaned = _as_written(text)
    if cleaned is None:
        cleaned = _cleaner().clean(text)
    if not _BLOCK.search(cleaned):
        inline = _without_edges(cleaned if "<br>" in cleaned else cleaned.strip().replace("\n", "<br>"))
        return f"<p>{inline}</p>" if inline else ""
    return _without_edges(_EMPTY.sub("", cleaned))


def _without_edges(text: str) -> str:
    """The text without blanks at its ends. It is looked at from both: a search for an end begins at every blank."""
    if start := _BLANK_START.match(text):
        text = text[start.end() :]
    end = _BLANK_END.match(text[::-1])
    return text[: len(text) - end.end()] if end else text


def paragraphs(text: str) -> str:
    """Plain text as HTML: blank lines part paragraphs, other line ends break lines."""
    parts = [part.strip() for part in re.split(r"\n[ \t]*\n\s*", text)]
    return "".join("<p>" + escape(part).replace("\n", "<br>") + "</p>" for part in parts if part)


def link(value: Any) -> str:
    """An address to open, as it was typed: http, https, mailto or tel; empty if it is none of them."""
    text = str(value).strip() if isinstance(value, str) else ""
    if (
        not text
        or len(text) > 2048
        or any(unicodedata.category(c) in ("Cc", "Cs", "Cf", "Zs", "Zl", "Zp") for c in text)
    ):
        return ""
    try:
        parts = urlsplit(text)
        host = parts.hostname
    except ValueError:
        return ""
    if parts.scheme in ("http", "https"):
        return text if host and "\\" not in text else ""
    return text if parts.scheme == "mailto" and parts.path or _CALL.fullmatch(text) else ""


def without_bidi(text: str) -> str:
    """The text without direction overrides, and without embeddings and isolates that are not closed again."""
    if not _BIDI.search(text):
        return text
    kept: list[str] = list(text)
    open_at: list[int] = []
    for index, character in enumerate(text):
        if character in _OPENS or character in _ISOLATES:
            open_at.append(index)
        elif character in "\u202c\u2069":
            closes = open_at and (character == "\u2069") == (text[open_at[-1]] in _ISOLATES)
            if not closes:
                kept[index] = ""
            elif text[start := open_at.pop()] in _OVERRIDES:
                kept[index] = kept[start] = ""
    for index in open_at:
        kept[index] = ""
    return "".join(kept)


def _without_controls(text: str, lines: bool = False) -> str:
    if not text.isprintable():
        text = "".join(_shown(character, lines) for character in text)
    return without_bidi(text)


def _shown(character: str, lines: bool) -> str:
    if character.isprintable():
        return character
    kind = unicodedata.category(character)
    if kind == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    if kind in ("Zl", "Zp") or character in "\t\n\x0b\x0c\x85":
        return "\n" if lines and character != "\t" else " "
    is_noncharacter = (ord(character) & 0xFFFE) == 0xFFFE or 0xFDD0 <= ord(character) <= 0xFDEF
    return "" if kind == "Cc" or character == "\ufeff" or is_noncharacter else character


def _numbered(match: re.Match[str]) -> str:
    code = int(match[1]) if match[1] else int(match[2], 16)
    if code > 0x10FFFF:
        return ""
    character = chr(code)
    return escape(character) if character in "<>&\"'" else _shown(character, True)


def _belongs_to_former(character: str) -> bool:
    return (
        character in _JOINS
        or unicodedata.category(character) in ("Mn", "Mc", "Me")
        or 0x1F3FB <= ord(character) <= 0x1F3FF
        or 0xE0020 <= ord(character) <= 0xE007F
    )


def _without_unshown(text: str) -> str:
    lower = text.lower()
    if len(lower) != len(text):
        return text
    for name in _UNSHOWN:
        start = lower.find(f"<{name}")
        while start >= 0 and (end := lower.find(f"</{name}", start)) >= 0:
            stop = lower.find(">", end)
            stop = len(text) if stop < 0 else stop + 1
            text, lower = text[:start] + " " + text[stop:], lower[:start] + " " + lower[stop:]
            start = lower.find(f"<{name}", start)
    return text


def _without_tags(text: str) -> str:
    return re.sub(r"<[^<>]*>", " ", text)


def _as_written(text: str) -> str | None:
    """The text in this module's own spelling if its tags are well written and closed in order; else None.

    It writes nothing but tags of its own, checked addresses and escaped text, so the result is safe whatever came in;
    what a parser would have to guess at is left to one."""
    pieces: list[str] = []
    open_tags: list[tuple[str, str]] = []
    position = 0
    for match in _PIECE.finditer(text):
        if match.start() != position:
            return None
        position = match.end()
        if match["tag"] is None:
            pieces.append(_written_text(match))
            continue
        tag = match["tag"].lower()
        if tag in _RAW:
            return None
        if tag == "br":
            pieces.append("<br>")
        elif tag not in TAGS:
            continue
        elif match["end"]:
            if not open_tags or open_tags[-1][0] != tag:
                return None
            pieces.append(open_tags.pop()[1])
        else:
            if tag in ("a", "p") and any(tag == other for other, _ in open_tags):
                return None
            opened, closed = _tags(tag, match["attributes"])
            pieces.append(opened)
            open_tags.append((tag, closed))
    return "".join(pieces) if position == len(text) and not open_tags else None


def _tags(tag: str, attributes: str) -> tuple[str, str]:
    if tag != "a":
        return f"<{tag}>", f"</{tag}>"
    found = _HREF.search(attributes)
    address = unescape(next(part for part in found.groups() if part is not None)).strip() if found else ""
    if not _LINK.fullmatch(address) or not address.isprintable():
        return "", ""
    return f'<a href="{escape(address)}" rel="noopener">', "</a>"


def _written_text(match: re.Match[str]) -> str:
    if match["sign"]:
        return escape(match["sign"])
    entity = match["entity"]
    if entity is None:
        return match["text"]
    return entity if entity[1:] in html5 else "&amp;" + entity[1:]


class _Opened(Filter):
    """Gives every link its `rel`, and drops the tags of one that leads nowhere."""

    def __iter__(self) -> Any:
        leads: list[bool] = []
        for token in super().__iter__():
            if token.get("name") == "a" and token["type"] == "StartTag":
                leads.append(bool(token["data"]))
                if not leads[-1]:
                    continue
                token["data"][(None, "rel")] = "noopener"
            elif token.get("name") == "a" and token["type"] == "EndTag" and leads and not leads.pop():
                continue
            yield token


def _is_kept(tag: str, name: str, value: str) -> bool:
    return tag == "a" and name == "href" and _LINK.fullmatch(unescape(value).strip()) is not None


@lru_cache(maxsize=1)
def _cleaner() -> Cleaner:
    return Cleaner(
        tags=frozenset(TAGS),
        attributes=_is_kept,
        protocols=["http", "https", "mailto"],
        strip=True,
        strip_comments=True,
        filters=[_Opened],
    )
