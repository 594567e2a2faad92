"""What orders and shipments can be filtered and sorted by, each with the index that finds it."""

from collections.abc import Iterable
from typing import Any, Literal, TypeAlias

from msgspec import Struct

from doorstep.domain.order import Instant
from doorstep.domain.states import OPEN
from doorstep.store.rows import NEVER

Comparison: TypeAlias = Literal["=", "<", "<=", ">", ">="]


class Filter(Struct, frozen=True):
    """`field` is one of the listing's fields; `key` the tag, for order_tags."""

    field: str
    comparison: Comparison
    value: Any
    key: str | None = None


class Condition(Struct, frozen=True):
    """What one field is asked for, in two forms of SQL.

    `find` leads by an index into `tables`, where `owner` holds the number; the index gives the
    rows in order of their numbers where `by_number` says so, or block by block where an index
    does it for `by_block`, and one row twice where `repeats`. `check` holds for rows of `listed`
    that were found in another way, and for not all that `find` leads to where it is `wider`; it
    reads `column`.
    """

    field: str
    tables: str
    owner: str
    find: str
    check: str
    column: str | None = None
    by_number: bool = False
    by_block: bool = False
    repeats: bool = False
    wider: bool = False
    values: dict[str, Any] = {}


class Listing(Struct, frozen=True):
    """What can be listed: fields by the column that an index holds, sorts likewise.

    `number` is the column of its own internal number. `equal` are fields compared for equality,
    `ranges` those that lie between two values, at most the first and the last that occur.
    `by_block` are columns that an index holds block by block. `elsewhere` are conditions that are
    not a column of the table compared, to be given their values.
    """

    table: str
    number: str
    equal: tuple[str, ...]
    ranges: dict[str, tuple[str, int, int]]
    by_block: tuple[str, ...]
    elsewhere: dict[str, Condition]
    sorts: dict[str, str]

    def conditions(self, filters: Iterable[Filter], now: Instant) -> list[Condition]:
        """What filters ask for: those of the fewest rows first, a field's bounds as one range."""
        asked = [_of_clock(wanted, now) for wanted in filters]
        found = []
        for position, wanted in enumerate(asked):
            if wanted.field in self.elsewhere:
                found.append(_elsewhere(self.elsewhere[wanted.field], wanted, position))
            elif wanted.field in self.equal:
                found.append(self._equal(wanted, position))
        for field in self.ranges:
            bounds = [wanted for wanted in asked if wanted.field == field]
            if bounds:
                found.append(self._range(field, bounds))
        return found

    def _equal(self, wanted: Filter, position: int) -> Condition:
        column, value = wanted.field, f"value_{position}"
        return Condition(
            wanted.field,
            self.table,
            self.table,
            f"{self.table}.account_id = :account_id AND {self.table}.{column} = :{value}",
            f"listed.{column} = :{value}",
            column=column,
            by_number=True,
            values={value: wanted.value},
        )

    def _range(self, field: str, bounds: list[Filter]) -> Condition:
        column, first, last = self.ranges[field]
        for wanted in bounds:
            if wanted.comparison in (">", ">="):
                first = max(first, wanted.value + (wanted.comparison == ">"))
            else:
                last = min(last, wanted.value - (wanted.comparison == "<"))
        between = f"{column} BETWEEN :first_{column} AND :last_{column}"
        return Condition(
            field,
            self.table,
            self.table,
            f"{self.table}.account_id = :account_id AND {self.table}.{between}",
            f"listed.{between}",
            column=column,
            by_block=column in self.by_block,
            values={f"first_{column}": first, f"last_{column}": last},
        )


def _of_clock(wanted: Filter, now: Instant) -> Filter:
    """Whether an order is delayed, as a comparison with the instant from which it is."""
    if wanted.field != "delayed":
        return wanted
    return Filter("delayed", "<" if wanted.value else ">=", now)


def _elsewhere(condition: Condition, wanted: Filter, position: int) -> Condition:
    names = {name: f":{name}_{position}" for name in ("value", "key", "beyond")}
    return Condition(
        wanted.field,
        condition.tables,
        condition.owner,
        condition.find.format(**names),
        condition.check.format(**names),
        column=condition.column,
        by_number=condition.by_number,
        repeats=condition.repeats,
        wider=condition.wider,
        values={
            f"value_{position}": wanted.value,
            f"key_{position}": wanted.key,
            f"beyond_{position}": f"{wanted.value}{LAST_CHARACTER}",
        },
    )


ROW_BY_ROW = "LIMIT 1 OFFSET 0"
"""In an EXISTS: PostgreSQL asks it for each row, instead of first reading all that may match."""

LAST_CHARACTER = "\U0010ffff"
"""What begins with a text sorts before the text with this behind it."""


def _of_contact(column: str) -> Condition:
    """Orders whose recipient, or that of a parcel to the customer, has a text that begins so."""
    return Condition(
        column,
        "recipients LEFT JOIN orders ON orders.account_id = :account_id "
        "AND orders.order_number = recipients.order_number",
        "recipients",
        f"recipients.account_id = :account_id AND recipients.{column} >= {{value}} "
        f"AND recipients.{column} < {{beyond}}",
        # Concatenated, as below. The versions that a change has left behind do not count.
        "EXISTS (SELECT 1 FROM recipients WHERE recipients.account_id = :account_id "
        "AND recipients.order_number = listed.order_number "
        f"AND recipients.{column} || '' >= {{value}} AND recipients.{column} || '' < {{beyond}} "
        "AND (recipients.recipient_version = listed.recipient_version "
        "OR EXISTS (SELECT 1 FROM shipments WHERE shipments.account_id = :account_id "
        "AND shipments.order_number = listed.order_number AND NOT shipments.return_parcel "
        f"AND shipments.recipient_version = recipients.recipient_version)) {ROW_BY_ROW})",
        column="recipient_version",
        repeats=True,
        wider=True,
    )


def _of_parcel(field: str, by_number: bool = False) -> Condition:
    """Orders with a parcel of which a column has the value."""
    return Condition(
        field,
        "shipments LEFT JOIN orders ON orders.account_id = :account_id "
        "AND orders.order_number = shipments.order_number",
        "shipments",
        f"shipments.account_id = :account_id AND shipments.{field} = {{value}}",
        # Concatenated, so that the order's parcels are read, and not all with this value.
        "EXISTS (SELECT 1 FROM shipments WHERE shipments.account_id = :account_id "
        "AND shipments.order_number = listed.order_number "
        f"AND shipments.{field} || '' = {{value}} {ROW_BY_ROW})",
        by_number=by_number,
        repeats=True,
    )


OPEN_STATES = ", ".join(f"'{state}'" for state in OPEN)

# A LEFT JOIN keeps the loops in this order; a row that nothing is asked of is not even read.
ORDERS = Listing(
    table="orders",
    number="order_number",
    equal=("state", "language"),
    ranges={
        "order_date": ("order_date", -NEVER, NEVER),
        "promised_delivery_date": ("promised_by", -NEVER, NEVER - 1),
        "created_at": ("created_at", -NEVER, NEVER),
        "delayed": ("delayed_from", -NEVER, NEVER),
    },
    # Not created_at: it rises with the numbers, so that of a block it fits all orders or none.
    by_block=("order_date", "promised_by", "delayed_from"),
    elsewhere={
        # One row: it needs no order.
        "order_id": Condition(
            "order_id",
            "orders",
            "orders",
            "orders.account_id = :account_id AND orders.order_id = {value}",
            "listed.order_id = {value}",
            column="order_id",
        ),
        "order_number": Condition(
            "order_number",
            "orders",
            "orders",
            "orders.account_id = :account_id AND orders.order_number = {value}",
            "listed.order_number = {value}",
        ),
        # Whatever its value: those whose state is not final.
        "open": Condition(
            "open",
            "orders",
            "orders",
            f"orders.account_id = :account_id AND orders.state IN ({OPEN_STATES})",
            f"listed.state IN ({OPEN_STATES})",
            column="state",
        ),
        "tracking_code": _of_parcel("tracking_code"),
        "carrier": _of_parcel("carrier", by_number=True),
        "contact_name": _of_contact("contact_name"),
        "contact_email": _of_contact("contact_email"),
        "order_tags": Condition(
            "order_tags",
            "order_tags LEFT JOIN orders ON orders.account_id = :account_id "
            "AND orders.order_number = order_tags.order_number",
            "order_tags",
            "order_tags.account_id = :account_id AND order_tags.tag = {key} "
            "AND order_tags.value = {value}",
            "EXISTS (SELECT 1 FROM order_tags WHERE order_tags.account_id = :account_id "
            "AND order_tags.order_number = listed.order_number AND order_tags.tag = {key} "
            f"AND order_tags.value = {{value}} {ROW_BY_ROW})",
            by_number=True,
        ),
    },
    sorts={
        "id": "order_number",
        "order_date": "order_date",
        # Orders without a promise come last when rising, first when falling.
        "promised_delivery_date": "promised_by",
        "created_at": "created_at",
    },
)

SHIPMENTS = Listing(
    table="shipments",
    number="shipment_number",
    equal=("tracking_code", "reference_number", "status", "carrier"),
    ranges={},
    by_block=(),
    elsewhere={
        "order_id": Condition(
            "order_id",
            "orders CROSS JOIN shipments",
            "shipments",
            "orders.account_id = :account_id AND orders.order_id = {value} "
            "AND shipments.account_id = :account_id "
            "AND shipments.order_number = orders.order_number",
            "EXISTS (SELECT 1 FROM orders WHERE orders.account_id = :account_id "
            "AND orders.order_number = listed.order_number "
            f"AND orders.order_id = {{value}} {ROW_BY_ROW})",
        )
    },
    sorts={"id": "shipment_number"},
)
