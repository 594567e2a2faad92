"""Listings: which orders or shipments match, page by page, at a cost that does not grow.

A page is looked for in sources: the rows that each of the filters leads to, and a walk in the order
asked for. Of each a stretch is read, a short one first. It answers where it is all there is of its
source, or where the source is in the page's order and the stretch fills the page. What the longest
stretches do not answer is refused: no listing reads more of a table than they.
"""

from collections.abc import Iterator

from msgspec import Struct

from doorstep.domain.order import Instant
from doorstep.store.database import Connection
from doorstep.store.listing_fields import ORDERS as ORDERS
from doorstep.store.listing_fields import SHIPMENTS as SHIPMENTS
from doorstep.store.listing_fields import Filter as Filter
from doorstep.store.listing_fields import Listing as Listing
from doorstep.store.listing_sources import Page as Page
from doorstep.store.listing_sources import Search, Source

MOST_ROWS = 50_000
"""What the longest stretches of all sources hold together: some 120 ms, if each is looked up."""

TIMES_LONGER = 8
"""What a stretch that did not answer cost is little beside the next one."""


class TooBroad(Exception):
    """No source answers: each of the filters alone matches too much, and together too little."""


class Found(Struct, frozen=True):
    """A row of a page: what it sorts by, its own number and its order's."""

    sort_value: int
    number: int
    order_number: int


async def find_page(
    connection: Connection,
    listing: Listing,
    account_id: int,
    filters: list[Filter],
    page: Page,
    now: Instant,
) -> list[Found]:
    """One page in the order asked for; rows of equal sort value by rising or falling number.

    Raises TooBroad. What it reads is of one moment only inside a snapshot.
    """
    search = Search(listing, account_id, filters, page, now)
    sources = await search.sources(connection)
    for most in _stretches(page.offset + page.limit, MOST_ROWS // len(sources)):
        for source in sources:
            found = await _look(connection, search, source, most)
            if found is not None:
                return found
    raise TooBroad


def _stretches(needed: int, longest: int) -> Iterator[int]:
    """Rows to read of each source in turn: what fills the page at best, then ever more."""
    longest = max(longest, needed)
    while needed < longest:
        yield needed
        needed *= TIMES_LONGER
    yield longest


async def _look(
    connection: Connection, search: Search, source: Source, most: int
) -> list[Found] | None:
    """The page, where a source's first `most` rows tell it."""
    if source.order is None and not await _is_whole(connection, search, source, most):
        return None
    page = search.page
    rows = await connection.text(
        search.rows(source),
        {**search.values, "most": most, "limit": page.limit, "offset": page.offset},
    )
    if source.order is None or len(rows) == page.limit:
        return [Found(*row) for row in rows]
    if await _is_whole(connection, search, source, most):
        return [Found(*row) for row in rows]
    return None


async def _is_whole(connection: Connection, search: Search, source: Source, most: int) -> bool:
    """Whether a source has no more rows than that."""
    if not source.ends:
        return False
    counted = await connection.text(search.count(source), {**search.values, "most": most + 1})
    count: int = counted[0][0]
    return count <= most


async def find_again(
    connection: Connection,
    listing: Listing,
    account_id: int,
    filters: list[Filter],
    numbers: list[int],
    now: Instant,
) -> list[Found]:
    """Those of the given rows that (still) match, in the order given."""
    search = Search(listing, account_id, filters, Page("id", False, len(numbers)), now)
    names = [f"number_{position}" for position in range(len(numbers))]
    table = listing.table
    given = ", ".join(f":{name}" for name in names)
    source = Source(
        table,
        table,
        f"{table}.account_id = :account_id AND {table}.{listing.number} IN ({given})",
        frozenset(),
    )
    rows = await connection.text(
        search.rows(source),
        {
            **search.values,
            **dict(zip(names, numbers, strict=True)),
            "most": len(numbers),
            "limit": len(numbers),
            "offset": 0,
        },
    )
    by_number = {row[1]: Found(*row) for row in rows}
    return [by_number[number] for number in numbers if number in by_number]
