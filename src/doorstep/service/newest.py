"""Waking those who wait for an account's next events, whichever process wrote them."""

import asyncio
from collections.abc import Iterable, Mapping

from doorstep.store.database import Connection, StoreUnavailable

SECONDS_BETWEEN_LOOKS = 0.1
"""How late events of another process are noticed at most; promised is a quarter of a second."""


class Newest:
    """Events of this process wake at once; for those of others the database is asked.

    It is asked once for all who wait, and not at all while nobody does.
    """

    def __init__(self, reader: Connection) -> None:
        self._reader = reader
        self._waiting: dict[asyncio.Event, Mapping[int, int]] = {}
        self._looking: asyncio.Task[None] | None = None

    def committed(self, account_ids: Iterable[int]) -> None:
        """This process has committed events of these accounts."""
        accounts = set(account_ids)
        for woken, after in self._waiting.items():
            if not accounts.isdisjoint(after):
                woken.set()

    async def wait(self, after: Mapping[int, int], seconds: float) -> None:
        """Until any of the accounts may have an event after its sequence; no longer than that."""
        woken = asyncio.Event()
        self._waiting[woken] = after
        if self._looking is None:
            self._looking = asyncio.get_running_loop().create_task(self._look())
        try:
            async with asyncio.timeout(seconds):
                await woken.wait()
        except TimeoutError:
            pass
        finally:
            del self._waiting[woken]

    async def _look(self) -> None:
        try:
            while self._waiting:
                await self._wake_overtaken()
                await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        finally:
            self._looking = None

    async def _wake_overtaken(self) -> None:
        accounts = sorted({account for after in self._waiting.values() for account in after})
        try:
            rows = await self._reader.rows("newest_sequences", account_ids=accounts)
        except StoreUnavailable:
            return  # Asked again soon; who waits has an end of its own.
        newest: dict[int, int] = dict(rows)
        for woken, after in self._waiting.items():
            if any(newest.get(account, 0) > sequence for account, sequence in after.items()):
                woken.set()

    async def close(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
