"""Shared commits: requests that wait at the same moment share one flush of the disk.

A member waits for the commit in progress; then all that wait, up to a bound, are loaded,
decided in turn (each seeing the one before), written and committed together. Whatever a row or
a member throws rolls the whole group back and runs each member again alone, with the `now` and
the numbers it had: a bad neighbour harms nobody. Where another process was in the way, they run
again some times. A database that cannot be written now fails them all at once.
"""

import asyncio
import logging
import random
import time
from collections import deque
from collections.abc import Callable

from msgspec import Struct

from doorstep.domain.order import Instant
from doorstep.domain.refusals import Refusal, conflict
from doorstep.metrics import Metrics
from doorstep.service.newest import Newest
from doorstep.service.outcomes import Done, Idempotency, Kept, Outcome, Replayed
from doorstep.store.database import Conflicted
from doorstep.store.database import StoreUnavailable as StoreUnavailable
from doorstep.store.database import TextTooLong as TextTooLong
from doorstep.store.store import Store
from doorstep.store.working_set import Needs, RememberedAnswer, WorkingSet

log = logging.getLogger(__name__)

TRIES_TOGETHER = 2
TRIES_ALONE = 10
"""Tries at what other processes were in the way of: deadlocks, or names that have just moved."""

MOST_SECONDS_BETWEEN_TRIES = 0.02
"""A random part of it is waited, so that two who met do not meet again."""


class QueueFull(StoreUnavailable):
    """More requests wait than the queue holds."""

    reason = "queue_full"
    detail = "Too many requests are waiting; try again shortly."


class Stale(Exception):
    """What the member was built from has changed since: it has to be built again."""


class Member(Struct, frozen=True):
    """One request: what it needs, and the function that decides it on the loaded orders."""

    needs: Needs
    run: Callable[[WorkingSet, Instant], Outcome]
    idempotency: Idempotency | None = None


Waiting = tuple[Member, "asyncio.Future[Outcome]"]


class GroupCommit:
    """The one way in for whatever changes an order."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], Instant],
        metrics: Metrics,
        newest: Newest,
        *,
        most_members: int,
        most_waiting: int,
    ) -> None:
        self._store = store
        self._clock = clock
        self._metrics = metrics
        self._newest = newest
        self._most_members = most_members
        self._most_waiting = most_waiting
        self._waiting: deque[Waiting] = deque()
        self._wake = asyncio.Event()
        self._last_now: Instant = 0
        self._closing = False
        self._is_writing = False
        self._task: asyncio.Task[None] | None = None

    @property
    def depth(self) -> int:
        """How many requests wait to be written."""
        return len(self._waiting)

    @property
    def is_full(self) -> bool:
        return self.depth >= self._most_waiting

    @property
    def is_busy(self) -> bool:
        """Whether writes are on their way."""
        return self._is_writing or bool(self._waiting)

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._work())

    async def close(self) -> None:
        """Finishes what was taken in, then ends."""
        self._closing = True
        self._wake.set()
        if self._task is not None:
            await self._task

    async def submit(self, member: Member) -> Outcome:
        """The outcome, once it is durable. Raises StoreUnavailable, Stale."""
        if self.is_full:
            raise QueueFull(f"{self._most_waiting} requests are waiting to be written")
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((member, future))
        self._wake.set()
        return await future

    async def _work(self) -> None:
        while not self._closing:
            await self._wake.wait()
            self._wake.clear()
            # One turn of the loop: requests that were just read from their sockets join.
            await asyncio.sleep(0)
            while self._waiting:
                size = min(len(self._waiting), self._most_members)
                group = [self._waiting.popleft() for _ in range(size)]
                now = self._last_now = max(self._clock(), self._last_now)
                async with self._store.writing:
                    self._is_writing = True
                    await self._commit(group, now)
                    self._is_writing = False

    async def _commit(self, group: list[Waiting], now: Instant, tried: int = 0) -> None:
        began = time.perf_counter()
        try:
            work = await self._store.load([member.needs for member, _ in group], now)
            # The clock of another machine may be ahead of ours.
            now = max(now, work.latest)
            outcomes = [self._decide(work, member, now) for member, _ in group]
            await self._store.save(work, now)
        except Exception as error:
            await self._roll_back(group, now, error, tried + 1)
        else:
            if work.is_changed:
                self._metrics.committed(len(work.touched), time.perf_counter() - began)
                self._newest.committed(line.account_id for line in work.events)
            for (_, future), outcome in zip(group, outcomes, strict=True):
                if future.done():
                    continue
                if isinstance(outcome, Stale):
                    future.set_exception(outcome)
                else:
                    future.set_result(outcome)

    async def _roll_back(
        self, group: list[Waiting], now: Instant, error: Exception, tried: int
    ) -> None:
        """Nothing is written; the members run again, where that can help."""
        try:
            await self._store.abandon()
        except StoreUnavailable as failed:
            error = failed
        if isinstance(error, Conflicted):
            if tried < (TRIES_ALONE if len(group) == 1 else TRIES_TOGETHER):
                await asyncio.sleep(random.uniform(0, MOST_SECONDS_BETWEEN_TRIES))
                await self._commit(group, now, tried)
                return
            if len(group) == 1:
                error = StoreUnavailable(f"{error}, again and again")
        # A database that cannot be written now is no member's fault: one try for all.
        if len(group) == 1 or isinstance(error, StoreUnavailable):
            self._fail(group, error)
            return
        log.warning(
            "group rolled back, each runs alone",
            extra={"requests": len(group), "error": str(error)},
        )
        for waiting in group:
            await self._commit([waiting], now)

    def _decide(self, work: WorkingSet, member: Member, now: Instant) -> Outcome | Stale:
        """One member's outcome; Stale is found before it changes anything, so the others go on."""
        try:
            return self._run(work, member, now)
        except Stale as stale:
            return stale

    def _run(self, work: WorkingSet, member: Member, now: Instant) -> Outcome:
        """Runs a member, and keeps its answer where it has an `Idempotency-Key`."""
        account_id, idempotency = member.needs.account_id, member.idempotency
        if idempotency is None:
            return member.run(work, now)
        known = work.answers.get((account_id, idempotency.key))
        if known is not None:
            return replayed(known, idempotency.request_hash)
        outcome = member.run(work, now)
        if isinstance(outcome, Done | Kept):
            order = outcome.order if isinstance(outcome, Done) else None
            remembered = RememberedAnswer(
                idempotency.request_hash,
                idempotency.encode(outcome),
                order.order_number if order else None,
            )
            work.remember(account_id, idempotency.key, remembered, now)
        return outcome

    def _fail(self, group: list[Waiting], error: Exception) -> None:
        for _, future in group:
            if not future.done():
                future.set_exception(error)


def replayed(known: RememberedAnswer, request_hash: str) -> Replayed | Refusal:
    """The kept answer, if the request is the one that got it."""
    if known.request_hash != request_hash:
        return conflict(
            "idempotency_key_reused",
            "This Idempotency-Key was used within 24 hours for a request with another method, "
            "path or body.",
        )
    if known.answer is None:
        return conflict(
            "order_deleted",
            "The order that this request was about has been deleted since; it is not made again.",
        )
    return Replayed(known.answer)
