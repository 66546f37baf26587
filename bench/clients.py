"""Clients that are quicker than the servers: one process each, raw sockets, bytes from the page cache by sendfile."""

import contextlib
import multiprocessing
import os
import re
import select
import socket
import subprocess
import time

from servers import CannotMeasure, most_files

BOUNDARY = "kiln-bench-5f3c9a7e41"
PART_HEAD = (
    f"--{BOUNDARY}\r\n"
    'Content-Disposition: form-data; name="payload"; filename="payload.bin"\r\n'
    "Content-Type: application/octet-stream\r\n\r\n"
).encode()
PART_TAIL = f"\r\n--{BOUNDARY}--\r\n".encode()


class Payload:
    """A file of random bytes that libmagic knows no name for."""

    def __init__(self, path, size):
        self.path, self.size = str(path), size
        with open(path, "wb") as file:
            file.write(b"\x01\x02kiln bench payload\x00\x00")
            while file.tell() < size:
                file.write(os.urandom(min(1 << 20, size - file.tell())))
        self.length = len(PART_HEAD) + size + len(PART_TAIL)

    def head(self, path, port):
        return (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: application/json\r\n"
            f"Content-Type: multipart/form-data; boundary={BOUNDARY}\r\nContent-Length: {self.length}\r\n\r\n"
        ).encode()


def in_parallel(count, work):
    """Runs `work(number, ready)` in `count` processes; `ready()` returns when all have come that far.

    Returns the seconds from then until the last has ended."""
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(count + 1)
    faults = context.SimpleQueue()

    def run(number):
        try:
            work(number, lambda: barrier.wait(60))
        except Exception as fault:
            barrier.abort()
            faults.put(f"{type(fault).__name__}: {fault}")

    processes = [context.Process(target=run, args=(number,), daemon=True) for number in range(count)]
    for process in processes:
        process.start()
    with contextlib.suppress(Exception):
        barrier.wait(60)
    began = time.monotonic()
    for process in processes:
        process.join(120)
    seconds = time.monotonic() - began
    if any(process.is_alive() for process in processes):
        raise CannotMeasure("the clients did not end within two minutes")
    if not faults.empty():
        raise CannotMeasure(faults.get())
    return seconds


def send_all(connection, payload, file, head):
    connection.sendall(head + PART_HEAD)
    offset = 0
    while offset < payload.size:
        sent = os.sendfile(connection.fileno(), file.fileno(), offset, payload.size - offset)
        if sent == 0:
            raise ConnectionError("the server took no more of the body")
        offset += sent
    connection.sendall(PART_TAIL)


def read_answer(connection):
    """The status and the body of an answer with a length or in chunks."""
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError("the server closed the connection before its answer")
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1])
    length = re.search(rb"\r\ncontent-length: *(\d+)", head, re.IGNORECASE)
    while (len(body) < int(length[1])) if length else not body.endswith(b"0\r\n\r\n"):
        piece = connection.recv(65536)
        if not piece:
            raise ConnectionError("the server closed the connection within its answer")
        body += piece
    return status, body


def upload(port, path, payload, clients, each, expected):
    """Bytes a second that `clients` send, each one `each` times the payload on one connection."""
    head = payload.head(path, port)

    def work(_, ready):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            # sendfile() knows no time limit; whoever waits for this process has one.
            connection.settimeout(None)
            with open(payload.path, "rb") as file:
                ready()
                for _ in range(each):
                    send_all(connection, payload, file, head)
                    status, body = read_answer(connection)
                    if status != expected:
                        raise ConnectionError(f"the answer to an upload was {status}: {body[:300]!r}")

    return clients * each * payload.size / in_parallel(clients, work)


def write_files(folder, payload, clients, each):
    """The same bytes as plain files, each flushed to the disk: what a disk gives whoever keeps promises."""
    os.makedirs(folder)

    def work(number, ready):
        with open(payload.path, "rb") as source:
            content = source.read()
        view = memoryview(content)
        ready()
        for turn in range(each):
            file = os.open(f"{folder}/{number}-{turn}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            for offset in range(0, payload.size, 1 << 20):
                os.write(file, view[offset:offset + (1 << 20)])
            os.fsync(file)
            os.close(file)

    return clients * each * payload.size / in_parallel(clients, work)


def flushes_per_second(path, seconds=1.0):
    """4 KiB appends, each flushed: how often a disk can promise something to one who asks alone."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    page = bytes(4096)
    count = 0
    began = time.monotonic()
    while time.monotonic() - began < seconds:
        os.write(file, page)
        os.fdatasync(file)
        count += 1
    rate = count / (time.monotonic() - began)
    os.close(file)
    os.unlink(path)
    return rate


def open_streams(port, path, count, limit=40.0):
    """Opens event streams and reads from each until its first event; returns the sockets."""
    most_files()
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept: text/event-stream\r\n\r\n".encode()
    sockets, silent = {}, set()
    poller = select.epoll()
    for _ in range(count):
        connection = socket.create_connection(("127.0.0.1", port), timeout=10)
        connection.sendall(request)
        connection.setblocking(False)
        sockets[connection.fileno()] = connection
        silent.add(connection.fileno())
        poller.register(connection.fileno(), select.EPOLLIN)
    seen = dict.fromkeys(sockets, b"")
    deadline = time.monotonic() + limit
    while silent and time.monotonic() < deadline:
        for number, _ in poller.poll(1):
            piece = sockets[number].recv(65536)
            if not piece:
                raise CannotMeasure(f"an event stream ended: {seen[number][:200]!r}")
            seen[number] += piece
            if b"event: state" in seen[number]:
                silent.discard(number)
    poller.close()
    if silent:
        raise CannotMeasure(f"{len(silent)} of {count} event streams said nothing within {limit:.0f} s")
    return list(sockets.values())


WRK_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}


def wrk(url, connections, seconds, header=None, script=None):
    """Requests a second and the p99 in milliseconds; every answer has to be a good one."""
    threads = min(2, os.cpu_count() or 1)
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "10s"]
    if header:
        command += ["-H", header]
    if script:
        command += ["-s", script]
    text = subprocess.run(
        command + [url], capture_output=True, text=True, timeout=seconds + 30, preexec_fn=most_files).stdout
    rate = re.search(r"Requests/sec: +([\d.]+)", text)
    tail = re.search(r"99% +([\d.]+)(us|ms|s|m)\b", text)
    if not rate or not tail:
        raise CannotMeasure(f"wrk gave no figures: {text[-300:]}")
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)|Socket errors: .*", text)
    if wrong and not script:
        raise CannotMeasure(f"{url} was not answered well: {wrong[0]}")
    return float(rate[1]), float(tail[1]) * WRK_UNITS[tail[2]], text
