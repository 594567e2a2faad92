"""Proving that the rows say what the events say: every order is made again out of its events."""

from collections.abc import AsyncIterator
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from doorstep.domain.decide.shipments import names_of
from doorstep.domain.order import Order
from doorstep.store.accounts import load_accounts
from doorstep.store.blocks import block_of, lies_in, load_blocks
from doorstep.store.database import Connection
from doorstep.store.events import replay
from doorstep.store.orders import load_orders
from doorstep.store.rows import Row, contact_columns, in_order, order_row, shipment_row

ORDERS_AT_ONCE = 200
OF_ORDERS = ("promised_by", "delayed_from", "late_after")
OF_SHIPMENTS = ("carrier", "delivery_assumed_from")
OF_RECIPIENTS = ("contact_name", "contact_email")
"""Derived columns, as the query `load_derived` and those named after it give them."""


class Verified(Struct, frozen=True):
    """A part that was looked at: how many orders, and one sentence for each fault."""

    orders: int
    faults: tuple[str, ...]


async def verify(connection: Connection) -> AsyncIterator[Verified]:
    """Replays every event of every account against the rows, part by part."""
    for account in await load_accounts(connection):
        account_id, after = account.account_id, 0
        while True:
            # A part is of one moment: orders may go on changing while they are verified.
            async with connection.snapshot():
                rows = await connection.rows(
                    "logged_order_numbers", account_id=account_id, after=after, most=ORDERS_AT_ONCE
                )
                numbers = [row[0] for row in rows]
                faults = await _orders(connection, account_id, numbers)
            if not numbers:
                break
            after = numbers[-1]
            yield Verified(len(numbers), tuple(faults))
        async with connection.snapshot():
            faults = await _whole_account(connection, account_id)
        yield Verified(0, tuple(faults))


async def _orders(connection: Connection, account_id: int, numbers: list[int]) -> list[str]:
    stored = {
        order.order_number: order for order in await load_orders(connection, account_id, numbers)
    }
    faults = []
    for number in numbers:
        made = await replay(connection, account_id, number)
        faults += [f"order {number}: {fault}" for fault in _compare(stored.get(number), made)]
    orders = list(stored.values())
    faults += await _derived(connection, account_id, orders)
    faults += await _blocks(connection, account_id, orders)
    return faults + await _names(connection, account_id, orders)


async def _derived(connection: Connection, account_id: int, orders: list[Order]) -> list[str]:
    """What is kept beside orders and parcels only to find them fits what they are."""
    numbers = [order.order_number for order in orders]
    which = {"account_id": account_id, "order_numbers": numbers}
    kept = {row[0]: row[1:] for row in await connection.rows("load_derived", **which)}
    kept |= {row[0]: row[1:] for row in await connection.rows("load_derived_of_shipments", **which)}
    faults = []
    for order in orders:
        row = order_row(account_id, order)
        faults += _unlike(f"order {order.order_number}", OF_ORDERS, kept[order.order_number], row)
        for parcel in order.shipments:
            row, number = shipment_row({}, parcel), parcel.shipment_number
            faults += _unlike(f"shipment {number}", OF_SHIPMENTS, kept[number], row)
    people = {order.order_number: order.recipients for order in orders}
    for number, version, *kept_of in await connection.rows("load_derived_of_recipients", **which):
        row = contact_columns(people[number].get(version, {}))
        faults += _unlike(f"order {number}", OF_RECIPIENTS, tuple(kept_of), row)
    return faults


def _unlike(what: str, columns: tuple[str, ...], kept: tuple[Any, ...], row: Row) -> list[str]:
    pairs = zip(columns, kept, strict=True)
    return [f"{what}: {column} does not fit it" for column, value in pairs if value != row[column]]


async def _blocks(connection: Connection, account_id: int, orders: list[Order]) -> list[str]:
    """Every order lies within the summary of its block: a search may pass over none."""
    numbers = [order.order_number for order in orders]
    blocks = await load_blocks(connection, account_id, numbers)
    return [
        f"order {order.order_number}: its block's summary leaves it out"
        for order in orders
        if not lies_in(order_row(account_id, order), blocks.get(block_of(order.order_number)))
    ]


def _compare(stored: Order | None, made: Order | None) -> list[str]:
    if stored is None or made is None:
        if stored is made:
            return []
        return ["its events delete it, but it is there" if stored else "it is not there"]
    if in_order(replace(stored, recipients={})) == in_order(made):
        return []
    differing = [
        name
        for name in Order.__struct_fields__
        if name != "recipients" and getattr(stored, name) != getattr(made, name)
    ]
    return [f"{', '.join(differing)} differ from what its events make"]


async def _names(connection: Connection, account_id: int, orders: list[Order]) -> list[str]:
    """Every parcel's names lead to it, or to the one that has taken them over."""
    parcels = [parcel for order in orders for parcel in order.shipments]
    names = list({name.name for parcel in parcels for name in names_of(parcel)})
    if not names:
        return []
    rows = await connection.rows("load_shipment_names", account_id=account_id, names=names)
    borne = {(kind, carrier, name) for kind, name, carrier, _, _ in rows}
    return [
        f"shipment {parcel.shipment_number}: not found by its {name.kind}"
        for parcel in parcels
        for name in names_of(parcel)
        if (name.kind, name.carrier, name.name) not in borne
    ]


async def _whole_account(connection: Connection, account_id: int) -> list[str]:
    which = {"account_id": account_id}
    return [
        *(
            f"order {number}: no event tells of it"
            for (number,) in await connection.rows("unlogged_orders", **which)
        ),
        *(
            f"{kind} {name} points to a parcel that does not bear it"
            for kind, name in await connection.rows("misleading_names", **which)
        ),
        *(
            f"order {number}: personal data of version {version} outlived it"
            for number, version in await connection.rows("forgotten_recipients", **which)
        ),
    ]
