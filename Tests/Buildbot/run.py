"""Starts a Buildbot master and workers in FOLDER, and does as the lines on its input say, until that input ends.

    python run.py FOLDER WORKERS
    > start master | start worker | kill master | kill worker
    < {"done": "start master"} | {"failed": "..."}

First it starts both and says {"web": PORT, "files": PORT}. Whatever ends it, or the process that started it, both end
with it. The workers are one process. The folder is removed at the end.
"""
import ctypes
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

FOLDER = os.path.abspath(sys.argv[1])
SCRIPTS = os.path.dirname(os.path.abspath(__file__))
BIN = os.path.dirname(sys.executable)
TAC = {'master': 'buildbot.tac', 'worker': f'{SCRIPTS}/worker.tac'}
PATIENCE = 60
# Not epoll, Twisted's default on Linux (26.10.0, seen 2026-11-21): after clients died in the midst of an answer it keeps a
# closed descriptor in its books, and from then on a master resets every new connection that gets that number.
REACTOR = 'poll'
processes = {}


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(('127.0.0.1', 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


def end_with_parent():
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    os.setsid()


def tool(*command):
    subprocess.run([f'{BIN}/{command[0]}', *command[1:]], check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL)


def ask(path):
    try:
        with urllib.request.urlopen(f'http://127.0.0.1:{ports["web"]}/api/v2/{path}', timeout=5) as answer:
            return json.load(answer)
    except (OSError, ValueError):
        return None


def is_ready(name):
    if name == 'master':
        found = ask('builders?name=merging')
        return bool(found and found['builders'])
    found = ask('workers')
    return bool(found and found['workers'] and all(worker['connected_to'] for worker in found['workers']))


def start(name):
    environment = dict(os.environ, KILN_TEST_FOLDER=FOLDER, KILN_TEST_SCRIPTS=SCRIPTS, PYTHONDONTWRITEBYTECODE='1')
    with open(f'{FOLDER}/{name}.log', 'ab') as log:
        processes[name] = subprocess.Popen(
            [f'{BIN}/twistd', f'--reactor={REACTOR}', '--nodaemon', '--pidfile=', '--no_save', '-y', TAC[name]],
            cwd=f'{FOLDER}/{name}', env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            preexec_fn=end_with_parent)
    deadline = time.monotonic() + PATIENCE
    while not is_ready(name):
        if processes[name].poll() is not None or time.monotonic() > deadline:
            with open(f'{FOLDER}/{name}.log', errors='replace') as log:
                raise RuntimeError(f'{name} did not start: {log.read()[-2000:]}')
        time.sleep(0.05)


def kill(name):
    process = processes.pop(name)
    # The worker's commands are its children, in sessions of their own: as after a power cut, they go too.
    children = descendants(process.pid) if name == 'worker' else []
    for pid in [process.pid, *children]:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    process.wait()


def descendants(pid):
    found = []
    try:
        for task in os.listdir(f'/proc/{pid}/task'):
            with open(f'/proc/{pid}/task/{task}/children') as children:
                for child in children.read().split():
                    found += [int(child), *descendants(int(child))]
    except OSError:
        pass
    return found


def say(**words):
    print(json.dumps(words), flush=True)


def lines(parent):
    """Lines of the input; ends with it, and with the process that started this one."""
    rest = b''
    while os.getppid() == parent:
        if not select.select([0], [], [], 1)[0]:
            continue
        chunk = os.read(0, 4096)
        if not chunk:
            return
        rest += chunk
        while b'\n' in rest:
            line, rest = rest.split(b'\n', 1)
            yield line.decode()


def main():
    parent = os.getppid()
    os.makedirs(f'{FOLDER}/control')
    with open(f'{FOLDER}/ports.json', 'w') as file:
        json.dump(ports, file)
    tool('buildbot', 'create-master', '-q', '--relocatable', f'{FOLDER}/master')
    os.makedirs(f'{FOLDER}/worker')
    os.symlink(f'{SCRIPTS}/master.cfg', f'{FOLDER}/master/master.cfg')
    start('master')
    start('worker')
    say(web=ports['web'], files=ports['files'])
    for line in lines(parent):
        try:
            verb, name = line.split()
            {'start': start, 'kill': kill}[verb](name)
            say(done=line)
        except Exception as error:
            say(failed=f'{line}: {error}')


ports = dict(zip(['web', 'worker', 'files'], free_ports(3)), workers=int(sys.argv[2]))
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
try:
    main()
except Exception as error:
    say(failed=str(error))
finally:
    for name in list(processes):
        kill(name)
    shutil.rmtree(FOLDER, ignore_errors=True)
