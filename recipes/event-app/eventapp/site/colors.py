"""Colours that can be read: every text is chosen for its background (WCAG 2, level AA)."""
from __future__ import annotations

from eventapp import colors
from eventapp.colors import RGB as Color, contrast_of as contrast, hexed, luminance
from eventapp.event import Track

WHITE: Color = colors.parts(colors.WHITE)
BLACK: Color = colors.parts(colors.BLACK)
#: The lightest and darkest backgrounds of site.css that accents are read on.
LIGHT: Color = (0xee, 0xf0, 0xf3)
DARK: Color = (0x26, 0x29, 0x2e)


def parse(text: str) -> Color:
    """`#rrggbb`, in either case; anything else gives the default accent."""
    return colors.parts(colors.checked(text) or colors.DEFAULT)


def mix(color: Color, other: Color, share: float) -> Color:
    """`share` of `other` in `color`."""
    return tuple(round(a + (b - a) * share) for a, b in zip(color, other))  # type: ignore[return-value]


def text_on(background: Color) -> Color:
    """White where it can be read, else black; one of both always can."""
    return WHITE if contrast(WHITE, background) >= 4.5 else BLACK


def readable(color: Color, background: Color, ratio: float = 4.6) -> Color:
    """The colour, as little darker or lighter as it takes to be seen with `ratio` on `background`."""
    goal = BLACK if luminance(background) > 0.18 else WHITE
    for step in range(0, 21):
        candidate = mix(color, goal, step / 20)
        if contrast(candidate, background) >= ratio:
            return candidate
    return goal


def _track(color: Color) -> str:
    return f"--track:{hexed(color)};--on-track:{hexed(text_on(color))}"


def css(accent: str, tracks: tuple[Track, ...]) -> str:
    """The style sheet `colors.css`: the accent for light and dark, and one class `t<n>` for each track."""
    main = parse(accent)
    light = (f"--accent:{hexed(main)};--on-accent:{hexed(text_on(main))};"
             f"--ink:{hexed(readable(main, LIGHT))};--tint:{hexed(mix(main, WHITE, 0.86))};"
             f"--on-tint:{hexed(readable(main, mix(main, WHITE, 0.86)))}")
    soft = readable(main, DARK)
    deep = mix(main, DARK, 0.7)
    dark = (f"--accent:{hexed(soft)};--on-accent:{hexed(text_on(soft))};"
            f"--ink:{hexed(soft)};--tint:{hexed(deep)};--on-tint:{hexed(readable(main, deep))}")
    lines = [
        f":root{{{light}}}",
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{{dark}}}}}",
        f":root[data-theme=dark]{{{dark}}}",
        f"@media print{{:root:root:root{{{light}}}}}",
    ]
    nights = []
    for number, track in enumerate(tracks, 1):
        # A colour that is lost on the light or on the dark is shifted until one sees it.
        color = parse(track.color)
        pale, bright = readable(color, LIGHT, 1.25), readable(color, DARK, 2)
        lines.append(f".t{number}{{{_track(pale)}}}")
        if bright != pale:
            nights.append(f".t{number}{{{_track(bright)}}}")
    if nights:
        dark_only = "".join(f":root:not([data-theme=light]) {one}" for one in nights)
        lines.append(f"@media screen and (prefers-color-scheme:dark){{{dark_only}}}")
        lines.extend(f":root[data-theme=dark] {one}" for one in nights)
    return "\n".join(lines) + "\n"
