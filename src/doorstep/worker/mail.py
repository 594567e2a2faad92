"""Sends mails to customers: reads the log on, and keeps a few connections busy with what is due."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from doorstep.domain.order import SECOND, Instant
from doorstep.service.mails.choosing import choose_mails
from doorstep.service.mails.outbox import DueMail, MailKey, MailSender, read_backlog
from doorstep.service.retries import Schedule
from doorstep.service.services import Services
from doorstep.worker.mail_attempts import Attempts, Hold
from doorstep.worker.mail_server import MailServer
from doorstep.worker.smtp import SmtpConnection

CONNECTIONS = 4
MOST_AT_ONCE = 50
"""Due mails that are read at a time: more than all connections have in hand."""

SECONDS_BETWEEN_ROUNDS = 0.1
"""Of reading the log: each round with events is a commit, and mails need not be faster."""

SECONDS_BETWEEN_LOOKS = 5.0
"""How late a new account, or what another process left behind, is noticed."""

IDLE_SECONDS = 5.0
"""How long a connection is kept for the next mail."""

SECONDS_TO_FINISH = 3.0
"""What a mail that is under way gets when the worker is told to stop.

With what requests get before, below the ten seconds after which supervisors kill.
"""


class Mailer:
    """A task of the worker. What was sent is committed before its connection sends another."""

    def __init__(
        self, services: Services, server: MailServer, sender: MailSender, schedule: Schedule
    ) -> None:
        self._services = services
        self._server = server
        self._sender = sender
        self._hold = Hold()
        self._attempts = Attempts(services, sender, schedule, self._hold)
        self._figures = services.metrics.mail

    async def run(self) -> None:
        """Until it is cancelled; what is under way then is finished first."""
        self._positions: dict[int, int] = {}
        self._in_hand: set[MailKey] = set()
        self._queue: asyncio.Queue[DueMail] = asyncio.Queue(1)
        self._woken = asyncio.Event()
        parts = [self._choose(), self._hand_out(), *(self._send() for _ in range(CONNECTIONS))]
        running = [asyncio.create_task(part) for part in parts]
        try:
            with self._figures.sending(self._services.clock):
                await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in running:
                task.cancel()
            ended = await asyncio.gather(*running, return_exceptions=True)
        raise next(error for error in ended if isinstance(error, Exception))

    async def _choose(self) -> None:
        while True:
            positions = await choose_mails(self._services, self._sender.domain)
            has_moved, self._positions = positions != self._positions, positions
            if has_moved:
                self._woken.set()
                await asyncio.sleep(SECONDS_BETWEEN_ROUNDS)
            else:
                await self._services.newest.wait(positions, SECONDS_BETWEEN_LOOKS)

    async def _hand_out(self) -> None:
        """Gives what is due to whichever connection is free."""
        while True:
            await asyncio.sleep(self._hold.seconds_left)
            self._woken.clear()
            # As it was before the database is asked: a mail whose outcome comes in meanwhile may
            # be among the answers still.
            in_hand = set(self._in_hand)
            now = self._services.clock()
            backlog = await read_backlog(self._services, self._positions, now, MOST_AT_ONCE)
            self._figures.waits(backlog.waiting, backlog.first_at)
            fresh = [mail for mail in backlog.due if mail.key not in in_hand]
            for mail in fresh:
                if self._hold.seconds_left:
                    break
                self._in_hand.add(mail.key)
                await self._queue.put(mail)
            if not fresh:
                await self._rest(None if backlog.due else backlog.first_at)

    async def _rest(self, first_at: Instant | None) -> None:
        """Until a mail is chosen or done, or the first that is not in hand is due."""
        seconds = SECONDS_BETWEEN_LOOKS
        if first_at is not None:
            until_due = first_at - self._services.clock()
            seconds = min(seconds, max(until_due / SECOND, 0))
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            pass

    async def _send(self) -> None:
        connection = SmtpConnection(self._server, self._sender.address)
        try:
            while True:
                try:
                    async with asyncio.timeout(IDLE_SECONDS):
                        mail = await self._queue.get()
                except TimeoutError:
                    await connection.close()
                    continue
                if not self._hold.seconds_left:
                    await _finished(self._attempts.make(connection, mail))
                self._in_hand.discard(mail.key)
                self._woken.set()
        finally:
            connection.drop()


async def _finished(attempt: Coroutine[Any, Any, None]) -> None:
    """Lets an attempt end even where its connection is told to: cut off, nobody would know how."""
    task = asyncio.create_task(attempt)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task], timeout=SECONDS_TO_FINISH)
        task.cancel()
        await asyncio.wait([task])
        raise
