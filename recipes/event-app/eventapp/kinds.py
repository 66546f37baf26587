"""What a file is, by its first bytes: a name or a claimed type says nothing."""
from __future__ import annotations

import re

#: Pictures that vips reads itself, and what their files are called.
SUFFIXES = {"PNG": ".png", "JPEG": ".jpg", "WebP": ".webp", "GIF": ".gif"}
#: Pictures that are taken: those, and drawings.
PICTURES = frozenset(SUFFIXES) | {"SVG"}
#: Bytes from the start that tell.
ENOUGH = 4096

#: What may stand before the first element of a page or a drawing, one piece at a time.
_BEFORE = re.compile(rb"\s+|<\?xml[^>]*>|<!--.*?-->|<!DOCTYPE\s+svg[^>\[]*(?:\[[^\]]*\]\s*)?>", re.DOTALL)
_SVG = re.compile(rb"<(?:svg:)?svg[\s>]")
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|script|p|div)\b", re.IGNORECASE)
_OTHERS = {b"%PDF": "a PDF", b"PK\x03\x04": "a zip", b"II*\x00": "a TIFF", b"MM\x00*": "a TIFF", b"BM": "a BMP",
           b"\x1f\x8b": "a gzip file", b"\x7fELF": "a program", b"{": "JSON", b"[": "JSON"}


def kind(start: bytes) -> str:
    """One of `PICTURES`, or what it is instead, in words: "HTML", "text", "empty"."""
    if not start:
        return "empty"
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if start.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return "WebP"
    if start[:6] in (b"GIF87a", b"GIF89a"):
        return "GIF"
    element = _first_element(start[:ENOUGH])
    if _SVG.match(start, element):
        return "SVG"
    if _HTML.match(start, element):
        return "HTML"
    for beginning, name in _OTHERS.items():
        if start.startswith(beginning):
            return name
    return "text" if _is_text(start[:ENOUGH]) else "of an unknown kind"


def has_profile(data: bytes, name: str) -> bool:
    """Whether a picture of this kind brings a meaning of its own for its numbers: its colours have to be converted."""
    if name == "PNG":
        return b"iCCP" in data[:max(data.find(b"IDAT"), 0)]
    if name == "JPEG":
        return b"ICC_PROFILE\0" in data[:1 << 18]
    return name == "WebP" and data[12:16] == b"VP8X" and bool(data[20] & 0x20)


def _first_element(data: bytes) -> int:
    """Where the first element begins. One step after the other: a pattern for all would take for ever on some files."""
    place = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    while piece := _BEFORE.match(data, place):
        place = piece.end()
    return place


def _is_text(data: bytes) -> bool:
    if b"\x00" in data:
        return False
    try:
        data[:-3].decode("utf-8")
    except UnicodeDecodeError as fault:
        return fault.start > len(data) - 8
    return True
