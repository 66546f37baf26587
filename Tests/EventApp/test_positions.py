"""JSON that is broken is told by line and column, and breaks nothing."""

import json
import random
import unittest

import data  # noqa: F401
from eventapp import positions


class Positions(unittest.TestCase):
    def fault(self, contents: bytes) -> positions.Fault:
        with self.assertRaises(positions.NotJSON) as caught:
            positions.parse(contents, "event")
        return caught.exception.fault

    def test_every_encoding_of_json_is_read(self) -> None:
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"):
            with self.subTest(encoding):
                self.assertEqual(
                    positions.parse('{"name": "Größe 🎪"}'.encode(encoding), "event"), {"name": "Größe 🎪"}
                )

    def test_what_is_broken_is_told_with_its_place(self) -> None:
        cases = [
            (b'{"a": 1,}', 1, 9, "a key in double quotes"),
            (b'{"a": 1\n "b": 2}', 2, 2, "a comma or the end"),
            (b'{"a" 1}', 1, 6, "a colon"),
            (b"[1, 2", 1, 6, "the end of the file"),
            (b'{\r\n"a": FOSSASIA}', 2, 6, "a value was expected"),
            (b'["a\nb"]', 1, 4, "line break or control character"),
            (b'["a', 1, 2, "never ends"),
            (b'["\\x"]', 1, 3, "backslash"),
            (b"[1]]", 1, 4, "more follows"),
            (b"[1,\n NaN]", 2, 2, "NaN"),
            (b'["NaN", -Infinity]', 1, 9, "-Infinity"),
            (b'{"a": 1,\n "b": {"c": 1,\n  "c": 2}}', 3, 3, '"c" stands twice'),
            ('["Gr\u00f6'.encode("latin-1"), 1, 5, "UTF-8"),
        ]
        for contents, line, column, words in cases:
            with self.subTest(contents):
                fault = self.fault(contents)
                self.assertEqual((fault.line, fault.column), (line, column), str(fault))
                self.assertIn(words, str(fault))
                self.assertIn(f"event, line {line}, column {column}", str(fault))

    def test_what_is_too_much_is_a_fault_and_no_crash(self) -> None:
        cases = [
            (b" ", "empty"),
            (b"", "empty"),
            (b"[" * 10_000 + b"]" * 10_000, "levels"),
            (b"[" * 100_000, "levels"),
            (b'{"a":' * 101 + b"1" + b"}" * 101, "levels"),
            (b"[" + b" " * positions.LARGEST + b"]", "MiB"),
        ]
        for contents, words in cases:
            with self.subTest(contents[:8]):
                self.assertIn(words, str(self.fault(contents)))

    def test_numbers_of_any_length_are_read(self) -> None:
        value = positions.parse(b"[1" + b"0" * 6000 + b", 1e999, 12]", "event")
        self.assertEqual(value, [float("inf"), float("inf"), 12])

    def test_no_text_takes_long(self) -> None:
        positions.parse(b'["' + b'\\"' * 500_000 + b'"]', "event")
        self.assertIn("never ends", str(self.fault(b'["' + b'\\"' * 500_000)))

    def test_any_change_of_a_document_is_read_or_told(self) -> None:
        source = random.Random(5)
        whole = json.dumps(data.files()["sessions"]).encode()
        for _ in range(1500):
            changed = bytearray(whole)
            for _ in range(source.randint(1, 4)):
                at = source.randrange(len(changed))
                changed[at : at + source.randint(0, 3)] = source.choice(
                    [b"", b"[", b"}", b'"', b"\\", b"\xff", b"\x00", b"NaN", b",", b"\xed\xa0\x80", b"\n", b"1e9999"]
                )
            try:
                positions.parse(bytes(changed), "sessions")
            except positions.NotJSON as problem:
                self.assertGreaterEqual(problem.fault.line, 0)


if __name__ == "__main__":
    unittest.main()
