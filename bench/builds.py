"""Accepting builds durably, and how soon an accepted one is started."""

import os
import re
import sqlite3

from clients import flushes_per_second, wrk
from servers import ROOT, CannotMeasure, Kiln
from table import Table, judged, percentile

LATENCY_AIM = 20


def measure(folder, quick):
    latency(folder, 15 if quick else 40)
    accepted(folder, 2 if quick else 4)


def latency(folder, count):
    table = Table(
        "From accepted to triggered, one build at a time with a free place (ms, from the timeline). Aim: p50 below 20 ms.",
        "builds", "p50", "p95", "most", "accepted to claimed p50", "claimed to triggered p50")
    kiln = Kiln(folder / "kiln-latency", workers=2)
    try:
        kiln.start()
        builds = []
        for _ in range(count + 1):
            builds.append(kiln.submit({"seconds": 0}))
            kiln.wait_until(builds[-1], ["succeeded"])
    finally:
        kiln.stop()
    timelines = read_timelines(kiln.folder / "data" / "kiln.sqlite")
    # The first one finds everything cold.
    found = [timelines[build] for build in builds[1:]]
    whole = [moments["triggered"] - moments["accepted"] for moments in found]
    claimed = [moments["claimed"] - moments["accepted"] for moments in found]
    p50 = percentile(whole, 0.5)
    table.add(
        len(whole), judged(p50, p50 < LATENCY_AIM), percentile(whole, 0.95), max(whole), percentile(claimed, 0.5),
        percentile([one - other for one, other in zip(whole, claimed)], 0.5))
    table.show()


def read_timelines(database):
    """Milliseconds of the first time of each event, by build; read when the server has stopped."""
    timelines = {}
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        rows = connection.execute("SELECT build, event, entered_at FROM timeline ORDER BY build, sequence")
        for build, event, moment in rows:
            timelines.setdefault(build, {}).setdefault(event, moment)
    return timelines


def accepted(folder, seconds):
    table = Table(
        "Durable builds: small JSON submissions from 64 clients, each answered after its commit is on the disk.",
        "clients", "accepted/s", "p99 ms", "other answers", "flushes/s of the disk", "accepted/flushes")
    kiln = Kiln(folder / "kiln-accepted")
    try:
        kiln.start()
        kiln.hold_the_queue()
        flushes = flushes_per_second(folder / "flushes")
        _, tail, text = wrk(
            kiln.origin + "/api/v1/recipes/bench/builds", 64, seconds, script=os.fspath(ROOT / "bench" / "post.lua"))
    finally:
        kiln.stop()
    counts = re.search(r"accepted (\d+) other (\d+) seconds ([\d.]+)", text)
    if not counts or int(counts[1]) == 0:
        raise CannotMeasure(f"no build was accepted: {text[-300:]}")
    rate = int(counts[1]) / float(counts[3])
    table.add(64, f"{rate:,.0f}", f"{tail:.1f}", counts[2], f"{flushes:,.0f}", f"{rate / flushes:.1f}")
    table.show()
