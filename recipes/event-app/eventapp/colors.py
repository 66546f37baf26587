"""Colours as `#rrggbb`, and what can be read on them."""
from __future__ import annotations

import re

#: Red, green and blue, 0 to 255 each.
RGB = tuple[int, int, int]

#: The app's colour where the form names none.
DEFAULT = "#2f5d62"
WHITE = "#ffffff"
BLACK = "#000000"


def checked(text: str) -> str | None:
    """`#rrggbb` in small letters; `None` where the text is no such colour."""
    text = text.strip().lower()
    return text if re.fullmatch(r"#[0-9a-f]{6}", text) else None


def parts(color: str) -> RGB:
    """What a `#rrggbb` is mixed of."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def hexed(color: RGB) -> str:
    return "#%02x%02x%02x" % color


def luminance(color: RGB) -> float:
    """From 0 (black) to 1 (white), as the WCAG define it."""
    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color[0]) + 0.7152 * linear(color[1]) + 0.0722 * linear(color[2])


def contrast_of(one: RGB, other: RGB) -> float:
    """1 (no difference) to 21 (black on white), as the WCAG define it; letters need 4.5."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def contrast(one: str, other: str) -> float:
    """The same of two `#rrggbb`."""
    return contrast_of(parts(one), parts(other))


def ink(paper: str) -> str:
    """White or black, whichever can be read better."""
    return WHITE if contrast(WHITE, paper) >= contrast(BLACK, paper) else BLACK


def darkened(color: str, wanted: float = 4.5) -> str:
    """The colour itself, or as much of it as white letters can be read on."""
    red, green, blue = parts(color)
    for step in range(100, -1, -2):
        shade = hexed((red * step // 100, green * step // 100, blue * step // 100))
        if contrast(WHITE, shade) >= wanted:
            return shade
    return BLACK
