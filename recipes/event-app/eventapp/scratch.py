"""Where thousands of small files are written: in memory as long as they fit there, else on the disk."""
from __future__ import annotations

import os
import shutil
import tempfile

from .event import Event

#: Left free for the programs that write there too.
_MARGIN = 32 << 20


def place(wanted: int) -> str:
    """A folder that has room for so many bytes: /tmp, which is in memory in the sandbox, or the run's own on the disk.

    A file on a disk can cost fifty times what one in memory does, and a large app has thousands."""
    temporary = tempfile.gettempdir()
    if shutil.disk_usage(temporary).free >= wanted + _MARGIN:
        return temporary
    return os.environ.get("KILN_WORK", temporary)


def estimate(event: Event) -> int:
    """Bytes that the pages, the pictures and the packed app will have together, at the most."""
    people = {speaker.photo.path for speaker in event.speakers if speaker.photo}
    logos = {sponsor.logo.path for sponsor in event.sponsors if sponsor.logo}
    pictures = len(people) * 40_000 + len(logos) * 90_000 + 4_000_000
    words = sum(len(session.abstract_html) for session in event.sessions)
    words += sum(len(speaker.biography_html) for speaker in event.speakers)
    pages = (len(event.sessions) + len(event.speakers)) * 12_000 + words * 6 + 4_000_000
    return (pictures + pages) * 3 // 2
