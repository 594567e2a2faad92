"""Writes beside the requests that nobody waits for, and whose failure refuses nothing."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from doorstep.store.database import Writer
from doorstep.store.store import Store

log = logging.getLogger(__name__)


class Notes:
    """Each note is a commit of its own; `what` is what the log says was not written."""

    def __init__(self, store: Store, what: str) -> None:
        self._store = store
        self._what = what
        self._writing: set[asyncio.Task[None]] = set()

    def write(self, change: Callable[[Writer], Awaitable[None]], **of: object) -> None:
        """`of` goes with a failure into the log."""
        task = asyncio.get_running_loop().create_task(self._write(change, of))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def _write(
        self, change: Callable[[Writer], Awaitable[None]], of: dict[str, object]
    ) -> None:
        try:
            await self._store.write(change)
        except Exception as error:
            log.warning("%s was not noted", self._what, extra={**of, "error": str(error)})

    async def close(self) -> None:
        """Waits for what is being written."""
        if self._writing:
            await asyncio.wait(self._writing)
