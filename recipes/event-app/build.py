#!/usr/bin/python3 -IB
"""Makes the unsigned app: $KILN_OUT/<slug>.apk of what was asked for in $KILN_INPUTS.

Ends with 0, with 65 where the event's data or its pictures cannot be used, or with 1."""
from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

RECIPE = Path(__file__).resolve().parent
sys.path.insert(0, str(RECIPE))

from eventapp import android, asked, icons, naming, packaging, pictures, programs, reading, scratch  # noqa: E402
from eventapp.event import Event, Look, Picture  # noqa: E402
from eventapp.faults import InputFaults  # noqa: E402
from eventapp.site import render  # noqa: E402


def main() -> int:
    order = asked.read(Path(os.environ["KILN_INPUTS"]), os.environ)
    try:
        with tempfile.TemporaryDirectory(dir=os.environ["KILN_WORK"]) as folder:
            event, look = read(order, Path(folder))
            with tempfile.TemporaryDirectory(dir=scratch.place(scratch.estimate(event))) as place:
                make(event, look, order, Path(place), Path(os.environ["KILN_OUT"]))
    except InputFaults as reason:
        for line in reason.lines():
            print(f"error: {line}", file=sys.stderr)
        return 65
    except (programs.ProgramFailed, OSError) as reason:
        print(f"error: {reason}", file=sys.stderr)
        return 1
    except Exception as reason:
        traceback.print_exc()
        print(f"error: this is a fault of the recipe: {type(reason).__name__}: {reason}", file=sys.stderr)
        return 1
    return 0


def read(order: asked.Order, folder: Path) -> tuple[Event, Look]:
    """The event and its looks, their pictures still as they came, in `folder`; `InputFaults` if there is none."""
    say(5, "Reading the event")
    event = reading.load(order.data, order.fetched, order.endpoint, folder)
    for note in event.notes:
        print(f"note: {note}")
    live = order.live_updates and event.endpoint != ""
    if order.live_updates and not live:
        print("note: the data came as a file, so there is no address to ask for changes: the app asks for none")
    look = Look(color=order.color, logo=picture(order.logo, "logo"), background=picture(order.background, "background"),
                live_updates=live)
    print(f"{len(event.sessions)} sessions, {len(event.speakers)} speakers, {len(event.tracks)} tracks, "
          f"{len(event.rooms)} rooms, {len(event.sponsors)} sponsors")
    return event, look


def make(event: Event, look: Look, order: asked.Order, place: Path, out: Path) -> None:
    """All the other steps; `InputFaults` is the requester's fault, everything else ours."""
    say(20, "Preparing the pictures")
    resources, assets = place / "pictures", place / "assets"
    site = folder(assets / "site")
    with ThreadPoolExecutor() as pool:
        drawing = pool.submit(
            icons.draw, look.logo or event.logo, event.name, look.color, resources, folder(place / "icons"))
        prepared, shown = pictures.prepare(event, look, site)
        behind = drawing.result()

    say(45, "Writing the pages")
    render.write(prepared, shown, site)

    say(70, "Packing the app")
    app = described(event, order, look.live_updates, behind)
    (assets / "app.json").write_bytes(facts(app, event))
    made = android.compile(app, RECIPE / "shell", resources, folder(place / "android"))
    code = packaging.code(Path(os.environ.get("KILN_PREPARED", "")), RECIPE / "shell", place)
    target = out / f"{naming.slug(event.name)}.apk"
    packaging.pack(made, code, assets, target, place)
    print(f"{app.package} {app.version_name}, {target.stat().st_size / 1e6:.1f} MB")
    say(100, "The app is made")


def described(event: Event, order: asked.Order, live: bool, behind: str) -> android.App:
    return android.App(
        package=naming.package(event.name, order.debug), name=event.name, version_code=order.number,
        version_name=f"{order.day}-{order.number}", debug=order.debug, endpoint=event.endpoint if live else "",
        color=order.color, icon_color=behind)


def facts(app: android.App, event: Event) -> bytes:
    """assets/app.json: what the app is, for who looks inside; verify.py compares it with what Android reads."""
    known = {
        "package": app.package, "label": app.label, "kind": "debug" if app.debug else "release",
        "permissions": list(app.permissions), "live_updates": app.endpoint != "", "sessions": len(event.sessions),
        "speakers": len(event.speakers)}
    return json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True).encode("utf-8", "replace") + b"\n"


def picture(path: Path | None, field: str) -> Picture | None:
    return None if path is None else Picture(path=str(path), origin=field)


def folder(path: Path) -> Path:
    path.mkdir(parents=True)
    return path


def say(percent: int, words: str) -> None:
    print(f"==> {percent} {words}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
