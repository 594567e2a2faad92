"""Whose long read runs now: few at a time, accounts in turn, so that none holds up the others."""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import Awaitable, Callable
from typing import TypeVar

from doorstep.service.group import QueueFull
from doorstep.store.database import Connection, Database

Value = TypeVar("Value")

MOST_RUNNING = 3
"""The threads that read; they share one interpreter, so that more would only slow each other."""

MOST_OF_AN_ACCOUNT = 2
"""One is left for all the others."""

MOST_WAITING = 1_000
"""Beyond it a read is refused at once rather than answered too late."""


class LongReads:
    """Runs what reads much where it stops nobody."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._running: Counter[int] = Counter()
        self._waiting: OrderedDict[int, deque[asyncio.Future[None]]] = OrderedDict()

    async def run(self, account_id: int, read: Callable[[Connection], Awaitable[Value]]) -> Value:
        """Raises StoreUnavailable."""
        await self._turn(account_id)
        try:
            value: Value = await self._database.listing(read)
        finally:
            self._leave(account_id)
        return value

    async def _turn(self, account_id: int) -> None:
        """Waits for a place, which is then taken."""
        if self._has_place(account_id) and not self._waiting.get(account_id):
            self._running[account_id] += 1
            return
        if sum(len(line) for line in self._waiting.values()) >= MOST_WAITING:
            raise QueueFull(f"{MOST_WAITING} listings are waiting")
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(account_id, deque()).append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # The place was given at the same moment.
                self._leave(account_id)
            raise

    def _leave(self, account_id: int) -> None:
        self._running[account_id] -= 1
        self._start_next()

    def _has_place(self, account_id: int) -> bool:
        is_free = self._running.total() < MOST_RUNNING
        return is_free and self._running[account_id] < MOST_OF_AN_ACCOUNT

    def _start_next(self) -> None:
        """Gives a free place to the account that has waited longest since its last turn."""
        for account_id, line in list(self._waiting.items()):
            while line and self._has_place(account_id):
                turn = line.popleft()
                # Who was cancelled while it waited needs no place any more.
                if not turn.done():
                    self._running[account_id] += 1
                    turn.set_result(None)
                    self._waiting.move_to_end(account_id)
                    break
            if not line:
                del self._waiting[account_id]
