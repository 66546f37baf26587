"""Looks at apps with programs that did not make them: zipfile, unzip, aapt, apksigner, apktool.

    apk.py facts APK            as JSON: label, package, version, permissions, certificate, entries
    apk.py same APK APK         whether two are equal but for signature and version; says what differs and ends with 1
    apk.py site APK FOLDER      unpacks the site
"""
from __future__ import annotations

import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
import zipfile
from typing import Any

SITE = "assets/site/"
VERSION = re.compile(r"android:version(Code|Name)\(")


class Broken(Exception):
    """One of the programs does not like the app."""


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        raise Broken(f"{command[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def entries(path: str) -> dict[str, str]:
    """Names to the SHA-256 of what they hold; every checksum is looked at."""
    with zipfile.ZipFile(path) as archive:
        bad = archive.testzip()
        names = archive.namelist()
        if bad or len(names) != len(set(names)):
            raise Broken(f"zipfile: {bad or 'a name stands twice'}")
        return {name: hashlib.sha256(archive.read(name)).hexdigest() for name in names}


def facts(path: str) -> dict[str, Any]:
    run("unzip", "-t", path)
    run("zipalign", "-c", "4", path)
    signature = run("apksigner", "verify", "--verbose", "--print-certs", path)
    badging = run("aapt", "dump", "badging", path)
    package = re.search(r"^package: name='([^']*)' versionCode='(\d+)' versionName='([^']*)'", badging, re.M)
    with tempfile.TemporaryDirectory(prefix="apk-") as folder:
        # Without the code, which apktool would turn into text.
        run("apktool", "-q", "d", "-p", folder + "/frame", "--no-src", "--output", folder + "/out", path)
        label = decoded_label(pathlib.Path(folder) / "out")
    return {
        "package": package[1], "version_code": int(package[2]), "version_name": package[3],
        "label": label, "debuggable": "application-debuggable" in badging,
        "activity": re.search(r"^launchable-activity: name='([^']*)'", badging, re.M)[1],
        "permissions": re.findall(r"^uses-permission: name='([^']*)'", badging, re.M),
        "icons": sorted({int(size) for size in re.findall(r"^application-icon-(\d+):", badging, re.M)}),
        "certificate": re.search(r"certificate SHA-256 digest: ([0-9a-f]{64})", signature)[1],
        "schemes": [n for n in (1, 2, 3) if re.search(rf"^Verified using v{n} scheme .*: true$", signature, re.M)],
        "entries": entries(path),
    }


def decoded_label(folder: pathlib.Path) -> str:
    """What stands on the launcher, as apktool reads it back."""
    android = "{http://schemas.android.com/apk/res/android}"
    manifest = ElementTree.parse(folder / "AndroidManifest.xml").getroot()
    label = manifest.find("application").get(android + "label", "")
    if not label.startswith("@string/"):
        return label
    for string in ElementTree.parse(folder / "res/values/strings.xml").getroot():
        if string.get("name") == label.removeprefix("@string/"):
            return unescaped("".join(string.itertext()))
    raise Broken(f"apktool: no {label}")


def unescaped(text: str) -> str:
    """Android's rules for the text of a resource."""
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    known = {"n": "\n", "t": "\t"}
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), text)
    return re.sub(r"\\(.)", lambda match: known.get(match[1], match[1]), text, flags=re.S)


def differences(one: str, other: str) -> list[str]:
    """What differs apart from the signature and the version that the manifest tells."""
    first, second = entries(one), entries(other)
    found = []
    for name in sorted(set(first) | set(second)):
        if name.startswith("META-INF/") or first.get(name) == second.get(name):
            continue
        if name == "AndroidManifest.xml" and manifest(one) == manifest(other):
            continue
        found.append(f"{name}: {'only in one' if (name in first) != (name in second) else 'other bytes'}")
    order = [[name for name in found_in if not name.startswith("META-INF/")] for found_in in (first, second)]
    return found or ([] if order[0] == order[1] else ["the order of the entries"])


def manifest(path: str) -> list[str]:
    lines = run("aapt", "dump", "xmltree", path, "AndroidManifest.xml").splitlines()
    return [line for line in lines if not VERSION.search(line)]


def main(arguments: list[str]) -> int:
    match arguments:
        case ["facts", path]:
            print(json.dumps(facts(path), ensure_ascii=False))
        case ["same", one, other]:
            found = differences(one, other)
            print("\n".join(found))
            return 1 if found else 0
        case ["site", path, folder]:
            with zipfile.ZipFile(path) as archive:
                archive.extractall(folder, [name for name in archive.namelist() if name.startswith(SITE)])
        case _:
            print(__doc__, file=sys.stderr)
            return 64
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Broken as error:
        print(error, file=sys.stderr)
        sys.exit(1)
