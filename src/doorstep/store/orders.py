"""Loading orders: for a group of requests that will change them, and for reading one."""

from collections.abc import Iterable
from itertools import groupby

import msgspec

from doorstep.domain.order import DAY, Instant, Order, internal_number
from doorstep.store.database import Connection
from doorstep.store.rows import order_of
from doorstep.store.working_set import (
    Answer,
    EarlyUpdate,
    Needs,
    RememberedAnswer,
    WorkingSet,
)

KEPT_EARLY = 14 * DAY
"""How long an update waits for the shop to post its parcel."""

KEPT_ANSWERS = DAY
"""How long an `Idempotency-Key` is remembered."""

MOST_EARLY_COUNTED = 1_000_001


async def load_orders(
    connection: Connection, account_id: int, order_numbers: list[int]
) -> list[Order]:
    """The orders whole, in no particular order; unknown numbers are left out."""
    if not order_numbers:
        return []
    rows = await connection.rows("load_orders", account_id=account_id, order_numbers=order_numbers)
    return [order_of(row) for row in rows]


async def read_order(connection: Connection, account_id: int, name: str) -> Order | None:
    """One order by the shop's `order_id`, else by doorstep's number."""
    rows = await connection.rows("load_order_called", account_id=account_id, order_id=name)
    if rows:
        return order_of(rows[0])
    number = internal_number(name)
    orders = await load_orders(connection, account_id, [number] if number else [])
    return orders[0] if orders else None


async def read_order_with(
    connection: Connection, account_id: int, kind: str, number: int
) -> Order | None:
    """The order that holds an item or a shipment; `kind` is "item" or "shipment"."""
    rows = await connection.rows(f"load_order_with_{kind}", account_id=account_id, number=number)
    return order_of(rows[0]) if rows else None


async def load_working_set(
    connection: Connection, needs: Iterable[Needs], now: Instant
) -> WorkingSet:
    """Everything that a group named, one query a table and account."""
    work = WorkingSet()
    by_account = sorted(needs, key=lambda need: need.account_id)
    for account_id, group in groupby(by_account, key=lambda need: need.account_id):
        await _load_account(connection, work, account_id, list(group), now)
    return work


async def _load_account(
    connection: Connection, work: WorkingSet, account_id: int, group: list[Needs], now: Instant
) -> None:
    numbers = await _resolve(connection, work, account_id, group)
    work.add_loaded(account_id, await load_orders(connection, account_id, sorted(numbers)))
    keys = [need.idempotency_key for need in group if need.idempotency_key]
    if keys:
        await _load_answers(connection, work, account_id, keys, now)
    if any(need.parcel_names for need in group):
        await _load_early(connection, work, account_id, group, now)


async def _resolve(
    connection: Connection, work: WorkingSet, account_id: int, group: list[Needs]
) -> set[int]:
    """The internal numbers of all orders that the group names in whatever way."""
    numbers = {number for need in group for number in need.order_numbers}
    order_ids = list({name for need in group for name in need.order_ids})
    if order_ids:
        for order_id, number in await connection.rows(
            "order_numbers_of_order_ids", account_id=account_id, order_ids=order_ids
        ):
            work.number_of_order_id[account_id, order_id] = number
            numbers.add(number)
    for kind, wanted, place in (
        ("item", [n for need in group for n in need.item_numbers], work.order_of_item),
        ("shipment", [n for need in group for n in need.shipment_numbers], work.order_of_shipment),
    ):
        if wanted:
            values = {"account_id": account_id, f"{kind}_numbers": wanted}
            for part, number in await connection.rows(f"order_numbers_of_{kind}s", **values):
                place[account_id, part] = number
                numbers.add(number)
    names = list({name for need in group for _, name in need.parcel_names})
    if names:
        for kind, name, carrier, number, shipment in await connection.rows(
            "load_shipment_names", account_id=account_id, names=names
        ):
            work.holders[account_id, kind, name][carrier] = (number, shipment)
            numbers.add(number)
    return numbers


async def _load_answers(
    connection: Connection, work: WorkingSet, account_id: int, keys: list[str], now: Instant
) -> None:
    for key, request_hash, answer, order_number in await connection.rows(
        "load_answers", account_id=account_id, idempotency_keys=keys, after=now - KEPT_ANSWERS
    ):
        kept = msgspec.json.decode(answer, type=Answer) if answer else None
        work.answers[account_id, key] = RememberedAnswer(request_hash, kept, order_number)


async def _load_early(
    connection: Connection, work: WorkingSet, account_id: int, group: list[Needs], now: Instant
) -> None:
    """The updates that wait for the named parcels; how many wait, where one more may come."""
    if any(need.keeps_early and _unknown(work, need) for need in group):
        work.early_counts[account_id] = await connection.one(
            "count_early",
            account_id=account_id,
            after=now - KEPT_EARLY,
            most=MOST_EARLY_COUNTED,
        )
    for kind in ("tracking_code", "reference_number"):
        names = [name for need in group for of, name in need.parcel_names if of == kind]
        if not names:
            continue
        for row in await connection.rows(
            f"load_early_by_{kind}", account_id=account_id, names=names
        ):
            if row[5] > now - KEPT_EARLY:
                carrier_update = msgspec.json.decode(row[4])
                work.early[account_id, row[0]] = EarlyUpdate(
                    row[0], row[1], row[2], row[3], carrier_update, row[5]
                )


def _unknown(work: WorkingSet, need: Needs) -> bool:
    """Whether none of a need's parcel names is borne by a parcel."""
    return not any(work.holders.get((need.account_id, *name)) for name in need.parcel_names)
