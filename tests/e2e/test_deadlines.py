"""The watch of a real server: in time, all of it, once, whatever is open and whoever is killed."""

import asyncio
import json
import signal
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from uuid import uuid4

import pytest

from doorstep.clock import now
from doorstep.database_url import SQLITE
from doorstep.domain.order import SECOND, Instant
from doorstep.times import format_time
from tests.conftest import Server, doorstep, new_access_key, progress, url_of
from tests.databases import Databases, Files, execute
from tests.e2e.open_orders import build, build_on_postgres
from tests.e2e.several import until
from tests.e2e.signed_in import signed_in

ROOT = Path(__file__).parents[2]
MOST_LAG_SECONDS = 1.0
MOST_SECONDS_FOR_ALL_DUE = 4.0
AHEAD = 1_500_000
"""Microseconds from an order's creation to its promise: long enough for a watch to sleep before."""

FAR_AHEAD = 400 * 86_400 * SECOND


def fill(url: str, promises: Sequence[Instant], done: Callable[[float], object]) -> None:
    path = url.removeprefix(SQLITE)
    if url.startswith(SQLITE):
        build(Path(path), promises, now(), done)
    else:
        asyncio.run(build_on_postgres(url, promises, now(), done))


def recorded(url: str) -> list[tuple[str, Instant, Instant]]:
    """(order_id, occurred_at, recorded_at) of all delays, in the log's order."""
    return execute(
        url,
        "SELECT order_id, occurred_at, recorded_at FROM events WHERE type = 'order.delayed' "
        "ORDER BY sequence",
    )


def wait_for(url: str, count: int, *servers: Server) -> list[tuple[str, Instant, Instant]]:
    """Asks again and again until so many delays are recorded, while a server runs."""
    while len(found := recorded(url)) < count:
        assert any(server.process.poll() is None for server in servers)
    return found


@pytest.fixture
def fresh(databases: Files | Databases) -> str:
    """A database of the test's own: the shared one would not be left by a killed server."""
    return databases.new()


def test_it_is_recorded_within_a_second_of_its_instant(fresh: str, long: bool) -> None:
    """However many are open: a million in the long form (`make million`)."""
    key, count = new_access_key(fresh), 1_000_000 if long else 2_000
    with progress(f"writing {count:,} open orders", count) as done:
        fill(fresh, [now() + FAR_AHEAD + number for number in range(count)], done)
    promised = {}
    with Server(fresh) as server, signed_in(server.url, key) as client:
        for number in range(20 if long else 3):
            promise = now() + AHEAD
            given = {"order_id": f"{number}", "promised_delivery_date": format_time(promise)}
            assert client.post("/v2/order", json=given).status_code == 201
            promised[f"{number}"] = promise - promise % 1_000
        found = wait_for(fresh, len(promised), server)
        lags = [(recorded_at - occurred_at) / SECOND for _, occurred_at, recorded_at in found]
        assert {order_id: occurred_at for order_id, occurred_at, _ in found} == promised
        assert max(lags) < MOST_LAG_SECONDS
        print(f"{count:,} open: lag {statistics.median(lags):.4f} s, at most {max(lags):.4f} s")
        # The watch counts what is committed already, which others may see first.
        counted = f'doorstep_deadlines_recorded_total{{kind="promise"}} {len(promised)}.0'
        until(lambda: counted in client.get("/metrics").text, server)
        until(lambda: "doorstep_watch_lag_seconds 0.0" in client.get("/metrics").text, server)


def test_all_that_is_due_at_once_is_recorded_while_requests_are_served(
    fresh: str, long: bool
) -> None:
    """10,000 within four seconds in the long form; the short one holds that all of it is done."""
    key, count = new_access_key(fresh), 10_000 if long else 1_000
    with Server(fresh) as server, signed_in(server.url, key) as client:
        due_at = now() + (8 if long else 2) * SECOND
        fill(fresh, [due_at] * count, lambda by: None)
        written_at, served = now(), 0
        while (found := len(recorded(fresh))) < count:
            assert client.post("/v2/order", json={"order_id": f"N-{uuid4()}"}).status_code == 201
            served += found > 0
    delays = recorded(fresh)
    assert {occurred_at for _, occurred_at, _ in delays} == {due_at}
    seconds = (delays[-1][2] - max(due_at, written_at)) / SECOND
    print(f"{count:,} due at once were recorded within {seconds:.2f} s; {served} creates meanwhile")
    assert served > 0
    if long:
        assert seconds < MOST_SECONDS_FOR_ALL_DUE


def test_a_kill_in_the_middle_loses_none_and_doubles_none(fresh: str, long: bool) -> None:
    new_access_key(fresh)
    count = 10_000 if long else 1_200
    due_at = now() - SECOND
    fill(fresh, [due_at + 2 * SECOND] * count, lambda by: None)
    kills = 0
    while (before := len(recorded(fresh))) < count:
        with Server(fresh) as server:
            wait_for(fresh, min(before + count // 4, count), server)
            server.stop(signal.SIGKILL)
            kills += 1
    assert kills > 1
    assert sorted(order_id for order_id, _, _ in recorded(fresh)) == sorted(
        f"OPEN-{number}" for number in range(count)
    )
    said = json.loads(doorstep("verify", "--json", "--database", url_of(fresh)).stdout)
    assert said["faults"] == []


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_two_processes_that_both_watch_record_everything_once(fresh: str) -> None:
    new_access_key(fresh)
    count = 1_000
    command = [sys.executable, "-m", "tests.e2e.watching", fresh]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(2)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "watching\n"
        fill(fresh, [now() + SECOND + number for number in range(count)], lambda by: None)
        while len(delays := recorded(fresh)) < count:
            assert [process.poll() for process in processes] == [None, None]
    finally:
        for process in processes:
            process.kill()
            process.communicate()
    assert len({order_id for order_id, _, _ in delays}) == count
    assert len(recorded(fresh)) == count
