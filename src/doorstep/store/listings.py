"""Listings: which orders or shipments match, page by page."""

from typing import Any, Literal, TypeAlias

from msgspec import Struct

from doorstep.domain.order import Instant
from doorstep.store.database import Connection

Comparison: TypeAlias = Literal["=", "<", "<=", ">", ">="]


class Filter(Struct, frozen=True):
    """`field` is one of the listing's fields; `key` the tag, for order_tags."""

    field: str
    comparison: Comparison
    value: Any
    key: str | None = None


class Page(Struct, frozen=True):
    """`after` is (value of the sort field, number) of the last row that was seen."""

    sort: str
    descending: bool
    limit: int
    offset: int = 0
    after: tuple[int, int] | None = None


class Found(Struct, frozen=True):
    """A row of a page: what it sorts by, its own number and its order's."""

    sort_value: int
    number: int
    order_number: int


class Listing(Struct, frozen=True):
    """What can be listed. `number` is the column of its own internal number."""

    table: str
    number: str
    filters: dict[str, str]
    sorts: dict[str, str]

    def conditions(
        self, account_id: int, filters: list[Filter], now: Instant
    ) -> tuple[list[str], dict[str, Any]]:
        """WHERE conditions with their values; fields come from the table, never from outside."""
        found = [f"{self.table}.account_id = :account_id"]
        values: dict[str, Any] = {"account_id": account_id}
        for position, wanted in enumerate(filters):
            if wanted.field == "delayed":
                found.append(DELAYED if wanted.value else NOT_DELAYED)
                values["now"] = now
                continue
            name = f"value_{position}"
            template = self.filters[wanted.field]
            found.append(
                template.format(
                    comparison=wanted.comparison, value=f":{name}", key=f":key_{position}"
                )
            )
            values[name] = wanted.value
            if wanted.key is not None:
                values[f"key_{position}"] = wanted.key
        return found, values


DELAYED = "orders.delayed_from < :now"
NOT_DELAYED = "(orders.delayed_from IS NULL OR orders.delayed_from >= :now)"


def _column(name: str) -> str:
    return f"{name} {{comparison}} {{value}}"


ORDERS = Listing(
    table="orders",
    number="order_number",
    filters={
        "order_id": _column("orders.order_id"),
        "state": _column("orders.state"),
        "language": _column("orders.language"),
        "tracking_code": (
            "orders.order_number IN (SELECT order_number FROM shipments "
            "WHERE account_id = :account_id AND tracking_code = {value})"
        ),
        "order_tags": (
            "orders.order_number IN (SELECT order_number FROM order_tags "
            "WHERE account_id = :account_id AND tag = {key} AND value = {value})"
        ),
        "order_date": _column("orders.order_date"),
        "promised_delivery_date": _column("orders.promised_delivery_date"),
        "created_at": _column("orders.created_at"),
    },
    sorts={
        "id": "orders.order_number",
        "order_date": "orders.order_date",
        # Orders without a promise come last when rising, first when falling.
        "promised_delivery_date": f"coalesce(orders.promised_delivery_date, {2**62})",
        "created_at": "orders.created_at",
    },
)

SHIPMENTS = Listing(
    table="shipments",
    number="shipment_number",
    filters={
        "order_id": (
            "shipments.order_number IN (SELECT order_number FROM orders "
            "WHERE account_id = :account_id AND order_id = {value})"
        ),
        "tracking_code": _column("shipments.tracking_code"),
        "reference_number": _column("shipments.reference_number"),
        "status": _column("shipments.status"),
        "carrier": _column("shipments.carrier"),
    },
    sorts={"id": "shipments.shipment_number"},
)


async def find_page(
    connection: Connection,
    listing: Listing,
    account_id: int,
    filters: list[Filter],
    page: Page,
    now: Instant,
) -> list[Found]:
    """One page in the order asked for; rows of equal sort value by rising or falling number."""
    conditions, values = listing.conditions(account_id, filters, now)
    sort, number = listing.sorts[page.sort], f"{listing.table}.{listing.number}"
    direction, beyond = ("DESC", "<") if page.descending else ("ASC", ">")
    if page.after is not None:
        conditions.append(f"({sort}, {number}) {beyond} (:after_value, :after_number)")
        values["after_value"], values["after_number"] = page.after
    order_by = f"{number} {direction}"
    if page.sort != "id":
        order_by = f"{sort} {direction}, {order_by}"
    rows = await connection.text(
        f"SELECT {sort}, {number}, {listing.table}.order_number FROM {listing.table} "
        f"WHERE {' AND '.join(conditions)} ORDER BY {order_by} LIMIT :limit OFFSET :offset",
        {**values, "limit": page.limit, "offset": page.offset},
    )
    return [Found(*row) for row in rows]


async def count_matches(
    connection: Connection,
    listing: Listing,
    account_id: int,
    filters: list[Filter],
    most: int,
    now: Instant,
) -> int:
    """How many match, counted no further than `most`."""
    conditions, values = listing.conditions(account_id, filters, now)
    rows = await connection.text(
        f"SELECT count(*) FROM (SELECT 1 FROM {listing.table} "
        f"WHERE {' AND '.join(conditions)} LIMIT :most) AS counted",
        {**values, "most": most},
    )
    count: int = rows[0][0]
    return count
