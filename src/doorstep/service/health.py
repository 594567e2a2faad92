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
        self._trying: asyncio.Task[str | None] | None = None
        self._tried_at: Instant = -KEPT
        self._fault: str | None = None

    async def fault(self) -> str | None:
        """Why no write would succeed now, None where one does; after five seconds at the latest."""
        if self._group.is_full:
            return "The queue of writes is full."
        # Not before the last try either: clocks may be set back.
        if self._trying is None and self._tried_at <= self._clock() < self._tried_at + KEPT:
            return self._fault
        if self._trying is None:
            self._trying = asyncio.get_running_loop().create_task(self._try())
        trying = self._trying
        # Not cancelled where it takes longer: a commit is waited for to its end.
        await asyncio.wait({trying}, timeout=SECONDS_TO_WRITE)
        if not trying.done():
            return f"The database did not take a write within {SECONDS_TO_WRITE:.0f} seconds."
        return trying.result()

    async def _try(self) -> str | None:
        try:
            now = self._clock()
            await self._store.write(lambda connection: note_write(connection, now))
            self._fault = None
        except StoreUnavailable as error:
            self._fault = f"The database does not take a write: {error}."
        finally:
            self._tried_at = self._clock()
            self._trying = None
        return self._fault
