"""Starting, and doing nothing."""

import shutil
import time

from servers import Kiln
from table import Table, judged, median


def measure(folder, quick):
    table = Table(
        "Start to /readyz, and memory at rest. Aims: below 1 s, below 80 MB.",
        "data folder", "starts", "median s", "worst s", "idle MB")
    count = 3 if quick else 5
    for name in ("empty", "from before"):
        times, resting = [], 0
        for turn in range(count):
            kiln = Kiln(folder / f"kiln-start-{turn}")
            try:
                if name != "empty":
                    kiln.start()
                    kiln.stop()
                times.append(kiln.start())
                if turn == count - 1:
                    for path in ("/", "/recipes/bench", "/health-check", "/metrics"):
                        kiln.get(path, {"Accept": "text/html"})
                    time.sleep(2)
                    resting = kiln.memory("VmRSS")
            finally:
                kiln.stop()
                shutil.rmtree(kiln.folder)
        table.add(
            name, count, judged(f"{median(times):.2f}", median(times) < 1), f"{max(times):.2f}",
            judged(f"{resting / 1e6:.0f}", resting < 80e6))
    table.show()
