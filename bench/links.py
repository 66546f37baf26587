"""Watching the links at which a CI publishes: many HEADs, most of them answered with 404."""

import json
import os
import subprocess

from servers import ROOT, CannotMeasure, Server, most_files
from table import Table, judged, median

LINKS = 10_000
# One in so many has its file.
SPARSE = 100
WORKERS = 64
WATCHER = ROOT / ".build" / "release" / "LinkBench"
PYTHON = ROOT / ".build" / "bench-tools" / "bin" / "python"


def measure(folder, quick):
    rounds, seconds = (1, 3) if quick else (5, 5)
    host = ReleaseHost(folder / "release-host")
    watchers = {
        "Kiln": [WATCHER, host.origin, LINKS, WORKERS, seconds],
        "aiohttp": [PYTHON, ROOT / "bench" / "watch_links.py", host.origin, LINKS, WORKERS, seconds],
    }
    for command in watchers.values():
        if not os.access(command[0], os.X_OK):
            raise CannotMeasure(f"{command[0]} is not here: `make bench` builds and installs it")
    seen = {name: [] for name in watchers}
    try:
        host.start()
        for _ in range(rounds):
            for name, command in watchers.items():
                seen[name].append(watch(command))
    finally:
        host.stop()
    show(seen)


def watch(command):
    done = subprocess.run(
        [os.fspath(word) if isinstance(word, os.PathLike) else str(word) for word in command],
        capture_output=True, text=True, timeout=120, preexec_fn=most_files)
    if done.returncode:
        raise CannotMeasure(f"{command[0]} ended with {done.returncode}: {done.stderr[-300:]}")
    result = json.loads(done.stdout)
    if result["faults"] or not result["there"]:
        raise CannotMeasure(f"{command[0]} was not answered as it should be: {result}")
    return result


def show(seen):
    table = Table(
        f"{LINKS:,} release links, {WORKERS} looked at at once, 1 in {SPARSE} published (medians of rounds that take turns).\n"
        "Aims: more checks a second than aiohttp, at no more than half of its processor time.",
        "watcher", "rounds", "checks/s", "fewest", "most", "CPU s/1,000 checks", "peak MB")
    rates, costs = {}, {}
    for name, rounds in seen.items():
        each = [result["checks"] / result["seconds"] for result in rounds]
        rates[name] = median(each)
        costs[name] = median([1000 * result["cpu"] / result["checks"] for result in rounds])
        table.add(
            name, len(rounds), f"{rates[name]:,.0f}", f"{min(each):,.0f}", f"{max(each):,.0f}", f"{costs[name]:.3f}",
            f"{max(result['peak'] for result in rounds) / 1e6:.0f}")
    rate, cost = rates["Kiln"] / rates["aiohttp"], costs["Kiln"] / costs["aiohttp"]
    table.add("Kiln/aiohttp", "", judged(f"{rate:.2f}", rate > 1), "", "", judged(f"{cost:.2f}", cost <= 0.5), "")
    table.show()


class ReleaseHost(Server):
    """nginx with a file at every hundredth link."""

    def start(self):
        files = self.folder / "files"
        files.mkdir()
        for number in range(0, LINKS, SPARSE):
            (files / f"{number}.iso").write_bytes(b"x" * 1000)
        configuration = self.folder / "nginx.conf"
        configuration.write_text(self.configuration())
        self.launch(
            ["nginx", "-p", str(self.folder), "-c", str(configuration), "-e", str(self.folder / "error.log")],
            os.environ, "nginx.log")
        self.wait_for("/0.iso")

    def configuration(self):
        user = "user root;" if os.getuid() == 0 else ""
        temporary = "\n".join(
            f"    {kind}_temp_path {self.folder}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        return f"""{user}
daemon off;
worker_processes 2;
pid {self.folder}/nginx.pid;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    log_not_found off;
    keepalive_requests 100000000;
    default_type application/octet-stream;
{temporary}
    server {{
        listen 127.0.0.1:{self.port} backlog=1024;
        root {self.folder}/files;
    }}
}}
"""
