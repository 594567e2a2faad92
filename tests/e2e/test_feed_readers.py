"""Readers of the feed while four processes write: each sees every event once, in order."""

import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from random import Random
from typing import Any, TypeAlias

import httpx
import psycopg

from tests.conftest import Server, new_access_key, progress
from tests.databases import Databases
from tests.e2e.event_reader import StreamReader
from tests.e2e.signed_in import signed_in

PROCESSES = 4
WRITERS_OF_A_PROCESS = 2
EVENTS = {False: 2_080, True: 100_100}
UPDATES = 10
EVENTS_OF_A_PARCEL = 3 + UPDATES
"""That comes with its order: order.created, shipment.created, order.shipped."""

UPDATE = {"datetime": "2024-01-15T08:00:00Z"}

TOLD = "SELECT sequence, type, order_id FROM events ORDER BY sequence"

Event: TypeAlias = tuple[int, str, str]
Advance: TypeAlias = Callable[[float], None]


def told(event: dict[str, Any]) -> Event:
    return event["sequence"], event["type"], event["subject"]


def write(http: httpx.Client, parcels: range, advance: Advance) -> None:
    for number in parcels:
        parcel = {"order": {"order_id": f"O-{number}"}, "tracking_code": f"T-{number}"}
        answer = http.post("/v2/shipments", json=parcel)
        assert answer.status_code == 201, answer.text
        named = {**UPDATE, "shipment_id": answer.json()["id"]}
        updates = [{**named, "description": f"Scan {scan}"} for scan in range(UPDATES)]
        answer = http.post("/v2/carrier_updates", json=updates)
        assert {entry["status"] for entry in answer.json()} == {201}, answer.text
        advance(EVENTS_OF_A_PARCEL)


def read_pages(http: httpx.Client, count: int, query: str, written: threading.Event) -> list[Event]:
    """Follows the link from page to page, and once more beyond the last event."""
    found: list[Event] = []
    path = f"/v2/events?{query}"
    while True:
        is_all = written.is_set()
        answer = http.get(path)
        events = answer.json()
        found += map(told, events)
        path = re.findall(r"<(.*)>", answer.headers["link"])[0]
        if not events and (is_all or len(found) >= count):
            return found


def read_stream(http: httpx.Client, count: int, random: Random) -> list[Event]:
    """Breaks the stream off again and again, and goes on after what it had last."""
    found: list[Event] = []
    token = http.headers["Authorization"].removeprefix("Bearer ")
    while len(found) < count:
        last_id = found[-1][0] if found else 0
        most = random.randint(1, max(2, count // 5))
        with StreamReader(str(http.base_url), token, last_id=last_id) as reader:
            for _ in range(min(most, count - len(found))):
                found.append(told(reader.next().event))
    return found


def test_each_reader_sees_every_event_once_in_order(
    postgres_databases: Databases, long: bool, seed: int
) -> None:
    """Readers of pages, readers that wait, and readers of streams, all from the first event on."""
    database = postgres_databases.new()
    key = new_access_key(database)
    parcels = EVENTS[long] // EVENTS_OF_A_PARCEL
    count = parcels * EVENTS_OF_A_PARCEL
    writers = PROCESSES * WRITERS_OF_A_PROCESS
    with ExitStack() as opened:
        urls = [opened.enter_context(Server(database)).url for _ in range(PROCESSES)]
        clients = [
            opened.enter_context(signed_in(url, key, timeout_seconds=120))
            for url in (*urls, *urls * WRITERS_OF_A_PROCESS)
        ]
        threads = opened.enter_context(ThreadPoolExecutor(PROCESSES + writers))
        advance = opened.enter_context(progress("events", count))
        written, began = threading.Event(), time.monotonic()
        opened.callback(written.set)
        readers = [
            threads.submit(read_pages, clients[0], count, "limit=100", written),
            threads.submit(read_pages, clients[1], count, "limit=1000&wait=1", written),
            threads.submit(read_stream, clients[2], count, Random(seed)),
            threads.submit(read_stream, clients[3], count, Random(seed + 1)),
        ]
        writing = [
            threads.submit(write, http, range(place, parcels, writers), advance)
            for place, http in enumerate(clients[PROCESSES:])
        ]
        for one in writing:
            one.result()
        seconds = time.monotonic() - began
        found = [reader.result() for reader in readers]
    with psycopg.connect(database) as connection:
        log = connection.execute(TOLD).fetchall()
    assert len(log) == count
    for events in found:
        assert events == log
    print(f"{count} events of {PROCESSES} processes, {count / seconds:.0f}/s: {len(found)} readers")
