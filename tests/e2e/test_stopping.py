"""Told to stop: what was taken in is finished, nothing is lost, and it is gone in ten seconds."""

import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from tests.conftest import Server
from tests.e2e.flood import (
    CLIENTS,
    GROUP,
    QUEUE,
    SHORT_QUEUE,
    create,
    first_answers,
    writer_held_up,
)
from tests.e2e.promises import Rounds, loaded, settle, verify
from tests.e2e.required import require_strace
from tests.e2e.signed_in import signed_in

MOST_SECONDS = 10
ACKNOWLEDGED_BEFORE = 60
LARGE_ORDERS = 20
LARGE_TEXT = "x" * 4_000
SLOWLY = 4_096


@contextmanager
def in_time() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < MOST_SECONDS


def stop_under_load(server: Server, acknowledged: threading.Semaphore, chance: Random) -> None:
    for _ in range(ACKNOWLEDGED_BEFORE):
        if not acknowledged.acquire(timeout=30):
            return  # the clients failed, and say why
    with in_time():
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(30) == 0


def test_a_stop_under_load_loses_nothing(sqlite_file: Path, access_key: str) -> None:
    with Server(sqlite_file) as server:
        rounds: Rounds = {"1": loaded(server, access_key, "1", stop_under_load, Random(1))}
        assert server.stop() == 0
    assert "Traceback" not in "".join(server.log)
    with Server(sqlite_file) as server:
        settle(server, access_key, rounds)
    verify(sqlite_file)


def is_listening(server: Server) -> bool:
    host, port = server.url.removeprefix("http://").split(":")
    try:
        socket.create_connection((host, int(port))).close()
    except ConnectionError:
        return False
    return True


@pytest.mark.parametrize("lock_is_released", [True, False])
def test_requests_that_wait_for_the_writer_are_answered_after_a_stop(
    sqlite_file: Path, access_key: str, lock_is_released: bool
) -> None:
    """Also when the writer never comes: then with 503, all together and in time."""
    with (
        Server(sqlite_file, environ=SHORT_QUEUE) as server,
        signed_in(server.url, access_key) as http,
        ThreadPoolExecutor(CLIENTS) as clients,
    ):
        create(http, "FIRST").raise_for_status()
        with writer_held_up(sqlite_file):
            posts = [clients.submit(create, http, f"A-{n}") for n in range(CLIENTS)]
            first_answers(posts, CLIENTS - QUEUE - GROUP)
            with in_time():
                for _ in range(2):
                    server.process.send_signal(signal.SIGTERM)
                while is_listening(server):
                    # Each look is a connection; without a pause they could use up all ports.
                    time.sleep(0.01)
                if not lock_is_released:
                    assert server.process.wait(30) == 0
        assert server.process.wait(30) == 0
        statuses = [post.result().status_code for post in posts]
        assert (statuses.count(201) > QUEUE) == lock_is_released
        assert statuses.count(201) + statuses.count(503) == CLIENTS
    verify(sqlite_file)


def test_no_connection_holds_up_a_stop(server: Server, access_key: str) -> None:
    """Idle ones, slow ones in the middle of a request, and a slow reader of a long listing."""
    host, port = server.url.removeprefix("http://").split(":")
    with signed_in(server.url, access_key) as http:
        items = [{"sku": "A", "description": LARGE_TEXT}] * 100
        for number in range(LARGE_ORDERS):
            order = {"order_id": f"A-{number}", "order_items": items}
            assert http.post("/v2/order", json=order).status_code == 201
        token = f"Authorization: {http.headers['Authorization']}\r\n"
        beginnings = (
            "",
            "POST /v2/order HT",
            f"POST /v2/order HTTP/1.1\r\nHost: x\r\n{token}Content-Length: 100\r\n\r\n{{",
            f"GET /v2/orders?state=new HTTP/1.1\r\nHost: x\r\n{token}\r\n",
        )
        slow = []
        for beginning in beginnings:
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SLOWLY)
            connection.connect((host, int(port)))
            connection.sendall(beginning.encode())
            slow.append(connection)
        assert slow[-1].recv(12) == b"HTTP/1.1 200"
        with in_time():
            server.process.send_signal(signal.SIGTERM)
            assert server.process.wait(30) == 0
        for connection in slow:
            connection.close()
    assert "Traceback" not in "".join(server.log)
    verify(server.path)


def test_a_stop_at_the_moment_of_the_start_is_a_clean_one(sqlite_file: Path) -> None:
    """Whoever reads that it serves may stop it, though it is not through with its start."""
    require_strace()
    slowly = "--inject=write:delay_exit=200ms"
    with Server(sqlite_file, under=("strace", "-f", "-D", "-o/dev/null", slowly)) as server:
        assert server.stop() == 0
