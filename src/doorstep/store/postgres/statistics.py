"""What PostgreSQL's planner knows of young tables: too little, until they have been analysed.

Its autovacuum looks around once a minute. A new database may have a hundred thousand orders by
then, each found by reading through an account, so doorstep has its tables analysed itself as they
grow, until they are large enough to leave them to the autovacuum.
"""

import asyncio
import contextlib
import logging
from collections import Counter

import psycopg

from doorstep.store.postgres.queries import table_of
from doorstep.store.postgres.session import connect, one_line

log = logging.getLogger(__name__)

FIRST_ROWS = 500
TIMES_MORE = 4
LAST_ROWS = 500_000


class Statistics:
    """Counts what this process inserts, and analyses a table whenever it has grown much."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._rows: Counter[str] = Counter()
        self._next: dict[str, int] = {}
        self._due: set[str] = set()
        self._analysing: asyncio.Task[None] | None = None

    def inserted(self, query: str, rows: int) -> None:
        """Rows were sent by a query; only those that insert count."""
        table = table_of(query)
        if not table:
            return
        self._rows[table] += rows
        limit = self._next.get(table, FIRST_ROWS)
        if limit <= LAST_ROWS and self._rows[table] >= limit:
            self._next[table] = limit * TIMES_MORE
            self._due.add(table)

    def committed(self) -> None:
        """Lets what has become due be done beside everything else."""
        if self._due and self._analysing is None:
            self._analysing = asyncio.get_running_loop().create_task(self._analyse())

    async def _analyse(self) -> None:
        try:
            driver = await connect(self._url)
            try:
                while self._due:
                    await driver.execute(f"ANALYZE {self._due.pop()}".encode())
            finally:
                await driver.close()
        except psycopg.Error as error:
            log.warning("tables were not analysed", extra={"error": one_line(error)})
        finally:
            self._analysing = None

    async def close(self) -> None:
        """An ANALYZE waits for a replica like any write: it holds up no stop."""
        if self._analysing is not None:
            self._analysing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._analysing
