"""Draws many small pictures at once: one drawing of all of them, cut into its parts.

Starting a program for each would cost more than the drawing."""
from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from . import programs

#: Pixels from the left to the right of the drawing of all.
_WIDTH = 672


@dataclass(frozen=True)
class Drawing:
    """A square picture: SVG elements around the origin, `points` wide, drawn into `pixels`."""

    name: str
    pixels: int
    points: float
    elements: str


def draw(drawings: list[Drawing], scratch: Path) -> Iterator[tuple[str, bytes]]:
    """Each drawing's name and its PNG; at most `_WIDTH` pixels wide each. `ProgramFailed` if they cannot be drawn."""
    places, height = _places(drawings)
    parts = "".join(
        f'<svg x="{x}" y="{y}" width="{drawing.pixels}" height="{drawing.pixels}" '
        f'viewBox="{-drawing.points / 2} {-drawing.points / 2} {drawing.points} {drawing.points}">'
        f"{drawing.elements}</svg>" for drawing, (x, y) in zip(drawings, places))
    together = f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}">{parts}</svg>'
    picture, points = scratch / "sheet.png", scratch / "sheet.raw"
    picture.write_bytes(programs.run(["rsvg-convert", "--format", "png"], seconds=60, data=together.encode("utf-8")))
    programs.run(["vips", "rawsave", picture.name, points.name], seconds=60, folder=scratch)
    raw = memoryview(points.read_bytes())
    if len(raw) != _WIDTH * height * 4:
        raise programs.ProgramFailed(f"the drawing has {len(raw)} bytes, not {_WIDTH * height * 4}")
    for drawing, (x, y) in zip(drawings, places):
        rows = (raw[(row * _WIDTH + x) * 4:(row * _WIDTH + x + drawing.pixels) * 4]
                for row in range(y, y + drawing.pixels))
        yield drawing.name, _png(drawing.pixels, b"".join(b"\0" + row for row in rows))


def _places(drawings: list[Drawing]) -> tuple[list[tuple[int, int]], int]:
    """The left upper corner of each, in rows from the largest to the smallest, and the height of all rows."""
    places: dict[int, tuple[int, int]] = {}
    x = y = height = 0
    for index in sorted(range(len(drawings)), key=lambda index: -drawings[index].pixels):
        pixels = drawings[index].pixels
        if x + pixels > _WIDTH:
            x, y, height = 0, y + height, 0
        places[index] = (x, y)
        x, height = x + pixels, max(height, pixels)
    return [places[index] for index in range(len(drawings))], y + height


def _png(pixels: int, rows: bytes) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", pixels, pixels, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
