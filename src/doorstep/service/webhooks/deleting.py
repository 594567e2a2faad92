"""Deleting a webhook endpoint with all that belongs to it, in steps that hold up nobody."""

from msgspec.structs import replace

from doorstep.domain.refusals import Refusal
from doorstep.service.services import Services
from doorstep.service.webhooks.endpoints import ASKED, no_endpoint
from doorstep.store.database import Writer
from doorstep.store.webhook_deliveries import write_many
from doorstep.store.webhooks import load_webhook_endpoint, update_webhook_endpoint

MOST_AT_ONCE = 1_000
"""Attempts and webhook deliveries in one commit; there may be a month's."""


async def delete_endpoint(services: Services, account_id: int, number: int) -> Refusal | None:
    """Nothing is sent from the first step on, and the endpoint is gone with the last."""
    refusal: Refusal | None = None
    is_gone = False

    async def step(writer: Writer) -> None:
        nonlocal refusal, is_gone
        endpoint = await load_webhook_endpoint(writer, account_id, number)
        if endpoint is None:
            refusal = no_endpoint(number)
        elif await _delete_some(writer, account_id, number):
            is_gone = await _delete_rest(writer, account_id, number)
        elif endpoint.paused_at is None:
            now = services.clock()
            await update_webhook_endpoint(
                writer, replace(endpoint, paused_at=now, paused_because=ASKED, updated_at=now)
            )

    while refusal is None and not is_gone:
        await services.store.write(step)
    return refusal


async def _delete_some(writer: Writer, account_id: int, number: int) -> bool:
    """Whether nothing is left of what there may be much of."""
    place = {"account_id": account_id, "endpoint_number": number}
    attempts = await writer.rows("some_webhook_attempts", most=MOST_AT_ONCE, **place)
    if attempts:
        await writer.run("delete_webhook_attempts_up_to", last=attempts[-1][0], **place)
    deliveries = await writer.rows("some_webhook_deliveries", most=MOST_AT_ONCE, **place)
    named = [{**place, "cursor_number": cursor, "sequence": at} for cursor, at in deliveries]
    await write_many(writer, "delete_webhook_deliveries", named)
    return len(attempts) < MOST_AT_ONCE and len(deliveries) < MOST_AT_ONCE


async def _delete_rest(writer: Writer, account_id: int, number: int) -> bool:
    for query in (
        "delete_webhook_endpoint_secrets",
        "delete_webhook_endpoint_cursors",
        "delete_webhook_endpoint",
    ):
        await writer.run(query, account_id=account_id, endpoint_number=number)
    return True
