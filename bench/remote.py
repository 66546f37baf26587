"""Builds at a CI: what thousands of running ones cost at rest, and how soon an end is a mail."""

import http.client
import json
import os
import pathlib
import random
import sqlite3
import sys
import time
import urllib.parse

from servers import ROOT, CannotMeasure, Kiln, Server
from table import Table, judged, percentile

SECRET = "bench-secret-of-32-characters-or-more"
POLL = 2
RECIPE = """id: bench
title: A build elsewhere
summary: For the benchmarks.
fields:
  - {{name: email, type: email, label: Your address, required: true, private: true}}
  - {{name: name, type: text, label: Name}}
build:
  provider: webhook
  webhook: {{url: "{origin}/kiln", secret: BENCH}}
  parameters:
    - {{name: name, value: "{{{{name}}}}"}}
  limits: {{time: 1h}}
{watch}
artifacts:
  - {{match: image.txt, max_bytes: 1 MiB}}
retention: 1h
"""


def measure(folder, quick):
    rest(folder, 500 if quick else 2000, 10 if quick else 30)
    told(folder, 8 if quick else 30)


class CI(Server):
    def start(self):
        self.launch([sys.executable, str(ROOT / "bench" / "ci.py"), str(self.port)], os.environ, "ci.log")
        self.wait_for("/asked")

    def json(self, path):
        return json.loads(self.get(path)[2])


class RemoteKiln(Kiln):
    """Kiln with one recipe that is built at `ci`; mails go to a folder."""

    def __init__(self, folder, ci, interval=None):
        super().__init__(folder)
        recipe = self.folder / "recipes" / "bench"
        recipe.mkdir(parents=True)
        watch = f"watch: {{interval: {interval}s}}" if interval else ""
        (recipe / "recipe.yml").write_text(RECIPE.format(origin=ci.origin, watch=watch))

    def environment(self):
        return super().environment() | {
            "KILN_RECIPES_DIRECTORY": str(self.folder / "recipes"),
            "KILN_SECRET_BENCH": SECRET,
            "KILN_PROVIDERS_AT_ONCE": "100000",
            "KILN_PROVIDERS_TRIGGERS_PER_MINUTE": "100000",
            "KILN_MAIL_SERVICE": "maildir",
            "KILN_MAIL_MAILDIR_DIRECTORY": str(self.folder / "mail"),
        }

    def submit_many(self, count):
        """Over one connection."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        builds = []
        for number in range(count):
            body = json.dumps({"email": "bench@example.org", "name": f"number {number}"})
            connection.request("POST", "/api/v1/recipes/bench/builds", body, headers)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != 202:
                raise CannotMeasure(f"a submission was answered with {answer.status}: {text[:300]!r}")
            builds.append(json.loads(text)["id"])
        connection.close()
        return builds

    @property
    def database(self):
        return f"file:{self.folder / 'data' / 'kiln.sqlite'}?mode=ro"

    def cpu_seconds(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def mails(self):
        folder = self.folder / "mail" / "new"
        return set(os.listdir(folder)) if folder.is_dir() else set()


def rest(folder, count, seconds):
    table = Table(
        f"{count:,} running builds at one provider, nothing happens, {seconds} s.",
        "builds", "memory MB", "with them MB", "KB a build", "CPU %", "looks/s", "commits/s")
    ci = CI(folder / "ci-rest")
    kiln = RemoteKiln(folder / "kiln-rest", ci)
    try:
        ci.start()
        kiln.start()
        time.sleep(2)
        before = kiln.memory("VmRSS")
        kiln.submit_many(count)
        wait_until_running(kiln, count)
        # Looks grow rare while nothing changes.
        time.sleep(20 if seconds < 30 else 60)
        asked, cpu = ci.json("/asked"), kiln.cpu_seconds()
        commits = commits_during(kiln.database, seconds)
        cpu, after = kiln.cpu_seconds() - cpu, ci.json("/asked")
        memory = kiln.memory("VmRSS")
    finally:
        kiln.stop()
        ci.stop()
    looks = after.get("find", 0) - asked.get("find", 0)
    table.add(
        f"{count:,}", f"{before / 1e6:.0f}", f"{memory / 1e6:.0f}", f"{(memory - before) / count / 1e3:.1f}",
        f"{100 * cpu / seconds:.1f}", f"{looks / seconds:.0f}", f"{commits / seconds:.2f}")
    table.show()


def wait_until_running(kiln, count, limit=180):
    deadline = time.monotonic() + limit
    with sqlite3.connect(kiln.database, uri=True) as connection:
        while time.monotonic() < deadline:
            found = connection.execute("SELECT count(*) FROM builds WHERE state = 'running'").fetchone()[0]
            if found == count:
                return
            time.sleep(0.2)
    raise CannotMeasure(f"{found} of {count} builds run after {limit} s")


def commits_during(database, seconds):
    """How often somebody else's commit was seen; those within a millisecond count once."""
    with sqlite3.connect(database, uri=True) as connection:
        version = lambda: connection.execute("PRAGMA data_version").fetchone()[0]
        last, count, deadline = version(), 0, time.monotonic() + seconds
        while time.monotonic() < deadline:
            now = version()
            if now != last:
                last, count = now, count + 1
            time.sleep(0.001)
    return count


def told(folder, count):
    table = Table(
        "From the end of a run at the CI to its mail in the maildir (ms), one build at a time. Aims: by callback p50 below\n"
        f"200 ms; by polling below one interval ({POLL} s here).",
        "the end is seen by", "builds", "p50", "p95", "most")
    ci = CI(folder / "ci-told")
    kiln = RemoteKiln(folder / "kiln-told", ci, POLL)
    try:
        ci.start()
        kiln.start()
        for name, aim, rounds in (("callback", 200, count), ("polling", POLL * 1000, max(4, count // 3))):
            times = [one_end(kiln, ci, name) for _ in range(rounds + 1)][1:]
            p50 = percentile(times, 0.5)
            table.add(
                name, rounds, judged(f"{p50:.0f}", p50 < aim), f"{percentile(times, 0.95):.0f}", f"{max(times):.0f}")
    finally:
        kiln.stop()
        ci.stop()
    table.show()


def one_end(kiln, ci, way):
    """Milliseconds from a run's end to the mail; the file was sent before."""
    known = set(ci.json("/runs"))
    build = kiln.submit_many(1)[0]
    kiln.wait_until(build, ["running"])
    attempt = (set(ci.json("/runs")) - known).pop()
    callback = ci.json("/runs")[attempt]["callback"]
    path = urllib.parse.urlsplit(callback["url"]).path
    headers = {"Authorization": f"Bearer {callback['token']}", "Content-Type": "application/json"}
    expect(kiln.request("PUT", path + "/files/image.txt", b"An image.\n", headers))
    # The file made Kiln look; the end comes anywhere between that look and the next ones.
    time.sleep(1 + random.uniform(0, POLL))
    mails = kiln.mails()
    began = time.monotonic()
    if way == "callback":
        expect(kiln.request("POST", path, b'{"result": "succeeded"}', headers))
    else:
        expect(ci.request("POST", f"/end/{attempt}"))
    while kiln.mails() == mails:
        if time.monotonic() - began > 60:
            raise CannotMeasure(f"no mail came; the build is {kiln.build(build)['state']}")
        time.sleep(0.001)
    return 1000 * (time.monotonic() - began)


def expect(answer):
    if answer[0] != 200:
        raise CannotMeasure(f"a report was answered with {answer[0]}: {answer[2][:300]!r}")
