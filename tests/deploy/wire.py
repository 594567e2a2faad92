"""Requests byte by byte: no client tidies their paths on the way."""

import socket
from collections.abc import Mapping
from http.client import HTTPResponse
from typing import Any, NamedTuple

import msgspec

from tests.deploy.proxies import NAME

COMPARED = (
    "allow",
    "content-type",
    "idempotent-replayed",
    "link",
    "location",
    "retry-after",
    "www-authenticate",
    "x-request-id",
)
"""Headers that are doorstep's, so that a proxy may not touch them."""


class Answer(NamedTuple):
    """What a client sees of an answer; `headers` are those that are compared."""

    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return msgspec.json.decode(self.body)


def send(
    connection: socket.socket,
    method: str,
    target: str,
    headers: Mapping[str, str] = {},
    body: bytes | None = None,
) -> None:
    """The target as it is given; the body's length is announced unless it comes in chunks."""
    lines = [f"{method} {target} HTTP/1.1", f"Host: {NAME}"]
    lines += [f"{name}: {text}" for name, text in headers.items()]
    if body is not None and "Transfer-Encoding" not in headers:
        lines.append(f"Content-Length: {len(body)}")
    connection.sendall("\r\n".join([*lines, "", ""]).encode() + (body or b""))


def receive(connection: socket.socket, method: str) -> Answer:
    with HTTPResponse(connection, method=method) as response:
        response.begin()
        given = {name.lower(): text for name, text in response.getheaders()}
        headers = {name: given[name] for name in COMPARED if name in given}
        return Answer(response.status, headers, response.read())


def ask(connection: socket.socket, method: str, target: str, **given: Any) -> Answer:
    """The answer to one request, after which the connection is closed."""
    with connection:
        send(connection, method, target, **given)
        return receive(connection, method)
