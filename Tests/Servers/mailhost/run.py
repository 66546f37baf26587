"""Starts a Postfix and a Dovecot of the tests' own on loopback, until its input ends.

    python3 run.py
    < {"smtp": PORT, "submission": PORT, "smtps": PORT, "imap": PORT, "ca": FILE, "password": TEXT, "bounces": FOLDER,
       "log": FILE} | {"failed": "..."}

Mail to anybody at *.example, *.test and example.{org,net,com} lands in mailboxes, read over IMAP; nosuch...@ is refused;
x@portNNN.relay.example goes on to the server at that port; for x@NAME.bounces.example the program bounces/NAME is run
with the message, as its owner. Nothing outside of one temporary folder is written. Whatever ends this program, or the
one that started it, ends both servers.
"""
import json
import os
import pwd
import random
import re
import select
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

SCRIPTS = os.path.dirname(os.path.abspath(__file__))
# Short, for the paths of sockets, and open for the users that the servers become.
FOLDER = tempfile.mkdtemp(prefix='kiln-post-', dir='/tmp')
PATIENCE = 60
PASSWORD = 's3cret-pass'
DOMAINS = '''if !/\\.(relay|bounces)\\.example$/
/\\.(example|test)$/ x
/^example\\.(org|net|com)$/ x
endif
'''
BOXES = '''if !/^nosuch/
/^[^@\\/]+@[^@\\/]+$/ x
endif
'''
RELAYED = '/^(port[0-9]+\\.relay|[a-z0-9-]+\\.bounces)\\.example$/ x\n'
processes = []


def free_ports(count):
    """Below the range from which the kernel hands out ports to clients."""
    found = []
    while len(found) < count:
        port = random.randrange(12_000, 19_999)
        with socket.socket() as one:
            try:
                one.bind(('127.0.0.1', port))
            except OSError:
                continue
        if port not in found:
            found.append(port)
    return found


def tool(*command):
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd=FOLDER)
    if done.returncode:
        raise RuntimeError(f'{command[0]}: {done.stdout} {done.stderr}')
    return done.stdout.strip()


def write(name, text):
    with open(f'{FOLDER}/{name}', 'w') as file:
        file.write(text)


def fill(name, target, **values):
    with open(f'{SCRIPTS}/{name}') as file:
        text = file.read()
    for key, value in values.items():
        text = text.replace(f'@{key.upper()}@', str(value))
    write(target, text)


def certificates():
    """An authority, and a server's certificate for localhost and 127.0.0.1."""
    for name in ('ca', 'server'):
        tool('openssl', 'ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', f'{name}.key')
    tool('openssl', 'req', '-x509', '-new', '-key', 'ca.key', '-subj', '/CN=Test authority', '-days', '2', '-out', 'ca.pem')
    tool('openssl', 'req', '-new', '-key', 'server.key', '-subj', '/CN=localhost', '-out', 'server.csr')
    write('server.ext', 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n')
    tool('openssl', 'x509', '-req', '-in', 'server.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial',
         '-days', '2', '-extfile', 'server.ext', '-out', 'server.pem')
    for name in ('ca.pem', 'server.pem'):
        os.chmod(f'{FOLDER}/{name}', 0o644)


class Guard:
    """A process of its own that ends the servers if this one is killed: they change their users, and forget then what
    prctl(2) could tell them about their parent.
    """

    def __init__(self):
        reader, self.writer = os.pipe()
        if os.fork() == 0:
            os.setsid()
            os.close(self.writer)
            self.watch(reader)
        os.close(reader)

    def told(self, line):
        os.write(self.writer, f'{line}\n'.encode())

    @staticmethod
    def watch(reader):
        with open(reader) as lines:
            leaders = lines.read().split()
        if leaders[-1:] != ['stopped']:
            for leader in leaders:
                try:
                    os.killpg(int(leader), signal.SIGKILL)
                except ProcessLookupError:
                    pass
            shutil.rmtree(FOLDER, ignore_errors=True)
        os._exit(0)


def serve(*command):
    with open(f'{FOLDER}/start.log', 'ab') as log:
        processes.append(subprocess.Popen(
            command, cwd=FOLDER, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True))
    guard.told(processes[-1].pid)


def greets(port):
    try:
        with socket.create_connection(('127.0.0.1', port), timeout=5) as connection:
            return connection.recv(4) in (b'220 ', b'* OK')
    except OSError:
        return False


def words_of_logs():
    words = ''
    for name in ('start.log', 'mail.log', 'dovecot.log'):
        if os.path.exists(f'{FOLDER}/{name}'):
            with open(f'{FOLDER}/{name}', errors='replace') as file:
                words += file.read()[-1500:]
    return words


def start(ports):
    for name in ('etc', 'spool', 'data', 'boxes', 'run', 'bounces'):
        os.mkdir(f'{FOLDER}/{name}')
    os.chmod(FOLDER, 0o755)
    os.chmod(f'{FOLDER}/bounces', 0o1777)
    shutil.chown(f'{FOLDER}/data', 'postfix')
    shutil.chown(f'{FOLDER}/boxes', 'nobody', 'nogroup')
    certificates()
    # The mailboxes' own program runs as nobody and writes there too.
    write('dovecot.log', '')
    os.chmod(f'{FOLDER}/dovecot.log', 0o666)
    # Nobody may not be able to read the repository, nor a Python in somebody's home.
    shutil.copyfile(f'{SCRIPTS}/bounce.py', f'{FOLDER}/bounce.py')
    python = '/usr/bin/python3' if os.path.exists('/usr/bin/python3') else sys.executable
    values = dict(ports, folder=FOLDER, python=python, password=PASSWORD)
    fill('main.cf', 'etc/main.cf', **values)
    fill('master.cf', 'etc/master.cf', **values)
    fill('dovecot.conf', 'dovecot.conf', **values)
    for name, text in (('domains', DOMAINS), ('boxes', BOXES), ('relayed', RELAYED)):
        write(f'etc/{name}', text)
    tool('postfix', '-c', f'{FOLDER}/etc', 'check')
    daemons = tool('postconf', '-c', f'{FOLDER}/etc', '-h', 'daemon_directory')
    serve('dovecot', '-F', '-c', f'{FOLDER}/dovecot.conf')
    serve(f'{daemons}/master', '-c', f'{FOLDER}/etc')
    deadline = time.monotonic() + PATIENCE
    for port in (ports['smtp'], ports['submission'], ports['imap']):
        while not greets(port):
            if time.monotonic() > deadline or any(process.poll() is not None for process in processes):
                raise RuntimeError(f'no mail server: {words_of_logs()}')
            time.sleep(0.05)


def stop():
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    shutil.rmtree(FOLDER, ignore_errors=True)
    guard.told('stopped')


def transport_of(address):
    """Where Postfix brings a mail that is not for a mailbox; its tables of patterns cannot name a port."""
    relayed = re.fullmatch(r'[^@]+@port([0-9]+)\.relay\.example', address)
    if relayed:
        return f'relay:[127.0.0.1]:{relayed[1]}'
    return 'bounces:' if re.fullmatch(r'[^@]+@[a-z0-9-]+\.bounces\.example', address) else None


class TransportTable(socketserver.StreamRequestHandler):
    """Postfix's tcp_table(5)."""

    def handle(self):
        for line in self.rfile:
            address = urllib.parse.unquote(line.decode().strip().removeprefix('get '))
            found = transport_of(address)
            self.wfile.write(f'200 {found}\n'.encode() if found else b'500 none\n')


class Threads(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


def take_bounces():
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(f'{FOLDER}/bounce.sock')
    os.chmod(f'{FOLDER}/bounce.sock', 0o666)
    listener.listen(16)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=take_bounce, args=(connection,), daemon=True).start()


def take_bounce(connection):
    with connection, connection.makefile('rb') as message:
        domain = message.readline().decode().strip()
        program = f'{FOLDER}/bounces/{domain.split(".")[0]}'
        try:
            owner = os.stat(program).st_uid
            group = pwd.getpwuid(owner).pw_gid
            done = subprocess.run(
                [program], input=message.read(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=100,
                user=owner, group=group, cwd='/')
            words = ' '.join(done.stdout.decode(errors='replace').split())[-400:]
            answer = f'{done.returncode} {words}'
        except (OSError, subprocess.TimeoutExpired, KeyError) as error:
            answer = f'75 {error}'
        with open(f'{FOLDER}/bounces.log', 'a') as log:
            log.write(f'{domain}: {answer}\n')
        connection.sendall(answer.encode())


def say(**words):
    print(json.dumps(words), flush=True)


def wait_for_the_end(parent):
    """Of the input, or of the program that started this one."""
    while os.getppid() == parent and all(process.poll() is None for process in processes):
        if select.select([0], [], [], 1)[0] and not os.read(0, 4096):
            return


def main():
    parent = os.getppid()
    ports = dict(zip(('smtp', 'submission', 'smtps', 'imap'), free_ports(4)))
    table = Threads(('127.0.0.1', 0), TransportTable)
    threading.Thread(target=table.serve_forever, daemon=True).start()
    start(dict(ports, transports=table.server_address[1]))
    threading.Thread(target=take_bounces, daemon=True).start()
    say(**ports, ca=f'{FOLDER}/ca.pem', password=PASSWORD, bounces=f'{FOLDER}/bounces', log=f'{FOLDER}/mail.log')
    wait_for_the_end(parent)


os.environ['PATH'] += ':/usr/sbin:/sbin'
guard = Guard()
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
try:
    main()
except Exception as error:
    say(failed=str(error))
finally:
    stop()
