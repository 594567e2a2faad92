"""One attempt at a mail: what goes out, what the server says to it, and that it is written down."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from random import random, uniform

from doorstep.service.group import StoreUnavailable
from doorstep.service.mails import outbox
from doorstep.service.mails.message import Mail
from doorstep.service.mails.outbox import DueMail, MailKey, MailSender, Outcome, Skipped
from doorstep.service.retries import JITTER, Schedule
from doorstep.service.services import Services
from doorstep.worker.smtp import NotTaken, ServerAway, SmtpConnection

log = logging.getLogger(__name__)

FIRST_HOLD_SECONDS, LONGEST_HOLD_SECONDS = 1.0, 60.0
"""How long all mails wait for a server that is away, twice as long each time."""

SECONDS_BETWEEN_WRITES = 1.0
"""Of an outcome while the database is away; unwritten, the mail would be sent again."""


class Hold:
    """Holds up all mails while the server is away: that is no fault of theirs, and costs no try."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._until = 0.0

    @property
    def seconds_left(self) -> float:
        return max(self._until - time.monotonic(), 0.0)

    def begin(self, why: str) -> None:
        """Of several connections that notice it at the same time, the first one counts."""
        if self.seconds_left:
            return
        self._seconds = min(max(2 * self._seconds, FIRST_HOLD_SECONDS), LONGEST_HOLD_SECONDS)
        self._until = time.monotonic() + self._seconds * uniform(1 - JITTER, 1 + JITTER)
        log.warning("the mail server takes no mails", extra={"why": why, "wait": self._seconds})

    def end(self) -> None:
        self._seconds = 0.0


class Attempts:
    def __init__(
        self, services: Services, sender: MailSender, schedule: Schedule, hold: Hold
    ) -> None:
        self._services = services
        self._sender = sender
        self._schedule = schedule
        self._hold = hold

    async def make(self, connection: SmtpConnection, due: DueMail) -> None:
        """Its outcome is durable when this returns; a server that is away leaves it as it was."""
        prepared = await self._prepare(due)
        if isinstance(prepared, Mail):
            outcome = await self._send(connection, due, prepared)
            if outcome is not None:
                self._hold.end()
                await self._record(due.key, outcome)
        elif prepared.is_deleted:
            await _until_stored(lambda: outbox.forget(self._services, due.key))
            self._services.metrics.mail.ended("skipped")
        else:
            status = "given_up" if prepared.is_failure else "skipped"
            await self._record(due.key, Outcome(status, due.tries, error=prepared.because))

    async def _prepare(self, due: DueMail) -> Mail | Skipped:
        try:
            return await outbox.prepare(self._services, self._sender, due)
        except StoreUnavailable:
            raise
        except Exception as error:
            # A mail that cannot be made must not be tried for ever, before all others.
            return Skipped(f"cannot be made: {type(error).__name__}", is_failure=True)

    async def _send(self, connection: SmtpConnection, due: DueMail, mail: Mail) -> Outcome | None:
        tries = due.tries + 1
        try:
            await connection.send(mail)
        except ServerAway as away:
            self._hold.begin(str(away))
            return None
        except NotTaken as error:
            now = self._services.clock()
            next_at = None if error.is_final else self._schedule.next_at(tries, now, random())
            status = "given_up" if next_at is None else "waiting"
            return Outcome(status, tries, next_at=next_at, error=str(error))
        return Outcome("sent", tries, sent_at=self._services.clock())

    async def _record(self, key: MailKey, outcome: Outcome) -> None:
        await _until_stored(lambda: outbox.record(self._services, key, outcome))
        is_to_be_tried_again = outcome.status == "waiting"
        self._services.metrics.mail.ended("failed" if is_to_be_tried_again else outcome.status)
        if outcome.status == "given_up":
            named = {"order_number": key.order_number, "kind": key.kind, "why": outcome.error}
            log.warning("a mail is given up", extra=named)


async def _until_stored(write: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            return await write()
        except StoreUnavailable as error:
            log.warning("a mail's outcome waits for the database", extra={"why": str(error)})
        await asyncio.sleep(SECONDS_BETWEEN_WRITES)
