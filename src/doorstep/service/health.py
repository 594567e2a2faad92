"""Whether requests can be served: the queue has room, and the database takes a write."""

import asyncio
from collections.abc import Callable

from doorstep.domain.order import SECOND, Instant
from doorstep.service.group import GroupCommit
from doorstep.store.accounts import note_write
from doorstep.store.database import StoreUnavailable
from doorstep.store.store import Store

SECONDS_TO_WRITE = 5.0
"""A database that takes longer than this for one row serves nobody."""

KEPT: Instant = SECOND
"""However often it is asked, the disk is written at most this often."""


class Readiness:
    """Tries a durable write; whoever asks meanwhile shares its outcome."""

    def __init__(self, store: Store, group: GroupCommit, clock: Callable[[], Instant]) -> None:
        self._store = store
        self._group = group
        self._clock = clock
        self._trying = asyncio.Lock()
        self._tried_at: Instant = -KEPT
        self._fault: str | None = None

    async def fault(self) -> str | None:
        """Why no write would succeed now, None where one does."""
        if self._group.is_full:
            return "The queue of writes is full."
        async with self._trying:
            now = self._clock()
            # Not before the last try either: clocks may be set back.
            if not self._tried_at <= now < self._tried_at + KEPT:
                self._fault = await self._try(now)
                self._tried_at = now
            return self._fault

    async def _try(self, now: Instant) -> str | None:
        try:
            async with asyncio.timeout(SECONDS_TO_WRITE):
                await self._store.write(lambda connection: note_write(connection, now))
        except TimeoutError:
            return f"The database did not take a write within {SECONDS_TO_WRITE:.0f} seconds."
        except StoreUnavailable as error:
            return f"The database does not take a write: {error}."
        return None
