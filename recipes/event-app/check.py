#!/usr/bin/python3 -IB
"""Looks through a submission before it is accepted, and through what was fetched for it.

Writes $KILN_OUT/findings.json: the problems for the form, and the pictures that are to be fetched. Ends with 0 whenever
it could judge; every other end means that this program, not the requester, is at fault."""

from __future__ import annotations

import json
import os
import resource
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

#: What looking at somebody's data may take, below the recipe's own limits: reaching those is no fault of the data's.
#: The largest events take a third of it.
SECONDS = 12.0
BYTES = 800 * 1024 * 1024

RECIPE = Path(__file__).resolve().parent
sys.path.insert(0, str(RECIPE))

from eventapp import addresses, asked, reading  # noqa: E402
from eventapp.faults import Fault, more_of, quoted  # noqa: E402


class TooMuch(BaseException):
    """Looking at the data took too long; no `Exception`, so that nobody on the way takes it for damage."""


def main() -> int:
    inputs, out = Path(os.environ["KILN_INPUTS"]), Path(os.environ["KILN_OUT"])
    findings = bounded(inputs)
    (out / "findings.json").write_text(json.dumps(findings, ensure_ascii=False, indent=1), encoding="utf-8")
    for problem in findings["problems"]:
        print(f"{problem['field']}: {problem['where']}: {problem['message']}")
    return 0


def bounded(inputs: Path) -> dict[str, Any]:
    """The findings on what lies in the folder of a run's inputs; that it is too much is one."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (BYTES if most == resource.RLIM_INFINITY else min(BYTES, most), most))
    signal.signal(signal.SIGPROF, _stop)
    # Its own time on the processor: that others have it is nobody's fault.
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        return judge(inputs)
    except (TooMuch, MemoryError):
        field = "data" if asked.file(inputs, "data") is not None else "endpoint"
        told = "it holds so much that it cannot be looked through"
        return _findings([_problem(field, "", told, "Leave out what no app needs.")])
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise TooMuch


def judge(inputs: Path) -> dict[str, Any]:
    """The findings on what lies in the folder of a run's inputs."""
    data, fetched = asked.file(inputs, "data"), asked.file(inputs, "fetched")
    endpoint = asked.text(inputs, "endpoint")
    if data is not None and endpoint:
        told = "both a file and an address were given, and the app is made of one"
        return _findings([_problem("endpoint", "", told, "Leave one of the two out.")])
    if data is None and not endpoint:
        told = "no event was given: neither a file nor an address"
        return _findings(
            [
                _problem("data", "", told, "Upload the zip that Open Event exports, or give its address."),
                _problem("endpoint", "", told, "Give the address of the event's data, or upload its zip."),
            ]
        )
    if endpoint and (refused := endpoint_problem(endpoint)) is not None:
        return _findings([_problem("endpoint", "", refused, "Give it as in https://example.org/api/v1/events/6.")])
    if data is None and fetched is None:
        return _findings([])
    found = reading.look(data, fetched, endpoint)
    field = "data" if data is not None else "endpoint"
    problems = [_told(field, fault) for fault in found.report.faults]
    if found.report.more:
        problems.append(_problem(field, "", more_of(found.report.more), ""))
    return _findings(problems, found.pictures if not problems else {}, found.report.pages)


def endpoint_problem(endpoint: str) -> str | None:
    """What is wrong with an event's address by itself; None if it can be asked.

    Whether its network may be asked is for Kiln to say, which knows the networks that the operator allows."""
    if addresses.scheme(endpoint) not in ("http", "https"):
        return f"{quoted(endpoint, 80)} is no http or https address"
    problem = addresses.refusal(endpoint)
    if problem is not None and not problem.startswith("leads to"):
        return f"the address {problem}"
    parts = urlsplit(endpoint)
    if parts.query or parts.fragment:
        return "the address has a ? or # within, and nothing could be put behind it"
    return None


def _told(field: str, fault: Fault) -> dict[str, str]:
    return _problem(field, fault.where, fault.message, fault.mend)


def _problem(field: str, where: str, message: str, mend: str) -> dict[str, str]:
    return {"field": field, "where": where, "message": message, "mend": mend}


def _findings(
    problems: list[dict[str, str]], pictures: dict[str, str] | None = None, notes: list[str] | None = None
) -> dict[str, Any]:
    listed = [{"url": url, "name": name} for url, name in (pictures or {}).items()]
    return {"problems": problems, "pictures": listed} | ({"notes": notes} if notes else {})


if __name__ == "__main__":
    sys.exit(main())
