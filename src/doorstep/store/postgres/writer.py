"""The connection that writes to PostgreSQL: a group's transaction, and what became of it.

What returns nothing is sent with the next read, at the latest with the COMMIT: a group costs three
round trips, however much it writes. Where the connection is lost during a COMMIT, the group's own
id tells whether it was carried out.
"""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg

from doorstep.store.database import OutcomeUnknown, Rows, StoreUnavailable
from doorstep.store.postgres.connection import (
    COMMIT,
    PostgresConnection,
    Statement,
    exchange,
    many_rows,
    many_rows_of_text,
    named_query,
)
from doorstep.store.postgres.session import Driver, connect, one_line
from doorstep.store.postgres.statistics import Statistics

log = logging.getLogger(__name__)

COMMIT_SECONDS = 10.0
"""A replica that does not confirm for so long will not do so soon: the outcome is unknown."""

SETTLE_SECONDS = 5.0
SECONDS_BETWEEN_TRIES = 0.1
GROUP_ID_BYTES = 12

# Whatever is the database's default: what is read after a lock has to be of the moment after it.
BEGIN = Statement("BEGIN ISOLATION LEVEL READ COMMITTED", {})
ROLLBACK = Statement("ROLLBACK", {})

NOT_REPLICATED = {"01000", "57P01"}
"""Warnings at a COMMIT that no longer waits for its replica: committed here, perhaps not there."""

REFUSED = "ERROR"
"""The weight of what a statement ran into; FATAL, or none, may have come after the commit."""


class PostgresWriter(PostgresConnection):
    """One transaction at a time."""

    is_alone = False

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._queued: list[Statement] = []
        self._group: dict[str, Any] | None = None
        self._settled: dict[str, Any] | None = None
        self._statistics = Statistics(url)

    async def begin(self, account_id: int | None = None) -> None:
        """`account_id` is one of the group's; None where the change names no order."""
        self._queued = [BEGIN]
        self._group = None
        if account_id is None:
            self._queued.append(named_query("write_alone", {}))
            return
        self._group = {"account_id": account_id, "group_id": secrets.token_hex(GROUP_ID_BYTES)}
        last = {f"last_{name}": (self._settled or {}).get(name) for name in self._group}
        self._queued.append(named_query("begin_group", {**self._group, **last}))

    async def hold_names(self, account_id: int, names: list[str]) -> None:
        self._queued.append(named_query("hold_names", {"account_id": account_id, "names": names}))

    async def hold_orders(self, account_id: int, order_numbers: list[int]) -> None:
        values = {"account_id": account_id, "order_numbers": order_numbers}
        self._queued.append(named_query("hold_orders", values))

    async def run(self, query: str, /, **values: Any) -> None:
        self._queued.append(named_query(query, values))

    async def run_many(self, query: str, rows: Sequence[dict[str, Any]], /) -> None:
        self._queued += many_rows(query, rows)
        self._statistics.inserted(query, len(rows))

    async def text_many(self, sql: str, rows: Sequence[dict[str, Any]], /) -> None:
        self._queued += many_rows_of_text(sql, rows)

    async def _exchange(self, statements: list[Statement]) -> list[Rows]:
        queued, self._queued = self._queued, []
        if queued[:1] != [BEGIN] and (self._driver is None or self._driver.closed):
            # Another connection would know nothing of what this transaction holds.
            raise StoreUnavailable("the connection was lost")
        return (await super()._exchange([*queued, *statements]))[len(queued) :]

    async def commit(self) -> None:
        """Raises OutcomeUnknown where nobody could tell in time."""
        if self._queued[:1] == [BEGIN]:
            # Nothing was read: so far there may be no connection, or a lost one.
            await self._exchange([])
        driver = self._driver
        if driver is None:
            raise StoreUnavailable("the connection was lost")
        try:
            async with asyncio.timeout(COMMIT_SECONDS):
                with warnings_of(driver) as warned:
                    await exchange(driver, [*self._queued, COMMIT])
        except psycopg.Error as error:
            if error.diag.severity_nonlocalized == REFUSED:
                raise await self._explained(error) from error
            await self._settle(one_line(error))
        except TimeoutError:
            await self._settle("the commit took too long")
        except BaseException:
            await self.drop()
            raise
        else:
            if not warned.isdisjoint(NOT_REPLICATED):
                await self._settle("the replica has not confirmed the commit")
        self._settled = self._group
        self._statistics.committed()

    async def _settle(self, reason: str) -> None:
        """Finds out what became of the group; returns if it is committed for good.

        Raises StoreUnavailable if it never will be, OutcomeUnknown.
        """
        await self.drop()
        log.warning("a commit's outcome is unknown", extra={"reason": reason})
        if self._group is None:
            raise OutcomeUnknown(reason)
        try:
            async with asyncio.timeout(SETTLE_SECONDS):
                is_committed = await self._fate(self._group)
        except TimeoutError:
            raise OutcomeUnknown(reason) from None
        log.warning("a commit's outcome was found", extra={"is_committed": is_committed})
        if not is_committed:
            raise StoreUnavailable(reason)

    async def _fate(self, group: dict[str, Any]) -> bool:
        """Asks until there is an answer that will last."""
        while True:
            with contextlib.suppress(psycopg.Error):
                is_committed = await self._ask(group)
                if is_committed is not None:
                    return is_committed
            await asyncio.sleep(SECONDS_BETWEEN_TRIES)

    async def _ask(self, group: dict[str, Any]) -> bool | None:
        """Whether the group is committed; None while that is not safe with the replica either."""
        driver = await connect(self._url)
        try:
            with warnings_of(driver) as warned:
                asked = named_query("settle_group", group)
                rows = (await exchange(driver, [BEGIN, asked, COMMIT]))[1]
        finally:
            await driver.close()
        return bool(rows[0][0]) if warned.isdisjoint(NOT_REPLICATED) else None

    async def close(self) -> None:
        await self._statistics.close()
        await super().close()

    async def rollback(self) -> None:
        self._queued = []
        if self._driver is None:
            return
        try:
            await exchange(self._driver, [ROLLBACK])
        except psycopg.Error:
            # The server rolls back what its client has left.
            await self.drop()


@contextlib.contextmanager
def warnings_of(driver: Driver) -> Iterator[set[str]]:
    """The SQLSTATEs of what the server warns of meanwhile."""
    found: set[str] = set()

    def note(notice: psycopg.errors.Diagnostic) -> None:
        found.add(notice.sqlstate or "")

    driver.add_notice_handler(note)
    try:
        yield found
    finally:
        driver.remove_notice_handler(note)
