"""Plans of floors, drawn from the coordinates of rooms."""
from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass

from eventapp.event import Room

WIDTH = 360
#: Circles are as large as a finger wants them: 48 units of a drawing that is about as wide as a phone.
RADIUS = 24
MARGIN = RADIUS + 6
#: More rooms than this on a floor are a list, not a plan.
MOST = 40
#: Up to this many rooms have their names beside their numbers, with room for them.
NAMED = 10
#: As wide as a name on a plan may be, in letters; Chinese ones count twice.
LETTERS = 12


@dataclass(frozen=True)
class Spot:
    """A room on a plan; `number` is its place in the event's list of rooms."""

    number: int
    name: str
    x: int
    y: int
    #: What stands beside the number, shortened; empty on a full plan.
    label: str = ""

    @property
    def anchor(self) -> str:
        """How the label hangs on its circle, so that it stays on the plan."""
        return "start" if self.x < 70 else "end" if self.x > WIDTH - 70 else "middle"

    @property
    def label_x(self) -> int:
        return self.x + {"start": 6 - RADIUS, "end": RADIUS - 6, "middle": 0}[self.anchor]


@dataclass(frozen=True)
class Plan:
    height: int
    spots: tuple[Spot, ...]
    width: int = WIDTH
    radius: int = RADIUS


def draw(rooms: list[tuple[int, Room]]) -> Plan | None:
    """The plan of one floor, north up; nothing where fewer than two rooms have places that differ."""
    placed = [(number, room) for number, room in rooms if room.latitude is not None and room.longitude is not None
              and math.isfinite(room.latitude) and math.isfinite(room.longitude)]
    if not 2 <= len(placed) <= MOST or len({(room.latitude, room.longitude) for _, room in placed}) < 2:
        return None
    middle = math.radians(sum(room.latitude or 0 for _, room in placed) / len(placed))
    east = [(room.longitude or 0) * max(0.05, math.cos(middle)) for _, room in placed]
    south = [-(room.latitude or 0) for _, room in placed]
    width, height = max(east) - min(east), max(south) - min(south)
    inner = WIDTH - 2 * MARGIN
    # Not taller than wide, so that a floor fits on a screen.
    scale = min(inner / width if width else math.inf, inner / height if height else math.inf)
    spare = (inner - width * scale) / 2
    points = [[MARGIN + spare + (x - min(east)) * scale, MARGIN + (y - min(south)) * scale]
              for x, y in zip(east, south)]
    named = len(placed) <= NAMED
    _part(points, 2 * RADIUS + (32 if named else 4))
    top = min(y for _, y in points) - MARGIN
    spots = tuple(Spot(number, room.name, round(x), round(y - top), shortened(room.name) if named else "")
                  for (number, room), (x, y) in zip(placed, points))
    return Plan(max(spot.y for spot in spots) + MARGIN + (20 if named else 0), spots)


def shortened(name: str) -> str:
    """The name, cut where it is wider than `LETTERS`."""
    width, kept = 0, ""
    for letter in name:
        width += 2 if unicodedata.east_asian_width(letter) in "WF" else 1
        if width > LETTERS:
            return kept.rstrip() + "…"
        kept += letter
    return kept


def _part(points: list[list[float]], least: int) -> None:
    """Moves circles apart that would cover each other; the same points always give the same places."""
    for _ in range(200):
        moved = False
        for one in range(len(points)):
            for other in range(one + 1, len(points)):
                dx, dy = points[other][0] - points[one][0], points[other][1] - points[one][1]
                apart = math.hypot(dx, dy)
                if apart >= least:
                    continue
                moved = True
                if apart < 0.01:
                    # On the same place: each pair has its own direction.
                    angle = 2.4 * (one + other * 7)
                    dx, dy, apart = math.cos(angle), math.sin(angle), 1.0
                    push = least / 2
                else:
                    push = (least - apart) / 2 + 0.1
                points[one][0] -= dx / apart * push
                points[one][1] -= dy / apart * push
                points[other][0] += dx / apart * push
                points[other][1] += dy / apart * push
        for point in points:
            point[0] = min(max(point[0], MARGIN), WIDTH - MARGIN)
        if not moved:
            return
