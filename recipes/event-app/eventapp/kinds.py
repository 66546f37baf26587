"""What a file is, by its first bytes: a name or a claimed type says nothing."""
from __future__ import annotations

import re

#: Pictures that vips reads itself, and what their files are called.
SUFFIXES = {"PNG": ".png", "JPEG": ".jpg", "WebP": ".webp", "GIF": ".gif"}
#: Pictures that are taken: those, and drawings.
PICTURES = frozenset(SUFFIXES) | {"SVG"}
#: Bytes from the start that tell.
ENOUGH = 4096

_SVG = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*\?>\s*|<!--.*?-->\s*|<!DOCTYPE\s+svg[^>\[]*(?:\[[^\]]*\]\s*)?>\s*)*"
                  rb"<(?:svg:)?svg[\s>]", re.DOTALL)
_HTML = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body|script|p|div)\b",
                   re.DOTALL | re.IGNORECASE)
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
    if _SVG.match(start[:ENOUGH]):
        return "SVG"
    if _HTML.match(start[:ENOUGH]):
        return "HTML"
    for beginning, name in _OTHERS.items():
        if start.startswith(beginning):
            return name
    return "text" if _is_text(start[:ENOUGH]) else "of an unknown kind"


def has_profile(data: bytes, name: str) -> bool:
    """Whether a picture of this kind brings its own meaning of its numbers, so that its colours have to be converted."""
    if name == "PNG":
        return b"iCCP" in data[:max(data.find(b"IDAT"), 0)]
    if name == "JPEG":
        return b"ICC_PROFILE\0" in data[:1 << 18]
    return name == "WebP" and data[12:16] == b"VP8X" and bool(data[20] & 0x20)


def _is_text(data: bytes) -> bool:
    if b"\x00" in data:
        return False
    try:
        data[:-3].decode("utf-8")
    except UnicodeDecodeError as fault:
        return fault.start > len(data) - 8
    return True
