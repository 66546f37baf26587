"""Zones and times: what an event's data says, and what it means on the clock of the place."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+\-]*(/[A-Za-z0-9_+\-]+){0,2}")
#: `Etc/GMT+8` lies west of Greenwich: nothing to suggest to somebody who wrote `GMT+8`.
_IS_OFFSET = re.compile(r"[+-]?\d+$|^gmt")
_NOT_PLACES = {"localtime", "posixrules", "factory"}
_TIME = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})"
    r"(?:(?:T|\s+)(?P<hour>\d{2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d{1,9})?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?",
    re.IGNORECASE | re.ASCII,
)
#: Years outside of these are slips of the pen, and far from where the calendar's arithmetic ends.
YEARS = range(1970, 2200)


@dataclass(frozen=True)
class Moment:
    """A time as the data has it: on the clock of some zone (`aware`), or on the event's own."""

    value: datetime
    #: Only a day was given.
    is_day: bool = False

    @property
    def is_aware(self) -> bool:
        return self.value.tzinfo is not None


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    return {_folded(name): name for name in sorted(available_timezones()) if name.lower() not in _NOT_PLACES}


def _folded(name: str) -> str:
    return re.sub(r"\s+", "_", re.sub(r"\s*/\s*", "/", name.strip())).casefold()


def find(name: str) -> tuple[ZoneInfo | None, list[str]]:
    """The zone of an IANA name, spelled with or without capitals and with spaces for underscores; or the nearest names.

    `US / Pacific` is `US/Pacific`. Offsets and abbreviations of no fixed meaning are no zones."""
    asked = name.strip()
    if len(asked) > 64:
        return None, []
    if _ZONE.fullmatch(asked) and asked.lower() not in _NOT_PLACES:
        try:
            return ZoneInfo(asked), []
        except (KeyError, ValueError, OSError):
            pass
    known = _known()
    folded = _folded(asked)
    if folded in known:
        return ZoneInfo(known[folded]), []
    known = {key: full for key, full in known.items() if not _IS_OFFSET.search(key)}
    place = folded.rsplit("/", 1)[-1]
    same_place = [full for key, full in known.items() if place and key.rsplit("/", 1)[-1] == place]
    close = [known[key] for key in difflib.get_close_matches(folded, known, n=3, cutoff=0.6)]
    by_place = {key.rsplit("/", 1)[-1]: full for key, full in known.items()}
    close_places = [by_place[key] for key in difflib.get_close_matches(place, by_place, n=2, cutoff=0.75)]
    return None, list(dict.fromkeys(same_place + close + close_places))[:3]


def parse(text: str) -> Moment | None:
    """The time of an ISO 8601 text, or of `YYYY-MM-DD HH:MM:SS`, with or without an offset; None if it is no such time.

    Fractions of a second are dropped, as no schedule has them."""
    match = _TIME.fullmatch(text.strip()) if len(text) <= 64 else None
    if match is None:
        return None
    try:
        day = date.fromisoformat(match["date"])
        if day.year not in YEARS:
            return None
        if match["hour"] is None:
            return Moment(datetime.combine(day, time()), is_day=True)
        hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
        if (hour, minute, second) == (24, 0, 0):
            return Moment(_with_zone(datetime.combine(day, time()) + timedelta(days=1), match["zone"]))
        return Moment(_with_zone(datetime.combine(day, time(hour, minute, min(second, 59))), match["zone"]))
    except (ValueError, OverflowError):
        return None


def _with_zone(value: datetime, zone: str | None) -> datetime:
    if zone is None:
        return value
    if zone.upper() in ("Z", "UTC", "GMT"):
        return value.replace(tzinfo=timezone.utc)
    digits = zone[1:].replace(":", "").ljust(4, "0")
    if int(digits[:2]) > 14 or int(digits[2:]) > 59:
        raise ValueError("no such offset")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return value.replace(tzinfo=timezone(offset if zone[0] == "+" else -offset))


def placed(moment: Moment, zone: ZoneInfo, fold: int = 0) -> tuple[datetime, bool]:
    """The moment on the clock of `zone`, and whether that clock skips the time that was written.

    A skipped time (clocks go forward) becomes the one that it would have been, an hour later; of a time that comes
    twice (clocks go back) `fold` takes the first, 0, or the second, 1."""
    if moment.is_aware:
        return moment.value.astimezone(zone), False
    written = moment.value.replace(tzinfo=zone, fold=fold)
    real = written.astimezone(timezone.utc).astimezone(zone)
    return real, real.replace(tzinfo=None) != moment.value


def instant(value: datetime) -> datetime:
    """A time to compare by: in UTC, since two clock times of one zone compare by what the clock shows."""
    return value.astimezone(timezone.utc)
