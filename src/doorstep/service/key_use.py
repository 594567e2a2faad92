"""When access keys were last used: noted beside the requests, neither delaying nor refusing one."""

import asyncio
import logging

from doorstep.domain.order import SECOND, Instant
from doorstep.store import accounts as stored
from doorstep.store.accounts import AccessKey
from doorstep.store.store import Store

NOTED_FOR: Instant = 60 * SECOND
"""However often a key is used, a process writes it at most this often."""

log = logging.getLogger(__name__)


class KeyUse:
    """Each note is a commit of its own, which nobody waits for but `close`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._noted: dict[tuple[int, str], Instant] = {}
        self._noting: set[asyncio.Task[None]] = set()

    def note(self, key: AccessKey, now: Instant) -> None:
        noted_at = self._noted.get((key.account_id, key.key_id))
        # Not before the last note either: clocks may be set back.
        if noted_at is not None and noted_at <= now < noted_at + NOTED_FOR:
            return
        # At once and not when it is written: a database that takes no writes is tried as seldom.
        self._noted[key.account_id, key.key_id] = now
        task = asyncio.get_running_loop().create_task(self._write(key, now))
        self._noting.add(task)
        task.add_done_callback(self._noting.discard)

    async def _write(self, key: AccessKey, now: Instant) -> None:
        try:
            await self._store.write(
                lambda connection: stored.note_key_use(connection, key.account_id, key.key_id, now)
            )
        except Exception as error:
            log.warning(
                "the use of an access key was not noted",
                extra={"account_id": key.account_id, "key_id": key.key_id, "error": str(error)},
            )

    async def close(self) -> None:
        """Waits for what is being written."""
        if self._noting:
            await asyncio.wait(self._noting)
