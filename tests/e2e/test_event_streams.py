"""Streams on real connections: how soon events arrive, and how soon a stream is over."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

import httpx

from doorstep import app, opening
from doorstep.config import load
from doorstep.service.orders import NewOrder, create_order
from tests.conftest import Server, doorstep, new_access_key, url_of
from tests.e2e.event_reader import EVENT_STREAM, StreamReader
from tests.e2e.several import figure, until
from tests.e2e.shop import Shop, open_shop
from tests.e2e.signed_in import signed_in
from tests.e2e.test_slow_clients import crowd, little_memory, request

SECONDS_TO_WAKE = 0.25
SECONDS_TO_REVOKE = 5.0
SECONDS_TO_STOP = 2.0
"""The process with all that it has to close; answers without an end would take it six more."""

ROUNDS = 20

LARGE_ORDERS = 40
LARGE_TEXT = "x" * 4_000


def token_of(http: httpx.Client) -> str:
    return http.headers["Authorization"].removeprefix("Bearer ")


async def write_orders(database: str, wrote: Callable[[], None]) -> list[float]:
    """Writes as a process of its own does; the moments at which each order was committed."""
    settings, moments = load({"database": database}, environ={}), []
    async with (
        opening.open_store(settings) as store,
        app.open_services(store, settings) as services,
    ):
        view = await services.accounts.view(1)
        for number in range(ROUNDS):
            await create_order(services, view, NewOrder(f"O-{number}", {}, None), None)
            moments.append(time.monotonic())
            await asyncio.to_thread(wrote)
    return moments


def test_events_of_another_process_arrive_soon(database: str) -> None:
    """A reader hears of each before the next is written, so that each has to wake it anew."""
    key = new_access_key(database)
    read_at = []
    with (
        Server(database, "--no-worker") as server,
        signed_in(server.url, key) as http,
        StreamReader(server.url, token_of(http), "after=latest") as reader,
    ):
        committed_at = asyncio.run(
            write_orders(database, lambda: read_at.append(reader.next().read_at))
        )
    seconds = sorted(read - wrote for read, wrote in zip(read_at, committed_at, strict=True))
    print(f"awake after {median(seconds) * 1000:.0f} ms, at most {seconds[-1] * 1000:.0f} ms")
    # Some may fall into moments at which the machine does something else.
    assert seconds[ROUNDS * 3 // 4] < SECONDS_TO_WAKE


def test_events_of_its_own_process_arrive_at_once(shop: Shop) -> None:
    seconds = []
    with StreamReader(shop.server.url, shop.tokens["read"], "after=latest") as reader:
        for number in range(ROUNDS):
            shop.http.post("/v2/order", json={"order_id": f"SOON-{number}"})
            answered_at = time.monotonic()
            seconds.append(reader.next().read_at - answered_at)
    print(f"awake after {median(seconds) * 1000:.1f} ms, at most {max(seconds) * 1000:.1f} ms")
    assert median(seconds) < 0.05


def test_a_revoked_keys_streams_end(shop: Shop) -> None:
    """And who waits without a stream is told that the token is no longer good."""
    key = new_access_key(Path(shop.server.path))
    with (
        signed_in(shop.server.url, key) as http,
        ThreadPoolExecutor() as threads,
        StreamReader(shop.server.url, token_of(http)) as reader,
    ):
        poll = threads.submit(http.get, "/v2/events?wait=60")
        waiting(shop, 2)
        key_id = key.split("_")[2]
        database = url_of(Path(shop.server.path))
        assert doorstep("key", "revoke", key_id, "--database", database).returncode == 0
        revoked_at = time.monotonic()
        assert reader.ended.wait(SECONDS_TO_REVOKE)
        assert poll.result(SECONDS_TO_REVOKE).status_code == 401
        assert time.monotonic() - revoked_at < SECONDS_TO_REVOKE


def waiting(shop: Shop, count: int) -> None:
    """Returns as soon as so many requests wait for events."""

    def there() -> bool:
        shown = shop.http.get("/metrics").text
        return figure(shown, "doorstep_event_streams") == count

    until(there, shop.server)


@contextmanager
def unread_streams(shop: Shop, count: int) -> Iterator[None]:
    """Streams of a log that is too long for the kernel, whose clients do not read."""
    for number in range(LARGE_ORDERS):
        tags = {f"tag-{n}": LARGE_TEXT for n in range(50)}
        order = {"order_id": f"LARGE-{number}", "order_tags": tags}
        assert shop.http.post("/v2/order", json=order).status_code == 201
    line = request(shop, "GET /v2/events").removesuffix(b"\r\n")
    with crowd(shop, count) as slow:
        for connection in slow:
            connection.sendall(line + f"Accept: {EVENT_STREAM}\r\n\r\n".encode())
        for connection in slow:
            assert connection.recv(12) == b"HTTP/1.1 200"
        yield


def test_whoever_waits_ends_at_once_when_the_server_stops(fresh_shop: Shop) -> None:
    """Whether the client reads or not; a request that waits is answered in full."""
    shop = fresh_shop
    with unread_streams(shop, 3), ThreadPoolExecutor() as threads:
        poll: Future[httpx.Response] = threads.submit(
            httpx.get,
            f"{shop.server.url}/v2/events?after=latest&wait=60",
            headers={"Authorization": shop.http.headers["Authorization"]},
            timeout=60,
        )
        with StreamReader(shop.server.url, shop.tokens["read"], "after=latest") as reader:
            waiting(shop, 5)
            told_at = time.monotonic()
            assert shop.server.stop() == 0
            stopped_after = time.monotonic() - told_at
            assert reader.ended.wait(1)
        assert poll.result().json() == []
    print(f"stopped after {stopped_after:.2f} s")
    assert stopped_after < SECONDS_TO_STOP
    assert "error" not in "".join(shop.server.log)


def test_streams_that_nobody_reads_cost_little_and_end(
    empty_database: Path, tmp_path: Path
) -> None:
    """Each could hold eight megabytes; the limit for reading on ends them."""
    with open_shop(empty_database, tmp_path, DOORSTEP_REQUEST_SECONDS="2") as shop:
        shop.http.get("/v2/account")
        with ExitStack() as stack:
            stack.enter_context(little_memory(shop))
            stack.enter_context(unread_streams(shop, 40))
            assert shop.is_up()
            waiting(shop, 0)


def test_a_connection_that_is_lost_makes_room(shop: Shop) -> None:
    line = request(shop, "GET /v2/events").removesuffix(b"\r\n")
    with crowd(shop, 10) as clients:
        for connection in clients:
            connection.sendall(line + f"Accept: {EVENT_STREAM}\r\n\r\n".encode())
        waiting(shop, 10)
    waiting(shop, 0)
    assert "error" not in "".join(shop.server.log)
