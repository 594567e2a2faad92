"""How the watch of deadlines gets on, for `/metrics`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Histogram

from doorstep.domain.order import SECOND, Instant

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600)
PROMISE, DELIVERY = "promise", "delivery"
SECONDS_BETWEEN_LOOKS = 1.0
"""A watch that has not looked for longer than this is late."""


class WatchFigures:
    """Counts what was recorded, and knows how late the watch is while this process has it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._recorded = Counter(
            "doorstep_deadlines_recorded",
            "Promises passed and deliveries assumed that the watch recorded, by kind.",
            ("kind",),
            registry=registry,
        )
        self._seconds = Histogram(
            "doorstep_deadline_seconds",
            "From the instant at which something came due until it was recorded.",
            ("kind",),
            buckets=BUCKETS,
            registry=registry,
        )
        for kind in (PROMISE, DELIVERY):
            self._recorded.labels(kind)
            self._seconds.labels(kind)
        self._clock: Callable[[], Instant] | None = None
        self._looked_at: Instant = 0
        self._oldest: Instant | None = None

    @contextmanager
    def watching(self, clock: Callable[[], Instant]) -> Iterator[None]:
        """While the block lasts, this process is the one that watches."""
        self._clock, self._looked_at, self._oldest = clock, clock(), None
        try:
            yield
        finally:
            self._clock = None

    def oldest_due(self, due_at: Instant) -> None:
        self._oldest = due_at

    def nothing_due(self, looked_at: Instant) -> None:
        self._looked_at, self._oldest = looked_at, None

    def recorded(self, kind: str, seconds: float) -> None:
        """`seconds` from its instant until it was durable."""
        self._recorded.labels(kind).inc()
        self._seconds.labels(kind).observe(seconds)

    @property
    def lag(self) -> float:
        """Seconds: the age of the oldest thing due, or of the last look where that is overdue."""
        if self._clock is None:
            return 0.0
        if self._oldest is not None:
            return max(0.0, (self._clock() - self._oldest) / SECOND)
        since_look = (self._clock() - self._looked_at) / SECOND
        return since_look if since_look > SECONDS_BETWEEN_LOOKS else 0.0
