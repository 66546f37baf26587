"""A data set as the zip that an organiser uploads, or as the folder that an API serves."""
from __future__ import annotations

import io
import json
import pathlib
import zipfile

from sets import EventData

#: Before it no zip can say a time.
EPOCH = (1980, 1, 1, 0, 0, 0)
#: Where the API has each document.
API_PATHS = {
    "event": "event", "sessions": "sessions", "speakers": "speakers", "tracks": "tracks", "sponsors": "sponsors",
    "microlocations": "microlocations", "session_types": "sessions/types",
}


def as_zip(data: EventData, images: str = "images", suffix: str = "", top: str = "") -> bytes:
    """`images`: what the folder of pictures is called; `suffix`: of the documents; `top`: a folder around all of it."""
    entries = {name + suffix: _json(document) for name, document in data.documents.items()}
    entries["meta" + suffix] = _json({"root_url": "https://api.example.org/"})
    entries["forms" + suffix] = _json([])
    for path, contents in data.files.items():
        entries[path.replace("images/", images + "/", 1) if path.startswith("images/") else path] = contents
    return zip_of({top + path: contents for path, contents in entries.items()})


def zip_of(entries: dict[str, bytes]) -> bytes:
    """The same bytes for the same entries; pictures are stored, all else is deflated."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for path, contents in entries.items():
            info = zipfile.ZipInfo(path, EPOCH)
            info.external_attr = 0o644 << 16
            info.compress_type = zipfile.ZIP_STORED if path.endswith(".png") else zipfile.ZIP_DEFLATED
            archive.writestr(info, contents)
    return out.getvalue()


def as_folder(data: EventData, folder: pathlib.Path, origin: str = "") -> None:
    """Documents and pictures by their paths in the API; `origin` becomes the beginning of the pictures' addresses."""
    for name, document in data.documents.items():
        text = _json(document)
        if origin:
            text = text.replace(b'": "/images/', f'": "{origin}/images/'.encode())
        _write(folder / "documents" / API_PATHS[name], text)
    for path, contents in data.files.items():
        _write(folder / path, contents)


def _write(path: pathlib.Path, contents: bytes) -> None:
    # `/sessions/types` lies below `/sessions`, which is a document too.
    path = path.with_name(path.name + ".json") if "documents" in path.parts else path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(contents)


def _json(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, indent=1).encode()
