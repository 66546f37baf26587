"""What was asked for: the places of a run's inputs, as one value."""
from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from . import android, colors


@dataclass(frozen=True)
class Order:
    """The form's fields that the app depends on, and the build's own facts."""

    #: Files, where they were given.
    data: Path | None = None
    fetched: Path | None = None
    logo: Path | None = None
    background: Path | None = None
    endpoint: str = ""
    debug: bool = False
    #: `#rrggbb`.
    color: str = colors.DEFAULT
    live_updates: bool = False
    #: Grows from build to build; phones take no smaller one over a larger.
    number: int = 1
    #: When it was accepted, `2026.11.21`.
    day: str = "1980.01.01"


def read(inputs: Path, variables: Mapping[str, str]) -> Order:
    """The order that lies in the folder of a run's inputs."""

    def text(name: str) -> str:
        path = inputs / "fields" / name
        return path.read_text("utf-8").strip() if path.exists() else ""

    def file(name: str) -> Path | None:
        path = inputs / "files" / name
        return path if path.exists() else None

    build = json.loads((inputs / "build.json").read_bytes())
    number = int(variables.get("KILN_BUILD_NUMBER") or build.get("number") or 1)
    return Order(
        data=file("data"), fetched=file("fetched"), logo=file("logo"), background=file("background"),
        endpoint=text("endpoint"), debug=text("kind") == "debug", color=colors.checked(text("color")) or colors.DEFAULT,
        live_updates=text("live_updates") == "true", number=max(1, min(number, android.LARGEST_VERSION)),
        # A CI's document calls the moment otherwise.
        day=str(build.get("created_at") or build.get("submitted_at") or "")[:10].replace("-", ".") or Order.day)
