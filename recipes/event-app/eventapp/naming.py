"""What an app is called by machines: a name of ASCII letters that stays the same for the same event, in any script."""
from __future__ import annotations

import hashlib
import re
import unicodedata

#: Letters of the plain part; a hash may follow.
LONGEST_PLAIN = 40

_PREFIX = "org.kiln.event."
#: Letters that Unicode does not take apart, as their languages write them where they have no key for them.
_LETTERS = str.maketrans({
    "ß": "ss", "ẞ": "SS", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D",
    "ł": "l", "Ł": "L", "ı": "i", "þ": "th", "Þ": "TH", "ð": "d", "Ð": "D",
})
#: Whatever a name may hold and leave nothing of itself behind: two names that differ in no more are one event.
_PLAIN = re.compile(r"[A-Za-z0-9 \t!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~]*")
#: A package of one of these names cannot be compiled against.
_RESERVED = frozenset("""
    abstract assert boolean break byte case catch char class const continue default do double else enum extends false
    final finally float for goto if implements import instanceof int interface long native new null package private
    protected public return short static strictfp super switch synchronized this throw throws transient true try var
    void volatile while
""".split())


def slug(name: str) -> str:
    """A name for files and for the end of a package: starts with `a` to `z`, goes on with those, digits and `_`.

    The same name always gives the same slug. Where anything but case, spaces and punctuation was lost, eight digits of
    the SHA-256 of the name (NFC, UTF-8) follow, so that two names share one only if they differ in no more than that.
    """
    name = unicodedata.normalize("NFC", name)
    spread = unicodedata.normalize("NFKD", name.translate(_LETTERS))
    whole = re.sub(r"[^a-z0-9]+", "_", _without_marks(spread).replace("'", "").lower()).strip("_")
    plain = whole[:LONGEST_PLAIN].strip("_")
    if plain == whole and _PLAIN.fullmatch(name) and _can_be_used(plain):
        return plain
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    if not plain:
        return f"event_{digest}"
    return f"{plain}_{digest}" if plain[0].isalpha() else f"event_{plain}_{digest}"


def package(name: str, debug: bool) -> str:
    """The app's package id, by which Android tells an update from another app."""
    return _PREFIX + slug(name) + (".debug" if debug else "")


def _without_marks(text: str) -> str:
    return "".join(character for character in text if not unicodedata.combining(character))


def _can_be_used(plain: str) -> bool:
    return plain != "" and plain[0].isalpha() and plain not in _RESERVED
