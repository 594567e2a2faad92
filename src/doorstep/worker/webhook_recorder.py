"""The one writer of what came of webhooks, for all endpoints together."""

import asyncio
import logging
from collections.abc import Callable, Iterable

from doorstep.service.group import StoreUnavailable
from doorstep.service.services import Services
from doorstep.service.webhooks.changes import Changes
from doorstep.service.webhooks.endpoint_work import EndpointWork
from doorstep.service.webhooks.recording import record

log = logging.getLogger(__name__)

SECONDS_BETWEEN_WRITES = 0.1
"""How long an outcome may be known and not written: what is lost then is sent again."""

MOST_OUTCOMES = 200
"""As many are written at once, whatever the time."""

MOST_UNWRITTEN = 2_000
"""No more is sent before they are written, where the database cannot be reached."""

SECONDS_BETWEEN_TRIES = 1.0
SECONDS_BETWEEN_LOOKS = 1.0
"""How late the positions are written of those who were sent nothing."""


class WebhookRecorder:
    """Keeps what could not be written, and tries again."""

    def __init__(
        self,
        services: Services,
        works: Callable[[], Iterable[EndpointWork]],
        written: Callable[[], None],
    ) -> None:
        self._services = services
        self._works = works
        self._written = written
        self._writing = asyncio.Lock()
        self._unwritten: list[Changes] = []
        self._outcomes = 0
        self._some = asyncio.Event()
        self._many = asyncio.Event()

    def note(self) -> None:
        """There is an outcome more."""
        self._outcomes += 1
        self._some.set()
        if self._outcomes >= MOST_OUTCOMES:
            self._many.set()

    @property
    def has_room(self) -> bool:
        return self._outcomes < MOST_UNWRITTEN

    async def run(self) -> None:
        """Until it is cancelled; `write` writes the rest."""
        while True:
            await _at_most(SECONDS_BETWEEN_LOOKS, self._some)
            await _at_most(SECONDS_BETWEEN_WRITES, self._many)
            while not await self.write():
                await asyncio.sleep(SECONDS_BETWEEN_TRIES)

    def forget(self) -> None:
        """What could not be written is not to be written any more."""
        self._unwritten = []
        self._outcomes = 0

    async def write(self) -> bool:
        """Writes all that has changed; whether it could."""
        async with self._writing:
            # What could not be written before, or was interrupted, comes first.
            if not await self._record():
                return False
            found = [work.take_changes() for work in self._works()]
            self._unwritten = [changes for changes in found if changes is not None]
            self._outcomes = 0
            self._some.clear()
            self._many.clear()
            return await self._record()

    async def _record(self) -> bool:
        if not self._unwritten:
            return True
        try:
            paused = await record(self._services, self._unwritten)
        except StoreUnavailable as error:
            log.warning("outcomes of webhooks are not written", extra={"why": str(error)})
            return False
        self._unwritten = []
        for changes in paused:
            _tell(changes)
        self._written()
        return True


def _tell(paused: Changes) -> None:
    log.warning(
        "a webhook endpoint is paused",
        extra={
            "account": paused.endpoint.account_id,
            "endpoint": paused.endpoint.endpoint_number,
            "why": paused.paused_because,
        },
    )


async def _at_most(seconds: float, signal: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(seconds):
            await signal.wait()
    except TimeoutError:
        pass
