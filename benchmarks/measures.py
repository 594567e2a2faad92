"""What is measured, in the order in which it is: each measurement uses what those before made."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from benchmarks import requests
from benchmarks.load import Measured, Requests, Running, load
from benchmarks.server import Server

CONNECTIONS = (1, 16, 64)
STEPS = 8 * len(CONNECTIONS) + 5
"""How many measurements a run has, for its progress bar."""


PAGES = 200
"""Orders whose tracking pages are asked for, with two items, parcels and updates."""

FLOORS = ("one commit an order", "groups of 64", "pgbench")


class Row(NamedTuple):
    """A line of the report. CPU time is the server's, for each request."""

    per_second: float
    p50_milliseconds: float
    p99_milliseconds: float
    cpu_microseconds: float
    not_2xx: int


Rows = dict[str, Row]
"""By what was done and with how many connections: `create order, 64`."""


class Run:
    """One run against one fresh server."""

    def __init__(self, server: Server, seconds: float, step: Callable[[str], None]) -> None:
        self.server = server
        self.seconds = seconds
        self.step = step
        self.rows: Rows = {}
        self.found: dict[str, float] = {}
        self.webhooks: dict[str, float] = {}
        self.deadlines: dict[str, float] = {}

    def measure(self, name: str, connections: int, wanted: Requests) -> Measured:
        label = f"{name}, {connections}"
        self.step(label)
        before = self.server.cpu_seconds()
        measured = load(self.server.port, connections, self.seconds, wanted)
        return self.note(label, measured, self.server.cpu_seconds() - before)

    def note(self, label: str, measured: Measured, cpu: float) -> Measured:
        self.rows[label] = Row(
            measured.per_second,
            measured.percentile(0.5),
            measured.percentile(0.99),
            cpu / max(1, len(measured.latencies)) * 1e6,
            measured.refused,
        )
        return measured

    def whole(self) -> None:
        """Everything but the floors."""
        token = self.server.token
        healthy = requests.same(requests.request("GET", "/healthz"))
        page = requests.same(requests.request("GET", "/v2/orders?limit=20", token))
        for count in CONNECTIONS:
            self.measure("healthz", count, healthy)
        orders = self._orders(token)
        every = [order_id for names in orders.values() for order_id in names]
        gets = [requests.request("GET", f"/v2/orders/{name}", token) for name in every]
        reads = requests.in_turn(gets)
        for count in CONNECTIONS:
            self.measure("get by id", count, reads)
        parcels = self._parcels(token, every)
        for count in CONNECTIONS:
            updates = requests.carrier_updates(token, parcels[count])
            self.measure("carrier update", count, updates)
        for count in CONNECTIONS:
            self.measure("list 20 orders", count, page)
        for count in CONNECTIONS:
            moves = requests.carrier_updates(token, parcels[count], of_another_day=True)
            self.measure("mixed", count, requests.mixed(token, reads, moves, f"mix-{count}"))
        self._beside(token, reads)
        self._tracking_pages(token, every[:PAGES])

    def _orders(self, token: str) -> dict[int, list[str]]:
        """Creates with each number of connections; the ids of those made with it."""
        made = {}
        for count in reversed(CONNECTIONS):
            prefix = f"order-{count}"
            measured = self.measure("create order", count, requests.creations(token, prefix))
            made[count] = list(requests.names(prefix, measured.answered))
        return made

    def _parcels(self, token: str, order_ids: list[str]) -> dict[int, list[list[str]]]:
        """Parcels handed over with each number of connections; by connection, those it made."""
        made = {}
        for count in CONNECTIONS:
            prefix = f"parcel-{count}"
            parcels = requests.shipments(token, order_ids, prefix)
            measured = self.measure("add shipment", count, parcels)
            made[count] = [
                list(requests.names_of(prefix, number, answered))
                for number, answered in enumerate(measured.answered)
            ]
        return made

    def _beside(self, token: str, reads: Requests) -> None:
        """Creates with 16 connections while 16 others read."""
        self.step("create order beside 16 readers, 16")
        before = self.server.cpu_seconds()
        reading = Running(self.server.port, 16, self.seconds, reads)
        creating = Running(self.server.port, 16, self.seconds, requests.creations(token, "beside"))
        created, read = creating.result(), reading.result()
        cpu = self.server.cpu_seconds() - before
        self.note("create order beside 16 readers, 16", created, cpu)
        self.note("get by id beside 16 creators, 16", read, cpu)

    def _tracking_pages(self, token: str, order_ids: list[str]) -> None:
        """Alone, and while 16 others create orders."""
        asked = requests.tracking_pages(self.server.port, token, order_ids)
        pages = requests.in_turn(asked)
        for count in CONNECTIONS:
            self.measure("tracking page", count, pages)
        self.step("tracking page beside 16 creators, 16")
        before = self.server.cpu_seconds()
        looking = Running(self.server.port, 16, self.seconds, pages)
        creations = requests.creations(token, "beside-pages")
        creating = Running(self.server.port, 16, self.seconds, creations)
        created, looked = creating.result(), looking.result()
        cpu = self.server.cpu_seconds() - before
        self.note("create order beside 16 at tracking pages, 16", created, cpu)
        self.note("tracking page beside 16 creators, 16", looked, cpu)


def ratios(run: Run) -> Iterator[tuple[str, float]]:
    """The figures that mean something on any machine."""
    rows, found = run.rows, run.found
    create, health, get = rows["create order, 64"], rows["healthz, 64"], rows["get by id, 64"]
    beside = rows["create order beside 16 readers, 16"]
    for floor in FLOORS:
        if floor in found:
            yield f"create / {floor}", create.per_second / found[floor]
    yield "create p99 ms, 16", rows["create order, 16"].p99_milliseconds
    yield "get by id / healthz", get.per_second / health.per_second
    yield "get by id / healthz, by CPU time", health.cpu_microseconds / get.cpu_microseconds
    yield "create beside readers / alone", beside.per_second / rows["create order, 16"].per_second
    yield "create beside readers p99 ms", beside.p99_milliseconds
    page = rows["tracking page, 64"]
    yield "tracking page / create", page.per_second / create.per_second
    yield "tracking page p99 ms, 16", rows["tracking page, 16"].p99_milliseconds
    yield from run.webhooks.items()
    yield from run.deadlines.items()
