"""The store: what the services ask of it, on whichever database."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from doorstep.domain.order import Instant
from doorstep.store.changes import batches
from doorstep.store.database import (
    Conflicted,
    Database,
    FatalStoreError,
    StoreUnavailable,
    Writer,
)
from doorstep.store.events import append_events
from doorstep.store.loading import KEPT_ANSWERS, KEPT_EARLY, load_working_set
from doorstep.store.working_set import Needs, WorkingSet

Value = TypeVar("Value")


class Store:
    """Groups of requests go `load` → decide → `save`, or `abandon`; reads go by `reader`.

    `writing` is held from `load` to the end: there is one transaction at a time. `end_process`
    is called where the outcome of a commit is unknown and going on would be guessing.
    """

    def __init__(self, database: Database, end_process: Callable[[Exception], None]) -> None:
        self.database = database
        self.reader = database.reader
        self.writing = asyncio.Lock()
        self._end_process = end_process

    async def write(self, change: Callable[[Writer], Awaitable[Value]]) -> Value:
        """Runs a change that names no order in a transaction of its own."""
        async with self.writing:
            await self.database.writer.begin()
            try:
                value = await change(self.database.writer)
                await self._commit()
            except Conflicted as error:
                await self.abandon()
                raise StoreUnavailable(str(error)) from error
            except BaseException:
                await self.abandon()
                raise
        return value

    async def _commit(self) -> None:
        try:
            await self.database.writer.commit()
        except FatalStoreError as error:
            self._end_process(error)
            raise StoreUnavailable(str(error)) from error

    async def load(self, needs: list[Needs], now: Instant) -> WorkingSet:
        """Begins a transaction and loads what the group named."""
        await self.database.writer.begin(min(need.account_id for need in needs))
        return await load_working_set(self.database.writer, needs, now)

    async def save(self, work: WorkingSet, now: Instant) -> None:
        """Writes what changed and commits. Nothing is durable before this returns.

        Where others write too, it commits without a change as well: what was only seen may wait
        for its replica still, and is told to the caller as surely as what is written.
        """
        if not work.is_changed and self.database.writer.is_alone:
            await self.abandon()
            return
        writer = self.database.writer
        for statement, rows in batches(work).items():
            if rows:
                await writer.run_many(statement, rows)
        await append_events(writer, work.events)
        for account_id in {account for account, _ in work.new_early}:
            await writer.run("delete_expired_early", account_id=account_id, before=now - KEPT_EARLY)
        for account_id in {account for account, _ in work.new_answers}:
            await writer.run(
                "delete_expired_answers", account_id=account_id, before=now - KEPT_ANSWERS
            )
        await self._commit()

    async def abandon(self) -> None:
        """Rolls the transaction back, if one is open."""
        try:
            await self.database.writer.rollback()
        except Exception as error:
            self._end_process(error)
            raise StoreUnavailable(str(error)) from error
