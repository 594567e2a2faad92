"""Clients that dawdle, flood or never listen: others are served, and memory stays bounded."""

import json
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.e2e.shop import Shop
from tests.e2e.wire import exchange

CROWD = 100
MIB = 1024 * 1024
MOST_GROWTH = 128 * MIB
"""What any of these may cost the server, in bytes; unbounded they would cost hundreds of MiB."""

SMALL_BUFFER = 4_096
"""So that what a client does not read stays with the server and not in the kernel."""


def request(shop: Shop, line: str, body: bytes = b"") -> bytes:
    token = shop.tokens["full"]
    head = f"{line} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def an_order(shop: Shop, order_id: str) -> bytes:
    return request(shop, "POST /v2/order", json.dumps({"order_id": order_id}).encode())


@contextmanager
def crowd(shop: Shop, count: int = CROWD) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        found = []
        for _ in range(count):
            connection = stack.enter_context(socket.socket())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
            connection.settimeout(30)
            connection.connect(shop.address)
            found.append(connection)
        yield found


def peak_memory(shop: Shop) -> int:
    """The most that the server has ever had in memory, in bytes."""
    status = Path(f"/proc/{shop.server.process.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


@contextmanager
def little_memory(shop: Shop) -> Iterator[None]:
    """Holds the server's growth to the bound, from what it has now."""
    clear = Path(f"/proc/{shop.server.process.pid}/clear_refs")
    if not clear.exists():
        reason = "NOT POSSIBLE HERE, SO NOT TESTED: the peak of a process's memory, from /proc"
        pytest.fail(reason) if "CI" in os.environ else pytest.skip(reason)
    clear.write_text("5")  # The peak begins anew.
    before = peak_memory(shop)
    yield
    grown = peak_memory(shop) - before
    assert grown < MOST_GROWTH, f"{grown / MIB:.0f} MiB more"


def test_a_hundred_that_send_byte_by_byte_stop_no_other(shop: Shop) -> None:
    """Between any two bytes of theirs others are served; in the end so are they."""
    with crowd(shop) as slow, little_memory(shop):
        wanted = [an_order(shop, f"SLOW-{number}") for number in range(CROWD)]
        for at in range(40):
            for connection, data in zip(slow, wanted, strict=True):
                connection.sendall(data[at : at + 1])
            assert shop.is_up()
        for connection, data in zip(slow, wanted, strict=True):
            connection.sendall(data[40:-1])
        assert shop.http.post("/v2/order", json={"order_id": "QUICK"}).status_code == 201
        assert shop.http.get("/v2/orders/SLOW-0").status_code == 404
        for connection, data in zip(slow, wanted, strict=True):
            connection.sendall(data[-1:])
            assert connection.recv(12) == b"HTTP/1.1 201"


def test_a_hundred_that_say_nothing_stop_no_other(shop: Shop) -> None:
    with crowd(shop), little_memory(shop):
        for number in range(20):
            order = {"order_id": f"WHILE-SILENT-{number}"}
            assert shop.http.post("/v2/order", json=order).status_code == 201


@pytest.fixture(scope="module")
def long_listing(shop: Shop) -> str:
    """The path of a listing of some 1,400,000 bytes, more than are held at a time."""
    tags = {f"tag-{number}": "x" * 100 for number in range(20)}
    order = {"language": "xx", "order_tags": tags}
    bodies = (json.dumps({"order_id": f"L-{number}", **order}).encode() for number in range(500))
    data = b"".join(request(shop, "POST /v2/order", body) for body in bodies)
    _, answers = exchange(shop.address, data)
    assert [answer.status for answer in answers] == [201] * 500
    path = "/v2/orders?language=xx"
    assert len(shop.http.get(path).content) > 1_200_000
    return path


def test_a_hundred_that_read_byte_by_byte_cost_little(shop: Shop, long_listing: str) -> None:
    with crowd(shop) as slow, little_memory(shop):
        for connection in slow:
            connection.sendall(request(shop, f"GET {long_listing}"))
        for _ in range(20):
            for connection in slow:
                assert len(connection.recv(1)) == 1
            assert shop.is_up()


def test_pipelined_requests_are_answered_in_order_and_none_is_lost(shop: Shop) -> None:
    data = b"".join(
        an_order(shop, f"P-{number}") + request(shop, f"GET /v2/orders/P-{number}")
        for number in range(100)
    )
    _, answers = exchange(shop.address, data)
    assert [answer.status for answer in answers] == [201, 200] * 100
    names = [json.loads(answer.body)["order_id"] for answer in answers]
    assert names == [f"P-{number}" for number in range(100) for _ in range(2)]


def test_a_thousand_pipelined_in_one_go_are_all_answered(shop: Shop) -> None:
    """More than one read of a socket holds."""
    _, answers = exchange(shop.address, request(shop, "GET /v2/account") * 1_000)
    assert [answer.status for answer in answers] == [200] * 1_000


def test_pipelined_requests_whose_answers_nobody_reads_cost_little(shop: Shop) -> None:
    """The server stops reading; it would take any number."""
    one = b"GET /v2/openapi.json HTTP/1.1\r\nHost: x\r\n\r\n"
    many = one * 100_000
    with crowd(shop, 1) as (greedy,), little_memory(shop):
        greedy.setblocking(False)
        sent, refused = 0, 0
        while sent < 50 * MIB and refused < 100:
            try:
                sent += greedy.send(many[sent % len(one) :])
                refused = 0
            except BlockingIOError:
                refused += 1
                assert shop.is_up()


FLOODS = {
    "a header without end": (b"GET / HTTP/1.1\r\nX: ", b"x" * 1_000),
    "headers without end": (b"GET / HTTP/1.1\r\n", b"X: x\r\n" * 200),
    "a request line without end": (b"GET /", b"x" * 1_000),
    "a trailer without end": (
        b"POST /v2/order HTTP/1.1\r\nAuthorization: Bearer %b\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"2\r\n{}\r\n0\r\nX: ",
        b"x" * 1_000,
    ),
    "trailers without end": (
        b"POST /v2/order HTTP/1.1\r\nAuthorization: Bearer %b\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"2\r\n{}\r\n0\r\n",
        b"X: x\r\n" * 200,
    ),
    "a chunk's extension without end": (
        b"POST /v2/order HTTP/1.1\r\nAuthorization: Bearer %b\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"2;x=",
        b"x" * 1_000,
    ),
}


@pytest.mark.parametrize(("begin", "flood"), FLOODS.values(), ids=FLOODS)
def test_a_flood_ends_its_own_connection(shop: Shop, begin: bytes, flood: bytes) -> None:
    token = shop.tokens["full"].encode()
    with crowd(shop, 1) as (connection,), little_memory(shop):
        connection.sendall(begin % token if b"%b" in begin else begin)
        with pytest.raises(ConnectionError):
            connection.sendall(flood * 100_000)
    assert shop.is_up()


@pytest.mark.parametrize("count", [1, 10_000])
def test_a_megabyte_of_headers_is_refused(shop: Shop, count: int) -> None:
    header = b"X-Flood: " + b"x" * (MIB // count) + b"\r\n"
    _, answers = exchange(shop.address, b"GET / HTTP/1.1\r\n" + header * count + b"\r\n")
    assert [answer.status for answer in answers] in ([], [400]), "the connection is ended"
    assert shop.is_up()


def test_a_body_after_its_refusal_is_not_kept(shop: Shop) -> None:
    """Without a token the answer does not wait for the body."""
    with crowd(shop, 1) as (connection,), little_memory(shop):
        connection.sendall(b"POST /v2/order HTTP/1.1\r\nContent-Length: 100000000\r\n\r\n")
        assert connection.recv(12) == b"HTTP/1.1 401"
        for _ in range(100):
            connection.sendall(b"x" * 1_000_000)
    assert shop.is_up()
