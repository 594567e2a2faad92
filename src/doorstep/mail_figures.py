"""How mails to customers get on, for `/metrics`."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter

from doorstep.domain.order import SECOND, Instant

OUTCOMES = ("sent", "failed", "skipped", "given_up")


class MailFigures:
    """Counts outcomes, and knows what waits while this process is the one that sends."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._outcomes = Counter(
            "doorstep_mails",
            "What became of mails to customers, by outcome.",
            ("outcome",),
            registry=registry,
        )
        for outcome in OUTCOMES:
            self._outcomes.labels(outcome)
        self._clock: Callable[[], Instant] | None = None
        self._first_at: Instant | None = None
        self._waiting = 0

    @contextmanager
    def sending(self, clock: Callable[[], Instant]) -> Iterator[None]:
        """While the block lasts, this process is the one that sends."""
        self._clock = clock
        try:
            yield
        finally:
            self._clock, self._first_at, self._waiting = None, None, 0

    def ended(self, outcome: str) -> None:
        self._outcomes.labels(outcome).inc()

    def waits(self, count: int, first_at: Instant | None) -> None:
        """`first_at` is when the first of them is or was due."""
        self._waiting, self._first_at = count, first_at

    @property
    def waiting(self) -> int:
        return self._waiting

    @property
    def seconds_due(self) -> float:
        if self._clock is None or self._first_at is None:
            return 0
        return max(self._clock() - self._first_at, 0) / SECOND
