"""A connection's bounds in time, with seconds as short as a test can bear."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from doorstep import http_protocol

SOON = 0.05
WHOLE = b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
STALLED = {
    "nothing": b"",
    "empty lines": b"\r\n\r\n",
    "half a head": b"POST / HTTP/1.1\r\nHost:",
    "half a body": WHOLE[:-1],
    "half a chunk": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
    "no last chunk": b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
}

Application = Callable[[Any, Any, Any], Awaitable[None]]


@asynccontextmanager
async def connected(
    application: Application, seconds: float = 60
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to the application, served by the protocol with so much patience."""
    config = Config(application, log_config=None, lifespan="off")
    state, loop = ServerState(), asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: http_protocol.HttpProtocol(config, state, {}), "127.0.0.1", 0
    )
    overdue = loop.create_task(http_protocol.end_overdue(state.connections, seconds))
    async with server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        yield reader, writer
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
    overdue.cancel()


async def echo(scope: Any, receive: Any, send: Any) -> None:
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, more = body + message["body"], message["more_body"]
    length = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": length})
    await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize("sent", STALLED.values(), ids=STALLED)
def test_a_request_that_never_gets_whole_ends_its_connection(sent: bytes) -> None:
    async def stall() -> bytes:
        async with connected(echo, SOON) as (reader, writer):
            writer.write(sent)
            return await reader.read()

    assert asyncio.run(stall()) == http_protocol.TIMED_OUT


@pytest.mark.parametrize("sent", [sent for sent in STALLED.values() if sent])
def test_nor_does_a_kept_connection_wait_for_its_next_one_to_get_whole(sent: bytes) -> None:
    async def stall() -> bytes:
        async with connected(echo, SOON) as (reader, writer):
            writer.write(WHOLE)
            assert (await reader.readuntil(b"{}")).startswith(b"HTTP/1.1 200 ")
            writer.write(sent)
            return await reader.read()

    assert asyncio.run(stall()) == http_protocol.TIMED_OUT


def test_a_long_answer_is_not_cut_off_by_half_a_request_behind_it() -> None:
    async def run() -> bytes:
        release = asyncio.Event()

        async def slow(scope: Any, receive: Any, send: Any) -> None:
            await release.wait()
            await echo(scope, receive, send)

        async with connected(slow, SOON) as (reader, writer):
            writer.write(WHOLE + WHOLE[:-1])
            asyncio.get_running_loop().call_later(4 * SOON, release.set)
            return await reader.read()

    answer = asyncio.run(run())
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.partition(b"{}")[2] == http_protocol.TIMED_OUT


def test_an_answer_that_is_not_read_ends_its_connection() -> None:
    """What the application sends after that goes nowhere, so it comes to its end."""

    async def run() -> None:
        ended = asyncio.Event()

        async def endless(scope: Any, receive: Any, send: Any) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _ in range(1_000):
                part = {"type": "http.response.body", "body": b"x" * 65_536, "more_body": True}
                await send(part)
            ended.set()

        async with connected(endless, SOON) as (_, writer):
            writer.write(WHOLE)
            await ended.wait()

    asyncio.run(run())


def test_what_is_no_http_is_refused_behind_the_answers_that_are_owed() -> None:
    async def run() -> bytes:
        async with connected(echo) as (reader, writer):
            writer.write(WHOLE + WHOLE + b"no HTTP\r\n")
            return await reader.read()

    said = asyncio.run(run())
    assert [int(part[:3]) for part in said.split(b"HTTP/1.1 ")[1:]] == [200, 200, 400]
    assert said.endswith(http_protocol.MALFORMED)
    assert b"application/problem+json" in http_protocol.MALFORMED


@pytest.mark.parametrize(("lines", "status"), [(100, 200), (101, 400), (13_000, 400)])
def test_a_head_may_have_so_many_lines_and_no_more(lines: int, status: int) -> None:
    """Thirteen thousand empty ones are 64 KiB on the wire, and megabytes as objects."""

    async def run() -> bytes:
        async with connected(echo) as (reader, writer):
            writer.write(b"GET / HTTP/1.1\r\n" + b"a: \r\n" * (lines - 1))
            writer.write(b"connection: close\r\n\r\n")
            with suppress(ConnectionError):
                return await reader.read()
            return b"HTTP/1.1 400 "

    assert asyncio.run(run()).startswith(f"HTTP/1.1 {status} ".encode())


OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: x\r\n"


@pytest.mark.parametrize("at", [5, 140, 160, 175])
def test_an_offered_upgrade_is_not_taken_and_the_body_stays_the_body(at: int) -> None:
    """As clients send it that would rather speak HTTP/2; `at`: where the kernel cuts the bytes."""
    inner = b"GET /inner HTTP/1.1\r\n\r\n"
    head = b"POST /outer HTTP/1.1\r\n" + OFFER + b"Content-Length: %d\r\n\r\n" % len(inner)
    paths = []

    async def noting(scope: Any, receive: Any, send: Any) -> None:
        paths.append((scope["method"], scope["path"]))
        await echo(scope, receive, send)

    async def run() -> bytes:
        async with connected(noting) as (reader, writer):
            data = head + inner + WHOLE
            for part in (data[:at], data[at:]):
                writer.write(part)
                await writer.drain()
                await asyncio.sleep(0)
            writer.write_eof()
            return await reader.read()

    answers = asyncio.run(run()).split(b"HTTP/1.1 200 OK")[1:]
    assert [answer.partition(b"\r\n\r\n")[2] for answer in answers] == [inner, b"{}"]
    assert paths == [("POST", "/outer"), ("POST", "/")]


def test_who_offers_an_upgrade_from_http_1_0_is_answered_as_such() -> None:
    """Its connection ends behind the answer, as it knows no other end."""

    async def run() -> bytes:
        async with connected(echo) as (reader, writer):
            writer.write(b"POST / HTTP/1.0\r\n" + OFFER + b"Content-Length: 2\r\n\r\n{}")
            return await reader.read()

    head, _, body = asyncio.run(asyncio.wait_for(run(), 20)).partition(b"\r\n\r\n")
    assert b"connection: close" in head
    assert body == b"{}"


@pytest.mark.parametrize("offer", [b"", OFFER])
def test_a_proxy_it_is_not(offer: bytes) -> None:
    async def run() -> bytes:
        async with connected(echo) as (reader, writer):
            writer.write(b"CONNECT a:1 HTTP/1.1\r\nHost: x\r\n" + offer + b"\r\n")
            return await reader.read()

    assert asyncio.run(asyncio.wait_for(run(), 20)) == http_protocol.MALFORMED


def test_a_request_that_offers_an_upgrade_waits_for_its_body_like_any_other() -> None:
    async def run() -> bytes:
        async with connected(echo, SOON) as (reader, writer):
            writer.write(b"DELETE / HTTP/1.1\r\n" + OFFER + b"Content-Length: 9\r\n\r\n")
            return await reader.read()

    assert asyncio.run(run()) == http_protocol.TIMED_OUT


def test_who_reads_slowly_but_reads_on_gets_all() -> None:
    size = 64 * 1024 * 1024

    async def large(scope: Any, receive: Any, send: Any) -> None:
        length = [(b"content-length", str(size).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": length})
        await send({"type": "http.response.body", "body": bytes(size)})

    async def run() -> int:
        async with connected(large, 10 * SOON) as (reader, writer):
            writer.write(WHOLE.replace(b"Host: x", b"Connection: close"))
            got, began = 0, asyncio.get_running_loop().time()
            while part := await reader.read(1024 * 1024):
                got += len(part)
                # Longer in all than the patience with one who does not read at all.
                wanted = began + 30 * SOON * got / size
                await asyncio.sleep(max(0.0, wanted - asyncio.get_running_loop().time()))
        return got

    assert asyncio.run(run()) > size


@pytest.mark.parametrize("requests", [1, 3])
def test_who_ends_its_side_still_gets_its_answers(requests: int) -> None:
    async def run() -> bytes:
        release = asyncio.Event()

        async def slow(scope: Any, receive: Any, send: Any) -> None:
            await release.wait()
            await echo(scope, receive, send)

        async with connected(slow) as (reader, writer):
            writer.write(WHOLE * requests)
            writer.write_eof()
            asyncio.get_running_loop().call_later(SOON, release.set)
            return await reader.read()

    assert asyncio.run(run()).count(b"HTTP/1.1 200 OK") == requests


def test_a_request_with_a_broken_body_is_not_handed_on_behind_others() -> None:
    started = []

    async def counting(scope: Any, receive: Any, send: Any) -> None:
        started.append(scope["path"])
        await echo(scope, receive, send)

    async def run() -> bytes:
        async with connected(counting) as (reader, writer):
            chunks = (
                b"POST /b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nno chunk\r\n"
            )
            writer.write(WHOLE + chunks)
            return await reader.read()

    statuses = [int(part[:3]) for part in asyncio.run(run()).split(b"HTTP/1.1 ")[1:]]
    assert statuses == [200, 400]
    assert started == ["/"]


@pytest.mark.parametrize("name_length", [1_000, 60_000])
def test_a_head_may_be_so_long_and_no_longer(name_length: int) -> None:
    """Where it arrives at once it is refused, else the connection may be ended in the middle."""

    def request(bytes_of_head: int) -> bytes:
        header = b"x" * name_length + b": \r\n"
        lines = header * ((bytes_of_head - 1_000) // len(header))
        return b"GET / HTTP/1.1\r\n" + lines + b"Connection: close\r\n\r\n"

    async def run(data: bytes) -> bytes:
        async with connected(echo) as (reader, writer):
            writer.write(data)
            with suppress(ConnectionError):
                return await reader.read()
            return b""

    most = http_protocol.MOST_HEAD_BYTES
    assert asyncio.run(run(request(most))).startswith(b"HTTP/1.1 200 ")
    assert asyncio.run(run(request(3 * most)))[:13] in (b"HTTP/1.1 400 ", b"")
