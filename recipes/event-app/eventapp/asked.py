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


def text(inputs: Path, name: str) -> str:
    """The value of a field, or nothing where it was not given."""
    path = inputs / "fields" / name
    return path.read_text("utf-8", "replace").strip() if path.exists() else ""


def file(inputs: Path, name: str) -> Path | None:
    """Where the file of a field lies, if one was given."""
    path = inputs / "files" / name
    return path if path.exists() else None


def read(inputs: Path, variables: Mapping[str, str]) -> Order:
    """The order that lies in the folder of a run's inputs."""
    build = json.loads((inputs / "build.json").read_bytes())
    number = int(variables.get("KILN_BUILD_NUMBER") or build.get("number") or 1)
    return Order(
        data=file(inputs, "data"), fetched=file(inputs, "fetched"), logo=file(inputs, "logo"),
        background=file(inputs, "background"), endpoint=text(inputs, "endpoint"), debug=text(inputs, "kind") == "debug",
        color=colors.checked(text(inputs, "color")) or colors.DEFAULT,
        live_updates=text(inputs, "live_updates") == "true", number=max(1, min(number, android.LARGEST_VERSION)),
        # A CI's document calls the moment otherwise.
        day=str(build.get("created_at") or build.get("submitted_at") or "")[:10].replace("-", ".") or Order.day)
