"""Sending a test to a webhook endpoint, at once and from this process."""

import msgspec
from msgspec import Struct

from doorstep.domain.order import Instant
from doorstep.domain.refusals import Refusal
from doorstep.service.events.cloud_events import DATA_CONTENT_TYPE, SPECVERSION, account_path
from doorstep.service.services import Services
from doorstep.service.webhooks.endpoints import no_endpoint
from doorstep.store.database import Writer
from doorstep.store.webhook_deliveries import (
    WebhookAttempt,
    hold_webhook_endpoints,
    write_many,
)
from doorstep.store.webhooks import load_webhook_endpoint, valid_webhook_secrets
from doorstep.times import format_time

TEST = "webhook_endpoint.test"


class TestData(Struct, frozen=True):
    id: int
    iri: str


class TestEvent(Struct, frozen=True):
    """A CloudEvent that is in no log: it has no sequence."""

    specversion: str
    id: str
    source: str
    type: str
    time: str
    datacontenttype: str
    data: TestData


def _event(account_id: int, endpoint_number: int, number: int, now: Instant) -> TestEvent:
    return TestEvent(
        SPECVERSION,
        f"test_{account_id}_{number}",
        account_path(account_id),
        TEST,
        format_time(now),
        DATA_CONTENT_TYPE,
        TestData(endpoint_number, f"/v2/webhook_endpoints/{endpoint_number}"),
    )


async def try_endpoint(
    services: Services, account_id: int, endpoint_number: int
) -> WebhookAttempt | Refusal:
    """Whether the endpoint is paused makes no difference, and neither does the outcome to it."""
    reader, now = services.store.reader, services.clock()
    endpoint = await load_webhook_endpoint(reader, account_id, endpoint_number)
    if endpoint is None:
        return no_endpoint(endpoint_number)
    secrets = await valid_webhook_secrets(reader, account_id, endpoint_number, now)
    (number,) = await services.numbers.draw()
    event = _event(account_id, endpoint_number, number, now)
    sent = await services.sender.send(endpoint, secrets, event.id, msgspec.json.encode(event))
    attempt = WebhookAttempt(
        account_id,
        endpoint_number,
        number,
        None,
        event.id,
        TEST,
        sent.attempted_at,
        sent.milliseconds,
        sent.http_status,
        sent.answer,
        sent.error,
        None,
    )

    async def record(writer: Writer) -> None:
        # It may have been deleted meanwhile.
        if await hold_webhook_endpoints(writer, account_id, [endpoint_number]):
            await write_many(writer, "insert_webhook_attempts", [attempt])

    await services.store.write(record)
    return attempt
