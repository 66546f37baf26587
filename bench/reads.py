"""What pollers read, beside nginx with the same head and the same bytes."""

from clients import wrk
from servers import CannotMeasure, Kiln, Nginx
from table import Table, median, ratio

AIM = 1 / 3
CONNECTIONS = [64, 512]
JSON = "Accept: application/json"


def measure(folder, quick):
    table = Table(
        "Polling a running build (wrk, keep-alive): requests/s, and the p99 in ms. nginx answers with the same head and\n"
        "bytes, from its configuration (the quickest thing that it can do) and from a file. Aim: a third of nginx.",
        "what x connections", "Kiln", "p99", "nginx memory", "p99", "nginx file", "p99", "Kiln/memory", "Kiln/file")
    kiln = Kiln(folder / "kiln-reads")
    nginx = None
    try:
        kiln.start()
        build = kiln.hold_the_queue()
        paths = {"now": (f"/now?build={build}", None), "json": (f"/api/v1/builds/{build}", JSON)}
        answers = {}
        for name, (path, header) in paths.items():
            status, headers, body = kiln.get(path, dict([header.split(": ")]) if header else {})
            if status != 200:
                raise CannotMeasure(f"{path} was answered with {status}")
            answers[name] = (headers, body)
        nginx = Nginx(folder / "nginx-reads", answers)
        nginx.start()
        for name, (path, header) in paths.items():
            for connections in CONNECTIONS:
                urls = [kiln.origin + path, f"{nginx.origin}/memory/{name}", f"{nginx.origin}/file/{name}"]
                found = in_turns(urls, connections, header, rounds=1 if quick else 2)
                label = {"now": "/now?build=ID", "json": "/api/v1/builds/ID"}[name]
                cells = [cell for rate, tail in found for cell in (f"{rate:,.0f}", f"{tail:.1f}")]
                rates = [rate for rate, _ in found]
                table.add(
                    f"{label} x {connections}", *cells, ratio(rates[0], rates[1], AIM), ratio(rates[0], rates[2], AIM))
    finally:
        kiln.stop()
        if nginx:
            nginx.stop()
    table.show()


def in_turns(urls, connections, header, rounds):
    """For each address the best rate and the median p99 of all rounds."""
    figures = [[] for _ in urls]
    for _ in range(rounds):
        for place, url in enumerate(urls):
            figures[place].append(wrk(url, connections, 2, header)[:2])
    return [(max(rate for rate, _ in each), median([tail for _, tail in each])) for each in figures]
