"""Internal numbers: 15 digits, unique in the installation, rising within a process."""

import asyncio

from doorstep.store.database import Connection
from doorstep.store.store import Store

RESERVED_AT_ONCE = 10_000
"""Few enough to waste at a restart (900 million million are left), many enough to be rare."""


class Numbers:
    """Draws from a range that was reserved durably, so that no number is ever given twice."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._next = 0
        self._end = 0
        self._reserving = asyncio.Lock()

    async def draw(self, count: int = 1) -> range:
        """As many numbers in a row, rising."""
        if self._next + count > self._end:
            async with self._reserving:
                if self._next + count > self._end:
                    await self._reserve(max(count, RESERVED_AT_ONCE))
        first = self._next
        self._next += count
        return range(first, first + count)

    async def _reserve(self, count: int) -> None:
        async def reserve(connection: Connection) -> int:
            return int(await connection.one("reserve_numbers", count=count))

        self._end = await self._store.write(reserve)
        self._next = self._end - count
