"""Runs the benchmarks and prints one table a topic. Standard library only; see docs/benchmarks.md."""

import argparse
import os
import pathlib
import platform
import shutil
import sys
import tempfile
import time

import apps
import builds
import links
import mail
import reads
import remote
import start
import streams
import uploads
from servers import ROOT, CannotMeasure

TOPICS = {
    "start": start, "builds": builds, "apps": apps, "links": links, "mail": mail, "remote": remote, "reads": reads,
    "streams": streams, "uploads": uploads,
}


def main():
    parser = argparse.ArgumentParser(prog="bench/run.sh", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer and smaller rounds")
    parser.add_argument("--only", default=",".join(TOPICS), help="topics, separated by commas (default: %(default)s)")
    parser.add_argument(
        "--folder", default=str(ROOT / ".build"), help="where to put what is written; decides which disk is measured")
    options = parser.parse_args()
    topics = options.only.split(",")
    if unknown := [topic for topic in topics if topic not in TOPICS]:
        parser.error(f"no such topic: {', '.join(unknown)}")
    folder = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=options.folder))
    # nginx's workers and the runs of builds are other users where we are root.
    folder.chmod(0o755)
    began = time.monotonic()
    print(f"{time.strftime('%Y-%m-%d')}, {machine()}, load {os.getloadavg()[0]:.1f} at the start")
    failed = []
    try:
        for topic in topics:
            try:
                TOPICS[topic].measure(folder, options.quick)
            except (CannotMeasure, OSError, ValueError) as error:
                failed.append(topic)
                print(f"\n{topic}: could not be measured: {error}\n", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{time.monotonic() - began:.0f} s, load {os.getloadavg()[0]:.1f} at the end")
    return 1 if failed else 0


def machine():
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return f"{os.cpu_count()} processors ({platform.machine()}), {memory:.0f} GiB of memory"


if __name__ == "__main__":
    sys.exit(main())
