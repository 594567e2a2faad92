"""Deadlines: how late each is recorded among many open orders, and many that are due at once.

A server that works beside its requests, as `doorstep serve` does by itself.
"""

import asyncio
import time
from collections.abc import Callable, Sequence

import httpx

from benchmarks import requests
from benchmarks.load import load
from benchmarks.server import Server
from doorstep.clock import now
from doorstep.database_url import sqlite_path
from doorstep.domain.order import SECOND, Instant
from doorstep.store.places import place_of
from doorstep.times import format_time
from tests.databases import execute
from tests.e2e.open_orders import build, build_on_postgres

STEPS = 2
DUE_AT_ONCE = 10_000
PROMISES = 20
SECONDS_BETWEEN_PROMISES = 0.2
CREATORS = 16
SECONDS_UNTIL_DUE = 20
"""From when they begin to be written: the server starts meanwhile, and is measured without."""

SECONDS_BETWEEN_LOOKS = 0.2
MOST_SECONDS = 60
FAR_AHEAD = 400 * 86_400 * SECOND


def measure(
    new_database: Callable[[], str], open_orders: int, step: Callable[[str], None]
) -> dict[str, float]:
    step(f"deadlines, {open_orders:,} open orders")
    found = _lag(new_database(), open_orders)
    step(f"{DUE_AT_ONCE:,} due at once")
    return found | _due_at_once(new_database())


def _fill(url: str, promises: Sequence[Instant]) -> None:
    """A new database with an order for each promise, in an account before the server's own."""
    place_of(url).prepare()
    execute(
        url,
        "INSERT INTO accounts (account_id, name, slug, time_zone, language, last_sequence, "
        "created_at) VALUES (1, 'Filled', 'filled', 'UTC', 'en', 0, 0)",
    )
    path = sqlite_path(url)
    if path is not None:
        build(path, promises, now(), lambda written: None)
    else:
        asyncio.run(build_on_postgres(url, promises, now(), lambda written: None))


def _delays(url: str, count: int) -> list[tuple[Instant, Instant]]:
    """(occurred_at, recorded_at) of all delays in the log, once there are so many."""
    until = time.monotonic() + MOST_SECONDS
    sql = "SELECT occurred_at, recorded_at FROM events WHERE type = 'order.delayed'"
    while len(found := execute(url, sql)) < count:
        if time.monotonic() > until:
            raise AssertionError(f"{len(found)} of {count} were recorded")
        time.sleep(SECONDS_BETWEEN_LOOKS)
    return found


def _lag(url: str, open_orders: int) -> dict[str, float]:
    """Of promises that pass one after the other, while the others stay open."""
    _fill(url, [now() + FAR_AHEAD + number for number in range(open_orders)])
    server = Server(url)
    try:
        first = now() + 2 * SECOND
        for number in range(PROMISES):
            promise = first + int(number * SECONDS_BETWEEN_PROMISES * SECOND)
            order = {"order_id": f"{number}", "promised_delivery_date": format_time(promise)}
            made = httpx.post(
                f"http://127.0.0.1:{server.port}/v2/order",
                json=order,
                headers={"Authorization": f"Bearer {server.token}"},
            )
            assert made.status_code == 201, made.text
        lags = sorted(recorded - due for due, recorded in _delays(url, PROMISES))
    finally:
        server.stop()
    return {
        "open orders": open_orders,
        "deadline lag p50 ms": lags[len(lags) // 2] / SECOND * 1_000,
        "deadline lag max ms": lags[-1] / SECOND * 1_000,
    }


def _due_at_once(url: str) -> dict[str, float]:
    """Until all are recorded while others create; and how much longer creating takes meanwhile."""
    due_at = now() + SECONDS_UNTIL_DUE * SECOND
    _fill(url, [due_at] * DUE_AT_ONCE)
    server = Server(url)
    try:
        seconds = (due_at - now()) / SECOND
        assert seconds > 1, "this machine wrote and started too slowly"
        creations = requests.creations(server.token, "before")
        before = load(server.port, CREATORS, seconds, creations)
        # Long enough for all of them, as a rule.
        meanwhile = load(server.port, CREATORS, 2.0, requests.creations(server.token, "meanwhile"))
        delays = _delays(url, DUE_AT_ONCE)
    finally:
        server.stop()
    return {
        "due at once, seconds": (max(recorded for _, recorded in delays) - due_at) / SECOND,
        "create p99 ms before": before.percentile(0.99),
        "create p99 ms while they are recorded": meanwhile.percentile(0.99),
    }
