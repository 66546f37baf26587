"""Data at random: that nothing else ever comes out than an event or faults."""

import json
import random
import unittest
from pathlib import Path
from typing import Any

import data
from eventapp import reading
from eventapp.faults import InputFaults


class AnythingAtAll(data.DataTestCase):
    """Whatever is sent, reading ends with an event or with faults."""

    def attempt(self, path: Path) -> None:
        report = reading.look(path, None, "").report
        try:
            reading.load(path, None, "", self.folder)
        except InputFaults as faults:
            for line in faults.lines():
                line.encode("utf-8")
            return
        self.assertEqual(report.faults, [])

    def test_changed_zips(self) -> None:
        source = random.Random(11)
        whole = self.zip(data.files()).read_bytes()
        path = self.folder / "changed.zip"
        for _ in range(150):
            changed = bytearray(whole)
            for _ in range(source.randint(1, 6)):
                at = source.randrange(len(changed))
                kind = source.randrange(3)
                if kind == 0:
                    changed[at] = source.randrange(256)
                elif kind == 1:
                    del changed[at : at + source.randint(1, 40)]
                else:
                    changed[at:at] = changed[at : at + source.randint(1, 40)]
            path.write_bytes(changed)
            self.attempt(path)

    def test_changed_lists_of_entries(self) -> None:
        source = random.Random(12)
        whole = self.zip(data.files()).read_bytes()
        start = whole.find(b"PK\x01\x02")
        path = self.folder / "changed.zip"
        for _ in range(150):
            changed = bytearray(whole)
            for _ in range(source.randint(1, 3)):
                changed[source.randrange(start, len(changed))] = source.choice(
                    [0, 1, 0x7F, 0x80, 0xFF, source.randrange(256)]
                )
            path.write_bytes(changed)
            self.attempt(path)

    def test_changed_values(self) -> None:
        source = random.Random(13)
        odd: list[Any] = [
            None,
            True,
            False,
            0,
            -1,
            10**30,
            1e999,
            1.5,
            "",
            " ",
            "x",
            "\ud800",
            "\x00",
            "9" * 400,
            [],
            {},
            [[]],
            [None],
            [{}],
            {"id": []},
            {"id": 1},
            {"name": None},
            ["x"] * 3,
            "http://[",
            "http://127.0.0.1",
            "//",
            "..",
            "2026-03-14T09:00:00",
            "2026-99-99",
            "<b>",
            {"data": {}},
            {"attributes": {}},
            {"attributes": {"id": 1}, "relationships": {"track": {"data": [1]}}},
            {"errors": []},
        ]

        def change(value: Any) -> Any:
            if source.random() < 0.06:
                return source.choice(odd)
            if isinstance(value, dict):
                return {(key if source.random() > 0.02 else "x"): change(one) for key, one in value.items()}
            return [change(one) for one in value] if isinstance(value, list) else value

        for _ in range(250):
            self.attempt(
                self.zip(
                    {
                        name: value if isinstance(value, bytes) else json.dumps(change(value))
                        for name, value in data.files().items()
                    }
                )
            )

if __name__ == "__main__":
    unittest.main()
