"""Web addresses in an event's data: which ones may be asked for a picture, and which must not even be tried.

Names are looked up by whoever fetches; here only what an address says by itself is judged, in every spelling of an IP
address that programs understand."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from urllib.parse import unquote, urlsplit

#: The longest address, in characters.
LONGEST = 2048

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):")
_NUMBER = re.compile(r"0[xX][0-9a-fA-F]*|[0-9]+", re.ASCII)
_INNER_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "corp")
#: The addresses of another protocol's hosts that these carry in their last, or third to sixth, bytes.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def scheme(text: str) -> str:
    """What stands before the first colon of `text`, in lower case, or nothing: `https`, `file`, `c`."""
    match = _SCHEME.match(text)
    return match[1].lower() if match else ""


def refusal(url: str) -> str | None:
    """Why an http or https address must not be fetched, in words that follow "it ..."; None if it may be."""
    if len(url) > LONGEST:
        return f"is longer than {LONGEST} characters"
    if any(character.isspace() or unicodedata.category(character) in ("Cc", "Cs") for character in url):
        return "has a space or control character within"
    if "\\" in url:
        return "has a backslash within"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return "is no valid address"
    if parts.scheme.lower() not in ("http", "https"):
        return "is no http or https address"
    if parts.username is not None or parts.password is not None:
        return "has a user name or password within"
    if not host:
        return "names no host"
    return host_refusal(host)


def host_refusal(host: str) -> str | None:
    """Why a host must not be asked: an address of a private network or of this machine, or an inner name."""
    name = unicodedata.normalize("NFKC", unquote(host)).strip("[]").rstrip(".").casefold()
    address = _address(name)
    if address is not None:
        return _address_refusal(address)
    if not name or re.search(r"[\s/?#@:%<>\\^|]", name):
        return "names no valid host"
    if "." not in name or name.endswith(tuple("." + inner for inner in _INNER_NAMES)):
        return "leads to a name of an inner network"
    last = name.rsplit(".", 1)[-1]
    if _NUMBER.fullmatch(last):
        return "is no valid IP address"
    return None


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    if ":" in host:
        try:
            return ipaddress.IPv6Address(host.split("%", 1)[0])
        except ValueError:
            return None
    # As browsers and curl read it: one to four numbers, decimal, octal or hexadecimal; the last one fills what is left.
    parts = host.split(".")
    if not 1 <= len(parts) <= 4 or not all(_NUMBER.fullmatch(part) and len(part) <= 64 for part in parts):
        return None
    try:
        numbers = [_number(part) for part in parts]
    except ValueError:
        return None
    *first, last = numbers
    if any(number > 255 for number in first) or last >= 256 ** (5 - len(numbers)):
        return None
    value = last + sum(number << (8 * (3 - index)) for index, number in enumerate(first))
    return ipaddress.IPv4Address(value)


def _number(text: str) -> int:
    if text[:2] in ("0x", "0X"):
        return int(text[2:] or "0", 16)
    return int(text, 8) if len(text) > 1 and text[0] == "0" else int(text)


def _address_refusal(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> str | None:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64 or int(address) >> 32 == 0 and int(address) > 1:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if address.teredo or address.is_site_local:
            return f"leads to {address}, which is no public address"
        if inner is not None:
            return _address_refusal(inner)
    if address.is_link_local:
        return f"leads to {address}, which is a link-local address"
    if address.is_loopback or address.is_unspecified:
        return f"leads to {address}, which is the machine itself"
    if address.is_private:
        return f"leads to {address}, which is an address of a private network"
    if address.is_multicast or address.is_reserved or not address.is_global:
        return f"leads to {address}, which is no public address"
    return None
