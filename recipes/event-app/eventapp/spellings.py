"""How Open Event's exports spell their files and keys, over the years, and the one spelling that is used here.

Compared without regard to capitals, and with `_` for `-`: `original-image-url` is `original_image_url`."""

from __future__ import annotations

import re
from functools import lru_cache

#: The documents of an event; the first spelling is the one of the files, the others are of addresses and older exports.
DOCUMENTS: dict[str, tuple[str, ...]] = {
    "event": ("event",),
    "sessions": ("sessions",),
    "speakers": ("speakers",),
    "tracks": ("tracks",),
    "sponsors": ("sponsors",),
    "microlocations": ("microlocations", "rooms"),
    "session_types": ("session_types", "sessiontypes", "types"),
    "social_links": ("social_links", "sociallinks"),
}

#: Without these two there is no app.
REQUIRED = ("event", "sessions")

_TIMES = {
    "starts_at": ("starts_at", "start_time", "start", "starts", "timestart"),
    "ends_at": ("ends_at", "end_time", "end", "ends", "timeend"),
}
_PLACE = {"latitude": ("latitude", "lat", "loclat"), "longitude": ("longitude", "lng", "lon", "loclong", "loclang")}

#: Per document: the spelling used here, and those that are read for it, the most wanted first.
KEYS: dict[str, dict[str, tuple[str, ...]]] = {
    "event": {
        "id": ("id",),
        "name": ("name", "title"),
        **_TIMES,
        **_PLACE,
        "timezone": ("timezone", "time_zone"),
        "language": ("language", "locale", "lang"),
        "description": ("description",),
        "location_name": ("location_name", "locname", "searchable_location_name", "location"),
        "organizer_name": ("organizer_name", "organiser_name", "owner_name"),
        "organizer_description": ("organizer_description", "organiser_description", "owner_description"),
        "email": ("email",),
        "code_of_conduct": ("code_of_conduct", "codeofconduct"),
        "logo": ("logo_url", "logo"),
        "background": (
            "background_image",
            "background_image_url",
            "background_url",
            "background",
            "original_image_url",
            "large_image_url",
            "large",
            "thumbnail_image_url",
            "thumbnail",
            "icon_image_url",
            "placeholder_url",
        ),
        "event_url": ("external_event_url", "event_url", "website"),
        "ticket_url": ("ticket_url",),
        "social_links": ("social_links", "social_link"),
    },
    "sessions": {
        "id": ("id",),
        "title": ("title", "name"),
        "subtitle": ("subtitle",),
        **_TIMES,
        "short_abstract": ("short_abstract", "abstract", "summary"),
        "long_abstract": ("long_abstract", "description"),
        "level": ("level",),
        "language": ("language",),
        "track": ("track", "track_id"),
        "microlocation": ("microlocation", "microlocation_id", "room"),
        "session_type": ("session_type", "session_type_id"),
        "speakers": ("speakers", "speaker_ids", "speaker"),
        "slides": ("slides_url", "slides"),
        "video": ("video_url", "video"),
        "audio": ("audio_url", "audio"),
        "signup_url": ("signup_url",),
        "state": ("state", "status"),
        "deleted_at": ("deleted_at",),
        "in_trash": ("in_trash",),
    },
    "speakers": {
        "id": ("id",),
        "name": ("name",),
        "photo": (
            "photo_url",
            "photo",
            "original_image_url",
            "large_image_url",
            "thumbnail_image_url",
            "thumbnail",
            "small_image_url",
            "small",
            "icon_image_url",
            "icon",
        ),
        "position": ("position",),
        "organisation": ("organisation", "organization"),
        "city": ("city",),
        "country": ("country",),
        "short_biography": ("short_biography",),
        "long_biography": ("long_biography", "biography", "bio"),
        "is_featured": ("is_featured", "featured"),
        "website": ("website",),
        "twitter": ("twitter",),
        "facebook": ("facebook",),
        "github": ("github",),
        "linkedin": ("linkedin",),
        "instagram": ("instagram",),
        "mastodon": ("mastodon",),
        "sessions": ("sessions",),
    },
    "tracks": {
        "id": ("id",),
        "name": ("name", "title"),
        "color": ("color", "colour"),
        "description": ("description",),
        "sessions": ("sessions",),
        "picture": ("track_image_url",),
    },
    "sponsors": {
        "id": ("id",),
        "name": ("name",),
        "sponsor_type": ("sponsor_type", "type"),
        "level": ("level",),
        "description": ("description",),
        "url": ("url", "website"),
        "logo": ("logo_url", "logo"),
    },
    "microlocations": {"id": ("id",), "name": ("name",), "floor": ("floor",), "position": ("position",), **_PLACE},
    "session_types": {"id": ("id",), "name": ("name", "title")},
    "social_links": {"id": ("id",), "name": ("name",), "link": ("link", "url", "event_url")},
}

#: The keys whose every spelling names a picture; all of them are looked at, the first that is there is used.
PICTURES: dict[str, str] = {"event": "logo background", "speakers": "photo", "sponsors": "logo", "tracks": "picture"}


@lru_cache(maxsize=4096)
def spelled(key: str) -> str:
    """A key or file name as it is compared."""
    return key.strip().casefold().replace("-", "_")


def document_of(file: str) -> str | None:
    """Which document a file's name, without folders, says it is: `Sessions.JSON` is `sessions`."""
    name = re.sub(r"\.json$", "", spelled(file))
    return next((document for document, names in DOCUMENTS.items() if name in names), None)
