"""The worker: of all processes that could, the one that has the seat works."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping

from doorstep.service.group import StoreUnavailable

log = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 1.0
"""How often the seat is tried for, and how soon it is noticed that it was lost."""

SECONDS_AFTER_FAILURE = 1.0

WORKS = "this process is the worker now"
WAITS = "another process is the worker, this one waits for its seat"


class Worker:
    """Runs tasks, each of which goes on for ever, for as long as this process has the seat.

    A second worker would harm nobody, only do everything twice: whatever a task writes is decided
    again under the order's lock, and an event sent twice bears the same id. `told` is called with
    whether it works, whenever that changes. `weight` is what that has in the log: where requests
    are served nobody looks for it.
    """

    def __init__(
        self,
        take_seat: Callable[[], Awaitable[bool]],
        tasks: Mapping[str, Callable[[], Awaitable[None]]],
        told: Callable[[bool], None],
        weight: int = logging.DEBUG,
    ) -> None:
        self._take_seat = take_seat
        self._tasks = tasks
        self._told = told
        self._weight = weight
        self._running: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        """Until it is cancelled; then every task has been, and has ended."""
        is_waiting = False
        try:
            while True:
                if await self._has_seat():
                    is_waiting = False
                    self._begin()
                else:
                    await self._end()
                    if not is_waiting:
                        log.log(self._weight, WAITS)
                    is_waiting = True
                await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
        finally:
            await self._end()

    async def _has_seat(self) -> bool:
        try:
            return await self._take_seat()
        except OSError as error:
            log.error("the worker's seat cannot be asked for", extra={"why": str(error)})
            return False

    def _begin(self) -> None:
        if not self._running:
            log.log(self._weight, WORKS)
            self._running = [
                asyncio.create_task(_again_and_again(name, task), name=name)
                for name, task in self._tasks.items()
            ]
            self._told(True)

    async def _end(self) -> None:
        running, self._running = self._running, []
        for task in running:
            task.cancel()
        if running:
            await asyncio.gather(*running, return_exceptions=True)
            self._told(False)


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
