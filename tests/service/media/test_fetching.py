"""One picture is fetched, from a real server on a real socket and from no forbidden address."""

import asyncio
import socket
from ipaddress import ip_network
from typing import Any

import pytest

from doorstep.service.media.fetching import MOST_PICTURE_BYTES, Fetcher, NotFetched
from tests.service.webhooks.names import resolve_to
from tests.service.webhooks.receiver import RawServer

LOOPBACK = (ip_network("127.0.0.0/8"),)
SECONDS_ENOUGH_TO_SEE_NO_ANSWER = 0.2


def fetch(url: str, seconds: float = 10, allowed: Any = LOOPBACK) -> bytes:
    async def run() -> bytes:
        fetcher = Fetcher(seconds, allowed)
        try:
            return await fetcher.fetch(url)
        finally:
            await fetcher.close()

    return asyncio.run(run())


class Pictures(RawServer):
    """Answers each request with the same bytes, head and body; keeps what was asked."""

    def __init__(self, head: str, body: bytes = b"") -> None:
        self.asked: list[bytes] = []

        def answer(connection: socket.socket) -> None:
            self.asked.append(connection.recv(65_536))
            length = f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            connection.sendall(f"HTTP/1.1 {head}\r\n{length}".encode() + body)

        super().__init__(answer)


def test_a_picture_of_the_most_bytes_is_fetched_whole() -> None:
    content = b"\x00\xff" * (MOST_PICTURE_BYTES // 2)
    with Pictures("200 OK", content) as server:
        assert fetch(server.url) == content
    assert server.asked[0].startswith(b"GET / HTTP/1.1\r\n")
    assert b"Cookie" not in server.asked[0]


def test_one_byte_more_is_too_much() -> None:
    with (
        Pictures("200 OK", b"x" * (MOST_PICTURE_BYTES + 1)) as server,
        pytest.raises(NotFetched, match="more than 200000 bytes"),
    ):
        fetch(server.url)


def test_an_answer_without_end_is_broken_off() -> None:
    def endless(connection: socket.socket) -> None:
        connection.recv(65_536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")

    with RawServer(endless) as server, pytest.raises(NotFetched, match="more than"):
        fetch(server.url)


def test_a_redirect_is_not_followed() -> None:
    with Pictures("200 OK", b"inside") as inside:
        head = f"302 Found\r\nLocation: {inside.url}"
        with Pictures(head) as server, pytest.raises(NotFetched, match="status 302"):
            fetch(server.url)
    assert inside.connections == 0


@pytest.mark.parametrize("status", ["204 No Content", "404 Not Found", "500 Broken"])
def test_only_200_holds_a_picture(status: str) -> None:
    with Pictures(status) as server, pytest.raises(NotFetched, match=f"status {status[:3]}"):
        fetch(server.url)


def test_no_address_of_this_machine_or_its_network_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Pictures("200 OK", b"inside") as server:
        for host in ("127.0.0.1", "inside.example"):
            resolve_to(monkeypatch, ["127.0.0.1"])
            with pytest.raises(NotFetched):
                fetch(f"http://{host}:{server.port}/", allowed=())
        assert server.connections == 0
        assert fetch(f"http://inside.example:{server.port}/") == b"inside", "but for the guard"


def test_a_silent_server_costs_only_its_time() -> None:
    with (
        RawServer(lambda connection: connection.recv(65_536) and connection.recv(1)) as server,
        pytest.raises(NotFetched, match="Timeout"),
    ):
        fetch(server.url, seconds=SECONDS_ENOUGH_TO_SEE_NO_ANSWER)


@pytest.mark.parametrize("url", ["", "javascript:alert(1)", "file:///etc/passwd", "http://"])
def test_what_is_no_url_is_asked_of_nobody(url: str) -> None:
    with pytest.raises(NotFetched, match="no usable URL"):
        fetch(url)
