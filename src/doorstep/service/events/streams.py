"""Who waits for events: how many of an account at once, and what ends all of them."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager

from doorstep.service.events.log import (
    Page,
    Wanted,
    newest_sequence,
    order_numbers,
    read_page,
)
from doorstep.service.newest import Newest
from doorstep.store.database import Connection

STREAMED_TOGETHER = 100
STREAMED_BYTES = 65_536
"""Of the events of a stream that are in memory: there may be many whose readers are slow."""


class TooManyStreams(Exception):
    """As many requests of the account wait for events as may."""


class EventStreams:
    """The requests that wait for events, and how each goes on reading."""

    def __init__(self, reader: Connection, newest: Newest, most_of_an_account: int) -> None:
        self.stopping = asyncio.Event()
        """Set once the server was told to stop: whoever waits ends."""
        self._reader = reader
        self._newest = newest
        self._most = most_of_an_account
        self._open: Counter[int] = Counter()

    @property
    def count(self) -> int:
        return self._open.total()

    @contextmanager
    def place(self, account_id: int) -> Iterator[None]:
        """Raises TooManyStreams."""
        if self._open[account_id] >= self._most:
            raise TooManyStreams
        self._open[account_id] += 1
        try:
            yield
        finally:
            self._open[account_id] -= 1
            if not self._open[account_id]:
                del self._open[account_id]

    async def read(self, wanted: Wanted, after: int) -> Page:
        return await read_page(self._reader, wanted, after)

    async def newest(self, account_id: int) -> int:
        """The sequence of the account's last event, 0 where there is none."""
        return await newest_sequence(self._reader, account_id)

    async def knows(self, account_id: int, order: str) -> bool:
        """Whether there is, or ever was, an order of this name."""
        return bool(await order_numbers(self._reader, account_id, order))

    async def first(self, wanted: Wanted, after: int, seconds: float) -> Page:
        """The first page that is not empty; an empty one once so much time has passed."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        page = await self.read(wanted, after)
        while not page.events and loop.time() < until:
            if page.is_end:
                position = {wanted.account_id: page.position}
                await self._newest.wait(position, until - loop.time())
            page = await self.read(wanted, page.position)
        return page

    async def follow(
        self, wanted: Wanted, after: int, seconds: float
    ) -> AsyncGenerator[Page, None]:
        """Page after page without end, an empty one at the latest after so many seconds."""
        while True:
            page = await self.first(wanted, after, seconds)
            yield page
            after = page.position
