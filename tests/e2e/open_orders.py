"""A database with very many open orders that have promises, as the server would have written them.

Without HTTP and without waiting for the disk, like `large_database`; an order is only its promise.
"""

import asyncio
import random
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from doorstep.domain.commands import CreateOrder
from doorstep.domain.order import Instant
from doorstep.store.database import Writer
from doorstep.store.postgres.writer import PostgresWriter
from doorstep.store.sqlite.database import SqliteConnection
from doorstep.store.working_set import WorkingSet
from tests.e2e.large_database import (
    FIRST_NUMBER,
    ORDERS_AT_ONCE,
    Numbers,
    Step,
    run,
    without_cycles,
    write,
)


def build(
    path: Path, promises: Sequence[Instant], created_at: Instant, done: Callable[[int], Any]
) -> None:
    """Gives the first account an order for each promise; the orders are called `OPEN-0` and on."""
    connection = SqliteConnection(path)
    with closing(connection):
        # As in `large_database`: nobody reads it before it is whole.
        connection.apsw.pragma("synchronous", "off")
        connection.apsw.pragma("cache_size", -400_000)
        asyncio.run(_fill(connection, promises, created_at, done))
        connection.apsw.pragma("wal_checkpoint(truncate)")


async def build_on_postgres(
    url: str, promises: Sequence[Instant], created_at: Instant, done: Callable[[int], Any]
) -> None:
    writer = PostgresWriter(url)
    await _fill(writer, promises, created_at, done)
    await writer.close()


async def _fill(
    writer: Writer, promises: Sequence[Instant], created_at: Instant, done: Callable[[int], Any]
) -> None:
    numbers, chance = Numbers(), random.Random(1)
    with without_cycles():
        for first in range(0, len(promises), ORDERS_AT_ONCE):
            work = WorkingSet()
            part = promises[first : first + ORDERS_AT_ONCE]
            for position, promise in enumerate(part, first):
                command = _creation(numbers, chance, f"OPEN-{position}", promise)
                run(work, 1, iter([Step(command, created_at)]))
            await write(writer, work)
            done(len(part))
    await writer.begin()
    await writer.run("reserve_numbers", count=numbers.next - FIRST_NUMBER)
    await writer.commit()


def _creation(
    numbers: Numbers, chance: random.Random, order_id: str, promise: Instant
) -> CreateOrder:
    (order_number,) = numbers.draw()
    return CreateOrder(
        order_id=order_id,
        given={"promised_delivery_date": promise},
        recipient=None,
        order_number=order_number,
        item_numbers=(),
        tracking_token=f"{chance.getrandbits(128):032x}",
        request_hash=f"{chance.getrandbits(128):032x}",
    )
