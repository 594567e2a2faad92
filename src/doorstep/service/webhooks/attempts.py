"""What was attempted at a webhook endpoint, and what waits to be."""

from typing import TypeAlias

from doorstep.domain.order import Instant
from doorstep.domain.refusals import Refusal
from doorstep.service.services import Services
from doorstep.service.webhooks.endpoints import no_endpoint
from doorstep.store.webhook_attempts import WaitingWebhook, Which, attempts_before, waiting_after
from doorstep.store.webhook_deliveries import WebhookAttempt
from doorstep.store.webhooks import load_webhook_endpoint

__all__ = ["WaitingWebhook", "WebhookAttempt", "list_attempts", "list_waiting", "outcome_of"]

Place: TypeAlias = tuple[Instant, int]
NEWEST: Place = (2**62, 2**62)
"""Before it comes everything."""


def outcome_of(attempt: WebhookAttempt) -> str:
    """`delivered`; `failed`, which a test stays at; or `given_up`, where no other try follows."""
    if attempt.http_status is not None and 200 <= attempt.http_status < 300:
        return "delivered"
    is_last = attempt.next_at is None and attempt.sequence is not None
    return "given_up" if is_last else "failed"


async def list_attempts(
    services: Services,
    account_id: int,
    number: int,
    which: Which,
    sequence: int | None,
    before: Place,
    most: int,
) -> list[WebhookAttempt] | Refusal:
    """The newest first, from a place (attempted_at, attempt_number) on."""
    reader = services.store.reader
    if await load_webhook_endpoint(reader, account_id, number) is None:
        return no_endpoint(number)
    return await attempts_before(reader, (account_id, number), which, sequence, before, most)


async def list_waiting(
    services: Services, account_id: int, number: int, after: tuple[Instant, int, int], most: int
) -> list[WaitingWebhook] | Refusal:
    """What is due next comes first, from a place (next_at, sequence, cursor_number) on."""
    reader = services.store.reader
    if await load_webhook_endpoint(reader, account_id, number) is None:
        return no_endpoint(number)
    return await waiting_after(reader, (account_id, number), after, most)
