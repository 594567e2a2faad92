"""Webhooks: how many a second, how late at a fixed rate, and what they cost those who create.

Server and worker are processes of their own, as is the receiver; all share the machine's cores.
"""

import contextlib
import itertools
import subprocess
import time
from collections.abc import Callable, Iterator
from statistics import median
from typing import Any

import httpx

from benchmarks import requests
from benchmarks.load import Measured, load
from benchmarks.receiver import Arrived, Receiver
from benchmarks.server import RUN, Server, environment

ENDPOINTS = 3
ORDERS_A_SECOND = 150
CONNECTIONS = 64
STEPS = 2
TURNS = 3
SECONDS_BETWEEN_LOOKS = 0.1
SECONDS_TO_NOTICE = 2.0
"""Longer than the worker takes to notice that there is an endpoint more."""

MOST_SECONDS_BEHIND = 120
ALLOWED = {"DOORSTEP_WEBHOOK_ALLOW_NETWORKS": "127.0.0.0/8"}


class Site:
    """A server, a worker and a receiver, on a database that is up to date and has one account."""

    def __init__(self, url: str, processes: int) -> None:
        self.url = url
        self.receiver = Receiver()
        self.server = Server(url, processes, "--no-worker", **ALLOWED)
        work = [*RUN, "worker", "--database", url, "--log-level", "warning"]
        self._worker = subprocess.Popen(
            work, stdout=subprocess.DEVNULL, env={**environment(), **ALLOWED}
        )
        self._endpoints: list[int] = []

    def _post(self, path: str, body: object = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.server.token}"}
        url = f"http://127.0.0.1:{self.server.port}/v2/webhook_endpoints{path}"
        answer = httpx.post(url, json=body, headers=headers, timeout=MOST_SECONDS_BEHIND)
        found: dict[str, Any] = answer.raise_for_status().json()
        return found

    def add_endpoints(self, count: int) -> None:
        for number in range(count):
            hook = f"http://127.0.0.1:{self.receiver.port}/{number}"
            self._endpoints.append(self._post("", {"url": hook})["id"])
        time.sleep(SECONDS_TO_NOTICE)

    def pause(self) -> None:
        for endpoint in self._endpoints:
            self._post(f"/{endpoint}/pause")
        time.sleep(SECONDS_TO_NOTICE)

    def resume(self) -> None:
        for endpoint in self._endpoints:
            self._post(f"/{endpoint}/resume")
        time.sleep(SECONDS_TO_NOTICE)

    def create(self, prefix: str, seconds: float, per_second: float | None = None) -> Measured:
        wanted = requests.creations(self.server.token, prefix)
        return load(self.server.port, CONNECTIONS, seconds, wanted, per_second)

    def arrived(self, count: int) -> list[Arrived]:
        """Once so many have."""
        until = time.monotonic() + MOST_SECONDS_BEHIND
        while len(found := self.receiver.arrived()) < count:
            if time.monotonic() > until:
                raise AssertionError(f"{len(found)} of {count} events arrived")
            time.sleep(SECONDS_BETWEEN_LOOKS)
        return found

    def stop(self) -> None:
        self.server.stop()
        self._worker.terminate()
        self._worker.wait()
        self.receiver.stop()


@contextlib.contextmanager
def site(url: str, processes: int) -> Iterator[Site]:
    opened = Site(url, processes)
    try:
        yield opened
    finally:
        opened.stop()


def measure(
    new_database: Callable[[], str], seconds: float, processes: int, step: Callable[[str], None]
) -> dict[str, float]:
    """All figures, on two databases of their own."""
    step("create order beside webhooks")
    with site(new_database(), processes) as opened:
        found = beside_creates(opened, seconds)
    with site(new_database(), processes) as opened:
        opened.add_endpoints(ENDPOINTS)
        step(f"webhooks at {ORDERS_A_SECOND} orders a second")
        made = opened.create("steady", 3 * seconds, ORDERS_A_SECOND)
        return found | lateness(opened.arrived(ENDPOINTS * len(made.latencies)))


def beside_creates(opened: Site, seconds: float) -> dict[str, float]:
    """In turns, as the machine's own speed changes; with webhooks there is always more to send."""
    opened.create("first", seconds)
    made, alone, beside = 0, [], []
    opened.add_endpoints(ENDPOINTS)
    for turn in range(TURNS):
        opened.pause()
        measured = opened.create(f"alone-{turn}", seconds)
        alone.append(measured.per_second)
        made += len(measured.latencies)
        opened.resume()
        measured = opened.create(f"beside-{turn}", seconds)
        beside.append(measured.per_second)
        made += len(measured.latencies)
    began, before = time.time(), len(opened.receiver.arrived())
    arrived = opened.arrived(ENDPOINTS * made)
    return {
        "webhooks a second": (len(arrived) - before) / max(arrived[-1].at - began, 0.001),
        "create with webhooks / without": median(beside) / median(alone),
    }


def lateness(arrived: list[Arrived]) -> dict[str, float]:
    """The lag, and the most events that were committed and had not arrived at any moment."""
    lags = sorted(each.lag for each in arrived)
    steps = [(each.at - each.lag, 1) for each in arrived] + [(each.at, -1) for each in arrived]
    backlog = itertools.accumulate(change for _, change in sorted(steps))
    return {
        "webhook lag p50 ms": lags[len(lags) // 2] * 1000,
        "webhook lag p99 s": lags[int(len(lags) * 0.99)],
        "most webhooks behind": max(backlog),
    }
