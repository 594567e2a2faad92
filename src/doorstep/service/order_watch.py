"""Telling those who look at an order that it has changed, however many look."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from doorstep.service.newest import Newest
from doorstep.store.database import Connection, StoreUnavailable

MOST_WATCHED = 2_000
"""Pages that a process keeps up to date at once; each holds a connection."""

MOST_OF_AN_ORDER = 100
"""So that no one link, passed around, takes the places of all the others."""

READ_TOGETHER = 1_000
SECONDS_BETWEEN_READS = 60.0
SECONDS_UNTIL_NEXT_TRY = 1.0


class OrderWatch:
    """The log of each account is read once for all who look at its orders."""

    def __init__(self, reader: Connection, newest: Newest) -> None:
        self._reader = reader
        self._newest = newest
        self._looking: dict[int, dict[int, set[asyncio.Event]]] = {}
        self._reading: dict[int, asyncio.Task[None]] = {}
        self.count = 0
        """How many look."""

    def has_place(self, account_id: int, order_number: int) -> bool:
        """Whether one more may look at that order."""
        looking = self._looking.get(account_id, {}).get(order_number, ())
        return self.count < MOST_WATCHED and len(looking) < MOST_OF_AN_ORDER

    @contextmanager
    def watch(self, account_id: int, order_number: int) -> Iterator[asyncio.Event]:
        """Sets the event at each change of the order from now on."""
        changed = asyncio.Event()
        orders = self._looking.setdefault(account_id, defaultdict(set))
        orders[order_number].add(changed)
        self.count += 1
        if account_id not in self._reading:
            reading = asyncio.get_running_loop().create_task(self._read(account_id))
            self._reading[account_id] = reading
        try:
            yield changed
        finally:
            self.count -= 1
            orders[order_number].discard(changed)
            if not orders[order_number]:
                del orders[order_number]
            if not orders:
                del self._looking[account_id]
                self._reading.pop(account_id).cancel()

    async def _read(self, account_id: int) -> None:
        position: int | None = None
        while True:
            try:
                position = await self._read_on(account_id, position)
            except StoreUnavailable:
                await asyncio.sleep(SECONDS_UNTIL_NEXT_TRY)

    async def _read_on(self, account_id: int, position: int | None) -> int:
        """Wakes those whose orders have changed; up to where the log was read."""
        if position is None:
            rows = await self._reader.rows("newest_sequences", account_ids=[account_id])
            # What was committed before this was read may have been seen by nobody.
            self._wake(account_id, set(self._looking[account_id]))
            return int(rows[0][1]) if rows else 0
        rows = await self._reader.rows(
            "changed_orders", account_id=account_id, after=position, most=READ_TOGETHER
        )
        if rows:
            self._wake(account_id, {row[1] for row in rows})
            return int(rows[-1][0])
        await self._newest.wait({account_id: position}, SECONDS_BETWEEN_READS)
        return position

    def _wake(self, account_id: int, order_numbers: set[int]) -> None:
        orders = self._looking.get(account_id, {})
        for number in order_numbers & orders.keys():
            for changed in orders[number]:
                changed.set()

    async def close(self) -> None:
        for task in self._reading.values():
            task.cancel()
