"""From the log to the mails that it asks for."""

import logging
import secrets
from collections.abc import Iterator

import msgspec

from doorstep.domain.order import Instant
from doorstep.service.accounts import USUAL_MAIL_EVENTS, Account
from doorstep.service.events.kinds import DECODERS
from doorstep.service.events.log import LoggedEvent, read_log
from doorstep.service.mails.kinds import NEWS, TELLING, subject_of
from doorstep.service.services import Services
from doorstep.store import mails as stored
from doorstep.store.accounts import installation_value
from doorstep.store.database import Writer
from doorstep.store.mails import Cursor, MailKey, NewMail

log = logging.getLogger(__name__)

EVENTS_AT_ONCE = 1_000
MESSAGE_ID_BYTES = 16
SWITCHED_ON_AT = "mails_since"
"""The installation's instant since which mails are sent."""


async def choose_mails(services: Services, domain: str) -> dict[int, int]:
    """Reads on in each account's log, and returns how far it now is read: its sequences.

    The mails are written with the positions that they stand for. `domain` ends their Message-IDs.
    """
    cursors = await stored.load_cursors(services.store.reader)
    if any(cursor.position is None for cursor in cursors):
        await services.store.write(lambda writer: _begin(writer, services.clock()))
        cursors = await stored.load_cursors(services.store.reader)
    positions = {cursor.account_id: cursor.position or 0 for cursor in cursors}
    moved: dict[int, int] = {}
    mails: dict[MailKey, NewMail] = {}
    for cursor in cursors:
        if cursor.last_sequence > positions[cursor.account_id]:
            events = await _events_after(services, cursor)
            moved[cursor.account_id] = _end_of(events, cursor)
            view = await services.accounts.view(cursor.account_id)
            for mail in _mails(view.account, events, domain, services.clock()):
                mails.setdefault(mail.key, mail)
    if moved:
        await services.store.write(
            lambda writer: stored.add_mails(writer, moved, list(mails.values()))
        )
    return {**positions, **moved}


async def _begin(writer: Writer, now: Instant) -> None:
    since = await installation_value(writer, SWITCHED_ON_AT, str(now))
    await stored.begin_cursors(writer, int(since))


async def _events_after(services: Services, cursor: Cursor) -> list[LoggedEvent]:
    return await read_log(
        services.store.reader, cursor.account_id, cursor.position or 0, EVENTS_AT_ONCE
    )


def _end_of(events: list[LoggedEvent], cursor: Cursor) -> int:
    """Sequences may skip, and `last_sequence` was read before the events were."""
    last = events[-1].sequence if events else 0
    return last if len(events) == EVENTS_AT_ONCE else max(last, cursor.last_sequence)


def _mails(
    account: Account, events: list[LoggedEvent], domain: str, now: Instant
) -> Iterator[NewMail]:
    for logged in events:
        if logged.type not in TELLING or now - logged.occurred_at > NEWS:
            continue
        try:
            subject = subject_of(DECODERS[logged.type].decode(logged.data))
        except msgspec.DecodeError:
            # It would hold up the mails of all accounts, for ever.
            where = {"account_id": account.account_id, "sequence": logged.sequence}
            log.exception("an event cannot be read and is told nobody", extra=where)
            continue
        if subject is not None and subject.kind in kinds_of(account):
            key = MailKey(
                account.account_id, logged.order_number, subject.kind, subject.shipment_number
            )
            message_id = f"<{secrets.token_hex(MESSAGE_ID_BYTES)}@{domain}>"
            yield NewMail(key, logged.sequence, message_id, now)


def kinds_of(account: Account) -> tuple[str, ...]:
    """What the account tells its customers of."""
    return USUAL_MAIL_EVENTS if account.mail_events is None else account.mail_events
