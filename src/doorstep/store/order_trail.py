"""What happened to an order, and what that has caused: webhooks and mails."""

from msgspec import Struct

from doorstep.domain.order import Instant
from doorstep.store.database import Connection
from doorstep.store.events import LoggedEvent
from doorstep.store.webhook_deliveries import WebhookAttempt
from doorstep.store.webhooks import WebhookEndpoint, endpoint_of


class EventWaiting(Struct, frozen=True):
    """An event that waits for its next try at an endpoint, or for an earlier one of its order."""

    endpoint_number: int
    sequence: int
    tries: int
    next_at: Instant


class OrderMail(Struct, frozen=True):
    """`shipment_number` is 0 for a mail about the whole order."""

    kind: str
    shipment_number: int
    status: str
    tries: int
    next_at: Instant | None
    created_at: Instant
    sent_at: Instant | None
    error: str | None


async def events_and_mails(
    connection: Connection,
    account_id: int,
    order_number: int,
    *,
    before: int,
    most_events: int,
    most_length: int,
    most_mails: int,
) -> tuple[list[LoggedEvent], list[OrderMail], list[WebhookEndpoint]]:
    """The newest first, events from before a sequence; and the account's endpoints."""
    order = {"account_id": account_id, "order_number": order_number}
    events, mails, endpoints = await connection.together(
        [
            (
                "order_events_before",
                {**order, "before": before, "most": most_events, "most_length": most_length},
            ),
            ("mails_of_order", {**order, "most": most_mails}),
            ("load_webhook_endpoints", {"account_id": account_id}),
        ]
    )
    return (
        [LoggedEvent(*row) for row in events],
        [OrderMail(*row) for row in mails],
        [endpoint_of(row) for row in endpoints],
    )


async def webhooks_of_events(
    connection: Connection, account_id: int, sequences: list[int], most: int
) -> tuple[list[WebhookAttempt], list[EventWaiting]]:
    """What was attempted, of the newest event first, and what waits, the next first."""

    def asked() -> dict[str, object]:
        return {"account_id": account_id, "sequences": sequences, "most": most}

    attempts, waiting = await connection.together(
        [("webhook_attempts_of_events", asked()), ("waiting_webhooks_of_events", asked())]
    )
    return [WebhookAttempt(*row) for row in attempts], [EventWaiting(*row) for row in waiting]
