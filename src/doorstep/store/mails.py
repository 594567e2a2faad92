"""Mails that wait for the mail server, or what became of them; and how far the log was read."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import asdict

from doorstep.domain.order import Instant
from doorstep.store.database import Connection, Writer

MOST_COUNTED = 10_000
"""Mails that wait are counted no further for one account."""


class Cursor(NamedTuple):
    """`position` is None where the account's log was not yet begun to be read."""

    account_id: int
    position: int | None
    last_sequence: int


class MailKey(Struct, frozen=True):
    """`shipment_number` is 0 for a mail about the whole order."""

    account_id: int
    order_number: int
    kind: str
    shipment_number: int


class NewMail(Struct, frozen=True):
    key: MailKey
    sequence: int
    message_id: str
    created_at: Instant


class DueMail(Struct, frozen=True):
    """`tries` is how often it has been tried so far."""

    key: MailKey
    message_id: str
    tries: int
    created_at: Instant


class Outcome(Struct, frozen=True):
    """`next_at` is there while another try is to follow. `error` bears no address."""

    status: str
    tries: int
    next_at: Instant | None = None
    sent_at: Instant | None = None
    error: str | None = None


class Waiting(NamedTuple):
    """`first_at` is when the first one is to be tried, None where none waits."""

    account_id: int
    first_at: Instant | None
    waiting: int


async def load_cursors(connection: Connection) -> list[Cursor]:
    """One for every account."""
    return [Cursor(*row) for row in await connection.rows("load_mail_cursors")]


async def begin_cursors(writer: Writer, since: Instant) -> None:
    """Gives each account without a cursor one; `since` is when mails were switched on first."""
    await writer.run("begin_mail_cursors", since=since)


async def add_mails(writer: Writer, positions: Mapping[int, int], mails: Sequence[NewMail]) -> None:
    """The mails that the log asks for up to the accounts' new positions, each key once."""
    if mails:
        await writer.run_many(
            "insert_mails",
            [
                {
                    **asdict(mail.key),
                    "sequence": mail.sequence,
                    "message_id": mail.message_id,
                    "created_at": mail.created_at,
                }
                for mail in mails
            ],
        )
    moved = [{"account_id": account, "position": at} for account, at in sorted(positions.items())]
    await writer.run_many("move_mail_cursors", moved)


async def load_waiting(connection: Connection, account_ids: list[int]) -> list[Waiting]:
    rows = await connection.rows("load_mails_waiting", account_ids=account_ids, most=MOST_COUNTED)
    return [Waiting(*row) for row in rows]


async def load_due(
    connection: Connection, account_id: int, now: Instant, most: int
) -> list[DueMail]:
    """The longest due first."""
    rows = await connection.rows("load_mails_due", account_id=account_id, now=now, most=most)
    return [DueMail(MailKey(account_id, *row[:3]), *row[3:]) for row in rows]


async def record_outcome(writer: Writer, key: MailKey, outcome: Outcome) -> None:
    await writer.run("update_mail", **asdict(key), **asdict(outcome))


async def delete_mail(writer: Writer, key: MailKey) -> None:
    await writer.run("delete_mail", **asdict(key))
