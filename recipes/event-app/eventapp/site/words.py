"""The app's own words, and how a language writes dates and times. Data texts are never translated."""
from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "words"
#: Languages that are written from right to left, also those whose words the app does not have.
RIGHT_TO_LEFT = {"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "ps", "sd", "ug", "ur", "yi"}
RIGHT_TO_LEFT_SCRIPTS = {"Arab", "Hebr", "Nkoo", "Syrc", "Thaa"}
#: What languages call themselves, for sessions that name theirs by a tag.
AUTONYMS = {
    "ar": "العربية", "bn": "বাংলা", "cs": "Čeština", "da": "Dansk", "de": "Deutsch", "el": "Ελληνικά", "en": "English",
    "es": "Español", "fa": "فارسی", "fi": "Suomi", "fr": "Français", "he": "עברית", "hi": "हिन्दी", "hu": "Magyar",
    "id": "Bahasa Indonesia", "it": "Italiano", "ja": "日本語", "ko": "한국어", "ms": "Bahasa Melayu", "nl": "Nederlands",
    "no": "Norsk", "pl": "Polski", "pt": "Português", "ru": "Русский", "sv": "Svenska", "ta": "தமிழ்", "th": "ไทย",
    "tr": "Türkçe", "uk": "Українська", "ur": "اردو", "vi": "Tiếng Việt", "zh": "中文",
}


@dataclass(frozen=True)
class Words:
    """The words of one language. `tag` is theirs; `direction` is that of the event's language."""

    tag: str
    direction: str
    hours: int
    table: dict[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.table[key]

    def say(self, key: str, **values: object) -> str:
        """The text under a key, with values for its `{names}`; values are never read as patterns."""
        text: str = self.table[key]
        for name, value in values.items():
            text = text.replace("{" + name + "}", str(value))
        return text

    def time(self, moment: datetime) -> str:
        """`14:05`, or `2:05 pm` where the language counts to twelve."""
        if self.hours == 24:
            return f"{moment.hour:02}:{moment.minute:02}"
        half = self.table["am"] if moment.hour < 12 else self.table["pm"]
        return self.say("time12", h=(moment.hour + 11) % 12 + 1, mm=f"{moment.minute:02}", p=half)

    def span(self, starts: datetime, ends: datetime) -> str:
        """From when to when; a weekday stands beside an end on another day, and no end where it is the start."""
        if ends == starts:
            return self.time(starts)
        text = f"{self.time(starts)} – {self.time(ends)}"
        if ends.date() != starts.date():
            text += f" ({self.table['weekdays_short'][ends.weekday()]})"
        return text

    def date(self, day: date, pattern: str = "date_day") -> str:
        """A day by one of the patterns `date_long`, `date_day`, `date_short`."""
        short = "_short" if pattern == "date_short" else ""
        return self.say(pattern, weekday=self.table["weekdays" + short][day.weekday()], day=day.day,
                        month=self.table["months" + short][day.month - 1], year=day.year)

    def dates(self, first: date, last: date) -> str:
        """One day, or from one day to another."""
        if first == last:
            return self.date(first, "date_long")
        return f"{self.date(first)} – {self.date(last, 'date_long')}"

    def floor(self, number: int) -> str:
        return self.table["ground_floor"] if number == 0 else self.say("floor", n=number)


def language_name(name: str) -> str:
    """What a session's language is called: tags by the language's own name, anything else as it is."""
    return AUTONYMS.get(name.strip().replace("_", "-").split("-")[0].lower(), name)


def direction(tag: str) -> str:
    """`rtl` or `ltr`, by script where the tag names one."""
    parts = tag.replace("_", "-").split("-")
    for part in parts[1:]:
        if len(part) == 4 and part.isalpha():
            return "rtl" if part.title() in RIGHT_TO_LEFT_SCRIPTS else "ltr"
    return "rtl" if parts[0].lower() in RIGHT_TO_LEFT else "ltr"


def words(language: str) -> Words:
    """The words for an event in `language` (BCP 47): its own, else English ones."""
    parts = [part for part in language.replace("_", "-").split("-") if part]
    base = parts[0].lower() if parts else "en"
    tag = "zh-Hans" if base == "zh" else base
    if not base.isalpha() or not (FOLDER / f"{tag}.json").is_file():
        tag = "en"
    table = json.loads((FOLDER / f"{tag}.json").read_text(encoding="utf-8"))
    regions = [part.upper() for part in parts[1:] if len(part) == 2 or (len(part) == 3 and part.isdigit())]
    hours = table["hours_by_region"].get(regions[0], table["hours"]) if regions else table["hours"]
    return Words(tag, direction(language), hours, table)


def zone_name(zone: str, moment: datetime) -> str:
    """`Singapore (UTC+8)`: the place that the zone is named after, and what it is ahead of UTC at that moment."""
    offset = moment.utcoffset()
    minutes = int(offset.total_seconds()) // 60 if offset is not None else 0
    ahead = f"UTC{'+' if minutes >= 0 else '−'}{abs(minutes) // 60}"
    if abs(minutes) % 60:
        ahead += f":{abs(minutes) % 60:02}"
    place = zone.rsplit("/", 1)[-1].replace("_", " ")
    if zone.startswith("Etc/") or place in ("", "UTC", "GMT", "Zulu", "UCT", "Universal"):
        return "UTC" if minutes == 0 else ahead
    return f"{place} ({ahead if minutes else 'UTC'})"
