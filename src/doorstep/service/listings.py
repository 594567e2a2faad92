"""Listing orders and shipments: pages, and all that matches."""

from collections.abc import AsyncIterator

from msgspec import Struct

from doorstep.domain.decide import as_of_now
from doorstep.domain.order import Order
from doorstep.service.accounts import AccountView
from doorstep.service.services import Services
from doorstep.store.database import Connection
from doorstep.store.listings import ORDERS as ORDERS
from doorstep.store.listings import SHIPMENTS as SHIPMENTS
from doorstep.store.listings import Filter as Filter
from doorstep.store.listings import Found as Found
from doorstep.store.listings import Listing as Listing
from doorstep.store.listings import Page as Page
from doorstep.store.listings import count_matches, find_page
from doorstep.store.orders import load_orders

ROWS_AT_ONCE = 250
"""How many orders of a stream are held in memory at a time."""


class Listed(Struct, frozen=True):
    """A page: its rows in order, and their orders by number, each as it is at this moment."""

    found: list[Found]
    orders: dict[int, Order]


async def list_page(
    services: Services, view: AccountView, listing: Listing, filters: list[Filter], page: Page
) -> Listed:
    now = services.clock()

    async def read(connection: Connection) -> Listed:
        async with connection.snapshot():
            found = await find_page(connection, listing, view.account_id, filters, page, now)
            numbers = sorted({row.order_number for row in found})
            orders = await load_orders(connection, view.account_id, numbers)
        return Listed(
            found,
            {order.order_number: as_of_now(order, now, view.untrackable_days) for order in orders},
        )

    listed: Listed = await services.store.database.listing(read)
    return listed


async def too_many(
    services: Services, view: AccountView, listing: Listing, filters: list[Filter]
) -> bool:
    """Whether more match than are ever listed without paging."""
    most = services.limits.max_listed

    async def count(connection: Connection) -> int:
        now = services.clock()
        return await count_matches(connection, listing, view.account_id, filters, most + 1, now)

    matches: int = await services.store.database.listing(count)
    return matches > most


async def list_all(
    services: Services, view: AccountView, listing: Listing, filters: list[Filter], page: Page
) -> AsyncIterator[Listed]:
    """All that matches, a part at a time: a slow reader holds up neither writers nor memory."""
    after = page.after
    while True:
        part = await list_page(
            services,
            view,
            listing,
            filters,
            Page(page.sort, page.descending, ROWS_AT_ONCE, after=after),
        )
        yield part
        if len(part.found) < ROWS_AT_ONCE:
            return
        after = (part.found[-1].sort_value, part.found[-1].number)
