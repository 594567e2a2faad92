"""More than the writer can take: refused at once, in bounded memory, and over when it is over."""

import re
import select
import socket
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import httpx
import pytest

from doorstep.api.held_bytes import FREE_BYTES, MOST_HELD_BYTES
from tests.conftest import Server, doorstep
from tests.e2e.flood import (
    CLIENTS,
    GROUP,
    QUEUE,
    SHORT_QUEUE,
    create,
    first_answers,
    writer_held_up,
)
from tests.e2e.signed_in import signed_in

LARGE = 1_000_000
LARGE_BODIES = 200


@pytest.mark.parametrize("numbers_are_reserved", [True, False])
def test_beyond_the_queue_is_503_at_once_and_then_it_goes_on(
    sqlite_file: Path, access_key: str, numbers_are_reserved: bool
) -> None:
    """Those that wait for internal numbers wait in no longer a queue."""
    most_kept = QUEUE + GROUP if numbers_are_reserved else QUEUE
    with (
        Server(sqlite_file, environ=SHORT_QUEUE) as server,
        signed_in(server.url, access_key) as http,
        ThreadPoolExecutor(CLIENTS) as clients,
    ):
        if numbers_are_reserved:
            create(http, "FIRST").raise_for_status()
        with writer_held_up(sqlite_file):
            posts = [clients.submit(create, http, f"A-{n}") for n in range(CLIENTS)]
            refused = first_answers(posts, CLIENTS - most_kept)
            assert http.get("/v2/orders").status_code == 200
            if numbers_are_reserved:
                assert http.get("/readyz").status_code == 503
        assert {answer.status_code for answer in refused} == {503}
        assert all(int(answer.headers["Retry-After"]) > 0 for answer in refused)
        statuses = [post.result().status_code for post in posts]
        assert statuses.count(201) >= QUEUE
        assert statuses.count(201) + statuses.count(503) == CLIENTS
        assert create(http, "LAST").status_code == 201
    checked = doorstep("verify", "--database", f"sqlite:///{sqlite_file}")
    made = statuses.count(201) + 1 + numbers_are_reserved
    assert checked.stdout == f"{made} orders replayed, 0 faults\n"


def peak_memory(server: Server) -> int:
    """The most bytes of memory that the server ever had."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) * 1024


def test_the_memory_for_large_bodies_is_bounded(
    server: Server, sqlite_file: Path, access_key: str
) -> None:
    """Those that wait hold so much that no other large body is taken in; small requests go on."""
    host, port = server.url.removeprefix("http://").split(":")
    most_made = MOST_HELD_BYTES // (LARGE - FREE_BYTES) + 1
    with signed_in(server.url, access_key) as http, ExitStack() as flood:
        create(http, "FIRST").raise_for_status()
        before = peak_memory(server)
        with writer_held_up(sqlite_file):
            waiting = []
            for number in range(LARGE_BODIES):
                connection = flood.enter_context(socket.create_connection((host, int(port))))
                waiting.append(connection)
                # What is refused is closed, whatever else is being sent.
                with suppress(ConnectionError):
                    connection.sendall(large_request(http, f"LARGE-{number}"))
            assert http.get("/v2/orders/FIRST").status_code == 200
            # What is sent is not taken in yet: each of the others has its answer first.
            while len(waiting) > most_made:
                refused, _, _ = select.select(waiting, [], [], 30)
                assert refused, f"{len(waiting)} were taken in"
                waiting = [each for each in waiting if each not in refused]
        assert create(http, "SMALL").status_code == 201
        assert peak_memory(server) - before < 2 * MOST_HELD_BYTES < LARGE_BODIES * LARGE
        assert 0 < len(http.get("/v2/orders?language=de").json()) <= most_made
    with signed_in(server.url, access_key) as http:
        assert http.post("/v2/order", content=large_order("LAST")).status_code == 201


def large_order(name: str) -> bytes:
    return b'{"order_id": "%s", "language": "de"}' % name.encode() + b" " * LARGE


def large_request(http: httpx.Client, name: str) -> bytes:
    body, token = large_order(name), http.headers["Authorization"]
    head = f"POST /v2/order HTTP/1.1\r\nHost: x\r\nAuthorization: {token}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
