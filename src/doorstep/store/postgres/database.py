"""The database on a PostgreSQL server, through psycopg."""

import asyncio
import threading
from collections import deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from doorstep.store.database import Connection, Rows, StoreUnavailable
from doorstep.store.postgres.connection import PostgresConnection, Statement
from doorstep.store.postgres.writer import PostgresWriter

LISTING_THREADS = 3
READS_AT_ONCE = 64


class PostgresReader(PostgresConnection):
    """Reads for all requests: those that wait at the same moment share a round trip."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._waiting: deque[tuple[list[Statement], asyncio.Future[list[Rows]]]] = deque()
        self._reading: asyncio.Task[None] | None = None
        self._is_alone = False

    def snapshot(self) -> Any:
        """For one task alone, such as a command: all that is read meanwhile is inside."""
        return super().snapshot()

    async def _exchange(self, statements: list[Statement]) -> list[Rows]:
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[Rows]] = loop.create_future()
        self._waiting.append((statements, answer))
        if self._reading is None:
            self._reading = loop.create_task(self._read())
        return await answer

    async def _read(self) -> None:
        try:
            while self._waiting:
                size = min(len(self._waiting), READS_AT_ONCE)
                await self._read_together([self._waiting.popleft() for _ in range(size)])
        finally:
            self._reading = None

    async def _read_together(
        self, asked: list[tuple[list[Statement], asyncio.Future[list[Rows]]]]
    ) -> None:
        try:
            found = await super()._exchange([s for statements, _ in asked for s in statements])
        except Exception as error:
            if len(asked) == 1 or isinstance(error, StoreUnavailable):
                for _, answer in asked:
                    _give(answer, error)
                return
            # One of them may be at fault: each by itself.
            for one in asked:
                await self._read_together([one])
            return
        for statements, answer in asked:
            _give(answer, found[: len(statements)])
            found = found[len(statements) :]


def _give(answer: "asyncio.Future[list[Rows]]", value: list[Rows] | Exception) -> None:
    if answer.done():
        return
    if isinstance(value, Exception):
        answer.set_exception(value)
    else:
        answer.set_result(value)


class PostgresDatabase:
    """One server, written by any number of processes."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.writer = PostgresWriter(url)
        self.reader = PostgresReader(url)
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
        await asyncio.to_thread(self._close_listing)
        await self.reader.close()
        await self.writer.close()

    def _close_listing(self) -> None:
        self._listing.shutdown()
        for runner, connection in self._opened:
            runner.run(connection.close())
            runner.close()
