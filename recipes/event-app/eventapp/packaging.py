"""Packs an app's parts into an APK, the same bytes for the same parts."""
from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

from . import programs

ASSEMBLER = Path("/usr/share/java/smali.jar")
#: Kept as they are: they are compressed already, or phones map them into memory.
_STORED = frozenset({".png", ".webp", ".jpg", ".gif", ".woff2", ".arsc"})
#: Of zlib: 9 takes twice the time of 6, for an app smaller by a hundredth.
_EFFORT = 6
#: The first day that a zip can name.
_DAY = (1980, 1, 1, 0, 0, 0)


def pack(resources: Path, code: Path, assets: Path, target: Path, scratch: Path) -> None:
    """Writes the unsigned APK of what aapt made, the program, and all files under `assets`.

    Entries are sorted, without dates, owners or anything else of this machine; what phones map is aligned."""
    loose = scratch / "unaligned.apk"
    with zipfile.ZipFile(loose, "w", zipfile.ZIP_DEFLATED) as apk:
        for name, content in sorted(_parts(resources, code, assets)):
            _add(apk, name, content if isinstance(content, bytes) else content.read_bytes())
    programs.run(["zipalign", "-f", "4", str(loose), str(target)], seconds=60)
    loose.unlink()


def code(prepared: Path, shell: Path, scratch: Path) -> Path:
    """The program: as `kiln prepare` left it, or assembled now where nobody prepared, as on a CI's machine."""
    ready = prepared / "classes.dex"
    if ready.is_file():
        return ready
    made = scratch / "classes.dex"
    # One job: several put the classes in the order in which they are done, another one each time.
    programs.run(["java", "-jar", str(ASSEMBLER), "assemble", "--api", "21", "--jobs", "1", "--output", str(made),
                  str(shell / "smali")], seconds=60)
    return made


def _parts(resources: Path, code: Path, assets: Path) -> Iterator[tuple[str, bytes | Path]]:
    """Every entry's name, and its bytes or where they are."""
    with zipfile.ZipFile(resources) as made:
        for name in made.namelist():
            yield name, made.read(name)
    yield "classes.dex", code
    for path in assets.rglob("*"):
        if path.is_file() and not path.is_symlink():
            yield "assets/" + path.relative_to(assets).as_posix(), path


def _add(apk: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, _DAY)
    entry.create_system = 0
    entry.external_attr = 0
    stored = Path(name).suffix.lower() in _STORED
    entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    apk.writestr(entry, content, compresslevel=None if stored else _EFFORT)
