"""The worker: of all processes that could, the one that has the seat works."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from doorstep.service.group import StoreUnavailable

log = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 1.0
"""How often the seat is tried for, and how soon it is noticed that it was lost."""

SECONDS_AFTER_FAILURE = 1.0


class Worker:
    """Runs tasks, each of which goes on for ever, for as long as this process has the seat.

    A second worker would harm nobody, only do everything twice: whatever a task writes is decided
    again under the order's lock, and an event sent twice bears the same id.
    """

    def __init__(
        self,
        take_seat: Callable[[], Awaitable[bool]],
        tasks: Mapping[str, Callable[[], Awaitable[None]]],
    ) -> None:
        self._take_seat = take_seat
        self._tasks = tasks

    async def run(self) -> None:
        """Until it is cancelled; then every task has been, and has ended."""
        running: list[asyncio.Task[None]] = []
        has_waited = False
        try:
            while True:
                if not await self._take_seat():
                    await _end(running)
                    running, has_waited = [], True
                elif not running:
                    if has_waited:
                        log.debug("another worker has ended: this process is the worker now")
                    running = [
                        asyncio.create_task(_again_and_again(name, task), name=name)
                        for name, task in self._tasks.items()
                    ]
                await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        finally:
            await _end(running)


async def _end(running: list[asyncio.Task[None]]) -> None:
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)


async def _again_and_again(name: str, task: Callable[[], Awaitable[None]]) -> None:
    """A task that fails begins again: what it had not written down it finds once more."""
    while True:
        try:
            await task()
        except StoreUnavailable as error:
            log.warning("a task waits for the database", extra={"task": name, "why": str(error)})
        except Exception:
            log.exception("a task of the worker failed", extra={"task": name})
        await asyncio.sleep(SECONDS_AFTER_FAILURE)
