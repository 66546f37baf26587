"""The event's clock: its zone, its days, and the times of its sessions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from . import zones
from .checking import Record
from .faults import Report, quoted

_MEND = "Write it as 2026-03-14T09:00:00+08:00, or without the offset in the event's own zone."


@dataclass
class Clock:
    """What places times: the zone, and between when the event is."""

    zone: ZoneInfo
    starts: datetime
    ends: datetime
    report: Report

    def session(self, record: Record) -> tuple[datetime, datetime] | None:
        """Start and end of a session; None with a fault if they are no times or the wrong way round."""
        times = _span(record, self.zone, self.report, days=False)
        if times is None:
            return None
        if times[1].date() < self.starts.date() or times[0].date() > self.ends.date():
            day = times[0].date().isoformat()
            self.report.note(
                f"{record.path}{record.label} is on {day}, which is no day of the event; it is shown all the same."
            )
        return times


def clock_of(record: Record, report: Report) -> Clock:
    """The clock of an event's record. What is wrong is a fault; the clock then serves to find the others."""
    zone = _zone(record, report)
    times = _span(record, zone, report, days=True)
    starts, ends = times or (datetime(1970, 1, 1, tzinfo=zone), datetime(2199, 12, 31, tzinfo=zone))
    return Clock(zone, starts, ends, report)


def _zone(record: Record, report: Report) -> ZoneInfo:
    name = record.get("timezone")
    if name is None:
        report.note("The event names no timezone; its times are shown in UTC.")
        return ZoneInfo("UTC")
    found, nearest = zones.find(name)
    if found is not None:
        return found
    listed = " or ".join(quoted(one) for one in nearest)
    mend = f"Did you mean {listed}?" if nearest else 'Write the name of a place as in "Asia/Singapore".'
    report.fault(record.file, record.where("timezone"), f"is {quoted(name)}, which is no known timezone", mend)
    return ZoneInfo("UTC")


def _span(record: Record, zone: ZoneInfo, report: Report, days: bool) -> tuple[datetime, datetime] | None:
    moments = [_moment(record, key, report, days) for key in ("starts_at", "ends_at")]
    start, end = moments
    if start is None or end is None:
        return None
    if end.is_day:
        end = zones.Moment(end.value + timedelta(hours=23, minutes=59))
    placed = []
    for key, moment in (("starts_at", start), ("ends_at", end)):
        value, is_skipped = zones.placed(moment, zone)
        if is_skipped:
            written, shown = moment.value.strftime("%Y-%m-%d %H:%M"), value.strftime("%H:%M")
            report.note(
                f"{record.where(key)}: {zone.key} has no {written}, as clocks go forward; it is shown as {shown}."
            )
        placed.append(value)
    if zones.instant(placed[1]) < zones.instant(placed[0]) and not end.is_aware:
        # An end in the hour that clocks show twice may be the second one.
        placed[1] = zones.placed(end, zone, fold=1)[0]
    if zones.instant(placed[1]) < zones.instant(placed[0]):
        told = f"is {placed[1]:%Y-%m-%d %H:%M}, before the start at {placed[0]:%Y-%m-%d %H:%M}"
        of = f" (of{record.label})" if record.label else ""
        report.fault(
            record.file, record.where("ends_at"), told + of, "Is the day right, or are start and end exchanged?"
        )
        return None
    return placed[0], placed[1]


def _moment(record: Record, key: str, report: Report, days: bool) -> zones.Moment | None:
    value = record.get(key)
    moment = zones.parse(value) if isinstance(value, str) else None
    if moment is None or moment.is_day and not days:
        what = "which is a day without a time" if moment is not None else "which is no time"
        of = f" (of{record.label})" if record.label else ""
        report.fault(record.file, record.where(key), f"is {quoted(value)}, {what}{of}", _MEND)
        return None
    return moment
