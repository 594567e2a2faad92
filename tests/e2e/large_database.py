"""A database with very many orders, as the server itself would have written them.

The orders are decided by the domain, command by command, and written by the store's own
statements, without HTTP and without waiting for the disk. The same seed makes the same orders.
"""

import asyncio
import gc
import random
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from doorstep.domain.commands import (
    AddShipment,
    Command,
    CreateOrder,
    RecordCarrierUpdate,
    ReportState,
)
from doorstep.domain.decide import Decision, decide
from doorstep.domain.order import DAY, SECOND, Instant, Order
from doorstep.store.changes import batches
from doorstep.store.database import Writer
from doorstep.store.events import append_events
from doorstep.store.postgres.writer import PostgresWriter
from doorstep.store.sqlite.database import SqliteConnection
from doorstep.store.working_set import WorkingSet

SEED = 20_270_115
SPAN = 730 * DAY
"""The orders are of two years, the last of them created a day ago."""

TAGS = [f"tag-{number:02}" for number in range(50)]
LANGUAGES = ("de", "en", "fr", "it", "es")
CARRIERS = ("dhl", "dpd", "gls", "hermes", "ups")
FIRST_NUMBER = 700_000_000_000_001
ORDERS_AT_ONCE = 2_000
ITEM = {"sku": "TSHIRT-BLU-M", "name": "T-Shirt", "quantity": 2, "item_value": 29.99}
HOUR = 3_600 * SECOND


class Numbers:
    """Internal numbers in a row, as a server that runs alone draws them."""

    def __init__(self) -> None:
        self.next = FIRST_NUMBER

    def draw(self, count: int = 1) -> range:
        self.next += count
        return range(self.next - count, self.next)


class Step(NamedTuple):
    command: Command
    now: Instant


def build(
    path: Path, account_id: int, count: int, until: Instant, done: Callable[[int], Any]
) -> None:
    """Fills an account that has no orders; `done` is told how many more are written."""
    connection = SqliteConnection(path)
    with closing(connection):
        # Nobody reads it before it is whole, and a crash while it is built costs only the test.
        connection.apsw.pragma("synchronous", "off")
        connection.apsw.pragma("cache_size", -400_000)
        asyncio.run(_fill(connection, account_id, count, until, done))
        connection.apsw.pragma("wal_checkpoint(truncate)")


async def build_on_postgres(
    url: str, account_id: int, count: int, until: Instant, done: Callable[[int], Any]
) -> None:
    """The same orders as `build`, and their tables analysed as a server would have had them."""
    writer = PostgresWriter(url)
    await _fill(writer, account_id, count, until, done)
    await writer.close()


async def _fill(
    writer: Writer, account_id: int, count: int, until: Instant, done: Callable[[int], Any]
) -> None:
    numbers, chance = Numbers(), random.Random(SEED)
    with without_cycles():
        for first in range(0, count, ORDERS_AT_ONCE):
            work = WorkingSet()
            last = min(first + ORDERS_AT_ONCE, count)
            for position in range(first, last):
                created_at = until - DAY - SPAN + SPAN * position // count
                run(work, account_id, _life(chance, numbers, created_at, until))
            await write(writer, work)
            done(last - first)
    await writer.begin()
    await writer.run("reserve_numbers", count=numbers.next - FIRST_NUMBER)
    await writer.commit()


@contextmanager
def without_cycles() -> Iterator[None]:
    """Leaves the search for cycles out: orders make none, and it costs an eighth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


async def write(writer: Writer, work: WorkingSet) -> None:
    await writer.begin()
    for statement, rows in batches(work).items():
        if rows:
            await writer.run_many(statement, rows)
    await append_events(writer, work.events)
    await writer.commit()


def run(work: WorkingSet, account_id: int, steps: Iterator[Step]) -> None:
    order: Order | None = None
    for command, now in steps:
        decision = decide(order, command, now)
        assert isinstance(decision, Decision), decision
        work.apply(account_id, order, decision, now)
        order = decision.order


def _life(
    chance: random.Random, numbers: Numbers, created_at: Instant, until: Instant
) -> Iterator[Step]:
    """What happens to one order until it is delivered, or as far as the time has come."""
    steps = [Step(_creation(chance, numbers, created_at, until), created_at)]
    at = created_at + chance.randrange(HOUR)
    ending = chance.random()
    if ending < 0.3:
        steps.append(Step(ReportState("paid"), at))
    if ending < 0.05:
        steps.append(Step(ReportState("cancelled"), at + HOUR))
    else:
        steps += _parcels(chance, numbers, at + DAY)
    return iter([step for step in steps if step.now <= until])


def _creation(
    chance: random.Random, numbers: Numbers, created_at: Instant, until: Instant
) -> CreateOrder:
    order_number, item_number = numbers.draw(2)
    ordered_at = created_at - chance.randrange(DAY)
    if chance.random() < 0.02:  # Imported late: blocks of numbers have outliers.
        ordered_at -= chance.randrange(300 * DAY)
    given: dict[str, Any] = {
        "order_date": ordered_at,
        "language": chance.choices(LANGUAGES, (60, 25, 10, 4, 1))[0],
        "order_tags": {tag: chance.choice("ab") for tag in chance.sample(TAGS, 2)},
        "order_items": [ITEM],
    }
    if chance.random() < 0.8:
        promise = created_at + chance.randrange(2 * DAY, 9 * DAY)
        # None passes on the day on which tests ask for what is delayed.
        given["promised_delivery_date"] = promise + DAY * (until <= promise < until + DAY)
    return CreateOrder(
        order_id=f"{chance.getrandbits(48):012X}",
        given=given,
        recipient={"first_name": "John", "city": "Berlin", "zip_code": "10115", "country": "DE"},
        order_number=order_number,
        item_numbers=(item_number,),
        tracking_token=f"{chance.getrandbits(128):032x}",
        request_hash=f"{chance.getrandbits(128):032x}",
    )


def _parcels(chance: random.Random, numbers: Numbers, shipped_at: Instant) -> list[Step]:
    """One and a half parcels on average, most of them delivered within a week."""
    steps = []
    for _ in range(chance.choices((0, 1, 2, 3), (5, 50, 35, 10))[0]):
        (number,) = numbers.draw()
        names = {"tracking_code": f"{number}{chance.getrandbits(32):08x}"}
        if chance.random() < 0.1:
            names["reference_number"] = f"R-{number}"
        given = {**names, "carrier_name": chance.choice(CARRIERS), "carrier_country": "DE"}
        steps.append(Step(AddShipment(number, given, None, {}, 500), shipped_at))
        if chance.random() < 0.95:
            at = shipped_at + chance.randrange(DAY, 7 * DAY)
            (update,) = numbers.draw()
            said = ("delivered", at, 60, "Berlin", None, None)
            steps.append(Step(RecordCarrierUpdate(number, update, *said, 2_000), at))
    return sorted(steps, key=lambda step: step.now)
