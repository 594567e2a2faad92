"""The worker's seat on a PostgreSQL server: an advisory lock of a session of its own."""

import asyncio

import psycopg

from doorstep.store.postgres.session import CONNECT_SECONDS, Driver, connect

TAKE = "SELECT pg_try_advisory_lock(1, 2)"
STILL_THERE = "SELECT 1"
ANSWER_SECONDS = 2 * CONNECT_SECONDS


class LockSeat:
    """Free as soon as the server has noticed that its session is gone."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._driver: Driver | None = None
        self._is_held = False

    async def take(self) -> bool:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._take()
        except (psycopg.Error, TimeoutError):
            await self.leave()
            return False

    async def _take(self) -> bool:
        if self._driver is None:
            self._driver = await connect(self._url)
        if self._is_held:
            await self._driver.execute(STILL_THERE)
            return True
        row = await (await self._driver.execute(TAKE)).fetchone()
        self._is_held = row is not None and bool(row[0])
        return self._is_held

    async def leave(self) -> None:
        driver, self._driver, self._is_held = self._driver, None, False
        if driver is not None:
            await driver.close()
