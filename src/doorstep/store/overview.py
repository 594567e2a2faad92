"""The figures of an account's overview, each read no further than a bound.

Where one was reached the figure says so: it is true of what was read, or a least number.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from doorstep.domain.order import Instant
from doorstep.domain.states import CANCELLED, OPEN, ORDER_STATES, SHIPPED
from doorstep.store.database import Connection, Read

MOST_OF_A_DAY = 50_000
MOST_OF_A_STATE = 1_000_000
"""Entries of an index alone, of which some millions are read in a second."""

MOST_PROMISED = 20_000
MOST_DELAYED = 20_000
MOST_SHIPPED = 20_000
MOST_DELIVERED = 10_000
"""Rows that are looked up: some microseconds each, many times that where the disk is asked."""

MOST_LISTED = 20


class Count(Struct, frozen=True):
    """`is_all` is False where there may be more."""

    number: int
    is_all: bool = True

    def is_within(self, most: int) -> bool:
        return self.is_all and self.number <= most


class Promises(Struct, frozen=True):
    """Promises that have passed, without those of cancelled orders; `read` includes them.

    `is_all` is False where only the newest were looked at.
    """

    passed: int
    kept: int
    read: int
    is_all: bool = True


class SilentParcel(Struct, frozen=True):
    order_number: int
    order_id: str
    tracking_code: str | None
    carrier_name: str | None
    silent_since: Instant


class SilentParcels(Struct, frozen=True):
    """`listed` are those silent for longest; `is_all`: not only of the oldest shipped orders."""

    number: int
    listed: list[SilentParcel]
    is_all: bool = True


class Deliveries(Struct, frozen=True):
    """How long parcels took, by the carrier's key; `is_all`: not only of the newest parcels."""

    times: dict[str, list[int]]
    is_all: bool = True


async def count_by_day(
    connection: Connection, account_id: int, days: Iterable[tuple[Instant, Instant]]
) -> list[Count]:
    """Orders by their order date, for each first and last moment of a day."""
    return await _counts(
        connection,
        "count_ordered_between",
        [{"account_id": account_id, "first": first, "last": last} for first, last in days],
        MOST_OF_A_DAY,
    )


async def count_by_state(connection: Connection, account_id: int) -> dict[str, Count]:
    given: list[dict[str, Any]]
    given = [{"account_id": account_id, "state": state} for state in ORDER_STATES]
    counts = await _counts(connection, "count_in_state", given, MOST_OF_A_STATE)
    return dict(zip(ORDER_STATES, counts, strict=True))


async def _counts(
    connection: Connection, query: str, given: list[dict[str, Any]], most: int
) -> list[Count]:
    reads: list[Read] = [(query, {**values, "most": most}) for values in given]
    numbers = [rows[0][0] for rows in await connection.together(reads)]
    return [Count(number, number < most) for number in numbers]


async def read_promises(
    connection: Connection, account_id: int, since: Instant, now: Instant
) -> Promises:
    """What became of the promises between two moments."""
    rows = await connection.rows(
        "passed_promises", account_id=account_id, since=since, now=now, most=MOST_PROMISED
    )
    read = sum(number for _, _, number in rows)
    there = [(is_late, number) for state, is_late, number in rows if state != CANCELLED]
    return Promises(
        passed=sum(number for _, number in there),
        kept=sum(number for is_late, number in there if not is_late),
        read=read,
        is_all=read < MOST_PROMISED,
    )


async def count_delayed(
    connection: Connection, account_id: int, states: dict[str, Count], now: Instant
) -> Count:
    """Open orders that are late now, `states` being what `count_by_state` found.

    They are looked for among all that were ever late, or else among the open ones.
    """
    values = {"account_id": account_id, "now": now, "most": MOST_DELAYED}
    ever = await connection.rows("count_ever_delayed", **values)
    if ever[0][0] < MOST_DELAYED:
        found = await connection.rows("delayed_by_state", **values)
        return Count(sum(number for state, number in found if state in OPEN))
    reads: list[Read] = [("count_delayed_in_state", {**values, "state": state}) for state in OPEN]
    return Count(
        sum(rows[0][0] for rows in await connection.together(reads)),
        all(states[state].is_within(MOST_DELAYED) for state in OPEN),
    )


async def read_silent_parcels(
    connection: Connection, account_id: int, states: dict[str, Count], before: Instant
) -> SilentParcels:
    """Counted parcels on their way that were last heard of before a moment."""
    rows = await connection.rows(
        "parcels_without_news",
        account_id=account_id,
        before=before,
        most=MOST_SHIPPED,
        listed=MOST_LISTED,
    )
    return SilentParcels(
        rows[0][0] if rows else 0,
        [SilentParcel(*row) for _, *row in rows],
        states[SHIPPED].is_within(MOST_SHIPPED),
    )


async def read_deliveries(
    connection: Connection, account_id: int, since: Instant, now: Instant
) -> Deliveries:
    """The parcels delivered between two moments, in microseconds."""
    values = {"account_id": account_id, "most": MOST_DELIVERED}
    counted, rows = await connection.together(
        [
            ("count_delivered", values),
            ("newest_deliveries", {**values, "since": since, "now": now}),
        ]
    )
    times: dict[str, list[int]] = defaultdict(list)
    for carrier, time in rows:
        times[carrier].append(time)
    return Deliveries(dict(times), counted[0][0] < MOST_DELIVERED)
