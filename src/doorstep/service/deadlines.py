"""What the clock alone does to orders, found by stored instants and recorded as any command is.

A promise has passed strictly after its instant; a parcel that nobody scans counts as delivered at
the very instant.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple

from doorstep.domain.commands import BringUpToDate
from doorstep.domain.events import CarrierUpdateRecorded, OrderDelayed, occurred_at
from doorstep.domain.order import DAY, Instant
from doorstep.service.accounts import AccountView
from doorstep.service.deciding import decide_in
from doorstep.service.group import Member
from doorstep.service.outcomes import Done, Outcome
from doorstep.service.put_aside import Brought, Recorded
from doorstep.service.services import Services
from doorstep.store.database import Writer
from doorstep.store.loading import KEPT_ANSWERS, KEPT_EARLY
from doorstep.store.working_set import Needs, WorkingSet
from doorstep.watch_figures import DELIVERY, PROMISE

KINDS = {OrderDelayed.type: PROMISE, CarrierUpdateRecorded.type: DELIVERY}
"""What is said to have come due, by the event that records it."""

ORDERS_AT_ONCE = 64
"""How many orders share a commit at most, so that requests wait no longer than that takes."""

ROWS_AT_ONCE = 512


class Earliest(NamedTuple):
    """What comes due first in an account, None for nothing within the time that was asked about.

    `early_at` and `answer_at`: since when what is kept for a while is kept longer than that.
    """

    account_id: int
    untrackable_days: int | None
    promise_at: Instant | None
    delivery_at: Instant | None
    early_at: Instant | None
    answer_at: Instant | None


class Due(NamedTuple):
    """An order and the instant that has come; the place in the order of what is due."""

    due_at: Instant
    order_number: int


async def earliest_deadlines(services: Services, since: Instant, until: Instant) -> list[Earliest]:
    """Of all accounts, those with nothing due included. Raises StoreUnavailable."""
    now = services.clock()
    rows = await services.store.reader.rows(
        "earliest_deadlines",
        since=since,
        until=until,
        day=DAY,
        early_before=now - KEPT_EARLY,
        answers_before=now - KEPT_ANSWERS,
    )
    return [Earliest(*row) for row in rows]


async def promises_passed(
    services: Services, account_id: int, now: Instant, since: Instant
) -> AsyncIterator[list[Due]]:
    """The orders that are late and not marked yet, the longest late first, in parts."""
    place = {"account_id": account_id, "before": now}
    async for part in _parts(services, "orders_to_mark_late", place, since):
        yield part


async def deliveries_due(
    services: Services, account_id: int, untrackable_days: int, now: Instant, since: Instant
) -> AsyncIterator[list[Due]]:
    """The orders with a delivery to assume, the longest due first, in parts."""
    days = untrackable_days * DAY
    place = {"account_id": account_id, "planned_until": now - days}
    async for part in _parts(services, "orders_to_assume_delivered", place, since - days):
        yield [Due(planned_at + days, order_number) for planned_at, order_number in part]


async def _parts(
    services: Services, query: str, place: dict[str, Any], since: Instant
) -> AsyncIterator[list[Due]]:
    last = Due(since, 0)
    while True:
        rows = await services.store.reader.rows(
            query, **place, after=last.due_at, after_number=last.order_number, most=ROWS_AT_ONCE
        )
        if rows:
            last = Due(*rows[-1])
            yield [Due(*row) for row in rows]
        if len(rows) < ROWS_AT_ONCE:
            return


async def bring_up(
    services: Services, view: AccountView, order_numbers: Sequence[int]
) -> dict[int, Brought]:
    """Records together what has come due for some orders; ORDERS_AT_ONCE are a good number."""
    members = [_bring_up(view, number) for number in order_numbers]
    outcomes = await asyncio.gather(*map(services.group.submit, members), return_exceptions=True)
    return {
        number: outcome.subject if isinstance(outcome, Done) else _failed(outcome)
        for number, outcome in zip(order_numbers, outcomes, strict=True)
    }


def _failed(outcome: Outcome | BaseException) -> BaseException:
    if isinstance(outcome, BaseException):
        return outcome
    return TypeError(f"bringing an order up came to {outcome}")


def _bring_up(view: AccountView, order_number: int) -> Member:
    def run(work: WorkingSet, now: Instant) -> Outcome:
        order = work.orders.get((view.account_id, order_number))
        if order is None:
            return Done(None, [])
        known = len(work.events)
        outcome = decide_in(work, view, order, BringUpToDate(), now)
        if not isinstance(outcome, Done):
            return outcome
        events = [line.event for line in work.events[known:]]
        recorded = [
            Recorded(KINDS[event.type], occurred_at(event, now))
            for event in events
            if event.type in KINDS
        ]
        return Done(outcome.order, recorded)

    return Member(Needs(view.account_id, order_numbers=(order_number,)), run)


async def forget_expired(services: Services, account_id: int) -> None:
    """Deletes some of the early carrier updates and the answers that were kept long enough."""
    now = services.clock()

    async def forget(writer: Writer) -> None:
        await writer.run("delete_expired_early", account_id=account_id, before=now - KEPT_EARLY)
        await writer.run("delete_expired_answers", account_id=account_id, before=now - KEPT_ANSWERS)

    await services.store.write(forget)
