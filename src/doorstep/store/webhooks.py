"""Webhook endpoints: where an account's events are sent, and what they are signed with."""

from typing import Any

import msgspec
from msgspec import Struct

from doorstep.domain.order import Instant
from doorstep.store.database import Connection, Writer
from doorstep.store.rows import to_json

MOST_DELETED = 500


class WebhookEndpoint(Struct, frozen=True):
    """`types` None: every type of event.

    `failing_since`: no attempt since then has succeeded; None after one has.
    """

    account_id: int
    endpoint_number: int
    url: str
    types: tuple[str, ...] | None
    description: str | None
    signature: str
    paused_at: Instant | None
    paused_because: str | None
    failing_since: Instant | None
    created_at: Instant
    updated_at: Instant


class WebhookSecret(Struct, frozen=True):
    """`secret` as the library takes it, with its prefix; it signs before `expires_at`, if given."""

    account_id: int
    endpoint_number: int
    secret_number: int
    secret: str
    created_at: Instant
    expires_at: Instant | None


async def load_webhook_endpoint(
    connection: Connection, account_id: int, endpoint_number: int
) -> WebhookEndpoint | None:
    row = await connection.one(
        "load_webhook_endpoint", account_id=account_id, endpoint_number=endpoint_number
    )
    return endpoint_of(row) if row else None


async def load_webhook_endpoints(connection: Connection, account_id: int) -> list[WebhookEndpoint]:
    """An account's endpoints, paused ones too, the oldest first."""
    rows = await connection.rows("load_webhook_endpoints", account_id=account_id)
    return [endpoint_of(row) for row in rows]


async def active_webhook_endpoints(connection: Connection) -> list[WebhookEndpoint]:
    """The endpoints of all accounts that are not paused."""
    return [endpoint_of(row) for row in await connection.rows("active_webhook_endpoints")]


def endpoint_of(row: tuple[Any, ...]) -> WebhookEndpoint:
    account_id, endpoint_number, url, types, *rest = row
    chosen = None if types is None else msgspec.json.decode(types, type=tuple[str, ...])
    return WebhookEndpoint(account_id, endpoint_number, url, chosen, *rest)


async def valid_webhook_secrets(
    connection: Connection, account_id: int, endpoint_number: int, at: Instant
) -> list[WebhookSecret]:
    """What an endpoint's webhooks are signed with at that moment, the newest first."""
    rows = await connection.rows(
        "valid_webhook_secrets", account_id=account_id, endpoint_number=endpoint_number, at=at
    )
    return [WebhookSecret(*row) for row in rows]


async def count_webhook_endpoints(connection: Connection, account_id: int) -> int:
    count: int = await connection.one("count_webhook_endpoints", account_id=account_id)
    return count


async def insert_webhook_endpoint(writer: Writer, endpoint: WebhookEndpoint) -> None:
    await writer.run(
        "insert_webhook_endpoint",
        account_id=endpoint.account_id,
        endpoint_number=endpoint.endpoint_number,
        url=endpoint.url,
        types=_types(endpoint),
        description=endpoint.description,
        signature=endpoint.signature,
        created_at=endpoint.created_at,
        updated_at=endpoint.updated_at,
    )


async def update_webhook_endpoint(writer: Writer, endpoint: WebhookEndpoint) -> None:
    await writer.run(
        "update_webhook_endpoint",
        account_id=endpoint.account_id,
        endpoint_number=endpoint.endpoint_number,
        url=endpoint.url,
        types=_types(endpoint),
        description=endpoint.description,
        paused_at=endpoint.paused_at,
        paused_because=endpoint.paused_because,
        failing_since=endpoint.failing_since,
        updated_at=endpoint.updated_at,
    )


def _types(endpoint: WebhookEndpoint) -> str | None:
    return None if endpoint.types is None else to_json(endpoint.types)


async def insert_webhook_secret(writer: Writer, secret: WebhookSecret) -> None:
    """A new one, which expires only once another replaces it."""
    await writer.run(
        "insert_webhook_secret",
        account_id=secret.account_id,
        endpoint_number=secret.endpoint_number,
        secret_number=secret.secret_number,
        secret=secret.secret,
        created_at=secret.created_at,
    )


async def delete_expired_secrets(writer: Writer, account_id: int, now: Instant) -> None:
    """Those that sign no more, some hundred at a time."""
    rows = await writer.rows(
        "expired_webhook_secrets", account_id=account_id, before=now, most=MOST_DELETED
    )
    names = ("endpoint_number", "secret_number")
    expired = [{"account_id": account_id, **dict(zip(names, row, strict=True))} for row in rows]
    if expired:
        await writer.run_many("delete_webhook_secrets", expired)
