"""A connection to the mail server, and what became of each mail on it."""

import contextlib
import re

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from doorstep.service.mails.message import Mail
from doorstep.worker.mail_server import MailServer

SECONDS_TO_CONNECT = 10.0
SECONDS_FOR_ANSWER = 60.0
SECONDS_TO_TAKE = 300.0
"""For the answer to a whole mail: who gives up earlier sends again what was taken (RFC 5321)."""

SECONDS_TO_LEAVE = 1.0
MOST_MAILS = 100
"""On one connection; many servers end it after some such number."""

NOT_SIGNED_IN = (530, 534, 535, 538)
SERVICE_ENDS = 421

ENHANCED_CODE = re.compile(r"[245]\.\d{1,3}\.\d{1,3}\b")


class ServerAway(Exception):
    """The server takes nothing from us now; the mail has not even been shown to it."""


class NotTaken(Exception):
    """This mail was not taken, or nobody knows whether it was. Its text bears no address.

    `is_final` where the server said that another try would not help.
    """

    def __init__(self, why: str, *, is_final: bool) -> None:
        super().__init__(why)
        self.is_final = is_final


class SmtpConnection:
    """Sends one mail after the other; connects when there is one, and again when it has to."""

    def __init__(self, server: MailServer, sender: str) -> None:
        self._server = server
        self._sender = sender
        self._client: SMTP | None = None
        self._sent = 0

    async def send(self, mail: Mail) -> None:
        """Raises ServerAway, NotTaken."""
        client = await self._ready()
        try:
            await client.mail(self._sender)
        except (OSError, SMTPException) as error:
            self.drop()
            raise ServerAway(_in_words(error)) from error
        self._sent += 1
        try:
            await client.rcpt(mail.recipient)
            await client.data(mail.message, timeout=SECONDS_TO_TAKE)
        except SMTPResponseException as error:
            # Not the server's own words, which repeat the address.
            codes = " ".join([str(error.code), *ENHANCED_CODE.findall(error.message)[:1]])
            if error.code in NOT_SIGNED_IN:
                self.drop()
                raise ServerAway(codes) from None
            if error.code == SERVICE_ENDS:
                self.drop()
            raise NotTaken(codes, is_final=error.code >= 500) from None
        except (OSError, SMTPException) as error:
            self.drop()
            raise NotTaken(_kind_of(error), is_final=False) from None

    async def _ready(self) -> SMTP:
        """The connection, fit for a mail: one that was kept is asked whether it still lives."""
        if self._client is not None and self._sent >= MOST_MAILS:
            await self.close()
        if self._client is not None:
            try:
                await self._client.rset()
            except (OSError, SMTPException):
                self.drop()
            else:
                return self._client
        server = self._server
        client = SMTP(
            hostname=server.host,
            port=server.port,
            username=server.username,
            password=server.password,
            use_tls=server.is_tls,
            # A password is never sent in the clear, whatever is or is not offered.
            start_tls=False if server.is_tls else (True if server.username else None),
            timeout=SECONDS_FOR_ANSWER,
        )
        try:
            await client.connect(timeout=SECONDS_TO_CONNECT)
        except (OSError, SMTPException) as error:
            raise ServerAway(_in_words(error)) from error
        self._client, self._sent = client, 0
        return client

    async def close(self) -> None:
        """With a farewell, where the server still listens."""
        if self._client is not None:
            with contextlib.suppress(OSError, SMTPException):
                await self._client.quit(timeout=SECONDS_TO_LEAVE)
        self.drop()

    def drop(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client = None


def _in_words(error: Exception) -> str:
    """Of what was said before any recipient was named."""
    if isinstance(error, SMTPResponseException):
        return f"{error.code} {' '.join(error.message.split())}"
    return " ".join(str(error).split()) or type(error).__name__


def _kind_of(error: Exception) -> str:
    return "no answer in time" if isinstance(error, TimeoutError) else "the connection was lost"
