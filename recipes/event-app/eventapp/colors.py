"""Colours as `#rrggbb`, and what can be read on them."""
from __future__ import annotations

import re

#: The app's colour where the form names none.
DEFAULT = "#2f5d62"
WHITE = "#ffffff"
BLACK = "#000000"


def checked(text: str) -> str | None:
    """`#rrggbb` in small letters; `None` where the text is no such colour."""
    text = text.strip().lower()
    return text if re.fullmatch(r"#[0-9a-f]{6}", text) else None


def contrast(one: str, other: str) -> float:
    """1 (no difference) to 21, as the WCAG define it; letters need 4.5."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def ink(paper: str) -> str:
    """White or black, whichever can be read better."""
    return WHITE if contrast(WHITE, paper) >= contrast(BLACK, paper) else BLACK


def darkened(color: str, wanted: float = 4.5) -> str:
    """The colour itself, or as much of it as white letters can be read on."""
    red, green, blue = (int(color[index:index + 2], 16) for index in (1, 3, 5))
    for step in range(100, -1, -2):
        shade = "#" + "".join(f"{part * step // 100:02x}" for part in (red, green, blue))
        if contrast(WHITE, shade) >= wanted:
            return shade
    return BLACK


def _luminance(color: str) -> float:
    def part(index: int) -> float:
        share = int(color[index:index + 2], 16) / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    return 0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
