"""A page that changes by itself: the stream of a real server, over real connections."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Queue

import httpx
import pytest

from tests.conftest import Server, new_access_key
from tests.e2e.several import figure, until
from tests.e2e.signed_in import signed_in
from tests.web.test_tracking_page import path_of

SECONDS_TO_CHANGE = 1.0
SECONDS_TO_STOP = 5.0
"""Well below the heartbeat, after which a stream would notice by itself, on a busy machine too."""


@contextmanager
def lines_of(url: str) -> Iterator[Queue[tuple[float, str] | None]]:
    """The lines of a stream with the moments at which they came; None for its end."""
    lines: Queue[tuple[float, str] | None] = Queue()
    with httpx.stream("GET", url, timeout=30) as answer:
        assert answer.status_code == 200, answer.read()
        assert answer.headers["content-type"].startswith("text/event-stream")

        def read() -> None:
            try:
                for line in answer.iter_lines():
                    lines.put((time.monotonic(), line))
            except httpx.HTTPError:
                pass
            lines.put(None)

        reader = threading.Thread(target=read)
        reader.start()
        yield lines
        # Closing alone does not wake a thread that reads.
        with suppress(OSError):
            connection = answer.extensions["network_stream"].get_extra_info("socket")
            connection.shutdown(socket.SHUT_RDWR)
        reader.join(10)


def next_change(lines: Queue[tuple[float, str] | None]) -> float:
    while (line := lines.get(timeout=20)) is not None:
        if line[1] == "event: changed":
            return line[0]
    raise AssertionError("the stream has ended")


def until_watched(server: Server, count: int) -> None:
    def is_so() -> bool:
        metrics = httpx.get(f"{server.url}/metrics").text
        return figure(metrics, "doorstep_live_pages") == count

    until(is_so, server)


def changes_of(http: httpx.Client, page: str) -> str:
    text = http.get(page, headers={"Accept": "text/html"}).text
    return str(http.base_url).rstrip("/") + text.split('data-changes="')[1].split('"')[0]


@contextmanager
def opened(database: str) -> Iterator[tuple[Server, httpx.Client]]:
    key = new_access_key(database)
    with Server(database, "--no-worker") as server, signed_in(server.url, key) as http:
        yield server, http


@pytest.fixture
def served(sqlite_file: Path) -> Iterator[tuple[Server, httpx.Client]]:
    with opened(f"sqlite:///{sqlite_file}") as made:
        yield made


def test_a_page_is_told_of_its_orders_changes_and_of_no_others(database: str) -> None:
    with opened(database) as (server, http):
        tell_of_changes(server, http)


def tell_of_changes(server: Server, http: httpx.Client) -> None:
    order = http.post("/v2/order", json={"order_id": "LOOKED-AT"}).json()
    http.post("/v2/order", json={"order_id": "OTHER"})
    with lines_of(changes_of(http, path_of(order))) as lines:
        until_watched(server, 1)
        http.post("/v2/order_states", json={"order_id": "OTHER", "state": "paid"})
        asked_at = time.monotonic()
        http.post("/v2/order_states", json={"order_id": "LOOKED-AT", "state": "paid"})
        assert 0 < next_change(lines) - asked_at < SECONDS_TO_CHANGE
        told = [line for line in list(lines.queue) if line and line[1] == "event: changed"]
        assert told == []
    until_watched(server, 0)


def test_what_happened_before_the_page_listened_is_told_at_once(
    served: tuple[Server, httpx.Client],
) -> None:
    _, http = served
    order = http.post("/v2/order", json={"order_id": "A"}).json()
    changes = changes_of(http, path_of(order))
    http.post("/v2/order_states", json={"order_id": "A", "state": "paid"})
    with lines_of(changes) as lines:
        next_change(lines)


def test_a_deleted_order_ends_its_stream(served: tuple[Server, httpx.Client]) -> None:
    server, http = served
    order = http.post("/v2/order", json={"order_id": "A"}).json()
    changes = changes_of(http, path_of(order))
    with lines_of(changes) as lines:
        until_watched(server, 1)
        http.delete("/v2/orders/A")
        next_change(lines)
        while lines.get(timeout=20) is not None:
            pass
    assert http.get(changes).status_code == 204


def test_a_server_that_stops_ends_all_streams(served: tuple[Server, httpx.Client]) -> None:
    server, http = served
    order = http.post("/v2/order", json={"order_id": "A"}).json()
    with lines_of(changes_of(http, path_of(order))) as lines:
        until_watched(server, 1)
        asked_at = time.monotonic()
        server.stop()
        while lines.get(timeout=20) is not None:
            pass
    assert time.monotonic() - asked_at < SECONDS_TO_STOP
