"""What bench/LinkBench does, with aiohttp: HEAD for each link, round after round, by so many workers at once.

watch_links.py ORIGIN LINKS WORKERS SECONDS
"""

import asyncio
import json
import resource
import sys
import time

import aiohttp


async def look(session, links, deadline, tally):
    """One worker's share. Of a file that is there its ETag is kept, so that it is asked for by that."""
    known = {}
    while links:
        for link in links:
            if time.monotonic() >= deadline:
                return
            headers = {"If-None-Match": known[link]} if link in known else None
            async with session.head(link, headers=headers, allow_redirects=True) as answer:
                tally["checks"] += 1
                if answer.status == 200 and int(answer.headers.get("Content-Length", 0)) > 0:
                    known[link] = answer.headers.get("ETag")
                    tally["there"] += 1
                elif answer.status == 304:
                    tally["there"] += 1
                elif answer.status != 404:
                    tally["faults"] += 1


async def main(origin, count, workers, seconds):
    tally = {"checks": 0, "there": 0, "faults": 0}
    links = [f"{origin}/{number}.iso" for number in range(count)]
    timeout = aiohttp.ClientTimeout(total=30)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=workers), timeout=timeout) as session:
        before, began = processor_time(), time.monotonic()
        deadline = began + seconds
        await asyncio.gather(*(look(session, links[first::workers], deadline, tally) for first in range(workers)))
        spent, cpu = time.monotonic() - began, processor_time() - before
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(tally | {"seconds": spent, "cpu": cpu, "peak": peak}))


def processor_time():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


asyncio.run(main(sys.argv[1], *map(int, sys.argv[2:5])))
