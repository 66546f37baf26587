"""Mail: an outbox on the disk, sent to Postfix's smtp-sink, beside Python's smtplib with the same bytes."""

import json
import os
import pathlib
import shutil
import signal
import smtplib
import socket
import subprocess
import threading
import time

from servers import ROOT, CannotMeasure, free_port
from table import Table, judged, median, megabytes

SENDER = ROOT / ".build" / "release" / "MailBench"
CONNECTIONS = (1, 4, 16)
# Attachment's bytes, mails of one round, mails of a quick one.
SIZES = {"text only": (0, 3000, 500), "1 MB attached": (1_000_000, 150, 30)}
LARGE = 20_000_000


def measure(folder, quick):
    if not os.access(SENDER, os.X_OK):
        raise CannotMeasure(f"{SENDER} is not here: `make bench` builds it")
    if not (sink := shutil.which("smtp-sink", path=os.environ["PATH"] + ":/usr/sbin")):
        raise CannotMeasure("smtp-sink is not here: it comes with Postfix")
    folder = pathlib.Path(folder) / "mail"
    folder.mkdir()
    rounds = 1 if quick else 3
    with Sink(sink) as server:
        for name, (attachment, many, few) in SIZES.items():
            show(name, *compare(folder, server, attachment, few if quick else many, rounds))
        show_memory(*(send(folder, server, 8, 4, attachment) for attachment in (0, 1_000_000, LARGE)))


def compare(folder, server, attachment, mails, rounds):
    """Mails a second by who sends and over how many connections; the senders take turns."""
    rates, sample = {}, b""
    for _ in range(rounds):
        for connections in CONNECTIONS:
            result, sample = send(folder, server, mails, connections, attachment, with_sample=True)
            rates.setdefault(("Kiln", connections), []).append(mails / result["seconds"])
            for name, reuse in (("smtplib, connection kept", True), ("smtplib, one each", False)):
                seconds = smtplib_seconds(server.port, sample, mails, connections, reuse)
                rates.setdefault((name, connections), []).append(mails / seconds)
    return {key: median(values) for key, values in rates.items()}, len(sample), mails


def send(folder, server, mails, connections, attachment, with_sample=False):
    place = folder / "outbox"
    try:
        run("fill", mails, attachment, place)
        result = json.loads(run("send", "127.0.0.1", server.port, connections, attachment, place))
        if result["accepted"] != mails or result["waiting"]:
            raise CannotMeasure(f"not all mails went out: {result}")
        sample = (place / "sample.eml").read_bytes()
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return (result, sample) if with_sample else result


def run(*words):
    done = subprocess.run(
        [str(word) for word in (SENDER, *words)], cwd=ROOT, capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise CannotMeasure(f"MailBench ended with {done.returncode}: {done.stderr[-300:]}")
    return done.stdout


def smtplib_seconds(port, message, mails, connections, reuse):
    """As many threads as connections; the messages are in memory, and nothing is written down."""
    failures = []

    def work(share):
        try:
            client = smtplib.SMTP("127.0.0.1", port, local_hostname="bench.example.org") if reuse else None
            for number in range(share):
                current = client or smtplib.SMTP("127.0.0.1", port, local_hostname="bench.example.org")
                current.sendmail("kiln@example.org", [f"reader{number}@example.net"], message)
                if not client:
                    current.quit()
            if client:
                client.quit()
        except (OSError, smtplib.SMTPException) as error:
            failures.append(error)

    shares = [mails // connections + (place < mails % connections) for place in range(connections)]
    threads = [threading.Thread(target=work, args=(share,)) for share in shares]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise CannotMeasure(f"smtplib: {failures[0]}")
    return time.monotonic() - began


def show(name, rates, size, mails):
    table = Table(
        f"Mails of {size:,} bytes ({name}), {mails:,} a round, to smtp-sink.\n"
        "Kiln composes them, takes them from a database on the disk and writes each end down; smtplib sends bytes.\n"
        "Aim: on small mails three times smtplib with its connection kept.",
        "mails/s", *[f"{connections} at once" for connections in CONNECTIONS])
    for sender in ("Kiln", "smtplib, connection kept", "smtplib, one each"):
        table.add(sender, *[f"{rates[sender, connections]:,.0f}" for connections in CONNECTIONS])
    ratios = [rates["Kiln", count] / rates["smtplib, connection kept", count] for count in CONNECTIONS]
    table.add("Kiln/kept", *[judged(f"{ratio:.2f}", ratio >= 3) if size < 100_000 else f"{ratio:.2f}" for ratio in ratios])
    table.show()


def show_memory(bare, small, large):
    table = Table(
        f"Peak memory while 8 mails are sent, 4 at once. Aim: {megabytes(LARGE)} MB attached take no more than 1 MB does, "
        "and 8 MB.", "attached", "MB at the peak")
    table.add("nothing", megabytes(bare["peak"]))
    table.add("1 MB", megabytes(small["peak"]))
    table.add(f"{megabytes(LARGE)} MB", judged(megabytes(large["peak"]), large["peak"] - small["peak"] < 8_000_000))
    table.show()


class Sink:
    """smtp-sink, which takes every mail and throws it away; ended by its own process id."""

    def __init__(self, program):
        self.program, self.port, self.process = program, free_port(), None

    def __enter__(self):
        user = ["-u", "nobody"] if os.getuid() == 0 else []
        self.process = subprocess.Popen(
            [self.program, *user, f"127.0.0.1:{self.port}", "1000"], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return self
            time.sleep(0.01)
        self.__exit__()
        raise CannotMeasure("smtp-sink did not start")

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(10)
