"""What the store asks of a database driver."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeAlias

Rows: TypeAlias = list[tuple[Any, ...]]


class StoreUnavailable(Exception):
    """The database cannot take this now (no room, locked, gone); nothing was written."""

    reason = "database_unavailable"
    detail = "The database cannot take this now; try again shortly."


class FatalStoreError(Exception):
    """The outcome of a commit is unknown and must not be guessed: the process has to end."""


class Connection(Protocol):
    """Named queries in one transaction at a time; lists among the values are for `ANY_OF`."""

    async def rows(self, query: str, /, **values: Any) -> Rows: ...

    async def one(self, query: str, /, **values: Any) -> Any: ...

    async def run(self, query: str, /, **values: Any) -> None: ...

    async def run_many(self, query: str, rows: Sequence[dict[str, Any]], /) -> None: ...

    async def text(self, sql: str, values: dict[str, Any], /) -> Rows:
        """Rows of a statement put together in code (listings)."""
        ...

    def snapshot(self) -> AbstractAsyncContextManager[None]:
        """What is read inside is of one moment, whatever is committed meanwhile."""
        ...

    async def begin(self) -> None: ...

    async def commit(self) -> None: ...

    async def rollback(self) -> None: ...


class Database(Protocol):
    """`writer` is the one connection that writes, `reader` reads what was committed.

    `listing` runs long reads where they stop no one: `use` gets a connection of its own.
    """

    @property
    def writer(self) -> Connection: ...

    @property
    def reader(self) -> Connection: ...

    async def listing(self, use: Callable[[Connection], Awaitable[Any]]) -> Any: ...

    async def close(self) -> None: ...
