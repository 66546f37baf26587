"""The outside of WebP files: how large a picture is, and what was put beside it."""
from __future__ import annotations

from collections.abc import Iterator

#: The picture itself: everything else is animation, profile or metadata.
_PICTURE = frozenset({b"VP8 ", b"VP8L", b"ALPH"})
_ALPHA = 0x10


def size(data: bytes) -> tuple[int, int]:
    """Width and height, from the first 30 bytes; `ValueError` if this is no WebP."""
    form = data[12:16]
    if data[:4] != b"RIFF" or len(data) < 30:
        raise ValueError("this is no WebP")
    if form == b"VP8X":
        return 1 + int.from_bytes(data[24:27], "little"), 1 + int.from_bytes(data[27:30], "little")
    if form == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if form == b"VP8 ":
        return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    raise ValueError("this is no WebP")


def cleaned(data: bytes) -> bytes:
    """The picture and nothing else: libvips 8.14 writes EXIF, and a profile of 7 kB, even when told not to."""
    kept = [(name, content) for name, content in chunks(data) if name in _PICTURE]
    if any(name == b"ALPH" for name, _ in kept):
        width, height = size(data)
        header = bytes([_ALPHA, 0, 0, 0]) + (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
        kept.insert(0, (b"VP8X", header))
    body = b"WEBP" + b"".join(
        name + len(content).to_bytes(4, "little") + content + b"\0" * (len(content) & 1) for name, content in kept)
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """The parts of a WebP file by their names."""
    start = 12
    while start + 8 <= len(data):
        length = int.from_bytes(data[start + 4:start + 8], "little")
        yield data[start:start + 4], data[start + 8:start + 8 + length]
        start += 8 + length + (length & 1)
