"""Makes an event's pictures small and safe: known kinds alone, decoded and written anew as WebP without metadata."""
from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from . import kinds, programs, webp
from .event import Event, Look, Picture
from .faults import Fault, InputFaults

#: Pixels and bytes of one picture as it came.
MOST_PIXELS = 50_000_000
MOST_BYTES = 30 << 20
#: Longest side of the prepared picture by what it is for.
LOGO, BACKGROUND, SPEAKER, SPONSOR = 512, 1600, 320, 480

_FOLDER = "pictures"
#: Pictures that one program takes in turn, at least where there are so many and at most: starting it costs as much as
#: several small pictures.
_FEW, _BATCH = 8, 24
#: The same where only headers are read.
_HEADERS = 64
_SECONDS = 60.0
#: How vips writes WebP: an effort of 2 takes two thirds of the default's time and makes files larger by a twentieth.
_SAVED = "strip,Q=82,effort=2"
#: Faults that are worth telling at once.
_MOST_FAULTS = 50
#: A line of vipsheader: `name.png: 800x600 uchar, 3 bands, srgb, pngload`.
_HEADER = re.compile(r"(?P<name>[^:/]+): (?P<width>\d+)x(?P<height>\d+) ")
_Job = TypeVar("_Job")
_Made = TypeVar("_Made")


@dataclass(frozen=True)
class _Source:
    """A picture that came; two are equal if their contents are."""

    digest: str
    kind: str
    has_profile: bool
    picture: Picture = field(compare=False)


def prepare(event: Event, look: Look, site_folder: Path) -> tuple[Event, Look]:
    """The event and the look with every picture below `site_folder`, in the size that pages show.

    Two of the same content share a file. `InputFaults` names every picture that is none, is too large or is damaged."""
    wanted = list(_wanted(event, look))
    with tempfile.TemporaryDirectory(dir=site_folder.parent) as folder:
        made = _Work(Path(folder), site_folder / _FOLDER).prepare(wanted)

    def take(picture: Picture | None, size: int) -> Picture | None:
        return None if picture is None else made[picture.path, size]

    speakers = {speaker: replace(speaker, photo=take(speaker.photo, SPEAKER)) for speaker in event.speakers}
    # Sessions hold their speakers themselves, some of whom the list may not have.
    for session in event.sessions:
        for speaker in session.speakers:
            if speaker not in speakers:
                speakers[speaker] = replace(speaker, photo=take(speaker.photo, SPEAKER))
    sessions = tuple(
        replace(session, speakers=tuple(speakers[speaker] for speaker in session.speakers))
        for session in event.sessions)
    event = replace(
        event, logo=take(event.logo, LOGO), background=take(event.background, BACKGROUND),
        speakers=tuple(speakers[speaker] for speaker in event.speakers), sessions=sessions,
        sponsors=tuple(replace(sponsor, logo=take(sponsor.logo, SPONSOR)) for sponsor in event.sponsors))
    return event, replace(look, logo=take(look.logo, LOGO), background=take(look.background, BACKGROUND))


def read(picture: Picture) -> tuple[bytes, str]:
    """A picture's bytes and its kind; `InputFaults` if it is none."""
    path = Path(picture.path)
    try:
        data = path.read_bytes() if path.stat().st_size <= MOST_BYTES else None
    except OSError as reason:
        raise fault(picture, f"cannot be read ({reason.strerror})", "leave it out, or send it again") from reason
    if data is None:
        raise fault(picture, f"is larger than {MOST_BYTES >> 20} MiB", "make it smaller")
    kind = kinds.kind(data[:kinds.ENOUGH])
    if kind not in kinds.PICTURES:
        raise fault(picture, f"is {kind}, not a picture", "put a PNG, JPEG, WebP, GIF or SVG in its place")
    return data, kind


def drawn(data: bytes, width: int, height: int) -> bytes:
    """An SVG as PNG, as large as fits; it reaches no other file. `ProgramFailed` if it cannot be drawn in time."""
    return programs.run(
        ["rsvg-convert", "--format", "png", "--keep-aspect-ratio", "--width", str(width), "--height", str(height)],
        seconds=20, data=data)


def conversion(has_profile: bool) -> list[str]:
    """What to tell vips of colours: its version 8.14 distorts those that need no conversion."""
    return ["--export-profile", "srgb"] if has_profile else []


def shrink(source: str, target: str, size: int, has_profile: bool, folder: Path) -> None:
    """Decodes one picture and writes it with sides of at most `size`; `ProgramFailed` if it is not whole."""
    programs.run(["vips", "thumbnail", source, target, str(size), "--height", str(size), "--size", "down",
                  "--fail-on", "error", *conversion(has_profile)], _SECONDS, folder=folder)


def check_size(picture: Picture, path: Path, data: bytes) -> None:
    """Writes a picture's bytes to `path` and looks at its header: `InputFaults` if it has too many pixels.

    `ProgramFailed` if it is none."""
    path.write_bytes(data)
    found = _HEADER.match(programs.run(["vipsheader", path.name], _SECONDS, folder=path.parent).decode())
    if found and int(found["width"]) * int(found["height"]) > MOST_PIXELS:
        raise fault(picture, *_too_many(int(found["width"]), int(found["height"])))


def _too_many(width: int, height: int) -> tuple[str, str]:
    return f"has {width} × {height} pixels, more than {MOST_PIXELS // 1_000_000} million", "make it smaller"


def _wanted(event: Event, look: Look) -> Iterable[tuple[Picture, int]]:
    everything: list[tuple[Picture | None, int]] = [
        (look.logo, LOGO), (look.background, BACKGROUND), (event.logo, LOGO), (event.background, BACKGROUND)]
    everything += [(speaker.photo, SPEAKER) for speaker in event.speakers]
    everything += [(speaker.photo, SPEAKER) for session in event.sessions for speaker in session.speakers]
    everything += [(sponsor.logo, SPONSOR) for sponsor in event.sponsors]
    return ((picture, size) for picture, size in everything if picture is not None)


def fault(picture: Picture, what: str, mend: str) -> InputFaults:
    """What to raise of one picture that cannot be taken; `what` goes on after its name."""
    return InputFaults([_word(picture, what, mend)])


def _word(picture: Picture, what: str, mend: str) -> Fault:
    name = Path(picture.path).name
    return Fault(file=name, path=picture.origin, message=f"{name} {what}", mend=mend)


class _Work:
    """One preparation: `folder` is scratch, `target` is where the pictures go."""

    def __init__(self, folder: Path, target: Path) -> None:
        self.folder = folder
        self.target = target
        self.threads = os.cpu_count() or 1
        self.faults: list[Fault] = []

    def prepare(self, wanted: list[tuple[Picture, int]]) -> dict[tuple[str, int], Picture]:
        """The prepared picture for each path and size."""
        if wanted:
            self.target.mkdir(parents=True, exist_ok=True)
        pictures = {picture.path: picture for picture, _ in reversed(wanted)}
        sources = dict(zip(pictures, self._parallel(self._read, list(pictures.values()))))
        self._stop_if_faulty()
        needed = {(sources[picture.path], size) for picture, size in wanted}
        largest: dict[_Source, int] = {}
        for source, size in needed:
            largest[source] = max(size, largest.get(source, 0))
        unique = sorted(largest, key=lambda source: source.digest)
        self._parallel(lambda source: self._draw(source, largest[source]), [
            source for source in unique if source.kind == "SVG"])
        self._stop_if_faulty()
        self._parallel(self._measure, [unique[start:start + _HEADERS] for start in range(0, len(unique), _HEADERS)])
        self._stop_if_faulty()
        jobs = [
            (size, batch) for size in (LOGO, BACKGROUND, SPEAKER, SPONSOR) for has_profile in (False, True)
            for batch in _batches([source for source in unique
                                   if (source, size) in needed and source.has_profile == has_profile])]
        self._parallel(lambda job: self._shrink(*job), jobs)
        self._stop_if_faulty()
        return {(picture.path, size): self._made(picture, sources[picture.path], size) for picture, size in wanted}

    def _read(self, picture: Picture) -> _Source | None:
        """Looks at the bytes, and puts them under a name of ours where the programs find them, but for an SVG's."""
        try:
            data, kind = read(picture)
        except InputFaults as reason:
            self.faults.extend(reason.faults)
            return None
        source = _Source(hashlib.sha256(data).hexdigest()[:24], kind, kinds.has_profile(data, kind), picture)
        path = self._path(source)
        if kind != "SVG" and not path.is_symlink():
            # Names that came may hold what vips takes for options; this one does not.
            with suppress(FileExistsError):
                path.symlink_to(Path(picture.path).absolute())
        return source

    def _draw(self, source: _Source, size: int) -> None:
        """An SVG becomes a picture no larger than it will be shown: what is thrown away costs time too."""
        try:
            self._path(source).write_bytes(drawn(Path(source.picture.path).read_bytes(), size, size))
        except programs.ProgramFailed:
            self._blame(source, "is an SVG that cannot be drawn", "save it as PNG")

    def _measure(self, batch: list[_Source]) -> None:
        """Refuses what has too many pixels, by the header alone."""
        paths = {self._path(source).name: source for source in batch}
        _, output, _ = programs.attempt(["vipsheader", *paths], _SECONDS, folder=self.folder)
        for line in output.decode("utf-8", "replace").splitlines():
            if (found := _HEADER.match(line)) and (source := paths.pop(found["name"], None)):
                width, height = int(found["width"]), int(found["height"])
                if width * height > MOST_PIXELS:
                    self._blame(source, *_too_many(width, height))
        for source in paths.values():
            self._blame(source, f"begins like a {source.kind} picture but is none", "save it anew")

    def _shrink(self, size: int, batch: list[_Source]) -> None:
        """Decodes and writes anew, all in one go; where there is any complaint, each on its own and strictly.

        The program for many takes damaged pictures too, with a warning that does not say which."""
        sources = {self._path(source).name: source for source in batch}
        try:
            code, _, complaints = programs.attempt(
                ["vipsthumbnail", "--size", f"{size}x{size}>", *conversion(batch[0].has_profile), "--output",
                 f"{self.target.absolute()}/%s-{size}.webp[{_SAVED}]", *sources], _SECONDS, folder=self.folder)
            is_fine = code == 0 and not complaints
        except programs.ProgramFailed:
            is_fine = False
        for name, source in sources.items():
            path = self._prepared(source, size)
            if not is_fine:
                try:
                    shrink(name, f"{path.absolute()}[{_SAVED}]", size, source.has_profile, self.folder)
                except programs.ProgramFailed:
                    self._blame(source, f"is a damaged {source.kind} picture", "save it anew")
                    continue
            path.write_bytes(webp.cleaned(path.read_bytes()))

    def _made(self, picture: Picture, source: _Source, size: int) -> Picture:
        path = self._prepared(source, size)
        with path.open("rb") as file:
            width, height = webp.size(file.read(30))
        return replace(picture, path=f"{_FOLDER}/{path.name}", width=width, height=height)

    def _path(self, source: _Source) -> Path:
        return self.folder / (source.digest + kinds.SUFFIXES.get(source.kind, ".png"))

    def _prepared(self, source: _Source, size: int) -> Path:
        return self.target / f"{source.digest}-{size}.webp"

    def _blame(self, source: _Source, what: str, mend: str) -> None:
        self.faults.append(_word(source.picture, what, mend))

    def _parallel(self, work: Callable[[_Job], _Made], jobs: Iterable[_Job]) -> list[_Made]:
        with ThreadPoolExecutor(self.threads) as pool:
            return list(pool.map(work, jobs))

    def _stop_if_faulty(self) -> None:
        if self.faults:
            raise InputFaults(sorted(self.faults, key=lambda fault: (fault.path, fault.file))[:_MOST_FAULTS])


def _batches(sources: list[_Source]) -> list[list[_Source]]:
    """Groups for the programs: few starts where there is much to do, work for everybody where there is little."""
    size = max(_FEW, min(_BATCH, -(-len(sources) // (os.cpu_count() or 1))))
    return [sources[start:start + size] for start in range(0, len(sources), size)]
