"""The log as the worker sends it: read once for all endpoints of an account, and kept a while."""

from collections import OrderedDict
from collections.abc import Iterable

from msgspec import Struct

from doorstep.service.events.cloud_events import encode_event, event_id
from doorstep.service.events.log import LoggedEvent, read_log
from doorstep.service.services import Services

EVENTS_AT_ONCE = 32
"""Read and encoded while the process does nothing else; an event may be as large as a body."""

MOST_BYTES_KEPT = 32 * 1024 * 1024


class Message(Struct, frozen=True):
    """An event as it is sent; `webhook_id` is the event's id."""

    sequence: int
    order_number: int
    type: str
    webhook_id: str
    body: bytes


class Stretch(Struct):
    """The events of `EVENTS_AT_ONCE` sequences, as far as they are read: up to `end`."""

    end: int
    messages: dict[int, Message]
    bytes_kept: int = 0


class EventLog:
    """Of all accounts; the memory that it takes is bounded for all of them together."""

    def __init__(self, services: Services) -> None:
        self._reader = services.store.reader
        self.newest: dict[int, int] = {}
        """The newest sequence of each account, when it was last asked for."""
        self._stretches: OrderedDict[tuple[int, int], Stretch] = OrderedDict()
        self._bytes_kept = 0

    async def look(self, account_ids: Iterable[int]) -> list[int]:
        """Asks for the newest events; the accounts that have new ones."""
        rows = await self._reader.rows("newest_sequences", account_ids=sorted(account_ids))
        changed = [account for account, newest in rows if newest != self.newest.get(account)]
        self.newest.update(rows)
        return changed

    async def after(self, account_id: int, sequence: int) -> tuple[list[Message], int]:
        """Some of the events that follow a sequence, and the sequence up to which they are all.

        Nothing more than the account's newest one as far as it is known.
        """
        newest = self.newest.get(account_id, 0)
        if sequence >= newest:
            return [], sequence
        stretch = await self._stretch(account_id, sequence // EVENTS_AT_ONCE, newest)
        found = [m for m in stretch.messages.values() if m.sequence > sequence]
        return found, max(stretch.end, sequence)

    async def message(self, account_id: int, sequence: int) -> Message | None:
        """One event; None where the log has none of that sequence."""
        stretch = self._stretches.get((account_id, (sequence - 1) // EVENTS_AT_ONCE))
        if stretch is not None and sequence in stretch.messages:
            return stretch.messages[sequence]
        logged = await read_log(self._reader, account_id, sequence - 1, 1)
        return _message(logged[0]) if logged and logged[0].sequence == sequence else None

    async def _stretch(self, account_id: int, number: int, newest: int) -> Stretch:
        """Sequences from `number` × EVENTS_AT_ONCE + 1 on."""
        first, last = number * EVENTS_AT_ONCE, (number + 1) * EVENTS_AT_ONCE
        stretch = self._stretches.setdefault((account_id, number), Stretch(first, {}))
        self._stretches.move_to_end((account_id, number))
        end = min(last, newest)
        if stretch.end < end:
            logged = await read_log(self._reader, account_id, stretch.end, end - stretch.end)
            messages = [_message(one) for one in logged if one.sequence <= end]
            # Whoever else has read the same meanwhile has added the same.
            stretch.messages.update((one.sequence, one) for one in messages)
            stretch.end = max(stretch.end, end)
            # What others read meanwhile may have pushed it out.
            if self._stretches.get((account_id, number)) is stretch:
                self._account(stretch)
        return stretch

    def _account(self, stretch: Stretch) -> None:
        size = sum(len(message.body) for message in stretch.messages.values())
        self._bytes_kept += size - stretch.bytes_kept
        stretch.bytes_kept = size
        while self._bytes_kept > MOST_BYTES_KEPT and len(self._stretches) > 1:
            self._bytes_kept -= self._stretches.popitem(last=False)[1].bytes_kept


def _message(logged: LoggedEvent) -> Message:
    return Message(
        logged.sequence,
        logged.order_number,
        logged.type,
        event_id(logged.account_id, logged.sequence),
        encode_event(logged),
    )
