"""HTTP/1.1 as bytes on a socket: what a server owes for some bytes, and what it answered."""

import socket
from typing import NamedTuple

import httptools

from doorstep.http_protocol import MALFORMED, TIMED_OUT

MOST_SECONDS = 10.0
"""How long a server may take until it has answered or ended the connection."""

LARGEST_READ = 65_536


class Owed(NamedTuple):
    """The methods of the requests that are whole, and whether there is nothing else behind them."""

    methods: list[bytes]
    whole: bool


class _Requests:
    """Finds the requests in some bytes by the parser that the server uses."""

    def __init__(self) -> None:
        self.methods: list[bytes] = []
        self.open = 0
        self.parser = httptools.HttpRequestParser(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)

    def on_message_begin(self) -> None:
        self.open += 1

    def on_message_complete(self) -> None:
        self.open -= 1
        self.methods.append(self.parser.get_method())


def owed_for(data: bytes) -> Owed:
    """The requests in some bytes, as the server's own parser finds them.

    Not `whole` where a server waits for more of the last, or where something is no request.
    """
    found = _Requests()
    try:
        found.parser.feed_data(data)
    except (httptools.HttpParserError, httptools.HttpParserUpgrade):
        return Owed(found.methods, False)
    return Owed(found.methods, not found.open and bool(found.methods))


class Answer(NamedTuple):
    status: int
    head: bytes
    body: bytes


class Unsettled(Exception):
    """A connection that was neither answered nor ended in time, or answered with no HTTP."""


def exchange(address: tuple[str, int], data: bytes) -> tuple[Owed, list[Answer]]:
    """Sends some bytes on a connection of their own and reads until nothing more is owed.

    Where the server may wait for more, it is told that no more comes. Raises Unsettled.
    """
    owed = owed_for(data)
    with socket.create_connection(address, timeout=MOST_SECONDS) as connection:
        received = b""
        try:
            connection.sendall(data)
            if not owed.whole:
                connection.shutdown(socket.SHUT_WR)
            while True:
                answers = _answers(received, owed.methods)
                if owed.whole and len(answers) >= len(owed.methods):
                    return owed, answers
                part = connection.recv(LARGEST_READ)
                if not part:
                    return owed, answers
                received += part
        except TimeoutError:
            raise Unsettled(f"after {received!r}") from None
        except OSError:  # The server has ended the connection.
            return owed, _answers(received, owed.methods)


def _answers(received: bytes, methods: list[bytes]) -> list[Answer]:
    """The whole answers in some bytes, in the order of the requests."""
    found: list[Answer] = []
    while True:
        head, end, rest = received.partition(b"\r\n\r\n")
        if not end:
            return found
        if not head.startswith(b"HTTP/1."):
            raise Unsettled(f"what is no answer: {received!r}")
        status = int(head.split(b" ", 2)[1])
        if status == 100:
            received = rest
            continue
        method = methods[len(found)] if len(found) < len(methods) else b""
        cut = _cut(head, rest, method)
        if cut is None:
            return found
        body, received = cut
        found.append(Answer(status, head, body))


def _cut(head: bytes, rest: bytes, method: bytes) -> tuple[bytes, bytes] | None:
    """The body and what follows it; None when it is not whole."""
    lines = head.lower().split(b"\r\n")[1:]
    headers = dict(line.split(b": ", 1) for line in lines if b": " in line)
    # What is no HTTP is refused as such, with a body whatever the method was meant to be.
    no_http = (head + b"\r\n\r\n" + rest).startswith((MALFORMED, TIMED_OUT))
    if method == b"HEAD" and not no_http:
        return b"", rest
    if headers.get(b"transfer-encoding") == b"chunked":
        body = b""
        while True:
            size, end, rest = rest.partition(b"\r\n")
            if not end or len(rest) < int(size, 16) + 2:
                return None
            body, rest = body + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
            if int(size, 16) == 0:
                return body, rest
    length = int(headers.get(b"content-length", b"0"))
    return (rest[:length], rest[length:]) if len(rest) >= length else None
