"""Deleting orders to which nothing has happened for long: ordinary deletions, seen in the log."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from typing import NamedTuple

from doorstep.domain.commands import DeleteOrder
from doorstep.domain.order import Instant
from doorstep.service.accounts import AccountView
from doorstep.service.deadlines import ORDERS_AT_ONCE
from doorstep.service.deciding import decide_in
from doorstep.service.group import Member, StoreUnavailable
from doorstep.service.outcomes import Done, Outcome
from doorstep.service.services import Services
from doorstep.store.working_set import Needs, WorkingSet

log = logging.getLogger(__name__)

ROWS_AT_ONCE = 512


class Purged(NamedTuple):
    """How many orders were deleted, and how many could not be: the log says why."""

    deleted: int
    failed: int

    def __add__(self, other: object) -> "Purged":
        assert isinstance(other, Purged)
        return Purged(self.deleted + other.deleted, self.failed + other.failed)


async def untouched_orders(
    services: Services, account_id: int, before: Instant
) -> AsyncIterator[list[int]]:
    """The numbers of orders to which nothing has happened since, the oldest first, in parts.

    What was created before and touched later is read once and left out.
    """
    created_at, number = 0, 0
    while True:
        rows = await services.store.reader.rows(
            "untouched_orders",
            account_id=account_id,
            before=before,
            after=created_at,
            after_number=number,
            most=ROWS_AT_ONCE,
        )
        yield [order_number for _, order_number, updated_at in rows if updated_at < before]
        if len(rows) < ROWS_AT_ONCE:
            return
        created_at, number, _ = rows[-1]


async def count_untouched(services: Services, account_id: int, before: Instant) -> int:
    return sum([len(part) async for part in untouched_orders(services, account_id, before)])


async def purge(
    services: Services,
    view: AccountView,
    before: Instant,
    told: Callable[[int], None] = lambda deleted: None,
    *,
    share_of_time: float = 1.0,
) -> Purged:
    """Deletes them; `told` how many more. Raises StoreUnavailable; what is deleted by then is.

    With a `share_of_time` below one it pauses between the commits, for the sake of requests.
    """
    purged = Purged(0, 0)
    async for part in untouched_orders(services, view.account_id, before):
        for first in range(0, len(part), ORDERS_AT_ONCE):
            began = asyncio.get_running_loop().time()
            done = await _delete(services, view, part[first : first + ORDERS_AT_ONCE], before)
            purged += done
            told(done.deleted)
            seconds = asyncio.get_running_loop().time() - began
            await asyncio.sleep(seconds * (1 / share_of_time - 1))
    return purged


async def _delete(
    services: Services, view: AccountView, numbers: list[int], before: Instant
) -> Purged:
    members = [_deletion(view, number, before) for number in numbers]
    outcomes = await asyncio.gather(*map(services.group.submit, members), return_exceptions=True)
    deleted = failed = 0
    for number, outcome in zip(numbers, outcomes, strict=True):
        if isinstance(outcome, StoreUnavailable):
            raise outcome
        if isinstance(outcome, Done):
            deleted += not outcome.replayed
        else:
            failed += 1
            where = {"account_id": view.account_id, "order_number": number, "why": repr(outcome)}
            log.error("an order cannot be deleted", extra=where)
    return Purged(deleted, failed)


def _deletion(view: AccountView, order_number: int, before: Instant) -> Member:
    def run(work: WorkingSet, now: Instant) -> Outcome:
        order = work.orders.get((view.account_id, order_number))
        if order is None or order.updated_at >= before:
            return Done(order, replayed=True)
        return decide_in(work, view, order, DeleteOrder(), now)

    return Member(Needs(view.account_id, order_numbers=(order_number,)), run)
