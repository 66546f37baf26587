"""The script that judges a submission before it is accepted: what it finds, and that it always can say so."""

import json
import os
import subprocess
import unittest
from pathlib import Path
from typing import Any

import data


class Check(data.DataTestCase):
    def check(self, fields: dict[str, str] = {}, **files: Path) -> dict[str, Any]:
        inputs, out = self.folder / "inputs", self.folder / "out"
        for folder in (inputs / "fields", inputs / "files", out):
            folder.mkdir(parents=True, exist_ok=True)
        for name, value in fields.items():
            (inputs / "fields" / name).write_text(value, encoding="utf-8")
        for name, path in files.items():
            (inputs / "files" / name).write_bytes(path.read_bytes())
        ended = subprocess.run(
            ["/usr/bin/python3", str(data.RECIPE / "check.py")],
            timeout=240,
            capture_output=True,
            text=True,
            env={"KILN_INPUTS": str(inputs), "KILN_OUT": str(out), "LC_ALL": "C", "PATH": os.defpath},
        )
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        return json.loads((out / "findings.json").read_text(encoding="utf-8"))

    def test_good_data_has_no_problem(self) -> None:
        self.assertEqual(self.check(data=self.zip(data.files())), {"problems": [], "pictures": []})

    def test_an_address_that_answers_in_pages_is_noted(self) -> None:
        files = data.files()
        files["sessions"] = {"data": files["sessions"], "links": {"next": "https://api.example.org/p2"}}
        files["tracks"] = {"results": files["tracks"], "next": None}
        fetched = self.fetched(files)
        findings = self.check({"endpoint": "https://api.example.org/v1/events/6"}, fetched=fetched)
        self.assertEqual(findings["problems"], [])
        count = len(files["sessions"]["data"])
        said = f"The address answers in pages; only the first, with {count} sessions, was read."
        self.assertEqual(findings["notes"], [said])

    def test_neither_or_both_is_a_problem_of_the_fields(self) -> None:
        self.assertEqual([one["field"] for one in self.check()["problems"]], ["data", "endpoint"])
        both = self.check({"endpoint": "https://example.org/"}, data=self.zip(data.files()))
        self.assertEqual([one["field"] for one in both["problems"]], ["endpoint"])

    def test_problems_say_where_what_and_how_to_mend_it(self) -> None:
        files = data.files()
        files["sessions"][0]["speakers"] = [{"id": 99, "name": "Größe \ud800"}]
        problem = self.check(data=self.zip(files))["problems"][0]
        self.assertEqual((problem["field"], problem["where"]), ("data", "sessions[0].speakers[0].id"))
        self.assertIn("99", problem["message"])
        self.assertIn("speakers", problem["mend"])

    def test_many_problems_are_bounded(self) -> None:
        files = data.files()
        files["sessions"][0]["speakers"] = list(range(100, 270))
        problems = self.check(data=self.zip(files))["problems"]
        self.assertEqual((len(problems), problems[-1]["message"]), (51, "and 120 more"))

    def test_too_much_to_look_through_is_a_problem_of_the_data(self) -> None:
        deep = '{"a":' * 90 + "0" + "}" * 90
        listed = '[{"id": 1, "name": "x", "sessions": [' + ",".join([deep] * 27_000) + "]}]"
        files = {**data.files(), "speakers": listed, "tracks": listed}
        (problem, *others) = self.check(data=self.zip(files))["problems"]
        self.assertEqual((problem["field"], others), ("data", []))
        self.assertIn("so much", problem["message"])

    def test_pictures_at_addresses_are_listed_once_with_stable_names(self) -> None:
        files = data.files()
        for speaker in files["speakers"]:
            speaker["photo"] = "https://example.org/x.png"
        found = self.check(data=self.zip(files))
        self.assertEqual(found["pictures"], [{"url": "https://example.org/x.png", "name": "d37ac7f44328bd5a.bin"}])

    def test_an_address_is_judged_by_itself_before_anything_is_fetched(self) -> None:
        for endpoint in ("https://example.org/api/v1/events/6", "http://127.0.0.1:9/"):
            self.assertEqual(self.check({"endpoint": endpoint})["problems"], [], endpoint)
        for endpoint in (
            "ftp://example.org",
            "file:///etc",
            "https://u:p@example.org/",
            "https://example.org/?a=1",
            "https://",
            "x",
        ):
            self.assertEqual(
                [one["field"] for one in self.check({"endpoint": endpoint})["problems"]], ["endpoint"], endpoint
            )

    def test_what_was_fetched_is_judged_like_what_was_uploaded(self) -> None:
        files = {name: value for name, value in data.files().items() if not isinstance(value, bytes)}
        endpoint = {"endpoint": "https://api.example.org/v1/events/6"}
        found = self.check(endpoint, fetched=self.fetched(files))
        urls = [one["url"] for one in found["pictures"]]
        self.assertIn("https://api.example.org/images/logo.png", urls)
        files["event"]["timezone"] = "Nowhere"
        problem = self.check(endpoint, fetched=self.fetched(files))["problems"][0]
        self.assertEqual((problem["field"], problem["where"]), ("endpoint", "event.timezone"))


if __name__ == "__main__":
    unittest.main()
