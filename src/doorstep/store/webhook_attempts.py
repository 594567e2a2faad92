"""Listing what was attempted at an endpoint, and what waits to be."""

from typing import Literal, TypeAlias

from msgspec import Struct

from doorstep.domain.order import Instant
from doorstep.store.database import Connection
from doorstep.store.webhook_deliveries import WebhookAttempt

Which: TypeAlias = Literal["all", "failed", "given_up"]

QUERIES: dict[Which, str] = {
    "all": "webhook_attempts_before",
    "failed": "failed_webhook_attempts_before",
    "given_up": "given_up_webhook_attempts_before",
}


class WaitingWebhook(Struct, frozen=True):
    """An event that waits for its next try, or behind an earlier one of its order."""

    next_at: Instant
    sequence: int
    cursor_number: int
    type: str


async def attempts_before(
    connection: Connection,
    endpoint: tuple[int, int],
    which: Which,
    sequence: int | None,
    place: tuple[Instant, int],
    most: int,
) -> list[WebhookAttempt]:
    """The newest first, from a place (attempted_at, attempt_number) on; of one event, if given.

    `endpoint` by its account and number.
    """
    account_id, endpoint_number = endpoint
    values = {
        "account_id": account_id,
        "endpoint_number": endpoint_number,
        "attempted_at": place[0],
        "attempt_number": place[1],
        "most": most,
    }
    if sequence is None:
        rows = await connection.rows(QUERIES[which], **values)
    else:
        rows = await connection.rows(
            "webhook_attempts_of_event_before", sequence=sequence, **values
        )
    return [WebhookAttempt(*row) for row in rows]


async def waiting_after(
    connection: Connection, endpoint: tuple[int, int], place: tuple[Instant, int, int], most: int
) -> list[WaitingWebhook]:
    """What is due next comes first, from a place (next_at, sequence, cursor_number) on."""
    rows = await connection.rows(
        "waiting_webhook_deliveries_after",
        account_id=endpoint[0],
        endpoint_number=endpoint[1],
        next_at=place[0],
        sequence=place[1],
        cursor_number=place[2],
        most=most,
    )
    return [WaitingWebhook(*row) for row in rows]
