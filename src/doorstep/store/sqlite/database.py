"""The embedded database: SQLite in WAL mode through apsw, which brings a current SQLite along.

Statements run on the event loop (tens of microseconds each); only COMMIT, which waits for the
disk, runs in a helper thread. Long reads run in threads with connections of their own.
"""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import apsw
import msgspec

from doorstep.store.database import Connection, FatalStoreError, Read, Rows, StoreUnavailable
from doorstep.store.queries import SQLITE, SQLITE_ONLY_ONE, load_queries
from doorstep.store.sqlite.seat import FileSeat

QUERIES = load_queries(SQLITE)
QUERIES_OF_ONE = load_queries(SQLITE_ONLY_ONE)
STATEMENT_CACHE = 400
CACHE_KIB = 32 * 1024
"""Pages that each of the few connections keeps: those of the last ten thousand orders or so.

With SQLite's own two megabytes a read among as many orders takes a tenth more processor time.
"""

BUSY_MILLISECONDS = 5_000
"""How long to wait for another process where nothing else could go on meanwhile."""

SECONDS_BETWEEN_TRIES = 0.002
BEGIN_TRIES = 1_500
"""Another process writes shortly (a worker, a new key); the event loop goes on while it does.

A saturated server lets another in within some hundredths of a second: between two of its groups
nobody holds the file.
"""

LISTING_THREADS = 3

CANNOT_NOW = (
    apsw.FullError,
    apsw.BusyError,
    apsw.LockedError,
    apsw.ReadOnlyError,
    apsw.IOError,
    apsw.CantOpenError,
)


def connect(path: Path, *, readonly: bool = False) -> apsw.Connection:
    """A connection with what durability and integrity need; the file must be there."""
    flags = apsw.SQLITE_OPEN_READONLY if readonly else apsw.SQLITE_OPEN_READWRITE
    connection = apsw.Connection(str(path), flags=flags, statementcachesize=STATEMENT_CACHE)
    connection.set_busy_timeout(BUSY_MILLISECONDS)
    connection.pragma("cache_size", -CACHE_KIB)
    connection.pragma("foreign_keys", True)
    # A statement's plan does not depend on its values. Else SQLite plans anew whenever another
    # value is bound that could matter: nine tenths of the time of reading an order.
    connection.config(apsw.SQLITE_DBCONFIG_ENABLE_QPSG, 1)
    if not readonly:
        connection.pragma("journal_mode", "wal")
        # A commit is on the disk before it is answered, also when the power fails.
        connection.pragma("synchronous", "full")
        # What was deleted is gone from the file too, not only from the tables.
        connection.pragma("secure_delete", True)
        connection.set_busy_timeout(0)
    return connection


class SqliteConnection:
    """Named queries on one apsw connection; what never waits is plain code in a coroutine."""

    is_alone = True

    def __init__(self, path: Path, *, readonly: bool = False) -> None:
        try:
            self.apsw = connect(path, readonly=readonly)
        except CANNOT_NOW as error:
            raise StoreUnavailable(str(error)) from error
        self._committer = ThreadPoolExecutor(1, "commit") if not readonly else None
        self._tries = BEGIN_TRIES

    async def rows(self, query: str, /, **values: Any) -> Rows:
        function = self._prepared(query, values)
        try:
            # Past aiosql's own layers, which would take as long as a short statement.
            found: Rows = self.apsw.execute(function.sql, values).fetchall()
        except CANNOT_NOW as error:
            raise StoreUnavailable(str(error)) from error
        return found

    async def one(self, query: str, /, **values: Any) -> Any:
        return self._ask(query, values)

    async def together(self, reads: Sequence[Read], /) -> list[Rows]:
        return [await self.rows(query, **values) for query, values in reads]

    async def run(self, query: str, /, **values: Any) -> None:
        self._ask(query, values)

    def _ask(self, query: str, values: dict[str, Any]) -> Any:
        function = self._prepared(query, values)
        try:
            return function(self.apsw, **values)
        except CANNOT_NOW as error:
            raise StoreUnavailable(str(error)) from error

    def _prepared(self, query: str, values: dict[str, Any]) -> Any:
        """The query's function; lists among the values become what it takes for them."""
        queries = QUERIES
        for name, value in values.items():
            if type(value) is list:
                if len(value) == 1:
                    queries, values[name] = QUERIES_OF_ONE, value[0]
                else:
                    values[name] = msgspec.json.encode(value).decode()
        return getattr(queries, query)

    async def run_many(self, query: str, rows: Sequence[dict[str, Any]], /) -> None:
        try:
            getattr(QUERIES, query)(self.apsw, rows)
        except CANNOT_NOW as error:
            raise StoreUnavailable(str(error)) from error

    async def text_many(self, sql: str, rows: Sequence[dict[str, Any]], /) -> None:
        try:
            self.apsw.executemany(sql, rows)
        except CANNOT_NOW as error:
            raise StoreUnavailable(str(error)) from error

    async def text(self, sql: str, values: dict[str, Any], /) -> Rows:
        try:
            return list(self.apsw.execute(sql, values))
        except CANNOT_NOW as error:
            raise StoreUnavailable(str(error)) from error

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[None]:
        self.apsw.execute("BEGIN")
        try:
            yield
        finally:
            # After some errors SQLite has ended the transaction itself; the error is what counts.
            if self.apsw.in_transaction:
                self.apsw.execute("ROLLBACK")

    async def hold_names(self, account_id: int, names: list[str]) -> None:
        pass

    async def hold_orders(self, account_id: int, order_numbers: list[int]) -> None:
        pass

    async def begin(self, account_id: int | None = None) -> None:
        """Raises StoreUnavailable when another process writes for too long."""
        for _ in range(self._tries):
            try:
                self.apsw.execute("BEGIN IMMEDIATE")
            except apsw.BusyError:
                await asyncio.sleep(SECONDS_BETWEEN_TRIES)
            except CANNOT_NOW as error:
                raise StoreUnavailable(str(error)) from error
            else:
                self._tries = BEGIN_TRIES
                return
        # Those who stood in line behind are not to wait as long again, each in turn.
        self._tries = 1
        raise StoreUnavailable("another process is writing")

    async def commit(self) -> None:
        assert self._committer is not None
        committing = self._committer.submit(self._commit)
        try:
            await asyncio.wrap_future(committing)
        except asyncio.CancelledError:
            # The helper thread has the connection until it is through, whoever waits for it.
            if not committing.cancelled():
                await asyncio.wait([asyncio.wrap_future(committing)])
            raise
        except apsw.Error as error:
            if _was_refused(error):
                raise StoreUnavailable(str(error)) from error
            # After a failed flush nobody knows what is on the disk, and a second try would lie.
            raise FatalStoreError(str(error)) from error

    def _commit(self) -> None:
        self.apsw.execute("COMMIT")

    async def rollback(self) -> None:
        if self.apsw.in_transaction:
            self.apsw.execute("ROLLBACK")

    def close(self) -> None:
        if self._committer:
            self._committer.shutdown()
        self.apsw.close()


def _was_refused(error: apsw.Error) -> bool:
    """Whether a commit ended before its last record was written: it never happened.

    No room is a FullError; a spent quota or a file system gone read-only is a failed write.
    """
    is_refused_write = getattr(error, "extendedresult", None) == apsw.SQLITE_IOERR_WRITE
    return is_refused_write or isinstance(error, apsw.FullError | apsw.BusyError)


class SqliteDatabase:
    """One file, written by one process."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.writer = SqliteConnection(path)
        self.reader = SqliteConnection(path, readonly=True)
        self.worker_seat = FileSeat(path.with_name(path.name + ".worker"))
        self._own = threading.local()
        self._opened: list[SqliteConnection] = []
        self._listing = ThreadPoolExecutor(LISTING_THREADS, "listing")

    async def listing(self, use: Callable[[Connection], Awaitable[Any]]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._listing, self._list, use)

    def _list(self, use: Callable[[Connection], Awaitable[Any]]) -> Any:
        connection = getattr(self._own, "connection", None)
        if connection is None:
            connection = self._own.connection = SqliteConnection(self.path, readonly=True)
            self._opened.append(connection)
        return _run_now(use(connection))

    async def close(self) -> None:
        await self.worker_seat.leave()
        self._listing.shutdown()
        for connection in (*self._opened, self.reader, self.writer):
            connection.close()


def _run_now(reading: Awaitable[Any]) -> Any:
    """Runs a coroutine that never waits, as none does that only reads: no event loop needed."""
    try:
        reading.__await__().__next__()
    except StopIteration as done:
        return done.value
    raise RuntimeError("a listing waited for something")
