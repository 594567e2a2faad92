"""Clients that begin and do not go on: their connection ends, others are served."""

import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from doorstep.client import Client
from tests.conftest import Server

HEAD = b"POST /v2/order HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"


@pytest.fixture
def hasty(sqlite_file: Path, access_key: str) -> Iterator[Server]:
    """A server that waits one second for a client."""
    started = Server(sqlite_file, environ={"DOORSTEP_REQUEST_SECONDS": "1"})
    yield started
    started.stop()


def connect(server: Server) -> socket.socket:
    host, port = server.url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)))
    connection.settimeout(30)
    return connection


def ask_for_ever(connection: socket.socket) -> None:
    """Sends requests and reads no answer, until the other side has ended the connection."""
    while True:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" * 1000)


@pytest.mark.parametrize("sent", [b"", b"GE", HEAD, HEAD + b"\r\n{"], ids=len)
def test_a_request_that_never_ends_is_given_up(hasty: Server, sent: bytes) -> None:
    with connect(hasty) as stuck:
        stuck.sendall(sent)
        answer = stuck.makefile("rb").read()
    if HEAD + b"\r\n" in sent:
        # Without a token its body is not waited for.
        assert answer.startswith(b"HTTP/1.1 401 ")
        assert answer.count(b"HTTP/1.1") == 1
    else:
        assert answer.startswith(b"HTTP/1.1 408 "), answer


def test_a_body_that_stalls_is_given_up_and_nothing_stored(hasty: Server, access_key: str) -> None:
    with Client(hasty.url, access_key) as client:
        token = httpx.post(f"{hasty.url}/v2/token", json={"access_key": access_key}).json()["token"]
        with connect(hasty) as stuck:
            stuck.sendall(HEAD + f"Authorization: Bearer {token}\r\n\r\n".encode())
            stuck.sendall(b'{"order_id": "half-')
            assert stuck.makefile("rb").read().startswith(b"HTTP/1.1 408 ")
        assert list(client.orders()) == []


def test_an_answer_that_is_not_read_is_given_up(hasty: Server, access_key: str) -> None:
    with Client(hasty.url, access_key) as client:
        for number in range(40):
            client.create_order(f"A-{number}", order_tags={str(n): "x" * 4000 for n in range(100)})
        token = httpx.post(f"{hasty.url}/v2/token", json={"access_key": access_key}).json()["token"]
        head = f"GET /v2/orders?state=new HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}"
        with connect(hasty) as deaf:
            deaf.sendall(f"{head}\r\n\r\n".encode())
            # Sixteen megabytes are more than the buffers between us hold.
            with pytest.raises(ConnectionError):
                ask_for_ever(deaf)
        assert client.create_order("B").state == "new"


def test_a_connection_that_is_kept_alive_is_left_alone(hasty: Server) -> None:
    with connect(hasty) as idle, connect(hasty) as stuck:
        for _ in range(2):
            idle.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert idle.recv(15) == b"HTTP/1.1 200 OK"
            while not idle.recv(4096).endswith(b'{"status":"ok"}'):
                pass
            # Until another connection was given up, which had as long to say nothing.
            stuck.makefile("rb").read()
