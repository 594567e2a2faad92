"""Work that many want at one moment, done once for all of them."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")

SECONDS_TO_JOIN = 0.02


class Together(Generic[Value]):
    """What is made was begun after the last of those who get it asked: none gets anything old."""

    def __init__(self) -> None:
        self._coming: dict[Hashable, asyncio.Task[Value]] = {}

    async def get(self, key: Hashable, make: Callable[[], Awaitable[Value]]) -> Value:
        coming = self._coming.get(key)
        if coming is None:
            coming = asyncio.get_running_loop().create_task(self._make(key, make))
            self._coming[key] = coming
        # Who leaves takes it from no other.
        return await asyncio.shield(coming)

    async def _make(self, key: Hashable, make: Callable[[], Awaitable[Value]]) -> Value:
        await asyncio.sleep(SECONDS_TO_JOIN)
        del self._coming[key]
        return await make()
