"""The moment that a listing shows: what has come due by then is written where rows are searched.

The watch records it within a second; this is for what came due since its last look, and for
installations without a worker.
"""

import time
from collections.abc import Iterable

from doorstep.domain.order import Instant
from doorstep.service.accounts import AccountView
from doorstep.service.deadlines import ORDERS_AT_ONCE, bring_up, deliveries_due
from doorstep.service.services import Services
from doorstep.store.listings import Filter

MOVED_BY_CLOCK = {"state", "open", "delayed", "status"}
"""Filters whose rows an assumed delivery changes."""

MOST_SECONDS = 5.0
"""How long a listing waits for deliveries to be recorded; thousands are in that time."""


class NotUpToDate(Exception):
    """More deliveries have come due than were recorded in time; the next listing goes on."""


async def listing_moment(
    services: Services, view: AccountView, filters: Iterable[Filter]
) -> Instant:
    """A moment up to which no delivery is left to assume that a search by `filters` would miss.

    Raises NotUpToDate, StoreUnavailable. What cannot be recorded at all is not waited for.
    """
    now = services.clock()
    days = view.untrackable_days
    if days is None or MOVED_BY_CLOCK.isdisjoint(wanted.field for wanted in filters):
        return now
    ends_at = time.monotonic() + MOST_SECONDS
    while await _record(services, view, days, now, ends_at):
        now = services.clock()
    return now


async def _record(
    services: Services, view: AccountView, days: int, now: Instant, ends_at: float
) -> bool:
    """Whether anything was due, so that more may be by now."""
    found_any = False
    async for part in deliveries_due(services, view.account_id, days, now, 0):
        numbers = (due.order_number for due in part)
        to_try = services.put_aside.to_try(view.account_id, numbers, now)
        for first in range(0, len(to_try), ORDERS_AT_ONCE):
            if found_any and time.monotonic() >= ends_at:
                raise NotUpToDate
            brought = await bring_up(services, view, to_try[first : first + ORDERS_AT_ONCE])
            services.put_aside.note(view.account_id, brought, now)
            found_any = True
    return found_any
