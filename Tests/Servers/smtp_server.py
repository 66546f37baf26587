"""A mail server for tests, which can be told what to do wrong. It ends when its standard input does.

    python smtp_server.py FOLDER [OPTIONS AS JSON]
    < {"plain": PORT, "tls": PORT, "ca": PATH}        STARTTLS is offered at the first, TLS begins at once at the second

Options: certificate ("right", "wronghost", "expired", "unknown": signed by nobody that `ca` holds; null: no TLS),
size (announced; null: not), users ({name: secret}), mechanisms (of AUTH), requires_auth, auth_in_clear, utf8, port (of the first; 0: any).
In a folder that another one left, it goes on with that one's authority and numbers.

FOLDER/events.jsonl has a line for whatever happened: event, connection (its number, from 1) and what belongs to it.
FOLDER/mail/N.eml has message N byte for byte as it was sent.
FOLDER/faults.json is read again before every command: a list of
    {"id": "...", "stage": "...", "action": "...", "times": 1, "match": "regular expression"}
of which the first that fits is met. `match` looks at the command's line, at body and stored at sender and recipient.
    stages   connect, ehlo, starttls, auth, mail, rcpt, data, body (in the message, `after` bytes), stored (the message
             is kept), noop, quit
    actions  "451 4.3.0 not now" (any reply), "drop", "reset", "hang", "say-hang:220 go on" (a reply, then silence),
             "say-drop:421 bye", "late:SECONDS" (then as usual), "idle-drop" (as usual, and the connection is closed
             behind it), at data "slow:SECONDS" (a pause of that length before each 200 lines)
Faults without `times` last; uses are counted by id.
"""
import asyncio
import base64
import hashlib
import hmac
import json
import logging
import os
import re
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import warnings

warnings.simplefilter('ignore')
from aiosmtpd.smtp import MISSING, SMTP, AuthResult, LoginPassword  # noqa: E402

FOLDER = os.path.abspath(sys.argv[1])
OPTIONS = {
    'certificate': 'right', 'size': 33554432, 'users': {'builder': 's3cret pass'}, 'requires_auth': False,
    'mechanisms': ['PLAIN', 'LOGIN'], 'auth_in_clear': False, 'utf8': True, 'port': 0,
}
OPTIONS.update(json.loads(sys.argv[2]) if len(sys.argv) > 2 else {})
logging.getLogger('mail.log').setLevel(logging.CRITICAL)
logging.getLogger('asyncio').setLevel(logging.CRITICAL)
used = {}
counts = {'connection': 0, 'message': 0}


def note(event, **values):
    line = json.dumps({'event': event, 'at': round(time.time(), 3), **values}) + '\n'
    with open(f'{FOLDER}/events.jsonl', 'a') as file:
        file.write(line)


def fault(stage, text=''):
    try:
        with open(f'{FOLDER}/faults.json') as file:
            rules = json.load(file)
    except FileNotFoundError:
        return None
    for rule in rules:
        if rule['stage'] != stage or not re.search(rule.get('match', ''), text):
            continue
        if used.get(rule['id'], 0) >= rule.get('times', sys.maxsize):
            continue
        used[rule['id']] = used.get(rule['id'], 0) + 1
        return rule
    return None


class Cut(ConnectionResetError):
    """The connection was broken on purpose."""


class Server(SMTP):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.number = None


    def connection_lost(self, error):
        note('closed', connection=self.number)
        super().connection_lost(error)

    async def _handle_client(self):
        if self.number is None:
            counts['connection'] += 1
            self.number = counts['connection']
            secure = self.transport.get_extra_info('sslcontext') is not None
            note('connect', connection=self.number, tls=secure)
            try:
                reply = await self.meet(fault('connect'))
            except Cut:
                return
            if reply:
                await self.push(reply)
                self.transport.close()
                return
        try:
            await super()._handle_client()
        except (ConnectionError, asyncio.CancelledError):
            pass

    def cut(self, with_reset=False):
        if with_reset:
            no_lingering = struct.pack('ii', 1, 0)
            self.transport.get_extra_info('socket').setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, no_lingering)
        self.transport.abort()

    async def meet(self, rule):
        """What to reply instead of the usual, if anything."""
        if rule is None:
            return None
        action = rule['action']
        note('fault', connection=self.number, stage=rule['stage'], id=rule['id'])
        name, _, rest = action.partition(':')
        if name in ('say-hang', 'say-drop'):
            await self.push(rest)
        if name in ('drop', 'reset', 'say-drop'):
            if name == 'say-drop':
                self.transport.close()
            else:
                self.cut(name == 'reset')
            raise Cut
        if name in ('hang', 'say-hang'):
            await asyncio.sleep(86400)
        if name == 'late':
            await asyncio.sleep(float(rest))
            return None
        if name == 'idle-drop':
            asyncio.get_running_loop().call_later(0.02, self.transport.close)
            return None
        return action

    async def guarded(self, stage, verb, argument, usual):
        shown = 'AUTH ' + argument.split(' ')[0] if verb == 'AUTH' and argument else f'{verb} {argument or ""}'.strip()
        note('command', connection=self.number, line=shown)
        reply = await self.meet(fault(stage, shown))
        if reply:
            await self.push(reply)
        else:
            await usual(argument)

    async def smtp_EHLO(self, argument):
        await self.guarded('ehlo', 'EHLO', argument, super().smtp_EHLO)

    async def smtp_STARTTLS(self, argument):
        await self.guarded('starttls', 'STARTTLS', argument, super().smtp_STARTTLS)

    async def smtp_AUTH(self, argument):
        await self.guarded('auth', 'AUTH', argument, super().smtp_AUTH)

    async def smtp_MAIL(self, argument):
        await self.guarded('mail', 'MAIL', argument, super().smtp_MAIL)

    async def smtp_RCPT(self, argument):
        await self.guarded('rcpt', 'RCPT', argument, super().smtp_RCPT)

    async def smtp_NOOP(self, argument):
        await self.guarded('noop', 'NOOP', argument, super().smtp_NOOP)

    async def smtp_QUIT(self, argument):
        await self.guarded('quit', 'QUIT', argument, super().smtp_QUIT)

    async def smtp_DATA(self, argument):
        note('command', connection=self.number, line='DATA')
        who = f'{self.envelope.mail_from} {" ".join(self.envelope.rcpt_tos)}'
        rule = fault('data', who)
        if rule and rule['action'].startswith('slow:'):
            self.slow_down(float(rule['action'][5:]))
        else:
            reply = await self.meet(rule)
            if reply:
                await self.push(reply)
                return
        rule = fault('body', who) if self.envelope.rcpt_tos else None
        if rule:
            await self.push('354 End data with <CR><LF>.<CR><LF>')
            await self._reader.readexactly(rule.get('after', 512))
            reply = await self.meet(rule)
            if reply:
                await self.push(reply)
            self.transport.close()
            raise Cut
        await super().smtp_DATA(argument)

    def slow_down(self, pause):
        usual, lines = self._reader.readuntil, 0

        async def slow(*arguments):
            nonlocal lines
            lines += 1
            if lines % 200 == 0:
                await asyncio.sleep(pause)
            return await usual(*arguments)

        self._reader.readuntil = slow

    # The mechanisms that aiosmtpd leaves to others.

    async def auth_CRAM__MD5(self, _, arguments):
        challenge = f'<{os.urandom(8).hex()}@test.example>'.encode()
        answer = await self.challenge_auth(challenge)
        if answer is MISSING:
            return AuthResult(success=False)
        name, _, digest = answer.rpartition(b' ')
        secret = OPTIONS['users'].get(name.decode(), '').encode()
        good = hmac.compare_digest(hmac.new(secret, challenge, hashlib.md5).hexdigest().encode(), digest)
        return self.judged(name.decode(), 'CRAM-MD5', good)

    async def auth_XOAUTH2(self, _, arguments):
        answer = base64.b64decode(arguments[1]) if len(arguments) > 1 else await self.challenge_auth('')
        found = re.fullmatch(rb'user=([^\x01]*)\x01auth=Bearer ([^\x01]*)\x01\x01', answer)
        good = bool(found) and OPTIONS['users'].get(found[1].decode()) == found[2].decode()
        if not good:
            # The reason comes as a challenge, which the client answers with nothing.
            await self.challenge_auth(b'{"status":"401","schemes":"bearer"}')
        return self.judged(found[1].decode() if found else None, 'XOAUTH2', good)

    def judged(self, user, mechanism, good):
        note('auth', connection=self.number, user=user, mechanism=mechanism, ok=good)
        self.session.user = user if good else None
        return AuthResult(success=good, handled=False, auth_data=LoginPassword((user or '').encode(), b''))


class Keeper:
    async def handle_DATA(self, server, session, envelope):
        counts['message'] += 1
        number = counts['message']
        with open(f'{FOLDER}/mail/{number}.part', 'wb') as file:
            file.write(envelope.original_content)
        os.rename(f'{FOLDER}/mail/{number}.part', f'{FOLDER}/mail/{number}.eml')
        cipher = server.transport.get_extra_info('cipher')
        note('stored', connection=server.number, message=number, sender=envelope.mail_from,
             recipients=envelope.rcpt_tos, options=envelope.mail_options, bytes=len(envelope.original_content),
             hello=session.host_name, user=getattr(session, 'user', None), tls=cipher[1] if cipher else None)
        rule = fault('stored', f'{envelope.mail_from} {" ".join(envelope.rcpt_tos)}')
        return await server.meet(rule) or f'250 2.0.0 Ok: queued as {number:X}'


def authenticate(server, session, envelope, mechanism, data):
    name = data.login.decode()
    return server.judged(name, mechanism, OPTIONS['users'].get(name) == data.password.decode())


def openssl(*arguments):
    subprocess.run(['openssl', *arguments], cwd=FOLDER, check=True, stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def make_certificates(kind):
    """ca.pem is what clients are to trust; server.pem and server.key are what they meet."""
    curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
    for name in ['ca', 'other'] if kind == 'unknown' else ['ca']:
        if os.path.exists(f'{FOLDER}/{name}.key'):
            continue
        openssl('req', '-x509', *curve, '-keyout', f'{name}.key', '-out', f'{name}.pem', '-subj',
                f'/CN=Test authority {name}', '-days', '2')
    openssl('req', *curve, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=Test mail server')
    names = 'DNS:elsewhere.example' if kind == 'wronghost' else 'DNS:localhost,IP:127.0.0.1,IP:::1'
    with open(f'{FOLDER}/names', 'w') as file:
        file.write(f'subjectAltName={names}\n')
    signer = 'other' if kind == 'unknown' else 'ca'
    openssl('x509', '-req', '-in', 'server.csr', '-CA', f'{signer}.pem', '-CAkey', f'{signer}.key', '-CAcreateserial',
            '-days', '-1' if kind == 'expired' else '2', '-extfile', 'names', '-out', 'server.pem')


async def main():
    os.makedirs(f'{FOLDER}/mail', exist_ok=True)
    counts['message'] = max((int(name.split('.')[0]) for name in os.listdir(f'{FOLDER}/mail')), default=0)
    context = None
    if OPTIONS['certificate']:
        make_certificates(OPTIONS['certificate'])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f'{FOLDER}/server.pem', f'{FOLDER}/server.key')
    every = {'PLAIN', 'LOGIN', 'CRAM-MD5', 'XOAUTH2'}
    common = dict(
        data_size_limit=OPTIONS['size'], enable_SMTPUTF8=OPTIONS['utf8'], hostname='test.example', ident='test',
        authenticator=authenticate, auth_exclude_mechanism=every - set(OPTIONS['mechanisms']), timeout=300,
        auth_required=OPTIONS['requires_auth'])
    keeper, loop, ports = Keeper(), asyncio.get_running_loop(), {}

    def plain():
        return Server(keeper, tls_context=context, auth_require_tls=not OPTIONS['auth_in_clear'], **common)

    def secure():
        return Server(keeper, auth_require_tls=False, **common)

    listeners = [('plain', plain, None)] + ([('tls', secure, context)] if context else [])
    for name, make, security in listeners:
        port = OPTIONS['port'] if name == 'plain' else 0
        server = await loop.create_server(make, '127.0.0.1', port, ssl=security, backlog=512)
        ports[name] = server.sockets[0].getsockname()[1]
    print(json.dumps({**ports, 'ca': f'{FOLDER}/ca.pem'}), flush=True)
    await asyncio.Event().wait()


def end_with_parent():
    sys.stdin.buffer.read()
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()
asyncio.run(main())
