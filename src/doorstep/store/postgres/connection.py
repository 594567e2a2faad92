"""One connection to PostgreSQL: made when it is needed, dropped when it is lost.

Statements that need not wait for each other go to the server and come back in one round trip.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import msgspec
import psycopg

from doorstep.store.database import Conflicted, Read, Rows, StoreUnavailable, TextTooLong
from doorstep.store.postgres.queries import QUERIES, for_many_rows, named
from doorstep.store.postgres.session import Driver, connect, one_line

RETRIED = {
    "40001": "serialization failure",
    "40P01": "deadlock",
    "23505": "a row that another process has just made",
    "23503": "a row that another process has just removed",
    # Each request for itself holds few.
    "53200": "more locks than the server has room for",
}
NO_RIGHT = "42501"
"""That is the database's state and no fault of the statement: it may be granted again."""

FITS_INTO_NO_INDEX = "54000"
"""An entry of more than 2,704 bytes that cannot be packed."""

ONLY_THIS_STATEMENT = ("22", "23", "40", "42", "53200", "54")
"""How the errors begin after which the connection is as good as before."""


SILENCE_SECONDS = 30.0
"""A server that answers nothing for so long is given up, though the connection stands.

Six times what a lock is waited for.
"""


class Statement(NamedTuple):
    sql: str
    values: dict[str, Any]


COMMIT = Statement("COMMIT", {})
BEGIN_SNAPSHOT = [
    Statement("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", {}),
    # It locks nothing, and what is read may go to somebody who takes it slowly.
    Statement("SET LOCAL idle_in_transaction_session_timeout = 0", {}),
]


def named_query(query: str, values: dict[str, Any]) -> Statement:
    return Statement(getattr(QUERIES, query).sql, values)


class PostgresConnection:
    """Named queries on one connection, each read a transaction of its own outside `snapshot`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._driver: Driver | None = None
        self._in_snapshot = False

    async def rows(self, query: str, /, **values: Any) -> Rows:
        return (await self._exchange([named_query(query, values)]))[0]

    async def one(self, query: str, /, **values: Any) -> Any:
        rows = await self.rows(query, **values)
        if getattr(QUERIES, query).operation.name == "SELECT_VALUE":
            return rows[0][0] if rows else None
        return rows[0] if rows else None

    async def together(self, reads: Sequence[Read], /) -> list[Rows]:
        return await self._exchange([named_query(query, values) for query, values in reads])

    async def text(self, sql: str, values: dict[str, Any], /) -> Rows:
        return (await self._exchange([Statement(named(sql), values)]))[0]

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[None]:
        await self._exchange(BEGIN_SNAPSHOT)
        self._in_snapshot = True
        try:
            yield
        finally:
            self._in_snapshot = False
            if self._driver is not None:
                # Not ROLLBACK, at which psycopg forgets all that is prepared.
                await self._exchange([COMMIT])

    async def _exchange(self, statements: list[Statement]) -> list[Rows]:
        """The rows of each statement. Raises StoreUnavailable, Conflicted."""
        had_one = self._driver is not None
        in_transaction = had_one and self._in_transaction()
        try:
            return await self._send(statements)
        except StoreUnavailable:
            # Lost while nobody used it: what has not begun can begin again on a new one.
            if not had_one or in_transaction or self._driver is not None:
                raise
            return await self._send(statements)

    async def _send(self, statements: list[Statement]) -> list[Rows]:
        try:
            if self._driver is None or self._driver.closed:
                self._driver = await connect(self._url)
            # Without end in a snapshot, where whole accounts may be counted.
            async with asyncio.timeout(None if self._in_snapshot else SILENCE_SECONDS):
                return await exchange(self._driver, statements)
        except psycopg.Error as error:
            raise await self._explained(error) from error
        except TimeoutError:
            await self.drop()
            raise StoreUnavailable("the server does not answer") from None
        except BaseException:
            await self.drop()
            raise

    async def _explained(self, error: psycopg.Error) -> Exception:
        """What an error means to those who asked; a connection that is no good is dropped."""
        state = error.sqlstate or ""
        is_lost = self._driver is not None and self._driver.closed
        if is_lost or state == NO_RIGHT or not state.startswith(ONLY_THIS_STATEMENT):
            await self.drop()
            return StoreUnavailable(one_line(error))
        if state in RETRIED:
            return Conflicted(RETRIED[state])
        return TextTooLong(TextTooLong.detail) if state == FITS_INTO_NO_INDEX else error

    def _in_transaction(self) -> bool:
        idle = psycopg.pq.TransactionStatus.IDLE
        return self._driver is not None and self._driver.info.transaction_status != idle

    async def drop(self) -> None:
        """Forgets the connection; the next use makes another."""
        driver, self._driver = self._driver, None
        if driver is not None:
            await driver.close()

    async def close(self) -> None:
        await self.drop()


async def exchange(driver: Driver, statements: list[Statement]) -> list[Rows]:
    """The rows of each statement, in one round trip. Raises psycopg.Error, for the first of all."""
    if len(statements) == 1:
        cursors = [await driver.execute(*statements[0], prepare=True)]
    else:
        async with driver.pipeline():
            cursors = [await driver.execute(*statement, prepare=True) for statement in statements]
    return [await cursor.fetchall() if _has_rows(cursor) else [] for cursor in cursors]


def _has_rows(cursor: psycopg.AsyncCursor[Any]) -> bool:
    # Not `description`, which makes an object of every column.
    return cursor.pgresult is not None and cursor.pgresult.nfields > 0


def many_rows(query: str, rows: Sequence[dict[str, Any]]) -> list[Statement]:
    """A query for each of the rows, as few statements as possible."""
    return _for_many(getattr(QUERIES, query).sql, rows)


def many_rows_of_text(sql: str, rows: Sequence[dict[str, Any]]) -> list[Statement]:
    return _for_many(named(sql), rows)


def _for_many(sql: str, rows: Sequence[dict[str, Any]]) -> list[Statement]:
    together = for_many_rows(sql)
    if together is None:
        return [Statement(sql, row) for row in rows]
    return [Statement(together, {"rows": msgspec.json.encode(rows).decode()})]
