"""The database on a PostgreSQL server, through psycopg."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from doorstep.store.database import Connection
from doorstep.store.postgres.connection import PostgresConnection
from doorstep.store.postgres.reader import PostgresReader
from doorstep.store.postgres.seat import LockSeat
from doorstep.store.postgres.writer import PostgresWriter

LISTING_THREADS = 3


class PostgresDatabase:
    """One server, written by any number of processes."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.writer = PostgresWriter(url)
        self.reader = PostgresReader(url)
        self.worker_seat = LockSeat(url)
        self._own = threading.local()
        self._listing = ThreadPoolExecutor(LISTING_THREADS, "listing")
        self._opened: list[tuple[asyncio.Runner, PostgresConnection]] = []

    async def listing(self, use: Callable[[Connection], Awaitable[Any]]) -> Any:
        """Runs long reads in threads that have event loops of their own."""
        return await asyncio.get_running_loop().run_in_executor(self._listing, self._list, use)

    def _list(self, use: Callable[[Connection], Awaitable[Any]]) -> Any:
        if not hasattr(self._own, "runner"):
            self._own.runner, self._own.connection = asyncio.Runner(), PostgresConnection(self._url)
            self._opened.append((self._own.runner, self._own.connection))
        return self._own.runner.run(use(self._own.connection))

    async def close(self) -> None:
        await self.worker_seat.leave()
        await asyncio.to_thread(self._close_listing)
        await self.reader.close()
        await self.writer.close()

    def _close_listing(self) -> None:
        self._listing.shutdown()
        for runner, connection in self._opened:
            runner.run(connection.close())
            runner.close()
