"""When access keys were last used."""

from doorstep.domain.order import SECOND, Instant
from doorstep.service.notes import Notes
from doorstep.store import accounts as stored
from doorstep.store.accounts import AccessKey
from doorstep.store.store import Store

NOTED_FOR: Instant = 60 * SECOND
"""However often a key is used, a process writes it at most this often."""


class KeyUse:
    def __init__(self, store: Store) -> None:
        self._notes = Notes(store, "the use of an access key")
        self._noted: dict[tuple[int, str], Instant] = {}

    def note(self, key: AccessKey, now: Instant) -> None:
        noted_at = self._noted.get((key.account_id, key.key_id))
        # Not before the last note either: clocks may be set back.
        if noted_at is not None and noted_at <= now < noted_at + NOTED_FOR:
            return
        # At once and not when it is written: a database that takes no writes is tried as seldom.
        self._noted[key.account_id, key.key_id] = now
        self._notes.write(
            lambda writer: stored.note_key_use(writer, key.account_id, key.key_id, now),
            account_id=key.account_id,
            key_id=key.key_id,
        )

    async def close(self) -> None:
        """Waits for what is being written."""
        await self._notes.close()
