"""Draws an app's icons and its splash: from the event's logo, or from the first letters of its name."""
from __future__ import annotations

import base64
import math
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from . import colors, kinds, pictures, programs, sheet
from .event import Picture

#: Pixels of a point of Android's, in quarters.
_DENSITIES = {"mdpi": 4, "hdpi": 6, "xhdpi": 8, "xxhdpi": 12, "xxxhdpi": 16}
_FONTS = "Noto Sans, Noto Sans Display, DejaVu Sans, Droid Sans Fallback, Noto Color Emoji, sans-serif"
#: Pixels of the logo's longest side, from which all icons are made.
_LOGO_PIXELS = 432
#: Scripts from Hebrew on have no capitals, and many of them letters as wide as high: one is enough.
_FIRST_WIDE = 0x0590


@dataclass(frozen=True)
class _Sign:
    """What an icon shows: SVG within (-0.5, -0.5) to (0.5, 0.5), and the colour behind it."""

    drawing: str
    background: str
    #: Width and height, the longer one of which is 1.
    width: float
    height: float


def draw(logo: Picture | None, name: str, color: str, folder: Path, scratch: Path) -> str:
    """Fills `folder`, a `res` folder, with launcher icons (square, round, adaptive) and the splash's picture, for all
    densities, and says which colour belongs behind them. `InputFaults` if the logo is no picture."""
    sign = _of_letters(name, color) if logo is None else _of_logo(logo, color, scratch)
    for path, picture in sheet.draw(list(_pictures(sign)), scratch):
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(picture)
    return sign.background


def initials(name: str) -> str:
    """At most two letters that stand for the name: of its first two words, or one of a script that writes none."""
    words = re.findall(r"[^\W_]+", unicodedata.normalize("NFC", name))
    letters = [word[0] for word in words]
    if not letters:
        signs = [letter for letter in name if unicodedata.category(letter)[0] == "S" and ord(letter) > 0x7F]
        return signs[0] if signs else ""
    if ord(letters[0]) >= _FIRST_WIDE:
        return letters[0]
    return "".join(letters[:2]).upper()[:3]


def _of_letters(name: str, color: str) -> _Sign:
    letters = initials(name)
    ink = colors.ink(color)
    if not letters or not all(_can_be_drawn(letter) for letter in letters):
        return _Sign(_calendar(ink), color, 0.8, 0.8)
    # Letters are laid out large and drawn small: at a size of less than one point they lose their shape.
    size = 620 if len(letters) > 1 else 780 if ord(letters) < _FIRST_WIDE else 640
    drawing = (f'<text transform="scale(.001)" y="{size * 0.355:.0f}" text-anchor="middle" font-family="{_FONTS}" '
               f'font-weight="700" font-size="{size}" fill="{ink}">{escape(letters)}</text>')
    if unicodedata.category(letters[0])[0] == "S":
        # Emoji are pictures themselves, and slow to draw: once is enough.
        whole = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LOGO_PIXELS}" height="{_LOGO_PIXELS}" '
                 f'viewBox="-.5 -.5 1 1">{drawing}</svg>')
        drawing = _embedded(programs.run(["rsvg-convert", "--format", "png"], seconds=30, data=whole.encode()), 1, 1)
    return _Sign(drawing, color, 0.8, 0.6)


def _can_be_drawn(letter: str) -> bool:
    """Whether a font of this machine has the letter: a box in its place would be worse than a sign."""
    try:
        return bool(programs.run(["fc-list", f":charset={ord(letter):x}", "family"], seconds=20).strip())
    except programs.ProgramFailed:
        return letter.isascii()


def _calendar(ink: str) -> str:
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="0.05"/>' for y in (0.06, 0.22) for x in (-0.18, 0, 0.18))
    return (f'<g fill="{ink}"><path d="M-.4-.27a.09 .09 0 0 1 .09-.09H.31a.09 .09 0 0 1 .09 .09V.31'
            f'a.09 .09 0 0 1-.09 .09H-.31a.09 .09 0 0 1-.09-.09ZM-.33-.12V.33H.33V-.12Z" fill-rule="evenodd"/>'
            f'<rect x="-.24" y="-.45" width=".08" height=".18" rx=".04"/>'
            f'<rect x=".16" y="-.45" width=".08" height=".18" rx=".04"/>{dots}</g>')


def _of_logo(logo: Picture, color: str, scratch: Path) -> _Sign:
    data, kind = pictures.read(logo)
    source, made, small = scratch / "logo-source", scratch / "logo.png", scratch / "logo.raw"
    damaged = pictures.fault(logo, f"is a damaged {kind} picture", "save it anew")
    try:
        pictures.check_size(logo, source, pictures.drawn(data, _LOGO_PIXELS, _LOGO_PIXELS) if kind == "SVG" else data)
        pictures.shrink(source.name, f"{made.absolute()}[strip]", _LOGO_PIXELS, kinds.has_profile(data, kind), scratch)
        _thumbnail([made.name], "16x16!", str(small), scratch)
        drawing = made.read_bytes()
    except (programs.ProgramFailed, OSError) as reason:
        raise damaged from reason
    width, height = (int.from_bytes(drawing[start:start + 4], "big") for start in (16, 20))
    longest = max(width, height)
    width_share, height_share = width / longest, height / longest
    return _Sign(_embedded(drawing, width_share, height_share), _background(small.read_bytes(), color), width_share,
                 height_share)


def _embedded(png: bytes, width: float, height: float) -> str:
    code = base64.b64encode(png).decode("ascii")
    return (f'<image x="{-width / 2:.5f}" y="{-height / 2:.5f}" width="{width:.5f}" height="{height:.5f}" '
            f'href="data:image/png;base64,{code}"/>')


def _background(small: bytes, color: str) -> str:
    """What goes behind a logo of 16 by 16 points: its own paper, else white, or for a white one the app's colour."""
    bands = max(1, len(small) // 256)
    points = [small[start:start + bands] for start in range(0, 256 * bands, bands)]

    def rgb(point: bytes) -> tuple[int, int, int]:
        return (point[0], point[1], point[2]) if bands >= 3 else (point[0], point[0], point[0])

    alpha = [point[-1] if bands in (2, 4) else 255 for point in points]
    if min(alpha) > 250:
        return "#%02x%02x%02x" % rgb(points[0])
    total = sum(alpha) or 1
    mean = [sum(rgb(point)[band] * share for point, share in zip(points, alpha)) // total for band in range(3)]
    return color if colors.contrast(colors.WHITE, "#%02x%02x%02x" % tuple(mean)) < 1.6 else colors.WHITE


def _pictures(sign: _Sign) -> Iterator[sheet.Drawing]:
    """Every icon that the resources name; sizes are in Android's points, four quarters of a pixel or more each."""
    square = f'<rect x="-21" y="-21" width="42" height="42" rx="8" fill="{sign.background}"/>'
    circle = f'<circle r="22" fill="{sign.background}"/>'
    for density, quarters in _DENSITIES.items():
        for name, points, backdrop, box in (
            ("ic_launcher", 48, square, 45), ("ic_launcher_round", 48, circle, 36),
            ("ic_launcher_foreground", 108, "", 62),
        ):
            yield sheet.Drawing(
                f"mipmap-{density}/{name}.png", points * quarters // 4, points, backdrop + _within(sign, box))
    for density in ("hdpi", "xxhdpi"):
        yield sheet.Drawing(
            f"drawable-{density}/splash_picture.png", 160 * _DENSITIES[density] // 4, 160, _within(sign, 160))


def _within(sign: _Sign, box: float) -> str:
    """The sign with its corners on a circle of the diameter `box`."""
    return f'<g transform="scale({box / math.hypot(sign.width, sign.height):.5f})">{sign.drawing}</g>'


def _thumbnail(sources: list[str], size: str, output: str, folder: Path) -> None:
    programs.run(["vipsthumbnail", "--size", size, "--output", output, *sources], seconds=60, folder=folder)
