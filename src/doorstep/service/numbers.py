"""Internal numbers: 15 digits, unique in the installation, rising within a process."""

import asyncio

from doorstep.service.group import QueueFull
from doorstep.store.database import Writer
from doorstep.store.store import Store

RESERVED_AT_ONCE = 10_000
"""Few enough to waste at a restart (900 million million are left), many enough to be rare."""


class Numbers:
    """Draws from a range that was reserved durably, so that no number is ever given twice.

    Who comes while a range is being reserved waits for it, and shares the outcome.
    """

    def __init__(self, store: Store, most_waiting: int) -> None:
        self._store = store
        self._most_waiting = most_waiting
        self._next = 0
        self._end = 0
        self._waiting = 0
        self._reserving: asyncio.Task[None] | None = None

    async def draw(self, count: int = 1) -> range:
        """As many numbers in a row, rising. Raises StoreUnavailable."""
        while self._next + count > self._end:
            await self._wait_for_more(max(count, RESERVED_AT_ONCE))
        first = self._next
        self._next += count
        return range(first, first + count)

    async def _wait_for_more(self, count: int) -> None:
        if self._waiting >= self._most_waiting:
            raise QueueFull(f"{self._waiting} requests are waiting for numbers")
        if self._reserving is None or self._reserving.done():
            self._reserving = asyncio.get_running_loop().create_task(self._reserve(count))
        self._waiting += 1
        try:
            # Who leaves meanwhile takes nothing from the others.
            await asyncio.shield(self._reserving)
        finally:
            self._waiting -= 1

    async def _reserve(self, count: int) -> None:
        async def reserve(connection: Writer) -> int:
            return int(await connection.one("reserve_numbers", count=count))

        self._end = await self._store.write(reserve)
        self._next = self._end - count
