"""What the clock alone has done to orders, written down before rows are searched for it."""

import asyncio
from collections.abc import Iterable

from doorstep.domain.commands import BringUpToDate
from doorstep.domain.order import DAY, Instant
from doorstep.service.accounts import AccountView
from doorstep.service.deciding import decide_in
from doorstep.service.group import Member
from doorstep.service.outcomes import Done, Outcome
from doorstep.service.services import Services
from doorstep.store.database import Connection
from doorstep.store.listings import Filter
from doorstep.store.working_set import Needs, WorkingSet

MOVED_BY_CLOCK = {"state", "delayed", "status"}
"""Filters whose rows an assumed delivery changes."""

ORDERS_AT_ONCE = 100
MOST_FOR_ONE_LISTING = 500
"""Deliveries that one listing waits for: a fraction of a second."""


class NotUpToDate(Exception):
    """More deliveries have come due than one listing records; the next ones go on."""


async def record_assumed_deliveries(
    services: Services, view: AccountView, filters: Iterable[Filter]
) -> None:
    """Records the deliveries of parcels that nobody scans, where a search would miss them.

    Raises NotUpToDate where some are left: a listing now would show what is no longer so.
    """
    days = view.untrackable_days
    if days is None or MOVED_BY_CLOCK.isdisjoint(wanted.field for wanted in filters):
        return
    planned_until = services.clock() - days * DAY

    async def read(connection: Connection) -> list[int]:
        rows = await connection.rows(
            "orders_to_assume_delivered",
            account_id=view.account_id,
            planned_until=planned_until,
            most=MOST_FOR_ONE_LISTING + 1,
        )
        return [row[0] for row in rows]

    due: list[int] = await services.long_reads.run(view.account_id, read)
    now_due = list(dict.fromkeys(due[:MOST_FOR_ONE_LISTING]))
    for first in range(0, len(now_due), ORDERS_AT_ONCE):
        part = now_due[first : first + ORDERS_AT_ONCE]
        await asyncio.gather(*(_bring_up(services, view, number) for number in part))
    if len(due) > MOST_FOR_ONE_LISTING:
        raise NotUpToDate


async def _bring_up(services: Services, view: AccountView, order_number: int) -> Outcome:
    def run(work: WorkingSet, now: Instant) -> Outcome:
        order = work.orders.get((view.account_id, order_number))
        if order is None:
            return Done(None)
        return decide_in(work, view, order, BringUpToDate(), now)

    needs = Needs(view.account_id, order_numbers=(order_number,))
    return await services.group.submit(Member(needs, run))
