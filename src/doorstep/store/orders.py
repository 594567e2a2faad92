"""Reading orders whole."""

from doorstep.domain.order import Order, internal_number
from doorstep.store.database import Connection
from doorstep.store.rows import order_of


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
    order = await read_order_called(connection, account_id, name)
    if order is not None:
        return order
    number = internal_number(name)
    orders = await load_orders(connection, account_id, [number] if number else [])
    return orders[0] if orders else None


async def read_order_called(connection: Connection, account_id: int, order_id: str) -> Order | None:
    """One order by the shop's `order_id` alone."""
    rows = await connection.rows("load_orders_called", account_id=account_id, order_ids=[order_id])
    return order_of(rows[0]) if rows else None


async def read_order_with(
    connection: Connection, account_id: int, kind: str, number: int
) -> Order | None:
    """The order that holds an item or a shipment; `kind` is "item" or "shipment"."""
    rows = await connection.rows(f"load_order_with_{kind}", account_id=account_id, number=number)
    return order_of(rows[0]) if rows else None


async def load_tracked_order(connection: Connection, token: str) -> tuple[int, Order] | None:
    """The order with this tracking token, and its account."""
    row = await connection.one("load_tracked_order", tracking_token=token)
    return (row[0], order_of(row[1:])) if row else None
