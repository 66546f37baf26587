"""Zips: what is refused before anything of it is unpacked."""

import io
import json
import stat
import struct
import time
import unittest
import zipfile

import data
from eventapp import archive, reading


class Zips(data.DataTestCase):
    def raw(self, contents: bytes) -> list[str]:
        path = self.folder / "data.zip"
        path.write_bytes(contents)
        return [str(fault) for fault in reading.look(path, None, "").report.faults]

    def test_zips_that_are_none_are_told(self) -> None:
        whole = self.zip(data.files()).read_bytes()
        for contents in (b"", b"a letter", whole[:-200], whole[:100], b"PK\5\6" + b"\xff" * 18):
            with self.subTest(contents[:10]):
                self.assertIn("data.zip", self.raw(contents)[0])

    def test_entries_that_no_export_has_are_refused(self) -> None:
        def entry(name: str, mode: int = 0, method: int = zipfile.ZIP_DEFLATED) -> bytes:
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
                for key, value in data.files().items():
                    made.writestr(key, value if isinstance(value, bytes) else json.dumps(value))
                info = zipfile.ZipInfo(name)
                info.external_attr = mode << 16
                info.compress_type = method
                made.writestr(info, b"/etc/passwd")
            return out.getvalue()

        cases = [
            (entry("../x"), '"../x"'),
            (entry("/etc/x"), "absolute"),
            (entry("a\\b"), "backslash"),
            (entry("C:x"), "absolute"),
            (entry("images/../../x"), ".."),
            (entry("images/link.png", stat.S_IFLNK | 0o777), "a link"),
            (entry("EVENT"), "capitals"),
            (entry("fifo", stat.S_IFIFO), "no plain file"),
            (entry("x", method=zipfile.ZIP_LZMA), "not read"),
            (entry("a\x07b"), "control"),
        ]
        for contents, words in cases:
            with self.subTest(words):
                told = self.raw(contents)
                self.assertIn(words, told[0])
                self.assertEqual(len(told), 1, told)

    def test_encrypted_entries_are_refused(self) -> None:
        whole = bytearray(self.zip(data.files()).read_bytes())
        at = whole.rfind(b"PK\x01\x02")
        whole[at + 8] |= 1
        self.assertIn("encrypted", self.raw(bytes(whole))[0])

    def test_an_entry_without_a_name_is_refused(self) -> None:
        whole = bytearray(self.zip({**data.files(), "\x01": b""}).read_bytes())
        at = whole.find(b"\x01", whole.rfind(b"PK\x01\x02") + 46)
        whole[at] = 0  # A name ends for Python where a NUL stands.
        self.assertIn("no name", self.raw(bytes(whole))[0])

    def test_bombs_are_refused_before_they_burst(self) -> None:
        zeros = self.zip({**data.files(), **{f"images/{number}.png": bytes(8 << 20) for number in range(5)}})
        self.assertIn("unpacks to", self.raw(zeros.read_bytes())[0])
        many = self.zip({**data.files(), **{f"images/{number}": b"" for number in range(archive.MOST_ENTRIES)}})
        self.assertIn("20,0", self.raw(many.read_bytes())[0])
        # Headers that lie: the size that they tell is all that is ever read.
        true_size = struct.pack("<I", 4 << 20)
        lying = (
            self.zip({**data.files(), "tracks": b" " * (4 << 20)})
            .read_bytes()
            .replace(true_size, struct.pack("<I", 100))
        )
        start = time.process_time()
        self.assertIn("tracks: its checksum is wrong", self.raw(lying)[0])
        self.assertLess(time.process_time() - start, 2)

    def test_a_list_of_entries_is_never_read_beyond_its_bound(self) -> None:
        end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 60_000, 60_000, archive.LARGEST_LIST + 1, 0, 0)
        self.assertIn("too long", self.raw(bytes(archive.LARGEST_LIST + 1) + end)[0])

if __name__ == "__main__":
    unittest.main()
