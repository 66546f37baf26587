# Several workers in one process: a worker runs one build of a builder at a time.
import json
import os

from buildbot_worker.bot import Worker
from twisted.application import service

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
