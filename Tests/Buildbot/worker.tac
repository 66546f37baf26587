# Several workers in one process: a worker runs one build of a builder at a time.
import json
import os

from buildbot_worker.bot import Worker
from twisted.application import service
from twisted.internet import process, task

HERE = os.environ['KILN_TEST_FOLDER']
with open(f'{HERE}/ports.json') as ports:
    PORTS = json.load(ports)

application = service.Application('workers')
for number in range(PORTS['workers']):
    base = f'{HERE}/worker/{number}'
    os.makedirs(base, exist_ok=True)
    Worker(
        '127.0.0.1', PORTS['worker'], f'worker{number}', 'worker-password', base, keepalive=600, maxdelay=2,
    ).setServiceParent(application)

# 2026-11-21, Twisted 26.10: with many commands at once the reactor now and then misses the end of one, which then stays
# a zombie, and its step runs for ever. Looking for ended children regularly mends that.
task.LoopingCall(process.reapAllProcesses).start(0.2, now=False)
