"""How webhooks get on, for `/metrics`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Gauge

DELIVERED, FAILED, GIVEN_UP = OUTCOMES = ("delivered", "failed", "given_up")
OF_ENDPOINT = ("account", "endpoint")


class Backlog(NamedTuple):
    """What an endpoint is owed: how many events, and how old the oldest is."""

    account_id: int
    endpoint_number: int
    is_paused: bool
    events: int
    oldest_seconds: float


class WebhookFigures:
    """`forgets`: whether figures of endpoints that are gone can go too, else they become 0."""

    def __init__(self, registry: CollectorRegistry, *, forgets: bool) -> None:
        self._attempts = Counter(
            "doorstep_webhook_attempts",
            "Attempts to send a webhook, by outcome.",
            ("outcome",),
            registry=registry,
        )
        for outcome in OUTCOMES:
            self._attempts.labels(outcome)
        self._backlog = Gauge(
            "doorstep_webhook_backlog_events",
            "Events that an endpoint is still owed, those of types it does not want among them.",
            OF_ENDPOINT,
            multiprocess_mode="livesum",
            registry=registry,
        )
        self._oldest = Gauge(
            "doorstep_webhook_oldest_seconds",
            "Age of the oldest event that an endpoint is owed.",
            OF_ENDPOINT,
            multiprocess_mode="livesum",
            registry=registry,
        )
        self._paused = Gauge(
            "doorstep_webhook_endpoints_paused",
            "Webhook endpoints that are paused.",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self._forgets = forgets
        self._shown: set[tuple[int, int]] = set()

    def attempted(self, outcome: str) -> None:
        self._attempts.labels(outcome).inc()

    @contextmanager
    def sending(self) -> Iterator[None]:
        """While the block lasts, this process is the one that sends."""
        try:
            yield
        finally:
            self.show([])

    def show(self, backlogs: Sequence[Backlog]) -> None:
        """Those of all endpoints; what was shown of others is forgotten."""
        for each in backlogs:
            labels = (each.account_id, each.endpoint_number)
            self._backlog.labels(*labels).set(each.events)
            self._oldest.labels(*labels).set(each.oldest_seconds)
        self._paused.set(sum(each.is_paused for each in backlogs))
        shown = {(each.account_id, each.endpoint_number) for each in backlogs}
        for labels in self._shown - shown:
            for gauge in (self._backlog, self._oldest):
                if self._forgets:
                    gauge.remove(*labels)
                else:
                    gauge.labels(*labels).set(0)
        self._shown = shown
