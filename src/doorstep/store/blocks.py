"""Summaries of many orders at a time: what a range of internal numbers can hold at most.

Dates mostly rise with internal numbers. A search in their order for a stretch of time passes over
the blocks that cannot hold a match, instead of reading the orders before it one by one. A summary
only ever widens: what was true of an order may stay in it, what is true of it is in it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from operator import itemgetter
from typing import Any, TypeAlias

from doorstep.store.database import Connection
from doorstep.store.rows import NEVER

Row: TypeAlias = Mapping[str, Any]

NUMBERS_IN_A_BLOCK = 16_384
"""Some 4,000 orders with items and parcels: a million orders have a few hundred blocks."""

SUMMARISED = ("order_date", "promised_by", "created_at", "delayed_from")
"""Columns of orders of which a block keeps the first and the last."""


def block_of(order_number: int) -> int:
    return order_number // NUMBERS_IN_A_BLOCK


def block_rows(orders: Iterable[Row]) -> list[dict[str, Any]]:
    """One row for each block that orders (as rows) lie in, as wide as they are.

    In one order, so that two processes never wait for each other's blocks in turn.
    """
    blocks: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for order in orders:
        blocks[order["account_id"], block_of(order["order_number"])].append(order)
    return [
        {"account_id": account_id, "block": block, **_summary(inside)}
        for (account_id, block), inside in sorted(blocks.items(), key=itemgetter(0))
    ]


def _summary(orders: list[Row]) -> dict[str, int]:
    """The first and the last of each column; no promise adds nothing, as none is asked for."""
    found = {}
    for column in SUMMARISED:
        values = [order[column] for order in orders]
        if column == "promised_by":
            values = [value for value in values if value != NEVER]
        found[f"first_{column}"] = min(values, default=NEVER)
        found[f"last_{column}"] = max(values, default=-NEVER)
    return found


async def load_blocks(
    connection: Connection, account_id: int, order_numbers: list[int]
) -> dict[int, Row]:
    """The summaries that orders lie in, by block."""
    if not order_numbers:
        return {}
    rows = await connection.rows(
        "order_blocks_between",
        account_id=account_id,
        first=block_of(min(order_numbers)),
        last=block_of(max(order_numbers)),
    )
    ends = [f"{end}_{column}" for column in SUMMARISED for end in ("first", "last")]
    return {block: dict(zip(ends, values, strict=True)) for block, *values in rows}


def lies_in(order: Row, block: Row | None) -> bool:
    """Whether a block's summary allows for an order."""
    if block is None:
        return False
    alone = _summary([order])
    return all(
        block[f"first_{column}"] <= alone[f"first_{column}"]
        and alone[f"last_{column}"] <= block[f"last_{column}"]
        for column in SUMMARISED
    )
