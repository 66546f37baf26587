"""Pictures as bytes, written with the standard library alone: the same bytes each time."""
from __future__ import annotations

import random
import struct
import zlib

HTML = b"<!doctype html><title>Not found</title><p>The photo that you asked for is gone.</p>"


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width: int, height: int, seed: str, noise: int = 3) -> bytes:
    """An RGB picture of slanting stripes under a grain of `noise` (a bit mask), as heavy as a photo of its size."""
    rng = random.Random(seed)
    row_bytes = width * 3
    colors = [bytes((rng.randrange(30, 226), rng.randrange(30, 226), rng.randrange(30, 226))) for _ in range(6)]
    stripe = max(4, width // 5)
    pattern = b"".join(color * stripe for color in colors)
    pattern *= (row_bytes + 3 * height) // len(pattern) + 2
    mask = int.from_bytes(bytes([noise]) * row_bytes, "big")
    rows = []
    for number in range(height):
        row = int.from_bytes(pattern[3 * number:3 * number + row_bytes], "big")
        row ^= int.from_bytes(rng.randbytes(row_bytes), "big") & mask
        rows.append(b"\0" + row.to_bytes(row_bytes, "big"))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(b"".join(rows), 1)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def svg(label: str, color: str) -> bytes:
    """A logo as many sponsors send it."""
    text = label.replace("&", "&amp;").replace("<", "&lt;")
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" width="480" height="160" viewBox="0 0 480 160">'
        f'<rect width="480" height="160" rx="24" fill="{color}"/>'
        f'<text x="240" y="100" font-size="56" text-anchor="middle" fill="#fff">{text}</text></svg>'
    ).encode()
