"""The Android side of an app: its manifest, its resources, and aapt, which turns them into what a phone reads."""
from __future__ import annotations

import shutil
import unicodedata
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

from . import colors, programs

FRAMEWORK = Path("/usr/share/android-framework-res/framework-res.apk")
START_PAGE = "file:///android_asset/site/index.html"
#: Letters of a label; launchers show some twenty of them.
LONGEST_LABEL = 100
#: The largest version code that stores and phones take.
LARGEST_VERSION = 2_100_000_000

_ANDROID = "http://schemas.android.com/apk/res/android"


@dataclass(frozen=True)
class App:
    """What one app differs in from another, beside its pages and pictures."""

    package: str
    #: As typed; shown under the icon.
    name: str
    version_code: int
    version_name: str
    debug: bool = False
    #: The address that the pages may ask for changes; empty for an app without network.
    endpoint: str = ""
    #: `#rrggbb`.
    color: str = colors.DEFAULT
    #: Behind the logo in the adaptive icon and on the splash.
    icon_color: str = colors.WHITE

    @property
    def permissions(self) -> tuple[str, ...]:
        """All that the app may do beyond being there."""
        return ("android.permission.INTERNET",) if self.endpoint else ()

    @property
    def label(self) -> str:
        return label(self.name)


def label(name: str) -> str:
    """The name in one line of at most `LONGEST_LABEL` letters, otherwise as typed."""
    line = "".join(" " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter for letter in name)
    # Halves of letters and what is none by definition cannot be written in XML.
    line = "".join(letter for letter in line if unicodedata.category(letter) != "Cs" and letter not in "\ufffe\uffff")
    if len(line) <= LONGEST_LABEL:
        return line
    end = LONGEST_LABEL - 1
    # A letter is not parted from its accents, an emoji not from the ones that it is joined with.
    while end > 1 and (_continues(line[end]) or line[end - 1] == "\u200d"):
        end -= 1
    return line[:end] + "…"


def _continues(letter: str) -> bool:
    return letter == "\u200d" or "\U0001f3fb" <= letter <= "\U0001f3ff" or unicodedata.category(letter)[0] == "M"


def quoted(text: str) -> str:
    """A text as a string resource that aapt reads as exactly this: no reference, no quote, no folded spaces."""
    escaped = "".join("\\" + letter if letter in "\\'\"@?#" else letter for letter in text)
    return escaped.replace(" ", "\\u0020")


def manifest(app: App, template: Path) -> bytes:
    """AndroidManifest.xml of the app, made of the shell's."""
    ElementTree.register_namespace("android", _ANDROID)
    root = ElementTree.parse(template).getroot()
    root.set("package", app.package)
    root.set(_name("versionCode"), str(app.version_code))
    root.set(_name("versionName"), app.version_name)
    application = root.find("application")
    if application is None:
        raise ValueError(f"{template}: there is no application in it")
    application.set(_name("debuggable"), "true" if app.debug else "false")
    if app.endpoint.lower().startswith("http:"):
        application.set(_name("usesCleartextTraffic"), "true")
    for index, permission in enumerate(app.permissions):
        root.insert(index, ElementTree.Element("uses-permission", {_name("name"): permission}))
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def values(app: App) -> bytes:
    """res/values/app.xml: the strings, colours and switches that the shell asks for."""
    root = ElementTree.Element("resources")

    def add(kind: str, name: str, text: str) -> None:
        element = ElementTree.SubElement(root, kind, {"name": name})
        if kind == "string":
            element.set("formatted", "false")
        element.text = text

    add("string", "app_name", quoted(app.label))
    add("string", "start_page", START_PAGE)
    add("string", "no_app", quoted("No app on this device opens this."))
    add("bool", "live_updates", "true" if app.endpoint else "false")
    add("color", "app", app.color)
    add("color", "bar", colors.darkened(app.color))
    add("color", "icon", app.icon_color)
    add("color", "splash", app.icon_color)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def compile(app: App, shell: Path, pictures: Path, folder: Path) -> Path:
    """An APK with the manifest and the resources alone; `pictures` is a `res` folder with icons and splash.

    `ProgramFailed` where aapt takes one of them for wrong, which is a fault of the recipe."""
    resources = folder / "res"
    shutil.copytree(shell / "res", resources)
    shutil.copytree(pictures, resources, dirs_exist_ok=True)
    (resources / "values" / "app.xml").write_bytes(values(app))
    (folder / "AndroidManifest.xml").write_bytes(manifest(app, shell / "AndroidManifest.xml"))
    made = folder / "resources.apk"
    programs.run(
        ["aapt", "package", "-f", "--no-crunch", "-M", str(folder / "AndroidManifest.xml"), "-S", str(resources), "-I",
         str(FRAMEWORK), "-F", str(made), "--min-sdk-version", "21", "--target-sdk-version", "29"], seconds=60)
    return made


def _name(name: str) -> str:
    return f"{{{_ANDROID}}}{name}"
