"""Pictures that came, and what becomes of them."""
from __future__ import annotations

import subprocess
import sys
import tempfile
import unittest
import zlib
from datetime import datetime, timezone
from pathlib import Path

RECIPE = Path(__file__).resolve().parents[2] / "recipes" / "event-app"
sys.path.insert(0, str(RECIPE))

from eventapp import icons, kinds, pictures, webp  # noqa: E402
from eventapp.event import Event, Look, Picture, Session, Speaker, Sponsor  # noqa: E402
from eventapp.faults import InputFaults  # noqa: E402

SVG = (b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20">'
       b'<rect width="40" height="20" fill="red"/>%s</svg>')
#: A drawing of one colour that leaves half of its place empty.
HALF = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="20" height="20" fill="%s"/></svg>'
NOW = datetime(2026, 11, 21, 9, tzinfo=timezone.utc)


def png_header(width: int, height: int) -> bytes:
    """A PNG that says how large it is, and holds nothing."""
    def chunk(name: bytes, content: bytes) -> bytes:
        return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"broken") + chunk(b"IEND", b"")


class PictureCase(unittest.TestCase):
    """A folder of its own, and ways to put pictures into it."""

    def setUp(self) -> None:
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.folder = Path(scratch.name)
        self.site = self.folder / "site"
        self.site.mkdir()

    def made(self, name: str, width: int = 60, height: int = 40, color: str = "10 200 30") -> Picture:
        path = self.folder / name
        safe = self.folder / f"made{path.suffix}"
        subprocess.run(["vips", "black", f"{self.folder}/black.v", str(width), str(height), "--bands", "3"], check=True,
                       timeout=60)
        subprocess.run(["vips", "linear", f"{self.folder}/black.v", str(safe), "1", color, "--uchar"], check=True,
                       timeout=60)
        safe.rename(path)
        return Picture(str(path), origin=f"the {name}")

    def written(self, name: str, data: bytes) -> Picture:
        (self.folder / name).write_bytes(data)
        return Picture(str(self.folder / name), origin=f"the {name}")


class Pictures(PictureCase):
    def event(self, *photos: Picture | None, **changes: object) -> Event:
        speakers = tuple(Speaker(str(number), f"S {number}", photo=photo) for number, photo in enumerate(photos))
        facts: dict = {"id": "1", "name": "E", "starts": NOW, "ends": NOW, "zone": "UTC", "speakers": speakers}
        return Event(**(facts | changes))

    def faults(self, *photos: Picture) -> list[str]:
        with self.assertRaises(InputFaults) as caught:
            pictures.prepare(self.event(*photos), Look(), self.site)
        return [f"{fault.path}: {fault.message}" for fault in caught.exception.faults]

    def test_each_kind_becomes_webp_of_its_size(self) -> None:
        photos = [self.made("a.png", 800, 400), self.made("b.jpg", 300, 900), self.made("c.webp", 20, 10),
                  self.made("d.gif", 640, 640), self.written("e.svg", SVG % b"")]
        event, _ = pictures.prepare(self.event(*photos), Look(), self.site)
        sizes = [(speaker.photo.width, speaker.photo.height) for speaker in event.speakers]
        self.assertEqual(sizes, [(320, 160), (107, 320), (20, 10), (320, 320), (320, 160)])
        for speaker in event.speakers:
            data = (self.site / speaker.photo.path).read_bytes()
            self.assertEqual(kinds.kind(data), "WebP")
            self.assertRegex(speaker.photo.path, r"^pictures/[0-9a-f]{24}-320\.webp$")

    def test_one_content_is_one_file_for_each_use(self) -> None:
        logo = self.made("a.png", 900, 900)
        copy = self.written("b.png", Path(logo.path).read_bytes())
        speaker = Speaker("1", "S", photo=copy)
        event = self.event(logo, copy, logo=logo, sponsors=(Sponsor("1", "P", logo=copy),), sessions=(
            Session("1", "T", NOW, NOW, speakers=(speaker,)),))
        event, look = pictures.prepare(event, Look(logo=copy), self.site)
        self.assertEqual(event.speakers[0].photo.path, event.speakers[1].photo.path)
        self.assertEqual(event.sessions[0].speakers[0].photo.path, event.speakers[0].photo.path)
        self.assertEqual(event.logo.path, look.logo.path)
        self.assertEqual((event.logo.width, event.sponsors[0].logo.width), (512, 480))
        self.assertEqual(len(list((self.site / "pictures").iterdir())), 3)

    def test_metadata_goes(self) -> None:
        photo = self.made("a.jpg", 100, 100)
        data = Path(photo.path).read_bytes()
        entry = b"\x01\x0e\0\x02\0\0\0\x0f\0\0\0\x1a"  # ImageDescription, 15 letters, 26 bytes from the start
        secret = b"Exif\0\0MM\0*\0\0\0\x08\0\x01" + entry + b"\0\0\0\0GPS-OF-MY-HOME\0"
        marked = data[:2] + b"\xff\xe1" + (len(secret) + 2).to_bytes(2, "big") + secret + data[2:]
        event, _ = pictures.prepare(self.event(self.written("b.jpg", marked)), Look(), self.site)
        data = (self.site / event.speakers[0].photo.path).read_bytes()
        self.assertNotIn(b"GPS-OF-MY-HOME", data)
        self.assertEqual([name for name, _ in webp.chunks(data)], [b"VP8 "])

    def test_colours_stay_and_those_of_a_profile_are_converted(self) -> None:
        plain = self.made("plain.png", color="10 200 30")
        wide = self.folder / "wide.png"
        subprocess.run(["vips", "icc_export", plain.path, str(wide), "--output-profile", "p3"], check=True, timeout=60)
        event, _ = pictures.prepare(self.event(plain, Picture(str(wide))), Look(), self.site)
        for speaker in event.speakers:
            point = subprocess.run(
                ["vips", "getpoint", str(self.site / speaker.photo.path), "5", "5"], check=True, timeout=60,
                capture_output=True).stdout.split()
            for found, wanted in zip(point, (10, 200, 30)):
                self.assertLess(abs(float(found) - wanted), 16, (speaker.photo.path, point))

    def test_what_is_transparent_stays_so(self) -> None:
        logo = self.written("a.svg", SVG.replace(b'"red"', b'"red" opacity="0.5"') % b"")
        event, _ = pictures.prepare(self.event(logo), Look(), self.site)
        path = self.site / event.speakers[0].photo.path
        self.assertEqual([name for name, _ in webp.chunks(path.read_bytes())][0], b"VP8X")
        point = subprocess.run(
            ["vips", "getpoint", str(path), "5", "5"], check=True, timeout=60, capture_output=True).stdout.split()
        self.assertEqual(len(point), 4)
        self.assertLess(abs(float(point[3]) - 128), 3)

    def test_what_is_no_picture_is_named_and_all_at_once(self) -> None:
        bad = {
            "x.jpg": (b"<!DOCTYPE html><html><body>404</body></html>", "is HTML, not a picture"),
            "y.png": (b"", "is empty, not a picture"),
            "z.gif": (b"just words", "is text, not a picture"),
            "p.png": (b"%PDF-1.4", "is a PDF, not a picture"),
            "t.png": (b"II*\0" + bytes(100), "is a TIFF, not a picture"),
        }
        said = self.faults(*(self.written(name, data) for name, (data, _) in bad.items()))
        self.assertEqual(said, sorted(f"the {name}: {name} {words}" for name, (_, words) in bad.items()))

    def test_damaged_pictures_are_named_and_the_others_are_not(self) -> None:
        good = self.made("good.png")
        self.assertEqual(self.faults(good, self.written("bad.png", b"\x89PNG\r\n\x1a\n" + b"x" * 50)),
                         ["the bad.png: bad.png begins like a PNG picture but is none"])
        self.assertEqual(self.faults(good, self.written("bad.png", png_header(50, 50))),
                         ["the bad.png: bad.png is a damaged PNG picture"])
        for kind in ("jpg", "png", "webp", "gif"):
            whole = Path(self.made(f"whole.{kind}", 200, 200).path).read_bytes()
            with self.subTest(kind):
                self.assertEqual(len(self.faults(good, self.written(f"cut.{kind}", whole[:len(whole) * 2 // 3]))), 1)
        self.assertEqual(self.faults(good, self.written("bad.svg", SVG % b"<rect")),
                         ["the bad.svg: bad.svg is an SVG that cannot be drawn"])

    def test_a_picture_bomb_is_refused_by_its_header(self) -> None:
        said = self.faults(self.written("bomb.png", png_header(30_000, 30_000)))
        self.assertEqual(said, ["the bomb.png: bomb.png has 30000 × 30000 pixels, more than 50 million"])

    def test_an_svg_reaches_no_file(self) -> None:
        secret = self.made("secret.png", 40, 20, "255 255 255")
        for link in (secret.path, "secret.png", f"file://{secret.path}"):
            picture = self.written("a.svg", SVG % f'<image href="{link}" width="40" height="20"/>'.encode())
            plain = self.written("b.svg", SVG % b"")
            with self.subTest(link):
                self.assertEqual(pictures.drawn(Path(picture.path).read_bytes(), 40, 20),
                                 pictures.drawn(Path(plain.path).read_bytes(), 40, 20))

    def test_names_are_never_options(self) -> None:
        photos = [self.made("-h.png"), self.made("x[page=3].png"), self.made("a:b c$(id).png"),
                  self.made("%s.png", 30, 30)]
        event, _ = pictures.prepare(self.event(*photos), Look(), self.site)
        self.assertEqual([speaker.photo.width for speaker in event.speakers], [60, 60, 60, 30])

    def test_an_event_without_pictures_stays_as_it_is(self) -> None:
        event = self.event(None)
        self.assertEqual(pictures.prepare(event, Look(), self.site), (event, Look()))
        self.assertEqual(list(self.site.iterdir()), [])


class Kinds(unittest.TestCase):
    def test_drawings_and_pages_are_told_apart(self) -> None:
        svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
        for before in (b"", b"\xef\xbb\xbf", b"<?xml version='1.0'?>\n<!-- a -->\n<!-- b -->", b"\n \t",
                       b"<!DOCTYPE svg PUBLIC 'x' 'y' [\n<!ENTITY a 'b'>\n]>"):
            self.assertEqual(kinds.kind(before + svg), "SVG", before)
            self.assertEqual(kinds.kind(before + b"<html><svg></svg></html>"), "HTML", before)
        self.assertEqual(kinds.kind(b"<!DOCTYPE html><svg>"), "HTML")
        self.assertEqual(kinds.kind(b"<rss></rss>"), "text")

    def test_no_file_takes_long_to_look_at(self) -> None:
        # Ends at once, or not within a lifetime.
        for data in (b"<!---->" * 600, b"<!--" * 1000, b" " * 5000, b"<?xml " * 600, b"<!DOCTYPE svg [" * 300):
            self.assertIn(kinds.kind(data), {"text", "of an unknown kind"})


class Icons(PictureCase):
    SIZES = {"mdpi": (48, 108), "hdpi": (72, 162), "xhdpi": (96, 216), "xxhdpi": (144, 324), "xxxhdpi": (192, 432)}

    def drawn(self, logo: Picture | None, name: str = "Sample", color: str = "#2f5d62") -> tuple[Path, str]:
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        (folder / "scratch").mkdir()
        return folder / "res", icons.draw(logo, name, color, folder / "res", folder / "scratch")

    def test_every_density_has_all_icons(self) -> None:
        for logo in (None, self.made("logo.png", 300, 100)):
            folder, _ = self.drawn(logo)
            for density, (small, large) in self.SIZES.items():
                for name, size in (("", small), ("_round", small), ("_foreground", large)):
                    data = (folder / f"mipmap-{density}" / f"ic_launcher{name}.png").read_bytes()
                    self.assertEqual(data[16:24], size.to_bytes(4, "big") * 2)
            self.assertEqual(len(list(folder.rglob("*.png"))), 17)

    def test_what_is_behind_a_logo_fits_it(self) -> None:
        white, dark = (self.written(f"{name}.svg", HALF % name.encode()) for name in ("white", "black"))
        self.assertEqual(self.drawn(self.made("green.png", color="10 200 30"))[1], "#0ac81e", "its own paper")
        self.assertEqual(self.drawn(white, color="#803010")[1], "#803010", "white on nothing needs a colour")
        self.assertEqual(self.drawn(dark)[1], "#ffffff")

    def test_every_name_gives_a_sign(self) -> None:
        for name in ("FOSSASIA Summit", "🎉", "开源", "مؤتمر", "!!!", "", "<&>", "\ud800"):
            with self.subTest(name=name):
                self.assertEqual(len(list(self.drawn(None, name)[0].rglob("*.png"))), 17)

    def test_initials(self) -> None:
        for name, letters in {"FOSSASIA Summit 2026": "FS", "pycon": "P", "35C3": "3", "开源大会": "开", "🎉 🎊": "🎉",
                              "...": "", "ßa": "SS", "élan vital": "ÉV", "مؤتمر البرمجيات": "م"}.items():
            self.assertEqual(icons.initials(name), letters, name)

    def test_a_logo_that_is_none_is_the_requesters_fault(self) -> None:
        for data in (b"<html></html>", png_header(50, 50), b"\x89PNG\r\n\x1a\n", png_header(30_000, 30_000)):
            with self.assertRaises(InputFaults):
                self.drawn(self.written("logo.png", data))


if __name__ == "__main__":
    unittest.main()
