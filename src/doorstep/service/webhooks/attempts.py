"""What was attempted at a webhook endpoint, and what waits to be."""

import re
from typing import Generic, NamedTuple, TypeVar

from doorstep.domain.refusals import Refusal
from doorstep.service.services import Services
from doorstep.service.webhooks.endpoints import no_endpoint
from doorstep.store.webhook_attempts import WaitingWebhook, Which, attempts_before, waiting_after
from doorstep.store.webhook_deliveries import WebhookAttempt
from doorstep.store.webhooks import load_webhook_endpoint

__all__ = [
    "OUTCOMES",
    "PLACE",
    "WAITING",
    "Stretch",
    "WaitingWebhook",
    "WebhookAttempt",
    "Which",
    "list_attempts",
    "list_waiting",
    "outcome_of",
    "read_place",
    "write_place",
]

Row = TypeVar("Row")

WAITING = "waiting"
OUTCOMES = (WAITING, "failed", "given_up")
"""What of a listing may be asked for alone."""

PLACE = re.compile(r"[0-9]{1,18}(\.[0-9]{1,18}){1,2}", re.ASCII)
NEWEST = (2**62, 2**62)
"""Before it comes every attempt."""

FIRST = (0, 0, 0)


def outcome_of(attempt: WebhookAttempt) -> str:
    """`delivered`; `failed`, which a test stays at; or `given_up`, where no other try follows."""
    if attempt.http_status is not None and 200 <= attempt.http_status < 300:
        return "delivered"
    is_last = attempt.next_at is None and attempt.sequence is not None
    return "given_up" if is_last else "failed"


class Stretch(NamedTuple, Generic[Row]):
    """Some of a listing; `place` is where it goes on, None at its end."""

    rows: list[Row]
    place: tuple[int, ...] | None


def read_place(text: str, which: str) -> tuple[int, ...] | None:
    """A place of that listing (`waiting`, or some attempts); None for what is none."""
    parts = text.split(".") if PLACE.fullmatch(text) else []
    return tuple(map(int, parts)) if len(parts) == (3 if which == WAITING else 2) else None


def write_place(place: tuple[int, ...]) -> str:
    return ".".join(map(str, place))


async def list_attempts(
    services: Services,
    account_id: int,
    number: int,
    which: Which,
    sequence: int | None,
    before: tuple[int, ...] | None,
    limit: int,
) -> Stretch[WebhookAttempt] | Refusal:
    """The newest first, from a place (attempted_at, attempt_number) on."""
    reader = services.store.reader
    if await load_webhook_endpoint(reader, account_id, number) is None:
        return no_endpoint(number)
    attempted_at, attempt_number = before or NEWEST
    found = await attempts_before(
        reader, (account_id, number), which, sequence, (attempted_at, attempt_number), limit + 1
    )
    last = [(each.attempted_at, each.attempt_number) for each in found[limit - 1 : limit]]
    return Stretch(found[:limit], last[0] if len(found) > limit else None)


async def list_waiting(
    services: Services, account_id: int, number: int, after: tuple[int, ...] | None, limit: int
) -> Stretch[WaitingWebhook] | Refusal:
    """What is due next comes first, from a place (next_at, sequence, cursor_number) on."""
    reader = services.store.reader
    if await load_webhook_endpoint(reader, account_id, number) is None:
        return no_endpoint(number)
    next_at, sequence, cursor = after or FIRST
    found = await waiting_after(
        reader, (account_id, number), (next_at, sequence, cursor), limit + 1
    )
    last = [(each.next_at, each.sequence, each.cursor_number) for each in found[limit - 1 : limit]]
    return Stretch(found[:limit], last[0] if len(found) > limit else None)
