"""Writes the event data that the tests and the benchmarks use.

    make.py small|middle|large OUT.zip [--images NAME] [--suffix .json] [--top FOLDER/]
    make.py bad:NAME OUT.zip          one that no app can be made of
    make.py name:TEXT OUT.zip         a small event of that name
    make.py expectations OUT.json     what the bad ones' faults have to say, and the hard names
    make.py serve SET [--fault PATH=WHAT]...    serves it as an API; prints its address; ends with standard input
"""
from __future__ import annotations

import argparse
import os
import pathlib
import sys
import tempfile
import threading

import bad
import pack
import serve
import sets


def main() -> int:
    parser = argparse.ArgumentParser(description="Writes event data for tests.")
    parser.add_argument("what")
    parser.add_argument("out")
    parser.add_argument("--images", default="images")
    parser.add_argument("--suffix", default="")
    parser.add_argument("--top", default="")
    parser.add_argument("--fault", action="append", default=[], metavar="PATH=WHAT")
    options = parser.parse_args()
    kind, _, rest = options.what.partition(":")
    if kind == "serve":
        return run_server(options.out, dict(fault.split("=", 1) for fault in options.fault))
    out = pathlib.Path(options.out)
    if kind == "bad":
        out.write_bytes(bad.BAD[rest]())
    elif kind == "name":
        out.write_bytes(bad.named(rest))
    elif kind == "expectations":
        out.write_text(bad.expectations(), encoding="utf-8")
    else:
        out.write_bytes(pack.as_zip(sets.SETS[kind](), options.images, options.suffix, options.top))
    return 0


def run_server(name: str, faults: dict[str, str]) -> int:
    with tempfile.TemporaryDirectory(prefix="event-api-") as folder:
        api = serve.Api(pathlib.Path(folder), faults)
        pack.as_folder(sets.SETS[name](), pathlib.Path(folder), api.origin)
        threading.Thread(target=api.serve_forever, daemon=True).start()
        print(api.origin, flush=True)
        sys.stdin.read()
        api.stop()
        try:
            print(*(f"asked {path}" for path in api.asked), sep="\n", flush=True)
        except BrokenPipeError:
            # Who started it does not want to know; nor is Python to try again at its end.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())
