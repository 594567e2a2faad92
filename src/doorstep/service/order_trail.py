"""What happened to an order, and what that has caused, for people who look into it."""

import msgspec
from msgspec import Struct

from doorstep.domain.order import Instant
from doorstep.service.events.cloud_events import cloud_event
from doorstep.service.services import Services
from doorstep.store.events import LoggedEvent
from doorstep.store.order_trail import EventWaiting, OrderMail, events_and_mails, webhooks_of_events
from doorstep.store.webhook_deliveries import WebhookAttempt

__all__ = ["EventWaiting", "OrderMail", "Trail", "WebhookAttempt", "read_trail"]

MOST_EVENTS = 30
"""At once; the page of those before them is asked for."""

MOST_DATA_LENGTH = 8_192
"""Characters of an event's data; what is longer is to be had from the feed."""

MOST_ATTEMPTS = 100
"""Of these events, at all endpoints together."""

MOST_MAILS = 100

NEWEST = 2**62
"""Before it comes everything."""


class TrailEvent(Struct, frozen=True):
    """`data` as the API writes it, in lines; None where it is too long."""

    sequence: int
    type: str
    occurred_at: Instant
    recorded_at: Instant
    data: str | None


class Trail(Struct, frozen=True):
    """The newest first. `before` is where older events begin, None where there are none.

    Webhooks are those of the events that are here, what waits the next first; `more_webhooks` and
    `more_mails` say that there are others. `endpoint_urls` by number.
    """

    events: list[TrailEvent]
    before: int | None
    attempts: list[WebhookAttempt]
    waiting: list[EventWaiting]
    more_webhooks: bool
    endpoint_urls: dict[int, str]
    mails: list[OrderMail]
    more_mails: bool


async def read_trail(
    services: Services, account_id: int, order_number: int, before: int = NEWEST
) -> Trail:
    """`before` is a sequence."""
    reader = services.store.reader
    events, mails, endpoints = await events_and_mails(
        reader,
        account_id,
        order_number,
        before=before,
        most_events=MOST_EVENTS + 1,
        most_length=MOST_DATA_LENGTH,
        most_mails=MOST_MAILS + 1,
    )
    shown = events[:MOST_EVENTS]
    attempts: list[WebhookAttempt] = []
    waiting: list[EventWaiting] = []
    if endpoints and shown:
        sequences = [event.sequence for event in shown]
        attempts, waiting = await webhooks_of_events(
            reader, account_id, sequences, MOST_ATTEMPTS + 1
        )
    return Trail(
        [_event(event) for event in shown],
        shown[-1].sequence if len(events) > MOST_EVENTS else None,
        attempts[:MOST_ATTEMPTS],
        waiting[:MOST_ATTEMPTS],
        max(len(attempts), len(waiting)) > MOST_ATTEMPTS,
        {endpoint.endpoint_number: endpoint.url for endpoint in endpoints},
        mails[:MOST_MAILS],
        len(mails) > MOST_MAILS,
    )


def _event(logged: LoggedEvent) -> TrailEvent:
    data = None
    if logged.data:
        encoded = msgspec.json.encode(cloud_event(logged).data)
        data = msgspec.json.format(encoded, indent=2).decode()
    return TrailEvent(logged.sequence, logged.type, logged.occurred_at, logged.recorded_at, data)
