"""What scripts know of the event: `settings.js` on every page, `search-index.js` where sessions are looked up."""
from __future__ import annotations

import hashlib
import json
import re
from urllib.parse import urlsplit

from eventapp.site.views import Views, joined, minute

#: The app's own words that scripts say.
SAID = (
    "add", "remove", "add_short", "remove_short", "overlaps", "my_gone", "search_none", "search_count", "search_more",
    "sessions", "speakers", "tracks", "rooms", "now", "next", "nothing_now", "jump_now", "your_time", "filters",
    "only_mine", "clear", "none_left", "moved_time", "moved_room", "renamed", "cancelled", "checked", "checked_never",
    "check_failed", "am", "pm", "time12", "weekdays_short", "months_short", "date_short", "changes", "all_tracks",
)


def literal(value: object) -> str:
    """A JavaScript literal that no text can leave."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def origin(endpoint: str) -> str:
    """The scheme, host and port of an address, in the only form that a policy may name; else empty."""
    try:
        parts = urlsplit(endpoint)
        host = (parts.hostname or "").encode("idna").decode("ascii")
        port = parts.port
    except (ValueError, UnicodeError):
        return ""
    if parts.scheme not in ("http", "https") or not re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", host):
        # An address in brackets is the other form that a host can have.
        if parts.scheme not in ("http", "https") or not re.fullmatch(r"[0-9a-f:]{2,39}", host):
            return ""
        host = f"[{host}]"
    return f"{parts.scheme}://{host}" + (f":{port}" if port else "")


def offsets(views: Views) -> list[list[int]]:
    """From which minute on the zone is how many minutes ahead of UTC, as far as the event's times tell."""
    moments = sorted(
        {views.event.starts, views.event.ends, *(entry.session.starts for entry in views.entries),
         *(entry.session.ends for entry in views.entries)}, key=lambda moment: moment.timestamp())
    known: list[list[int]] = []
    for moment in moments:
        offset = moment.utcoffset()
        minutes = int(offset.total_seconds()) // 60 if offset is not None else 0
        if not known or known[-1][1] != minutes:
            known.append([minute(moment), minutes])
    return known


def settings(views: Views) -> str:
    """`settings.js`: the event's id, days, zone and words."""
    data: dict[str, object] = {
        "id": views.event.id, "hours": views.words.hours, "offsets": offsets(views),
        "days": [[day.date.isoformat(), day.short, day.url] for day in views.days],
        "words": {key: views.words[key] for key in SAID},
    }
    # Changes that were learnt are differences from exactly this programme.
    data["version"] = hashlib.sha256(index(views).encode("utf-8", "replace")).hexdigest()[:16]
    if views.live and origin(views.event.endpoint):
        data["endpoint"] = views.event.endpoint.rstrip("/")
    return f"var eventApp={literal(data)};\n"


def index(views: Views) -> str:
    """`search-index.js`: sessions as [id, title, begins, finishes, track, room, [speakers]], and the names of the
    others; numbers count from 1 as file names do, 0 is none."""
    event = views.event
    data = {
        "sessions": [
            [entry.session.id, entry.session.title, entry.begins, entry.finishes, entry.track, entry.room,
             [views.speaker_numbers[one.id] for one in entry.session.speakers if one.id in views.speaker_numbers]]
            for entry in views.entries],
        "speakers": [[one.name, joined(one.position, one.organisation)]
                     for one in event.speakers],
        "tracks": [track.name for track in event.tracks],
        "rooms": [room.name for room in event.rooms],
    }
    return f"eventApp.index={literal(data)};\n"
