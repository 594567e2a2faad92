"""Webhook endpoints of an account: adding, changing, pausing and resuming them."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from doorstep.domain.order import HOUR, Instant
from doorstep.domain.refusals import Refusal, conflict, missing
from doorstep.service.once import once
from doorstep.service.outcomes import Idempotency, Replayed
from doorstep.service.services import Services
from doorstep.service.webhooks.signing import new_secret, public_key
from doorstep.store import webhooks as stored
from doorstep.store.database import Connection, Writer
from doorstep.store.webhooks import WebhookEndpoint, WebhookSecret

ASKED = "asked"
"""Why an endpoint is paused, where somebody asked for it."""

OVERLAP_HOURS = 24
MOST_OVERLAP_HOURS = 168
MOST_SECRETS = 10
"""That sign at once: each makes the header longer, and receivers take 8 KB of headers at most."""


class ShownEndpoint(Struct, frozen=True):
    """An endpoint; `secret` only where it was just made and its receiver has to know it."""

    endpoint: WebhookEndpoint
    public_key: str | None
    secret: str | None = None


Outcome: TypeAlias = ShownEndpoint | Refusal | Replayed


async def create_endpoint(
    services: Services,
    account_id: int,
    given: Mapping[str, Any],
    idempotency: Idempotency | None = None,
) -> Outcome:
    """An endpoint that gets the events after this moment. `given`: url, types, …, signature."""
    endpoint_number, secret_number = await services.numbers.draw(2)
    secret = new_secret(given["signature"])

    async def create(writer: Writer, now: Instant) -> ShownEndpoint | Refusal:
        ((_, newest),) = await writer.rows("newest_sequences", account_ids=[account_id])
        most = services.limits.max_webhook_endpoints
        if await stored.count_webhook_endpoints(writer, account_id) >= most:
            return conflict(
                "too_many_webhook_endpoints", f"The account has {most} webhook endpoints already."
            )
        endpoint = WebhookEndpoint(
            account_id,
            endpoint_number,
            given["url"],
            given.get("types"),
            given.get("description"),
            given["signature"],
            paused_at=None,
            paused_because=None,
            failing_since=None,
            created_at=now,
            updated_at=now,
        )
        await stored.insert_webhook_endpoint(writer, endpoint)
        await writer.run(
            "insert_webhook_cursor",
            account_id=account_id,
            endpoint_number=endpoint_number,
            cursor_number=0,
            position=newest,
            last_sequence=None,
            created_at=now,
        )
        return await _add_secret(writer, endpoint, secret_number, secret, now)

    return await once(services, account_id, idempotency, create)


async def _add_secret(
    writer: Writer, endpoint: WebhookEndpoint, secret_number: int, secret: str, now: Instant
) -> ShownEndpoint:
    added = WebhookSecret(
        endpoint.account_id, endpoint.endpoint_number, secret_number, secret, now, None
    )
    await stored.insert_webhook_secret(writer, added)
    public = public_key(secret)
    return ShownEndpoint(endpoint, public, secret if public is None else None)


async def shown(connection: Connection, endpoint: WebhookEndpoint, now: Instant) -> ShownEndpoint:
    if endpoint.signature == "v1":
        return ShownEndpoint(endpoint, None)
    newest, *_ = await stored.valid_webhook_secrets(
        connection, endpoint.account_id, endpoint.endpoint_number, now
    )
    return ShownEndpoint(endpoint, public_key(newest.secret))


async def list_endpoints(services: Services, account_id: int) -> list[ShownEndpoint]:
    """The oldest first."""
    reader, now = services.store.reader, services.clock()
    endpoints = await stored.load_webhook_endpoints(reader, account_id)
    return [await shown(reader, endpoint, now) for endpoint in endpoints]


async def get_endpoint(services: Services, account_id: int, number: int) -> ShownEndpoint | Refusal:
    reader = services.store.reader
    endpoint = await stored.load_webhook_endpoint(reader, account_id, number)
    if endpoint is None:
        return no_endpoint(number)
    return await shown(reader, endpoint, services.clock())


def no_endpoint(number: int) -> Refusal:
    return missing("webhook endpoint", number)


Change: TypeAlias = Callable[[Writer, WebhookEndpoint, Instant], Awaitable[WebhookEndpoint]]


async def _change(
    services: Services,
    account_id: int,
    number: int,
    change: Change,
    idempotency: Idempotency | None = None,
) -> Outcome:
    async def write(writer: Writer, now: Instant) -> ShownEndpoint | Refusal:
        endpoint = await stored.load_webhook_endpoint(writer, account_id, number)
        if endpoint is None:
            return no_endpoint(number)
        changed = await change(writer, endpoint, now)
        if changed != endpoint:
            changed = replace(changed, updated_at=now)
            await stored.update_webhook_endpoint(writer, changed)
        return await shown(writer, changed, now)

    return await once(services, account_id, idempotency, write)


async def change_endpoint(
    services: Services, account_id: int, number: int, changes: Mapping[str, Any]
) -> Outcome:
    """Changes the given ones of url, types and description."""

    async def change(writer: Writer, endpoint: WebhookEndpoint, now: Instant) -> WebhookEndpoint:
        changed = replace(endpoint, **changes)
        if changed.url != endpoint.url:
            # How the old URL answered says nothing about the new one.
            changed = replace(changed, failing_since=None)
        return changed

    return await _change(services, account_id, number, change)


async def pause_endpoint(
    services: Services, account_id: int, number: int, idempotency: Idempotency | None
) -> Outcome:
    """Nothing more is sent; one that is paused already stays as it is."""

    async def pause(writer: Writer, endpoint: WebhookEndpoint, now: Instant) -> WebhookEndpoint:
        if endpoint.paused_at is not None:
            return endpoint
        return replace(endpoint, paused_at=now, paused_because=ASKED)

    return await _change(services, account_id, number, pause, idempotency)


async def resume_endpoint(
    services: Services, account_id: int, number: int, idempotency: Idempotency | None
) -> Outcome:
    """All that waits is due at once, with all tries before it."""

    async def resume(writer: Writer, endpoint: WebhookEndpoint, now: Instant) -> WebhookEndpoint:
        if endpoint.paused_at is None:
            return endpoint
        await writer.run(
            "make_webhook_deliveries_due", account_id=account_id, endpoint_number=number, now=now
        )
        return replace(endpoint, paused_at=None, paused_because=None, failing_since=None)

    return await _change(services, account_id, number, resume, idempotency)


async def rotate_secret(
    services: Services,
    account_id: int,
    number: int,
    overlap_hours: int,
    idempotency: Idempotency | None,
) -> Outcome:
    """A new secret; those before it sign as well for the overlap, and are deleted after it."""
    (secret_number,) = await services.numbers.draw()

    async def rotate(writer: Writer, now: Instant) -> ShownEndpoint | Refusal:
        endpoint = await stored.load_webhook_endpoint(writer, account_id, number)
        if endpoint is None:
            return no_endpoint(number)
        signing = await stored.valid_webhook_secrets(writer, account_id, number, now)
        if overlap_hours and len(signing) >= MOST_SECRETS:
            return conflict(
                "too_many_secrets",
                f"{MOST_SECRETS} secrets sign already; overlap_hours 0 ends them.",
            )
        await writer.run(
            "expire_webhook_secrets",
            account_id=account_id,
            endpoint_number=number,
            expires_at=now + overlap_hours * HOUR,
        )
        await stored.delete_expired_secrets(writer, account_id, now)
        secret = new_secret(endpoint.signature)
        return await _add_secret(writer, endpoint, secret_number, secret, now)

    return await once(services, account_id, idempotency, rotate)
