"""Mails on their way out: which are due, what each says now, and what became of it."""

from collections.abc import Collection
from functools import partial

from msgspec import Struct

from doorstep.domain.contact import contact_of
from doorstep.domain.order import Instant
from doorstep.service.mails.choosing import kinds_of
from doorstep.service.mails.content import content
from doorstep.service.mails.kinds import Subject, still_holds
from doorstep.service.mails.message import Mail, UnusableAddress, mail_of
from doorstep.service.services import Services
from doorstep.store import mails as stored
from doorstep.store.mails import DueMail as DueMail
from doorstep.store.mails import MailKey as MailKey
from doorstep.store.mails import Outcome as Outcome
from doorstep.store.orders import load_orders


class MailSender(Struct, frozen=True):
    """Whom mails come from, and where their links lead: `public_url` has no slash at its end."""

    address: str
    public_url: str

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]


class Skipped(Struct, frozen=True):
    """A mail that is not to be sent; `because` names no person."""

    because: str
    is_deleted: bool = False
    is_failure: bool = False


class Backlog(Struct, frozen=True):
    """Mails that wait: how many (counted to a limit for each account), and the first instant."""

    due: tuple[DueMail, ...]
    waiting: int
    first_at: Instant | None


async def read_backlog(
    services: Services, account_ids: Collection[int], now: Instant, most: int
) -> Backlog:
    """With `most` mails that are due, or a few more, shared among the accounts that have some."""
    reader = services.store.reader
    lines = await stored.load_waiting(reader, sorted(account_ids))
    with_some = [line for line in lines if line.first_at is not None and line.first_at <= now]
    share = -(-most // max(len(with_some), 1))
    due: list[DueMail] = []
    for line in with_some:
        due += await stored.load_due(reader, line.account_id, now, share)
    first = min((line.first_at for line in lines if line.first_at is not None), default=None)
    return Backlog(tuple(due), sum(line.waiting for line in lines), first)


async def prepare(services: Services, sender: MailSender, mail: DueMail) -> Mail | Skipped:
    """What goes out, made of the order as it is now."""
    key = mail.key
    orders = await load_orders(services.store.reader, key.account_id, [key.order_number])
    if not orders:
        return Skipped("the order is deleted", is_deleted=True)
    view = await services.accounts.view(key.account_id)
    order, subject = orders[0], Subject(key.kind, key.shipment_number)
    if key.kind not in kinds_of(view.account):
        return Skipped("switched off")
    if not still_holds(subject, order):
        return Skipped("no longer true")
    address = contact_of(order).email
    if not address:
        return Skipped("no address")
    try:
        return mail_of(
            content(subject, order, view, sender.public_url),
            sender=sender.address,
            recipient=address,
            message_id=mail.message_id,
            created_at=mail.created_at,
        )
    except UnusableAddress:
        return Skipped("unusable address")


async def record(services: Services, key: MailKey, outcome: Outcome) -> None:
    """Durable when it returns. Raises StoreUnavailable."""
    await services.store.write(partial(stored.record_outcome, key=key, outcome=outcome))


async def forget(services: Services, key: MailKey) -> None:
    """Of a mail whose order was deleted while it was being chosen."""
    await services.store.write(partial(stored.delete_mail, key=key))
