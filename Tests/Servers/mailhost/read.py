"""Reads a mailbox over IMAP, or files, and tells each message as JSON, as Python's own strict parser understands it.

    python3 read.py box PORT CA PASSWORD ADDRESS
    python3 read.py files FILE...
    < [{"raw_headers": [[NAME, TEXT]...], "headers": [[NAME, TEXT]...], "parts": [...], "structure": TEXT,
        "faults": [TEXT...], "size": BYTES}...]

Of a part: type, charset, disposition, filename, content_id, encoding, bytes, sha256; of a text also its text, of others
the first bytes as base64. Faults
are defects that the parser found, lines that are too long or do not end in CRLF, and letters outside of ASCII.
"""
import base64
import email
import email.policy
import hashlib
import imaplib
import json
import ssl
import sys


def fetch(port, ca, password, address):
    connection = imaplib.IMAP4('127.0.0.1', port, timeout=30)
    connection.starttls(ssl.create_default_context(cafile=ca))
    connection.login(address, password)
    connection.select(readonly=True)
    numbers = connection.search(None, 'ALL')[1][0].split()
    messages = [connection.fetch(number, '(BODY.PEEK[])')[1][0][1] for number in numbers]
    connection.logout()
    return messages


def header_faults(header):
    return [f'{header.name}: {defect!r}' for defect in header.defects]


def part_of(part):
    contents = part.get_payload(decode=True) or b''
    told = {
        'type': part.get_content_type(), 'charset': part.get_content_charset(),
        'disposition': part.get_content_disposition(), 'filename': part.get_filename(),
        'content_id': part['content-id'], 'encoding': part['content-transfer-encoding'],
        'bytes': len(contents), 'sha256': hashlib.sha256(contents).hexdigest(),
    }
    if part.get_content_maintype() == 'text' or part.get_content_type().startswith('message/'):
        told['text'] = contents.decode(part.get_content_charset() or 'ascii', 'replace')
    else:
        told['data'] = base64.b64encode(contents[:65536]).decode()
    return told


def line_faults(raw):
    lines = raw.split(b'\r\n')
    faults = []
    if any(b'\n' in line or b'\r' in line for line in lines):
        faults.append('a line does not end in CRLF')
    if max(map(len, lines)) > 998:
        faults.append(f'a line of {max(map(len, lines))} bytes')
    if any(byte > 0x7E for byte in raw):
        faults.append('a byte outside of ASCII')
    if b'\0' in raw:
        faults.append('a NUL')
    return faults


def message_of(raw):
    faults = line_faults(raw)
    message = email.message_from_bytes(raw, policy=email.policy.default)
    parts = []
    for part in message.walk():
        faults += [repr(defect) for defect in part.defects]
        for name in part.keys():
            for header in part.get_all(name):
                faults += header_faults(header)
        if not part.is_multipart():
            parts.append(part_of(part))
    try:
        email.message_from_bytes(raw, policy=email.policy.strict).as_bytes()
    except email.errors.MessageError as error:
        faults.append(f'strictly: {error!r}')
    plain = email.message_from_bytes(raw, policy=email.policy.compat32)
    return {
        'headers': [[name, str(value)] for name, value in message.items()],
        'raw_headers': [[name, str(value)] for name, value in plain.items()],
        'structure': structure(message), 'parts': parts, 'faults': faults, 'size': len(raw),
    }


def structure(part):
    if not part.is_multipart():
        return part.get_content_type()
    return f'{part.get_content_type()}[{", ".join(map(structure, part.get_payload()))}]'


def read(path):
    with open(path, 'rb') as file:
        return file.read()


if sys.argv[1] == 'files':
    found = [read(path) for path in sys.argv[2:]]
else:
    port, ca, password, address = sys.argv[2:]
    found = fetch(int(port), ca, password, address)
json.dump([message_of(raw) for raw in found], sys.stdout)
