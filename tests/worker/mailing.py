"""Choosing and sending mails by hand, a round at a time: nothing here waits for a time to pass."""

from typing import Any

from doorstep.service.mails.choosing import choose_mails
from doorstep.service.mails.outbox import MailSender, read_backlog
from doorstep.service.retries import read_schedule
from doorstep.worker.mail_attempts import Attempts, Hold
from doorstep.worker.mail_server import read_smtp_url
from doorstep.worker.smtp import SmtpConnection
from tests.conftest import Api
from tests.databases import execute

SENDER = MailSender("shop@example.com", "https://orders.example.com")
SCHEDULE = read_schedule("60,600")
ANNA = {"email": "anna@example.com", "first_name": "Anna", "last_name": "Muster"}
PARCEL = {"tracking_code": "T-1", "carrier": {"name": "DHL"}}


class Mailing:
    """One connection to a mail server, and the mails of an API's database."""

    def __init__(self, api: Api, smtp_url: str) -> None:
        self.api = api
        self.hold = Hold()
        self._connection = SmtpConnection(read_smtp_url(smtp_url), SENDER.address)
        self._attempts = Attempts(api.services, SENDER, SCHEDULE, self.hold)

    def choose(self) -> dict[int, int]:
        """What the log asks for now; the first time, the beginning."""
        positions: dict[int, int] = self.api.run(choose_mails(self.api.services, SENDER.domain))
        return positions

    def send(self) -> None:
        """One attempt at each mail that is due."""
        self.api.run(self._send())

    async def _send(self) -> None:
        services = self.api.services
        positions = await choose_mails(services, SENDER.domain)
        backlog = await read_backlog(services, positions, services.clock(), 50)
        for mail in backlog.due:
            await self._attempts.make(self._connection, mail)

    def rows(self, columns: str = "kind, status") -> list[tuple[Any, ...]]:
        """The mails in order of their keys."""
        sql = f"SELECT {columns} FROM mails ORDER BY order_number, kind, shipment_number"
        return execute(self.api.database, sql)

    def counted(self, outcome: str) -> int:
        """What the metrics say."""
        name = f'doorstep_mails_total{{outcome="{outcome}"}} '.encode()
        lines = self.api.services.metrics.exposition().splitlines()
        return next(int(float(line[len(name) :])) for line in lines if line.startswith(name))

    def close(self) -> None:
        self.api.run(self._connection.close())
