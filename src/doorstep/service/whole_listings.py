"""All orders that match, however many: for readers that may take their time."""

from collections.abc import AsyncIterator

from doorstep.domain.order import Instant
from doorstep.service.accounts import AccountView
from doorstep.service.listings import (
    ORDERS,
    Filter,
    Found,
    Listed,
    Page,
    Show,
    Shown,
    TooBroad,
    list_found,
)
from doorstep.service.order_search import of_contact, search_orders
from doorstep.service.services import Services
from doorstep.store.database import Connection
from doorstep.store.listings import find_again, find_page

ROWS_AT_ONCE = 200
"""Looked through in one read, and at most held in memory."""


async def every_order(
    services: Services, view: AccountView, text: str, filters: list[Filter], show: Show[Shown]
) -> AsyncIterator[Shown]:
    """What a page would show, the newest first and without an end, a part at a time.

    A slow reader holds nobody up: between two parts nothing is held. Each is of its own moment, and
    no order comes twice. Raises NotUpToDate, StoreUnavailable.
    """
    after, is_found = None, True
    while True:
        page = Page("id", True, ROWS_AT_ONCE, after=after)
        try:
            if is_found:
                last, shown = await _found(services, view, text, filters, page, show)
            else:
                last, shown = await _one_by_one(services, view, text, filters, page, show)
        except TooBroad:
            if not is_found:
                raise
            # What is too much to look through for one page is not for many small reads.
            is_found = False
            continue
        yield shown
        if last is None:
            return
        after = (last.sort_value, last.number)


async def _found(
    services: Services,
    view: AccountView,
    text: str,
    filters: list[Filter],
    page: Page,
    show: Show[Shown],
) -> tuple[Found | None, Shown]:
    """A page, and its last row where there may be more."""

    def keep(listed: Listed) -> tuple[Found | None, Shown]:
        return _last(listed.found, page), show(listed)

    return await search_orders(services, view, text, filters, page, keep)


async def _one_by_one(
    services: Services,
    view: AccountView,
    text: str,
    filters: list[Filter],
    page: Page,
    show: Show[Shown],
) -> tuple[Found | None, Shown]:
    """What matches of as many orders as a page has, and the last of those where there are more."""
    # Not what orders bear: of that there is never too much.
    asked = [[meaning, *filters] for meaning in of_contact(text)] if text else [filters]
    seen: list[Found] = []

    async def find(connection: Connection, now: Instant) -> list[Found]:
        seen[:] = await find_page(connection, ORDERS, view.account_id, [], page, now)
        numbers = [row.number for row in seen]
        if not numbers:
            return []
        found = {
            row.number
            for each in asked
            for row in await find_again(connection, ORDERS, view.account_id, each, numbers, now)
        }
        return [row for row in seen if row.number in found]

    shown = await list_found(services, view, filters, find, show)
    return _last(seen, page), shown


def _last(rows: list[Found], page: Page) -> Found | None:
    return rows[-1] if len(rows) == page.limit else None
