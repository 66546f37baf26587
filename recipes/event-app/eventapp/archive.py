"""A zip from somebody else, read entry by entry: nothing is unpacked by its name or grows beyond its bound."""

from __future__ import annotations

import io
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .faults import Report, quoted

#: The most entries, folders not counted.
MOST_ENTRIES = 20_000
#: The largest list of entries, in bytes; the list is read at once.
LARGEST_LIST = 8 * 1024 * 1024
#: The most bytes that all entries may announce together.
MOST_BYTES = 512 * 1024 * 1024
#: Above `SMALL` bytes, contents may be at most this many times larger than the zip.
LARGEST_RATIO = 100
SMALL = 32 * 1024 * 1024

_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError)
_CHUNK = 64 * 1024


class Unreadable(Exception):
    """An entry cannot be read; the text says why, in words that follow the file's name."""


class _Bounded(io.FileIO):
    """A file of which nothing larger than a zip's list of entries is ever read at once."""

    def read(self, size: int | None = -1) -> bytes:
        if size is None or size < 0:
            here = self.tell()
            size = self.seek(0, io.SEEK_END) - here
            self.seek(here)
        if size > LARGEST_LIST:
            raise zipfile.BadZipFile("its list of entries is too long")
        return super().read(size) or b""


@dataclass
class Archive:
    """The entries of a zip by folded path (see `folded`), without those that only some computers leave behind."""

    name: str
    _file: _Bounded
    _zip: zipfile.ZipFile
    entries: dict[str, zipfile.ZipInfo] = field(default_factory=dict)

    def read(self, key: str, most: int) -> bytes:
        """The bytes of an entry, at most `most`; `Unreadable` if it has more, is damaged or encrypted."""
        return b"".join(self.chunks(key, most))

    def head(self, key: str, size: int) -> bytes:
        """The first bytes of an entry, unchecked."""
        try:
            with self._zip.open(self.entries[key]) as stream:
                return stream.read(size)
        except _BROKEN as error:
            raise Unreadable(_why(error)) from None

    def chunks(self, key: str, most: int) -> Iterator[bytes]:
        """The bytes of an entry piece by piece; ends with `Unreadable` as `read` does."""
        count = 0
        try:
            with self._zip.open(self.entries[key]) as stream:
                while piece := stream.read(_CHUNK):
                    count += len(piece)
                    if count > most:
                        raise Unreadable(f"is larger than {most // 1048576} MiB")
                    yield piece
        except _BROKEN as error:
            raise Unreadable(_why(error)) from None

    def close(self) -> None:
        self._zip.close()
        self._file.close()


def folded(path: str) -> str:
    """A path as it is compared: composed, without regard to capitals, with `/` between its parts."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold()).replace("\\", "/").strip("/")


def open_zip(path: Path, name: str, report: Report) -> Archive | None:
    """Opens a zip and looks at its list; None if it cannot be used at all. Every fault is in the report."""
    file = _Bounded(path)
    try:
        opened = zipfile.ZipFile(file)
    except (*_BROKEN, struct.error, OverflowError, MemoryError, IndexError) as error:
        file.close()
        mend = "Export it again, or pack it anew as a plain zip."
        report.fault(name, "", f"cannot be read: {_why(error)}", mend)
        return None
    archive = Archive(name, file, opened)
    infos = [info for info in opened.infolist() if not info.filename.endswith("/") and not _is_litter(info.filename)]
    if len(infos) > MOST_ENTRIES:
        message = f"holds {len(infos):,} files; at most {MOST_ENTRIES:,} are read"
        return _given_up(archive, message, "Leave out what no app needs.", report)
    announced = sum(info.file_size for info in infos)
    packed = max(path.stat().st_size, 1)
    if announced > MOST_BYTES or announced > SMALL and announced > LARGEST_RATIO * packed:
        sizes = f"{announced / 1e6:,.0f} MB from {packed / 1e6:,.2f} MB"
        return _given_up(archive, f"unpacks to {sizes}, which no export of an event does", "Export it again.", report)
    for info in infos:
        _enter(info, archive, report)
    return archive


def _given_up(archive: Archive, message: str, mend: str, report: Report) -> None:
    archive.close()
    report.fault(archive.name, "", message, mend)


def _enter(info: zipfile.ZipInfo, archive: Archive, report: Report) -> None:
    shown = quoted(info.filename, 80)
    key = folded(info.filename)
    mend = "Pack it anew as a plain zip."
    if (problem := _name_problem(info.filename)) is not None:
        report.fault(archive.name, "", f"the entry {shown} {problem}", mend)
    elif info.flag_bits & 0x1:
        report.fault(archive.name, "", f"the entry {shown} is encrypted", "Pack it without a password.")
    elif (kind := stat.S_IFMT(info.external_attr >> 16)) not in (0, stat.S_IFREG):
        what = "a link" if kind == stat.S_IFLNK else "no plain file"
        report.fault(archive.name, "", f"the entry {shown} is {what}", "Put the file itself in its place.")
    elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        report.fault(archive.name, "", f"the entry {shown} is packed in a way that is not read", mend)
    elif key in archive.entries:
        other = quoted(archive.entries[key].filename, 80)
        same = "twice" if other == shown else f"beside {other}, which differs only in capitals"
        report.fault(archive.name, "", f"the entry {shown} is there {same}", "Leave one out.")
    else:
        archive.entries[key] = info


def _name_problem(name: str) -> str | None:
    if not name:
        return "has no name"
    if "\\" in name:
        return "has a backslash in its name"
    if name.startswith("/") or name[1:2] == ":":
        return "has an absolute path"
    if any(part in ("..", ".") for part in name.split("/")):
        return "has .. or . in its path"
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in name):
        return "has a control character in its name"
    if len(name) > 1024:
        return "has too long a name"
    return None


def _is_litter(name: str) -> bool:
    parts = name.split("/")
    return parts[0] == "__MACOSX" or parts[-1] in (".DS_Store", "Thumbs.db", "desktop.ini")


def _why(error: BaseException) -> str:
    if isinstance(error, RuntimeError) and "password" in str(error):
        return "it is encrypted"
    if isinstance(error, zipfile.BadZipFile):
        text = str(error).lower()
        if "not a zip" in text:
            return "it is no zip, or its end is missing"
        if "too long" in text:
            return "its list of entries is too long"
        return "its checksum is wrong" if "crc" in text else "it is damaged"
    return "it is damaged"
