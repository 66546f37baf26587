"""What Postfix's pipe(8) starts for a mail to x@NAME.bounces.example: hands the message to the program that the test has
named, and ends as that did.

pipe(8) starts nothing as root, and the tests' files may be root's: so the program is run by run.py, at the other end of
this socket, as an operator's sudo would.

    bounce.py SOCKET DOMAIN < MESSAGE
"""
import socket
import sys

TEMPORARY_FAILURE = 75

try:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(120)
        connection.connect(sys.argv[1])
        connection.sendall(sys.argv[2].encode() + b'\n' + sys.stdin.buffer.read())
        connection.shutdown(socket.SHUT_WR)
        said = connection.makefile().read()
    code, _, words = said.partition(' ')
    print(words)
    sys.exit(int(code))
except (OSError, ValueError) as error:
    print(f'no answer: {error}')
    sys.exit(TEMPORARY_FAILURE)
