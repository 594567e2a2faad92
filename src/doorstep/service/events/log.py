"""Reading an account's log on from a sequence: all of it, some types, or one order's events."""

import asyncio
from collections.abc import Sequence
from typing import TypeAlias

from msgspec import Struct

from doorstep.domain.order import internal_number
from doorstep.service.events.kinds import KINDS
from doorstep.store.database import Connection
from doorstep.store.events import LoggedEvent as LoggedEvent
from doorstep.store.events import load_log

READ_FIRST = 4
"""Events of a page's first query; their size tells how many more there is room for."""

MOST_READ_TOGETHER = 32
"""Events of any further query: those that follow many small ones may be as large as a body."""

SCANNED_TOGETHER = 1_000
"""Events that one query looks at for some types: half a millisecond."""

MOST_SCANNED = 50_000
"""Events that one page looks at for some types, be none among them."""

MOST_PAGE_BYTES = 1_048_576
"""Of the stored events, so that a page of large ones is short."""

NO_ORDER = -1
ALL_TYPES = list(KINDS)


class Wanted(Struct, frozen=True, kw_only=True):
    """Which events, and how many at a time.

    `types` None for all, `order` the shop's reference or an internal number. The last event of a
    page is the one that fills `most_bytes`.
    """

    account_id: int
    types: tuple[str, ...] | None = None
    order: str | None = None
    limit: int = 100
    most_bytes: int = MOST_PAGE_BYTES


class Page(Struct, frozen=True):
    """Events, and the sequence up to which there are no others.

    `is_end` once it has seen all that there was; a page may be empty and not the end.
    """

    events: list[LoggedEvent]
    position: int
    is_end: bool


Stretch: TypeAlias = tuple[list[LoggedEvent], int]
"""Events, and up to where the log was looked at."""


async def read_log(
    connection: Connection, account_id: int, after: int, most: int
) -> list[LoggedEvent]:
    """The events that follow a sequence, as many as asked for.

    Sequences rise in the order of the commits, so that whoever goes on after the last one of
    these misses nothing; they may skip.
    """
    return await load_log(connection, "load_log", account_id=account_id, after=after, most=most)


async def newest_sequence(connection: Connection, account_id: int) -> int:
    """0 before the first event."""
    rows = await connection.rows("newest_sequences", account_ids=[account_id])
    return int(rows[0][1]) if rows else 0


async def order_numbers(connection: Connection, account_id: int, name: str) -> list[int]:
    """The orders that bear, or bore until they were deleted, a name: one after the other."""
    # Each query sees its own moment: one that is deleted between the two is found by both.
    living, gone, numbered = await connection.together(
        [
            ("order_numbers_of_order_ids", {"account_id": account_id, "order_ids": [name]}),
            ("deleted_order_numbers", {"account_id": account_id, "order_id": name}),
            (
                "logged_order_number",
                {"account_id": account_id, "order_number": internal_number(name) or NO_ORDER},
            ),
        ]
    )
    gone.sort(key=lambda row: row[1])
    called = dict.fromkeys([*(row[0] for row in gone), *(row[1] for row in living)])
    return list(called) or [row[0] for row in numbered]


async def read_page(connection: Connection, wanted: Wanted, after: int) -> Page:
    """The wanted events after a sequence, as many as there are or as the bounds allow."""
    # Looked up first: what is committed by now is seen by every query that follows.
    newest = await newest_sequence(connection, wanted.account_id)
    found: list[LoggedEvent] = []
    position, size = after, 0
    while position < newest and len(found) < wanted.limit:
        if position - after >= MOST_SCANNED and wanted.types is not None:
            break
        room = (wanted.most_bytes - size) * len(found) // size if found else READ_FIRST
        most = min(wanted.limit - len(found), max(room, 1), MOST_READ_TOGETHER)
        events, looked_until = await _stretch(connection, wanted, position, newest, most)
        for event in events:
            found.append(event)
            size += len(event.data)
            if size >= wanted.most_bytes:
                return Page(found, event.sequence, False)
        position = looked_until
        # Others have their turn: none of this waits on SQLite.
        await asyncio.sleep(0)
    return Page(found, position, position >= newest)


async def _stretch(
    connection: Connection, wanted: Wanted, after: int, newest: int, most: int
) -> Stretch:
    until = newest
    if wanted.order is not None:
        events = await _of_order(connection, wanted, after, most)
    elif wanted.types is not None:
        until = min(after + SCANNED_TOGETHER, newest)
        events = await load_log(
            connection,
            "load_log_of_types",
            account_id=wanted.account_id,
            after=after,
            until=until,
            types=list(wanted.types),
            most=most,
        )
    else:
        events = await read_log(connection, wanted.account_id, after, most)
    if not events:
        return events, until
    last = events[-1].sequence
    return events, last if len(events) == most else max(last, until)


async def _of_order(
    connection: Connection, wanted: Wanted, after: int, most: int
) -> list[LoggedEvent]:
    assert wanted.order is not None
    found: list[LoggedEvent] = []
    types: Sequence[str] = wanted.types or ALL_TYPES
    # Each bore the name until it was deleted: all of one come before all of the next.
    for number in await order_numbers(connection, wanted.account_id, wanted.order):
        found += await load_log(
            connection,
            "load_log_of_order",
            account_id=wanted.account_id,
            order_number=number,
            after=after,
            types=list(types),
            most=most - len(found),
        )
        if len(found) == most:
            break
    return found
