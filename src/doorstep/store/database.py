"""What the store asks of a database driver."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeAlias

Rows: TypeAlias = list[tuple[Any, ...]]
Read: TypeAlias = tuple[str, dict[str, Any]]
"""A named query with its values."""


class StoreUnavailable(Exception):
    """The database cannot take this now (no room, locked, gone); nothing was written."""

    reason = "database_unavailable"
    detail = "The database cannot take this now; try again shortly."


class OutcomeUnknown(StoreUnavailable):
    """The database was lost during a commit and has not come back: it is carried out or not."""

    reason = "outcome_unknown"
    detail = (
        "The database was lost while this was being committed, and nobody knows yet whether it "
        "was. Send it again: what was committed is not done twice."
    )


class TextTooLong(Exception):
    """A text that orders are found by fits into no index of the database; nothing was written."""

    code = "text_too_long"
    detail = (
        "A tag, a language, or the name of a carrier or a warehouse is too long for this database "
        "to find anything by it; 600 characters are never too long."
    )


class Conflicted(Exception):
    """Another process was in the way; nothing was written, and another try may succeed."""


class FatalStoreError(Exception):
    """The outcome of a commit is unknown and must not be guessed: the process has to end."""


class Connection(Protocol):
    """Named queries; lists among the values are for `ANY_OF`."""

    async def rows(self, query: str, /, **values: Any) -> Rows: ...

    async def one(self, query: str, /, **values: Any) -> Any: ...

    async def together(self, reads: Sequence[Read], /) -> list[Rows]:
        """The rows of several queries, in one round trip."""
        ...

    async def text(self, sql: str, values: dict[str, Any], /) -> Rows:
        """Rows of a statement put together in code (listings)."""
        ...

    def snapshot(self) -> AbstractAsyncContextManager[None]:
        """What is read inside is of one moment, whatever is committed meanwhile."""
        ...


class Writer(Connection, Protocol):
    """One transaction at a time. What returns nothing may be sent as late as with the commit."""

    is_alone: bool
    """Whether a transaction keeps all other writers out, so that nothing needs to be held."""

    async def begin(self, account_id: int | None = None) -> None:
        """`account_id` is one of the group's; None where the change names no order."""
        ...

    async def hold_names(self, account_id: int, names: list[str]) -> None:
        """Until the commit no other process decides on what these names lead to."""
        ...

    async def hold_orders(self, account_id: int, order_numbers: list[int]) -> None:
        """Until the commit no other process changes these orders; the numbers rise."""
        ...

    async def run(self, query: str, /, **values: Any) -> None: ...

    async def run_many(self, query: str, rows: Sequence[dict[str, Any]], /) -> None: ...

    async def text_many(self, sql: str, rows: Sequence[dict[str, Any]], /) -> None:
        """A statement put together in code, for each of the rows."""
        ...

    async def commit(self) -> None: ...

    async def rollback(self) -> None: ...


class Seat(Protocol):
    """What one process at a time has of all that use a database; it is free when that one dies."""

    async def take(self) -> bool:
        """Whether this process has it now, having had it before or taken it while it was free."""
        ...

    async def leave(self) -> None: ...


class Database(Protocol):
    """`writer` is the one connection that writes, `reader` reads what was committed.

    `listing` runs long reads where they stop no one: `use` gets a connection of its own.
    `worker_seat` is for the process that works for all.
    """

    @property
    def worker_seat(self) -> Seat: ...

    @property
    def writer(self) -> Writer: ...

    @property
    def reader(self) -> Connection: ...

    async def listing(self, use: Callable[[Connection], Awaitable[Any]]) -> Any: ...

    async def close(self) -> None: ...
