"""Runs the programs of others: bounded in time, without a shell, in an environment that holds nothing of anybody's."""
from __future__ import annotations

import os
import subprocess
from pathlib import Path

#: What programs see; results must not depend on the language, the zone or the home of who runs them.
_ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LC_ALL": "C.UTF-8", "TZ": "UTC", "VIPS_BLOCK_UNTRUSTED": "1", "VIPS_CONCURRENCY": "1", "G_MESSAGES_DEBUG": "",
    "GIO_USE_VFS": "local", "SOURCE_DATE_EPOCH": "315532800",
}


class ProgramFailed(Exception):
    """A program ended badly, was too slow, or is not there; the text is its own last words."""


def run(command: list[str], seconds: float, data: bytes | None = None, folder: Path | None = None) -> bytes:
    """What the program wrote to its standard output; `ProgramFailed` if it did not end well in time."""
    code, output, errors = attempt(command, seconds, data, folder)
    if code != 0:
        words = (errors or output).decode("utf-8", "replace").strip()
        raise ProgramFailed(f"{command[0]} ended with {code}: {words[-500:] or 'it said nothing'}")
    return output


def attempt(
    command: list[str], seconds: float, data: bytes | None = None, folder: Path | None = None
) -> tuple[int, bytes, bytes]:
    """How the program ended, what it wrote, and what it complained of; `ProgramFailed` if it hung or is not there."""
    environment = _ENVIRONMENT | {name: os.environ[name] for name in ("HOME", "TMPDIR") if name in os.environ}
    try:
        end = subprocess.run(
            command, input=data, stdin=subprocess.DEVNULL if data is None else None, capture_output=True,
            timeout=seconds, cwd=folder, env=environment, check=False)
    except subprocess.TimeoutExpired as reason:
        raise ProgramFailed(f"{command[0]} took longer than {seconds:g} seconds") from reason
    except OSError as reason:
        raise ProgramFailed(f"{command[0]} could not be started: {reason.strerror}") from reason
    return end.returncode, end.stdout, end.stderr
