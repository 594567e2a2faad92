"""The connection that writes to PostgreSQL: a group's transaction, and what became of it.

What returns nothing is sent with the next read, at the latest with the COMMIT: a group costs three
round trips, however much it writes. Where the connection is lost during a COMMIT, the group's own
id tells whether it was carried out.
"""

import asyncio
import logging
import secrets
import time
from collections.abc import Sequence
from typing import Any

import psycopg

from doorstep.store.database import OutcomeUnknown, Rows, StoreUnavailable
from doorstep.store.postgres_connection import (
    PostgresConnection,
    Statement,
    connect,
    exchange,
    many_rows,
    named_query,
    one_line,
)
from doorstep.store.postgres_statistics import Statistics

log = logging.getLogger(__name__)

COMMIT_SECONDS = 10.0
"""A replica that does not confirm for so long will not do so soon: the outcome is unknown."""

SETTLE_SECONDS = 5.0
SECONDS_BETWEEN_TRIES = 0.1
GROUP_ID_BYTES = 12

BEGIN, COMMIT, ROLLBACK = (Statement(word, {}) for word in ("BEGIN", "COMMIT", "ROLLBACK"))

NOT_REPLICATED = ("01000", "57P01")
"""Warnings at a COMMIT that no longer waits for its replica: committed here, perhaps not there."""


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
        self._queued.append(named_query("begin_group", self._group))
        if self._settled is not None:
            self._queued.append(named_query("forget_group", self._settled))

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

    async def _exchange(self, statements: list[Statement]) -> list[Rows]:
        queued, self._queued = self._queued, []
        return (await super()._exchange([*queued, *statements]))[len(queued) :]

    async def commit(self) -> None:
        """Raises OutcomeUnknown where nobody could tell in time."""
        driver = self._driver
        if driver is None:
            raise StoreUnavailable("the connection was lost")
        warned: list[str] = []
        note = lambda notice: warned.append(notice.sqlstate)  # noqa: E731
        driver.add_notice_handler(note)
        try:
            async with asyncio.timeout(COMMIT_SECONDS):
                await exchange(driver, [*self._queued, COMMIT])
        except psycopg.Error as error:
            if not driver.closed:
                # The server has said which statement it refused: nothing was committed.
                raise await self._explained(error) from error
            await self._settle(one_line(error))
        except TimeoutError:
            await self._settle("the commit took too long")
        except BaseException:
            await self.drop()
            raise
        else:
            driver.remove_notice_handler(note)
            if any(state in NOT_REPLICATED for state in warned):
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
        until = time.monotonic() + SETTLE_SECONDS
        while time.monotonic() < until:
            try:
                async with asyncio.timeout(SETTLE_SECONDS):
                    is_committed = await self._ask(self._group)
            except (psycopg.Error, TimeoutError):
                await asyncio.sleep(SECONDS_BETWEEN_TRIES)
                continue
            if is_committed is None:
                continue
            log.warning("a commit's outcome was found", extra={"is_committed": is_committed})
            if is_committed:
                return
            raise StoreUnavailable(reason)
        raise OutcomeUnknown(reason)

    async def _ask(self, group: dict[str, Any]) -> bool | None:
        """Whether the group is committed; None while that is not safe with the replica either."""
        driver = await connect(self._url)
        warned: list[str] = []
        driver.add_notice_handler(lambda notice: warned.append(notice.sqlstate or ""))
        try:
            asked = named_query("settle_group", group)
            rows = (await exchange(driver, [BEGIN, asked, COMMIT]))[1]
        finally:
            await driver.close()
        if any(state in NOT_REPLICATED for state in warned):
            return None
        return bool(rows[0][0])

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
