"""Listing orders and shipments: pages, and all that matches."""

from array import array
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeAlias, TypeVar

from msgspec import Struct

from doorstep.domain.decide import as_of_now
from doorstep.domain.order import Instant, Order
from doorstep.service.accounts import AccountView
from doorstep.service.listing_moment import listing_moment
from doorstep.service.services import Services
from doorstep.store.database import Connection
from doorstep.store.listings import ORDERS as ORDERS
from doorstep.store.listings import SHIPMENTS as SHIPMENTS
from doorstep.store.listings import Filter as Filter
from doorstep.store.listings import Found as Found
from doorstep.store.listings import Listing as Listing
from doorstep.store.listings import Page as Page
from doorstep.store.listings import TooBroad as TooBroad
from doorstep.store.listings import find_again, find_page
from doorstep.store.orders import load_orders

ROWS_AT_ONCE = 50
"""How many orders of a stream are held in memory at a time."""

Shown = TypeVar("Shown")


class TooManyMatches(Exception):
    """More match than are ever listed without paging."""


class Listed(Struct, frozen=True):
    """A page: its rows in order, and their orders by number, each as it is at this moment."""

    found: list[Found]
    orders: dict[int, Order]


Show = Callable[[Listed], Shown]
"""Makes an answer of a page. Called beside the event loop, which a long page must not hold up."""

Find: TypeAlias = Callable[[Connection, Instant], Awaitable[list[Found]]]


async def list_page(
    services: Services,
    view: AccountView,
    listing: Listing,
    filters: list[Filter],
    page: Page,
    show: Show[Shown],
) -> Shown:
    """Raises TooBroad, NotUpToDate."""

    async def find(connection: Connection, now: Instant) -> list[Found]:
        return await find_page(connection, listing, view.account_id, filters, page, now)

    return await list_found(services, view, filters, find, show)


async def list_found(
    services: Services, view: AccountView, filters: list[Filter], find: Find, show: Show[Shown]
) -> Shown:
    """What `find` finds by filters, all at one moment. Raises what it raises, NotUpToDate."""
    now = await listing_moment(services, view, filters)

    async def read(connection: Connection) -> Shown:
        async with connection.snapshot():
            found = await find(connection, now)
            listed = await _load(connection, view, found, now)
        return show(listed)

    shown: Shown = await services.long_reads.run(view.account_id, read)
    return shown


async def find_all(
    services: Services, view: AccountView, listing: Listing, filters: list[Filter], page: Page
) -> "array[int]":
    """The numbers of all that matches, in the order of `page`. Raises TooBroad, TooManyMatches,
    NotUpToDate.
    """
    now, most = await listing_moment(services, view, filters), page.limit

    async def read(connection: Connection) -> "array[int]":
        one_more = Page(page.sort, page.descending, most + 1)
        async with connection.snapshot():
            found = await find_page(connection, listing, view.account_id, filters, one_more, now)
        # Bare numbers: a slow reader of a long listing keeps them for as long as it reads.
        return array("q", [row.number for row in found])

    numbers: array[int] = await services.long_reads.run(view.account_id, read)
    if len(numbers) > most:
        raise TooManyMatches
    return numbers


async def list_all(
    services: Services,
    view: AccountView,
    listing: Listing,
    filters: list[Filter],
    numbers: "array[int]",
    show: Show[Shown],
) -> AsyncIterator[Shown]:
    """What was found, a part at a time: a slow reader holds up neither writers nor memory.

    Each part shows what matches at its own moment.
    """
    for start in range(0, len(numbers), ROWS_AT_ONCE):
        part = numbers[start : start + ROWS_AT_ONCE].tolist()
        now = await listing_moment(services, view, filters)

        async def read(connection: Connection, part: list[int] = part, now: Instant = now) -> Shown:
            async with connection.snapshot():
                found = await find_again(connection, listing, view.account_id, filters, part, now)
                listed = await _load(connection, view, found, now)
            return show(listed)

        yield await services.long_reads.run(view.account_id, read)


async def _load(
    connection: Connection, view: AccountView, found: list[Found], now: Instant
) -> Listed:
    numbers = sorted({row.order_number for row in found})
    orders = await load_orders(connection, view.account_id, numbers)
    return Listed(
        found,
        {order.order_number: as_of_now(order, now, view.untrackable_days) for order in orders},
    )
