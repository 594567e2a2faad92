"""Sends one webhook endpoint what it is owed, for as long as it is neither paused nor changed."""

import asyncio
import logging
from collections.abc import Callable

from doorstep.domain.order import SECOND
from doorstep.service.group import StoreUnavailable
from doorstep.service.retries import Schedule
from doorstep.service.services import Services
from doorstep.service.webhooks.endpoint_work import EndpointWork, Taken, wants
from doorstep.service.webhooks.event_log import EventLog
from doorstep.service.webhooks.loading import ActiveEndpoint, add_cursor, add_strays

log = logging.getLogger(__name__)

SECONDS_BETWEEN_LOOKS = 1.0
"""At least so often it is asked what is due."""

SECONDS_TO_FINISH = 2.0
"""For requests on their way when the worker is stopped; they are sent again by the next one."""

STRAY_SECONDS = 60


class EndpointRunner:
    """`written` is told of each outcome; `may_send` says whether there is room for more of them."""

    def __init__(
        self,
        services: Services,
        event_log: EventLog,
        active: ActiveEndpoint,
        schedule: Schedule,
        written: Callable[[], None],
        may_send: Callable[[], bool],
    ) -> None:
        self.active = active
        self.work = EndpointWork(active.endpoint, schedule)
        self.wake = asyncio.Event()
        self.is_through = False
        self._services = services
        self._log = event_log
        self._written = written
        self._may_send = may_send
        self._sending: set[asyncio.Task[None]] = set()
        self._is_stopping = False
        self._next_strays_at = 0

    def stop(self) -> None:
        """What is on its way is waited for; then `is_through`."""
        self._is_stopping = True
        self.wake.set()

    async def run(self) -> None:
        """Until it is stopped or its endpoint is to be paused."""
        try:
            while not (self._is_stopping or self.work.paused_because):
                self.wake.clear()
                is_more = await self._prepare()
                self._send_what_is_due()
                await self._rest(0 if is_more else SECONDS_BETWEEN_LOOKS)
            if self._sending:
                await asyncio.wait(self._sending)
        except Exception:
            # Such as an event that cannot be read: it holds up no other account's endpoints.
            endpoint = self.active.endpoint
            where = {"account": endpoint.account_id, "endpoint": endpoint.endpoint_number}
            log.exception("webhooks of an endpoint begin again", extra=where)
        finally:
            await self._finish()
            self.is_through = True

    async def _finish(self) -> None:
        if self._sending:
            _, late = await asyncio.wait(self._sending, timeout=SECONDS_TO_FINISH)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _prepare(self) -> bool:
        """Reads ahead; whether there is more to be read at once."""
        account_id, now = self.active.endpoint.account_id, self._services.clock()
        try:
            for cursor in self.active.cursors:
                if not self.work.knows(cursor):
                    await add_cursor(self._services, self.work, cursor)
            if now >= self._next_strays_at:
                await add_strays(self._services, self.work, now - STRAY_SECONDS * SECOND)
                self._next_strays_at = now + STRAY_SECONDS * SECOND
            newest = self._log.newest.get(account_id, 0)
            for number in self.work.reading(newest):
                found = await self._log.after(account_id, self.work.lanes[number].read)
                self.work.add_read(number, *found, now)
        except StoreUnavailable as error:
            log.warning("webhooks wait for the database", extra={"why": str(error)})
            return False
        return bool(self.work.reading(newest))

    def _send_what_is_due(self) -> None:
        now = self._services.clock()
        while self._may_send() and (taken := self.work.take(now)) is not None:
            task = asyncio.get_running_loop().create_task(self._send(taken))
            self._sending.add(task)
            task.add_done_callback(self._sent)

    def _sent(self, task: "asyncio.Task[None]") -> None:
        self._sending.discard(task)
        self.wake.set()
        if not task.cancelled() and task.exception() is not None:
            log.error("a webhook was not sent", exc_info=task.exception())
            self.stop()

    async def _send(self, taken: Taken) -> None:
        endpoint = self.active.endpoint
        try:
            message = await self._log.message(endpoint.account_id, taken.owed.sequence)
            (attempt_number,) = await self._services.numbers.draw()
        except StoreUnavailable:
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
            self.work.put_back(taken)
            return
        if message is None or not wants(endpoint.types, message.type):
            # What waits may be of a type that was chosen once and is no longer.
            self.work.pass_by(taken)
            return
        sent = await self._services.sender.send(
            endpoint, self.active.secrets, message.webhook_id, message.body
        )
        outcome = self.work.tried(taken, message, sent, attempt_number, self._services.clock())
        self._services.metrics.webhooks.attempted(outcome)
        self._written()

    async def _rest(self, most_seconds: float) -> None:
        """Until something was sent, is due, or is to be looked at again."""
        next_at = self.work.next_at
        if next_at is not None and self._may_send():
            until_then = (next_at - self._services.clock()) / SECOND
            most_seconds = min(most_seconds, max(0.0, until_then))
        handle = asyncio.get_running_loop().call_later(most_seconds, self.wake.set)
        await self.wake.wait()
        handle.cancel()
