"""What answers about webhook endpoints hold."""

from msgspec import UNSET, Struct, UnsetType

from doorstep.service.events.cloud_events import event_id
from doorstep.service.webhooks.attempts import WaitingWebhook, WebhookAttempt, outcome_of
from doorstep.service.webhooks.endpoints import ShownEndpoint
from doorstep.times import format_optional, format_time


class WebhookEndpointAnswer(Struct, frozen=True):
    """`types` null: all; `secret` only when it was just made."""

    id: int
    iri: str
    url: str
    types: tuple[str, ...] | None
    description: str | None
    signature: str
    public_key: str | None
    paused: bool
    paused_at: str | None
    paused_because: str | None
    failing_since: str | None
    created_at: str
    updated_at: str
    secret: str | UnsetType = UNSET


class WebhookAttemptAnswer(Struct, frozen=True):
    """`status` is that of HTTP, null where there was no answer; then `error` says why.

    An event that waits has not been attempted as yet: it has no id, and nothing of an attempt.
    """

    id: int | None
    event_id: str
    sequence: int | None
    type: str
    attempted_at: str | None
    milliseconds: int | None
    status: int | None
    answer: str | None
    error: str | None
    outcome: str
    next_attempt_at: str | None


class WebhookReplayAnswer(Struct, frozen=True):
    id: int
    after: int
    until: int


def webhook_endpoint(shown: ShownEndpoint) -> WebhookEndpointAnswer:
    endpoint = shown.endpoint
    return WebhookEndpointAnswer(
        id=endpoint.endpoint_number,
        iri=f"/v2/webhook_endpoints/{endpoint.endpoint_number}",
        url=endpoint.url,
        types=endpoint.types,
        description=endpoint.description,
        signature=endpoint.signature,
        public_key=shown.public_key,
        paused=endpoint.paused_at is not None,
        paused_at=format_optional(endpoint.paused_at),
        paused_because=endpoint.paused_because,
        failing_since=format_optional(endpoint.failing_since),
        created_at=format_time(endpoint.created_at),
        updated_at=format_time(endpoint.updated_at),
        secret=shown.secret or UNSET,
    )


def webhook_attempt(attempt: WebhookAttempt) -> WebhookAttemptAnswer:
    return WebhookAttemptAnswer(
        id=attempt.attempt_number,
        event_id=attempt.webhook_id,
        sequence=attempt.sequence,
        type=attempt.type,
        attempted_at=format_time(attempt.attempted_at),
        milliseconds=attempt.milliseconds,
        status=attempt.http_status,
        answer=attempt.answer,
        error=attempt.error,
        outcome=outcome_of(attempt),
        next_attempt_at=format_optional(attempt.next_at),
    )


def waiting_webhook(account_id: int, waiting: WaitingWebhook) -> WebhookAttemptAnswer:
    return WebhookAttemptAnswer(
        id=None,
        event_id=event_id(account_id, waiting.sequence),
        sequence=waiting.sequence,
        type=waiting.type,
        attempted_at=None,
        milliseconds=None,
        status=None,
        answer=None,
        error=None,
        outcome="waiting",
        next_attempt_at=format_time(waiting.next_at),
    )
