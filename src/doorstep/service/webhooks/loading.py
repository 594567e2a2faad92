"""What the worker reads of webhook endpoints: which there are, and what each was owed."""

from msgspec import Struct, field

from doorstep.domain.order import Instant
from doorstep.service.services import Services
from doorstep.service.webhooks.endpoint_work import EndpointWork
from doorstep.service.webhooks.lanes import MOST_AHEAD, MOST_KEPT, Owed
from doorstep.store.webhook_deliveries import (
    WebhookCursor,
    all_webhook_cursors,
    all_webhook_secrets,
    waiting_webhook_deliveries,
)
from doorstep.store.webhooks import WebhookEndpoint, WebhookSecret, active_webhook_endpoints

MOST_WAITING = 2 * (MOST_AHEAD + MOST_KEPT)
"""Twice what one worker writes for a cursor: two may have been at it for a moment."""

FOR_EVER = 2**62


class ActiveEndpoint(Struct):
    """An endpoint that is sent to, with all that this takes."""

    endpoint: WebhookEndpoint
    secrets: list[WebhookSecret] = field(default_factory=list)
    cursors: list[WebhookCursor] = field(default_factory=list)

    @property
    def key(self) -> tuple[int, int]:
        return self.endpoint.account_id, self.endpoint.endpoint_number


async def load_active(services: Services) -> dict[tuple[int, int], ActiveEndpoint]:
    """Those of all accounts that are not paused, by account and number."""
    reader = services.store.reader
    endpoints = await active_webhook_endpoints(reader)
    active = {each.key: each for each in map(ActiveEndpoint, endpoints)}
    if active:
        for secret in await all_webhook_secrets(reader, services.clock()):
            if (key := (secret.account_id, secret.endpoint_number)) in active:
                active[key].secrets.append(secret)
        for cursor in await all_webhook_cursors(reader):
            if (key := (cursor.account_id, cursor.endpoint_number)) in active:
                active[key].cursors.append(cursor)
    return active


async def add_cursor(services: Services, work: EndpointWork, cursor: WebhookCursor) -> None:
    """With what has waited since it was last worked on."""
    work.add_cursor(cursor, await _waiting(services, cursor, FOR_EVER))


async def add_strays(services: Services, work: EndpointWork, until: Instant) -> None:
    """What has been due since `until` without being known here: another worker had written it."""
    for cursor in list(work.cursors.values()):
        for owed in await _waiting(services, cursor, until):
            work.add_stray(cursor.cursor_number, owed)
    work.strays_added()


async def _waiting(services: Services, cursor: WebhookCursor, until: Instant) -> list[Owed]:
    rows = await waiting_webhook_deliveries(services.store.reader, cursor, until, MOST_WAITING)
    return [Owed(*row) for row in rows]


async def accounts_with_webhooks(services: Services) -> list[int]:
    """Also those whose endpoints are all paused."""
    cursors = await all_webhook_cursors(services.store.reader)
    return sorted({cursor.account_id for cursor in cursors})
