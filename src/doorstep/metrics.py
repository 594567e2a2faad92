"""What Prometheus reads at `/metrics`; docs/operations.md says what each figure means."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Info,
    generate_latest,
    values,
)
from prometheus_client.multiprocess import MultiProcessCollector

from doorstep import __version__
from doorstep.mail_figures import MailFigures
from doorstep.process_figures import ProcessFigures
from doorstep.roster import Roster
from doorstep.watch_figures import WatchFigures
from doorstep.webhook_figures import WebhookFigures

REQUEST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
COMMIT_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5)
REJECTIONS = (
    "queue_full",
    "memory_full",
    "database_unavailable",
    "outcome_unknown",
    "not_ready",
    "not_up_to_date",
)
ORDERS_BUCKETS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024)
SECONDS_BETWEEN_READINGS = 0.5
"""How old a gauge may be in the sum that another process shows."""


class Kept(NamedTuple):
    """Where a process keeps its figures, for all to add them up.

    Who takes the place of a dead process counts on from where that has stopped.
    """

    folder: Path
    place: int

    def begin(self) -> None:
        """All metrics that this process makes from now on are kept there."""
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(self.folder)
        values.ValueClass = values.MultiProcessValue(lambda: self.place)  # type: ignore[no-untyped-call]


class Metrics:
    """Counters and histograms. Durations in seconds, sizes in bytes.

    Those of this process or, where they are kept, of all processes of the roster together.
    """

    def __init__(self, roster: Roster | None = None, kept: Kept | None = None) -> None:
        self._shown = CollectorRegistry()
        self._shown.register(ProcessFigures(roster or Roster.alone()))
        Info("doorstep_build", "The version that runs.", registry=self._shown).info(
            {"version": __version__}
        )
        self._registry = registry = self._shown
        if kept is not None:
            kept.begin()
            self._registry = registry = CollectorRegistry()
            MultiProcessCollector(self._shown, str(kept.folder))  # type: ignore[no-untyped-call]
        self._requests = Counter(
            "doorstep_requests",
            "Requests answered, by route and status.",
            ("method", "route", "status"),
            registry=registry,
        )
        self._request_seconds = Histogram(
            "doorstep_request_seconds",
            "From a request's head to the last byte of its answer.",
            ("method", "route"),
            buckets=REQUEST_BUCKETS,
            registry=registry,
        )
        self._rejected = Counter(
            "doorstep_rejected",
            "Requests answered 503, by reason.",
            ("reason",),
            registry=registry,
        )
        self._commit_seconds = Histogram(
            "doorstep_commit_seconds",
            "A shared commit, from loading its orders until they are on the disk.",
            buckets=COMMIT_BUCKETS,
            registry=registry,
        )
        self._commits = Counter(
            "doorstep_commits", "Transactions that changed something.", registry=registry
        )
        self._orders = Histogram(
            "doorstep_orders_per_commit",
            "Orders that shared a commit.",
            buckets=ORDERS_BUCKETS,
            registry=registry,
        )
        self._workers = Gauge(
            "doorstep_workers",
            "Processes that have the worker's seat.",
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.watch = WatchFigures(registry)
        self.webhooks = WebhookFigures(registry, forgets=kept is None)
        self.mail = MailFigures(registry)
        # Looking labels up costs more than counting.
        self._counters: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}
        self._gauges: list[tuple[Gauge, Callable[[], float]]] = []
        for reason in REJECTIONS:
            self._rejected.labels(reason)

    def answered(self, method: str, route: str, status: int, seconds: float | None) -> None:
        """A request was answered. `route` is its first path as in the API, never a raw path.

        `seconds` None where it was the client's wish that it took its time.
        """
        known = self._counters.get((method, route, status))
        if known is None:
            known = (
                self._requests.labels(method, route, status),
                self._request_seconds.labels(method, route),
            )
            self._counters[method, route, status] = known
        known[0].inc()
        if seconds is not None:
            known[1].observe(seconds)

    def rejected(self, reason: str) -> None:
        self._rejected.labels(reason).inc()

    def committed(self, orders: int, seconds: float) -> None:
        self._commits.inc()
        self._commit_seconds.observe(seconds)
        self._orders.observe(orders)

    def works(self, is_worker: bool) -> None:
        """Whether this process has the worker's seat."""
        self._workers.set(is_worker)

    def gauge(self, name: str, meaning: str, read: Callable[[], float]) -> None:
        """A figure that is read whenever somebody asks."""
        gauge = Gauge(name, meaning, registry=self._registry, multiprocess_mode="livesum")
        self._gauges.append((gauge, read))

    async def read_for_others(self) -> None:
        """Goes on for as long as another process may be asked."""
        while self._registry is not self._shown:
            self._read()
            await asyncio.sleep(SECONDS_BETWEEN_READINGS)

    def _read(self) -> None:
        for gauge, read in self._gauges:
            gauge.set(read())

    def exposition(self) -> bytes:
        """All figures in Prometheus' text format."""
        self._read()
        return generate_latest(self._shown)
