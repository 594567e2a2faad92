"""Sending a stretch of the log to an endpoint again."""

from msgspec import Struct

from doorstep.domain.order import Instant
from doorstep.domain.refusals import Refusal, conflict, invalid
from doorstep.service.once import once
from doorstep.service.outcomes import Idempotency, Replayed
from doorstep.service.services import Services
from doorstep.service.webhooks.endpoints import no_endpoint
from doorstep.store.database import Connection, Writer
from doorstep.store.webhooks import load_webhook_endpoint

MOST_REPLAYS = 10
"""Of one endpoint at the same time: they share what it is sent at once."""


class Range(Struct, frozen=True):
    """The events after one sequence up to another, or from a moment of recording on."""

    after: int | None = None
    since: Instant | None = None
    until: int | None = None


class Replay(Struct, frozen=True):
    replay_number: int
    after: int
    until: int


async def replay(
    services: Services,
    account_id: int,
    number: int,
    wanted: Range,
    idempotency: Idempotency | None = None,
) -> Replay | Refusal | Replayed:
    """The worker sends the range beside what happens meanwhile, also once it is resumed."""
    (replay_number,) = await services.numbers.draw()

    async def begin(writer: Writer, now: Instant) -> Replay | Refusal:
        if await load_webhook_endpoint(writer, account_id, number) is None:
            return no_endpoint(number)
        place = {"account_id": account_id, "endpoint_number": number}
        if await writer.one("count_webhook_replays", **place) >= MOST_REPLAYS:
            return conflict(
                "too_many_replays", f"{MOST_REPLAYS} replays are on their way to this endpoint."
            )
        found = await _resolve(writer, account_id, wanted)
        if isinstance(found, Refusal):
            return found
        after, until = found
        await writer.run(
            "insert_webhook_cursor",
            cursor_number=replay_number,
            position=after,
            last_sequence=until,
            created_at=now,
            **place,
        )
        return Replay(replay_number, after, until)

    return await once(services, account_id, idempotency, begin)


async def _resolve(
    connection: Connection, account_id: int, wanted: Range
) -> tuple[int, int] | Refusal:
    """The sequence after which it begins, and the last one."""
    ((_, newest),) = await connection.rows("newest_sequences", account_ids=[account_id])
    until = newest if wanted.until is None else wanted.until
    if until > newest:
        return invalid(("until", f"lies beyond the newest event, whose sequence is {newest}."))
    after = wanted.after or 0
    if wanted.since is not None:
        after = await _last_before(connection, account_id, wanted.since, newest)
    if after >= until:
        name = "after" if wanted.since is None else "since"
        return invalid((name, f"leaves no event up to sequence {until}."))
    return after, until


async def _last_before(connection: Connection, account_id: int, since: Instant, newest: int) -> int:
    """The sequence after which all was recorded at that moment or later, by halving the log."""
    low, high = 0, newest
    while low < high:
        middle = (low + high) // 2
        rows = await connection.rows("first_event_after", account_id=account_id, after=middle)
        if not rows or rows[0][1] >= since:
            high = middle
        else:
            low = rows[0][0]
    return low
