"""Idle event streams: what a watcher costs."""

import time

from clients import open_streams
from servers import Kiln
from table import Table


def measure(folder, quick):
    count = 500 if quick else 2000
    table = Table(
        "Idle event streams on one running build: resident memory of the server.",
        "streams", "before MB", "with them MB", "KB a stream", "after MB", "s until all have their state")
    kiln = Kiln(folder / "kiln-streams")
    try:
        kiln.start()
        build = kiln.hold_the_queue()
        time.sleep(1)
        before = kiln.memory("VmRSS")
        began = time.monotonic()
        sockets = open_streams(kiln.port, f"/builds/{build}/events", count)
        took = time.monotonic() - began
        time.sleep(2)
        during = kiln.memory("VmRSS")
        for connection in sockets:
            connection.close()
        time.sleep(2)
        after = kiln.memory("VmRSS")
    finally:
        kiln.stop()
    table.add(
        count, f"{before / 1e6:.0f}", f"{during / 1e6:.0f}", f"{(during - before) / count / 1e3:.1f}",
        f"{after / 1e6:.0f}", f"{took:.1f}")
    table.show()
