"""The watch: records what has come due, within a second of its instant."""

import asyncio
import logging

from doorstep.domain.order import SECOND, Instant
from doorstep.service.deadlines import (
    ORDERS_AT_ONCE,
    Due,
    Earliest,
    bring_up,
    deliveries_due,
    earliest_deadlines,
    forget_expired,
    promises_passed,
)
from doorstep.service.group import StoreUnavailable
from doorstep.service.put_aside import Recorded
from doorstep.service.services import Services

log = logging.getLogger(__name__)

MOST_SECONDS_BETWEEN_LOOKS = 0.5
"""Other processes write, and clocks and settings change: what is known is looked up again."""

LEAST_SECONDS_BETWEEN_LOOKS = 0.001
SECONDS_AFTER_FAILURE = 1.0

RECENT = 60 * SECOND
"""While orders are put aside, looks go back only so far, as what was due before has been seen.

Once in that time all is looked through, for what was committed late and for the next try.
"""


class Watch:
    """Sleeps until the earliest instant that it knows of, but never for long.

    Two at once harm nobody: what is due is decided again under the order's lock.
    """

    def __init__(self, services: Services) -> None:
        self._services = services
        self._figures = services.metrics.watch
        self._seen_until: Instant = 0
        self._all_again_at: Instant = 0
        self._days: dict[int, int | None] = {}

    async def run(self) -> None:
        """For ever; where it cannot look it is late, and the figures say so."""
        with self._figures.watching(self._services.clock):
            while True:
                await asyncio.sleep(await self._seconds_after_a_look())

    async def _seconds_after_a_look(self) -> float:
        """Looks; in how many seconds to look again."""
        try:
            next_at = await self.look()
        except StoreUnavailable as error:
            log.warning("deadlines wait for the database", extra={"why": str(error)})
            return SECONDS_AFTER_FAILURE
        except Exception:
            log.exception("deadlines cannot be looked for")
            return SECONDS_AFTER_FAILURE
        seconds = (next_at - self._services.clock()) / SECOND
        return min(max(seconds, LEAST_SECONDS_BETWEEN_LOOKS), MOST_SECONDS_BETWEEN_LOOKS)

    async def look(self) -> Instant:
        """Records what is due now, at most some hundreds for each account; when to look again."""
        now = self._services.clock()
        since, until = self._since(now), now + int(MOST_SECONDS_BETWEEN_LOOKS * SECOND)
        earliest = await earliest_deadlines(self._services, since, until)
        if self._days != (days := {one.account_id: one.untrackable_days for one in earliest}):
            # What comes due by another setting may have been due long ago.
            self._days, self._all_again_at = days, now
            if since:
                return now
        is_more = False
        for one in earliest:
            is_more |= await self._record(one, now, since)
        if is_more:
            return now
        self._seen_until = now
        if since == 0:
            self._all_again_at = now + RECENT
            self._services.put_aside.forget(now - 2 * RECENT)
        self._figures.nothing_due(now)
        return min([until, *(at for one in earliest for at in _ahead(one, now))])

    def _since(self, now: Instant) -> Instant:
        if not self._services.put_aside or now >= self._all_again_at:
            return 0
        return self._seen_until - RECENT

    async def _record(self, one: Earliest, now: Instant, since: Instant) -> bool:
        """Records the first that is due in an account; whether there may be more."""
        services, account_id = self._services, one.account_id
        is_more = False
        if one.promise_at is not None and one.promise_at < now:
            async for part in promises_passed(services, account_id, now, since):
                if await self._bring_up(account_id, part, now):
                    is_more = True
                    break
        days = one.untrackable_days
        if days is not None and one.delivery_at is not None and one.delivery_at <= now:
            async for part in deliveries_due(services, account_id, days, now, since):
                if await self._bring_up(account_id, part, now):
                    is_more = True
                    break
        if one.early_at is not None or one.answer_at is not None:
            await forget_expired(services, account_id)
        return is_more

    async def _bring_up(self, account_id: int, part: list[Due], now: Instant) -> bool:
        """Whether any was to be tried: the others are put aside."""
        due_at: dict[int, Instant] = {}
        for due in part:
            due_at.setdefault(due.order_number, due.due_at)
        to_try = self._services.put_aside.to_try(account_id, due_at, now)
        if not to_try:
            return False
        # Not the kept one: another process may just have changed the account's days.
        view = await self._services.accounts.current_view(account_id)
        for first in range(0, len(to_try), ORDERS_AT_ONCE):
            self._figures.oldest_due(due_at[to_try[first]])
            numbers = to_try[first : first + ORDERS_AT_ONCE]
            brought = await bring_up(self._services, view, numbers)
            at = self._services.clock()
            for found in brought.values():
                if isinstance(found, list):
                    self._count(found, at)
            self._services.put_aside.note(account_id, brought, now)
        return True

    def _count(self, found: list[Recorded], at: Instant) -> None:
        for recorded in found:
            self._figures.recorded(recorded.kind, (at - recorded.due_at) / SECOND)


def _ahead(one: Earliest, now: Instant) -> list[Instant]:
    """The account's instants that are still to come; a promise passes just after its own."""
    promise_at = None if one.promise_at is None else one.promise_at + 1
    return [at for at in (promise_at, one.delivery_at) if at is not None and at > now]
