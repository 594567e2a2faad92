"""What one endpoint is owed by all its cursors, and what of that is not written down yet."""

import random
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from doorstep.domain.order import SECOND, Instant
from doorstep.service.retries import ASKS_FOR_PATIENCE, Schedule
from doorstep.service.webhooks.changes import Changes
from doorstep.service.webhooks.endpoint_health import EndpointHealth
from doorstep.service.webhooks.event_log import Message
from doorstep.service.webhooks.lanes import Lanes, Owed
from doorstep.service.webhooks.sending import Sent
from doorstep.store.webhook_deliveries import WebhookCursor
from doorstep.store.webhooks import WebhookEndpoint
from doorstep.webhook_figures import DELIVERED, FAILED, GIVEN_UP

HTTP_GONE = 410
FAILING, GONE = "failing", "gone"
"""Why an endpoint is paused, where nobody asked for it."""


class Taken(NamedTuple):
    """An event that is being sent."""

    cursor_number: int
    owed: Owed


class EndpointWork:
    """Plain data like `Lanes`; whoever sends asks it what, and tells it what came of it."""

    def __init__(self, endpoint: WebhookEndpoint, schedule: Schedule) -> None:
        self.endpoint = endpoint
        self.health = EndpointHealth(endpoint.failing_since)
        self.lanes: dict[int, Lanes] = {}
        self._schedule = schedule
        self.cursors: dict[int, WebhookCursor] = {}
        self._turns: deque[int] = deque()
        self._in_flight = 0
        self._written: dict[int, int] = {}
        self._finished: set[int] = set()
        self._gone: set[tuple[int, int]] = set()
        self._gone_before: set[tuple[int, int]] = set()
        self._failing_since = endpoint.failing_since
        self.paused_because: str | None = None
        self._changes = Changes(endpoint)

    def knows(self, cursor: WebhookCursor) -> bool:
        number = cursor.cursor_number
        return number in self.lanes or number in self._finished

    def add_cursor(self, cursor: WebhookCursor, waiting: Iterable[Owed]) -> None:
        number = cursor.cursor_number
        lanes = self.lanes[number] = Lanes(cursor.position)
        self.cursors[number] = cursor
        self._written[number] = cursor.position
        self._turns.append(number)
        for owed in waiting:
            lanes.add_kept(owed)

    def add_stray(self, cursor_number: int, owed: Owed) -> None:
        """A webhook delivery that may be known here already."""
        # What was settled a moment ago may not be written down, or was read before it was.
        key = cursor_number, owed.sequence
        is_gone = key in self._gone or key in self._gone_before
        if cursor_number in self.lanes and not is_gone:
            self.lanes[cursor_number].add_kept(owed)

    def strays_added(self) -> None:
        """What was settled before the last such look is written down by now."""
        self._gone_before, self._gone = self._gone, set()

    def reading(self, newest: int) -> list[int]:
        """The cursors that have room for more of the log, and more to come."""
        return [
            number
            for number, lanes in self.lanes.items()
            if lanes.has_room and lanes.read < self._end(number, newest)
        ]

    def _end(self, number: int, newest: int) -> int:
        end = self.cursors[number].last_sequence
        return newest if end is None else min(newest, end)

    def add_read(self, number: int, messages: Iterable[Message], read: int, now: Instant) -> None:
        """The next events of the log, all up to `read`; those of other types are passed by."""
        lanes, end = self.lanes[number], self._end(number, read)
        for message in messages:
            if lanes.read < message.sequence <= end and wants(self.endpoint.types, message.type):
                lanes.add(message.sequence, message.order_number, now)
        lanes.read = max(lanes.read, end)

    def take(self, now: Instant) -> Taken | None:
        """The next event to send now; the cursors take turns."""
        if self._in_flight >= self.health.most_in_flight or now < self.health.quiet_until:
            return None
        for _ in range(len(self._turns)):
            number = self._turns[0]
            self._turns.rotate(-1)
            owed = self.lanes[number].take(now, is_probe=self.health.is_down)
            if owed is not None:
                self._in_flight += 1
                return Taken(number, owed)
        return None

    @property
    def next_at(self) -> Instant | None:
        """When something may be sent, which may have passed; None: not before something came of
        what is in flight, or nothing waits.
        """
        due = [lanes.next_due_at for lanes in self.lanes.values()]
        times = [at for at in due if at is not None]
        if not times or self._in_flight >= self.health.most_in_flight:
            return None
        return max(min(times), self.health.quiet_until)

    def put_back(self, taken: Taken) -> None:
        """It was not tried."""
        self._in_flight -= 1
        self.lanes[taken.cursor_number].put_back(taken.owed)

    def pass_by(self, taken: Taken) -> None:
        """There is nothing to send."""
        self._in_flight -= 1
        self._settle(taken)

    def tried(
        self, taken: Taken, message: Message, sent: Sent, attempt_number: int, now: Instant
    ) -> str:
        """What came of it, as `/metrics` counts it."""
        self._in_flight -= 1
        if sent.is_delivered:
            outcome, next_at = DELIVERED, None
            self._settle(taken)
            if self.health.delivered():
                for lanes in self.lanes.values():
                    lanes.wake(now)
        else:
            next_at = self._failed(taken, sent, now)
            outcome = GIVEN_UP if next_at is None else FAILED
        self._changes.attempted(message, sent, attempt_number, next_at)
        return outcome

    def _failed(self, taken: Taken, sent: Sent, now: Instant) -> Instant | None:
        """When it is tried again."""
        number, owed = taken
        if self.health.failed(now):
            self._pause(FAILING)
        asked = sent.retry_after_seconds if sent.http_status in ASKS_FOR_PATIENCE else None
        if sent.http_status == HTTP_GONE:
            self._pause(GONE)
            next_at: Instant | None = now
        elif owed.counts_from is not None and now < owed.counts_from:
            # Woken for nothing: it goes on as if it had not been.
            next_at = max(owed.counts_from, now + (asked or 0) * SECOND)
        else:
            next_at = self._schedule.next_at(owed.tries + 1, now, random.random(), asked)
        if next_at is not None:
            self.lanes[number].fail(owed, next_at)
            self._changes.waits(number, owed)
        else:
            owed.tries += 1
            self._settle(taken)
            self._changes.given_up(number, owed, now)
        return next_at

    def _pause(self, because: str) -> None:
        """The first reason counts; told once, with the next changes."""
        if self.paused_because is None:
            self.paused_because = self._changes.paused_because = because

    def _settle(self, taken: Taken) -> None:
        self.lanes[taken.cursor_number].settle(taken.owed)
        if taken.owed.is_kept:
            self._changes.waits_no_more(*taken)
            self._gone.add((taken.cursor_number, taken.owed.sequence))

    def take_changes(self) -> Changes | None:
        """What has changed since this was last asked for; None: nothing."""
        changes = self._changes
        for number, lanes in list(self.lanes.items()):
            for owed in lanes.keep_held_up():
                changes.waits(number, owed)
            if lanes.position != self._written[number]:
                changes.positions[number] = self._written[number] = lanes.position
            self._finish(number, lanes)
        changes.failing_since = self.health.failing_since
        changes.is_failing_changed = changes.failing_since != self._failing_since
        self._failing_since = changes.failing_since
        if not changes.is_any:
            return None
        self._changes = Changes(self.endpoint)
        return changes

    def _finish(self, number: int, lanes: Lanes) -> None:
        end = self.cursors[number].last_sequence
        if end is not None and lanes.read >= end and lanes.is_empty:
            self._changes.finished.append(number)
            self._finished.add(number)
            self._turns.remove(number)
            del self.lanes[number], self.cursors[number], self._written[number]


def wants(types: tuple[str, ...] | None, event_type: str) -> bool:
    """Whether an endpoint wants events of a type; `order.*` stands for all that begin so."""
    if types is None or event_type in types:
        return True
    return f"{event_type.partition('.')[0]}.*" in types
