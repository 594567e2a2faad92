"""Writing down what came of webhooks: many attempts of many endpoints in one short commit."""

from collections import defaultdict
from collections.abc import Sequence

from doorstep.domain.events import WebhookEndpointPaused
from doorstep.domain.order import Instant
from doorstep.service.services import Services
from doorstep.service.webhooks.changes import Changes
from doorstep.store.database import Writer
from doorstep.store.events import append_events
from doorstep.store.webhook_deliveries import HeldEndpoint, hold_webhook_endpoints, write_many
from doorstep.store.working_set import Recorded

OF_NO_ORDER = (0, "")
"""The number and the order_id of an event that is about the account itself."""


async def record(services: Services, changes: Sequence[Changes]) -> list[Changes]:
    """Writes all of it or, where it raises StoreUnavailable, nothing; those that it paused.

    What belongs to an endpoint that was deleted meanwhile is left out. After OutcomeUnknown the
    same may be written again.
    """
    now = services.clock()

    async def write(writer: Writer) -> list[Changes]:
        held = await _hold(writer, changes)
        there = [each for each in changes if _place(each) in held]
        await _write(writer, there)
        # How an old URL answered says nothing about the one that it is now.
        current = [each for each in there if held[_place(each)].url == each.endpoint.url]
        await _note_failures(writer, current)
        to_pause = [e for e in current if e.paused_because and not held[_place(e)].is_paused]
        await _pause(writer, to_pause, now)
        return to_pause

    paused = await services.store.write(write)
    services.newest.committed(each.endpoint.account_id for each in paused)
    return paused


def _place(changes: Changes) -> tuple[int, int]:
    return changes.endpoint.account_id, changes.endpoint.endpoint_number


async def _hold(writer: Writer, changes: Sequence[Changes]) -> dict[tuple[int, int], HeldEndpoint]:
    """Each endpoint that is still there."""
    numbers = defaultdict(list)
    for account_id, endpoint_number in sorted(map(_place, changes)):
        numbers[account_id].append(endpoint_number)
    return {
        (account_id, number): held
        for account_id, wanted in numbers.items()
        for number, held in (await hold_webhook_endpoints(writer, account_id, wanted)).items()
    }


async def _write(writer: Writer, changes: Sequence[Changes]) -> None:
    no_more = [
        {**each.key, "cursor_number": cursor, "sequence": sequence}
        for each in changes
        for (cursor, sequence), delivery in each.deliveries.items()
        if delivery is None
    ]
    kept = [d for each in changes for d in each.deliveries.values() if d is not None]
    moved = [
        {**each.key, "cursor_number": cursor, "position": position}
        for each in changes
        for cursor, position in each.positions.items()
    ]
    finished = [
        {**each.key, "cursor_number": cursor} for each in changes for cursor in each.finished
    ]
    attempts = [attempt for each in changes for attempt in each.attempts]
    await write_many(writer, "insert_webhook_attempts", attempts)
    await write_many(writer, "delete_webhook_deliveries", no_more)
    await write_many(writer, "put_webhook_deliveries", kept)
    await write_many(writer, "advance_webhook_cursors", moved)
    await write_many(writer, "delete_webhook_cursors", finished)


async def _note_failures(writer: Writer, changes: Sequence[Changes]) -> None:
    failing = [
        {**each.key, "failing_since": each.failing_since}
        for each in changes
        if each.is_failing_changed
    ]
    await write_many(writer, "note_webhook_failures", failing)


async def _pause(writer: Writer, changes: Sequence[Changes], now: Instant) -> None:
    """Pauses the endpoints, and says so in their accounts' logs."""
    rows = [
        {**each.key, "paused_at": now, "paused_because": each.paused_because} for each in changes
    ]
    await write_many(writer, "pause_webhook_endpoints", rows)
    await append_events(
        writer,
        [Recorded(each.endpoint.account_id, *OF_NO_ORDER, _event(each), now) for each in changes],
    )


def _event(changes: Changes) -> WebhookEndpointPaused:
    return WebhookEndpointPaused(
        changes.endpoint.endpoint_number, changes.paused_because or "", changes.failing_since
    )
