"""The log: writing events with their sequence, and making orders out of them again."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from doorstep.domain.events import EVENT_TYPES, Event, occurred_at
from doorstep.domain.evolve import evolve
from doorstep.domain.order import Instant, Order
from doorstep.store.database import Connection, Writer
from doorstep.store.rows import to_json
from doorstep.store.working_set import Recorded

_DECODERS = {name: msgspec.json.Decoder(kind) for name, kind in EVENT_TYPES.items()}


class LoggedEvent(Struct, frozen=True):
    """A line of the log; `data` is the event's JSON as it is stored.

    An event of the account itself has the order number 0 and no order_id.
    """

    account_id: int
    sequence: int
    order_number: int
    order_id: str
    type: str
    occurred_at: Instant
    recorded_at: Instant
    data: str


async def append_events(writer: Writer, recorded: list[Recorded]) -> None:
    """Writes events in the order given; within an account sequences rise in commit order."""
    by_account = defaultdict(list)
    for line in recorded:
        by_account[line.account_id].append(line)
    for account_id, lines in sorted(by_account.items()):
        count = len(lines)
        await writer.run("advance_sequence", account_id=account_id, count=count)
        await writer.run_many(
            "insert_events",
            [
                {
                    "account_id": account_id,
                    "sequence": position - count + 1,
                    "order_number": line.order_number,
                    "order_id": line.order_id,
                    "type": line.event.type,
                    "occurred_at": occurred_at(line.event, line.recorded_at),
                    "recorded_at": line.recorded_at,
                    "data": to_json(line.event),
                }
                for position, line in enumerate(lines)
            ],
        )


async def load_log(connection: Connection, query: str, **values: Any) -> list[LoggedEvent]:
    """Lines of the log by one of the queries `load_log…`."""
    return [LoggedEvent(*row) for row in await connection.rows(query, **values)]


async def events_of(
    connection: Connection, account_id: int, order_number: int
) -> Iterator[tuple[Event, Instant]]:
    """An order's events in the order of their recording, each with that moment."""
    rows = await connection.rows("load_events", account_id=account_id, order_number=order_number)
    return ((_DECODERS[kind].decode(data), recorded_at) for _, kind, recorded_at, data in rows)


async def replay(
    connection: Connection, account_id: int, order_number: int, until: Instant | None = None
) -> Order | None:
    """The order that its events make, without personal data; as it was known at `until`."""
    order: Order | None = None
    for event, recorded_at in await events_of(connection, account_id, order_number):
        if until is not None and recorded_at > until:
            break
        order = evolve(order, event, recorded_at)
    return order
