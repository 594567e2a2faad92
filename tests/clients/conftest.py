"""Programs in the field, played by the bytes that they put on the wire."""

import asyncio
import http.client
import io
import json
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from doorstep import opening
from doorstep.clock import now
from doorstep.config import load
from doorstep.service import access, accounts
from tests.conftest import Server

MOST_TESTS = 100
"""So many accounts are made before the server starts, one for each test."""


class Received(NamedTuple):
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """Sends a request exactly as written, over one connection of its own, to a real server.

    In a head `{token}` stands for a token that is fetched for this very call, `{length}` for the
    length of the body; a line's end is a line's end.
    """

    def __init__(self, server: Server, access_key: str) -> None:
        self.address = server.url.removeprefix("http://")
        self.access_key = access_key

    def token(self) -> str:
        body = json.dumps({"access_key": self.access_key}).encode()
        answer = self._send(f"POST /v2/token HTTP/1.1\nContent-Length: {len(body)}", body)
        assert answer.status == 200
        token: str = answer.json()["token"]
        return token

    def send(self, head: str, body: bytes = b"") -> Received:
        filled = head.strip().replace("{length}", str(len(body)))
        return self._send(filled.replace("{token}", self.token()), body)

    def _send(self, head: str, body: bytes) -> Received:
        host, port = self.address.split(":")
        first, *lines = (line.strip() for line in head.splitlines())
        lines = [first, f"Host: {self.address}", *lines, "Connection: close", "", ""]
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall("\r\n".join(lines).encode() + body)
            received = b""
            while part := connection.recv(65_536):
                received += part
        return _parsed(received)


class _Bytes:
    def __init__(self, received: bytes) -> None:
        self.received = received

    def makefile(self, mode: str) -> io.BytesIO:
        return io.BytesIO(self.received)


def _parsed(received: bytes) -> Received:
    response = http.client.HTTPResponse(_Bytes(received))  # type: ignore[arg-type]
    response.begin()
    return Received(response.status, response.headers, response.read())


@pytest.fixture(scope="session")
def shared_server(
    empty_database: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Server, list[str]]]:
    """A real server for all programs, and the keys of accounts that nobody has used yet."""
    path = Path(shutil.copy(empty_database, tmp_path_factory.mktemp("clients") / "doorstep.db"))

    async def make() -> list[str]:
        async with opening.open_store(load({"database": f"sqlite:///{path}"}, environ={})) as store:
            keys = []
            for number in range(MOST_TESTS):
                account = await accounts.create_account(store, f"Shop {number}", now())
                made = await access.create_access_key(store, account.account_id, "full", now())
                keys.append(made[1])
            return keys

    keys = asyncio.run(make())
    server = Server(path)
    yield server, keys
    server.stop()


@pytest.fixture
def own_key(shared_server: tuple[Server, list[str]]) -> str:
    """The key of an account that belongs to this test alone."""
    return shared_server[1].pop()


@pytest.fixture
def wire(shared_server: tuple[Server, list[str]], own_key: str) -> Wire:
    return Wire(shared_server[0], own_key)
