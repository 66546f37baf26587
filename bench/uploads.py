"""Uploads: Kiln hashes, sniffs and flushes what nginx only stores."""

import os
import shutil
import time

from clients import Payload, upload, write_files
from servers import Kiln, Nginx
from table import Table, judged, megabytes, ratio

MB = 1_000_000
#: (bytes, clients, files of each client); the last in the quick variant.
CASES = [
    (5 * MB, 1, 30, 15), (5 * MB, 16, 12, 5), (5 * MB, 64, 5, 2),
    (100 * MB, 1, 4, 2), (100 * MB, 16, 1, 1), (100 * MB, 64, 1, 0),
]
AIM = 0.5
MEMORY_AIM = 150 * MB


def measure(folder, quick):
    table = Table(
        "Uploads: MB/s. Kiln parses, hashes, sniffs, flushes (fsync); nginx stores the body and flushes nothing.\n"
        f"Aims: at least {AIM} of nginx; peak memory below 150 MB with 64 clients.",
        "file x clients", "Kiln", "nginx", "write+fsync", "Kiln/nginx", "Kiln/write", "Kiln's peak MB")
    payloads = {size: Payload(folder / f"payload-{size}", size) for size in sorted({case[0] for case in CASES})}
    for size, clients, many, few in CASES:
        name = f"{size // MB} MB x {clients}"
        each = few if quick else many
        if each == 0:
            continue
        needed = 2 * size * clients * each
        if shutil.disk_usage(folder).free < needed + (2 << 30):
            table.add(name, "left out: it wants", f"{needed / 1e9:.0f} GB", "of free disk", "", "", "")
            continue
        # Twice in turns where it is cheap, because the machine may be busy with other things at one moment.
        rounds = 1 if size * clients * each > 2_000 * MB else 2
        figures = [one_round(folder, payloads[size], clients, each) for _ in range(rounds)]
        kiln, nginx, disk = (max(figure[place] for figure in figures) for place in range(3))
        peak = max(figure[3] for figure in figures)
        memory = judged(megabytes(peak), peak < MEMORY_AIM) if clients == 64 else megabytes(peak)
        table.add(
            name, megabytes(kiln), megabytes(nginx), megabytes(disk), ratio(kiln, nginx, AIM), ratio(kiln, disk), memory)
    for payload in payloads.values():
        os.unlink(payload.path)
    table.show()


def one_round(folder, payload, clients, each):
    """Bytes a second of Kiln, of nginx, and of plain files; Kiln's peak memory. The disk is at rest before each."""
    kiln = Kiln(folder / "kiln")
    try:
        kiln.start()
        kiln.hold_the_queue()
        settle()
        kiln_rate = upload(kiln.port, "/api/v1/recipes/bench/builds", payload, clients, each, expected=202)
        peak = kiln.memory("VmHWM")
    finally:
        kiln.stop()
        shutil.rmtree(folder / "kiln", ignore_errors=True)
    nginx = Nginx(folder / "nginx")
    try:
        nginx.start()
        settle()
        nginx_rate = upload(nginx.port, "/store", payload, clients, each, expected=200)
    finally:
        nginx.stop()
        shutil.rmtree(folder / "nginx", ignore_errors=True)
    settle()
    disk_rate = write_files(folder / "plain", payload, clients, each)
    shutil.rmtree(folder / "plain")
    return kiln_rate, nginx_rate, disk_rate, peak


def settle():
    os.sync()
    time.sleep(0.1)
