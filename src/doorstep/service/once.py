"""Changes of an account that a repeated request does not make again."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from doorstep.domain.order import Instant
from doorstep.domain.refusals import Refusal
from doorstep.service.group import replayed
from doorstep.service.outcomes import Answer, Idempotency, Replayed
from doorstep.service.services import Services
from doorstep.store.database import Writer
from doorstep.store.loading import KEPT_ANSWERS
from doorstep.store.rows import to_json
from doorstep.store.working_set import RememberedAnswer

Value = TypeVar("Value")


async def once(
    services: Services,
    account_id: int,
    idempotency: Idempotency | None,
    change: Callable[[Writer, Instant], Awaitable[Value | Refusal]],
) -> Value | Refusal | Replayed:
    """Makes a change and keeps its answer, both or neither; or finds the answer that was kept.

    Two requests with one key come one after the other: `Store.write` is alone, whoever writes.
    """
    now = services.clock()

    async def write(writer: Writer) -> Value | Refusal | Replayed:
        if idempotency is None:
            return await change(writer, now)
        rows = await writer.rows(
            "load_answers",
            account_id=account_id,
            idempotency_keys=[idempotency.key],
            after=now - KEPT_ANSWERS,
        )
        for _, request_hash, answer, order_number in rows:
            kept = msgspec.json.decode(answer, type=Answer) if answer else None
            known = RememberedAnswer(request_hash, kept, order_number)
            return replayed(known, idempotency.request_hash)
        value = await change(writer, now)
        if not isinstance(value, Refusal):
            await _keep(writer, account_id, idempotency, idempotency.encode(value), now)
        return value

    return await services.store.write(write)


async def _keep(
    writer: Writer, account_id: int, idempotency: Idempotency, answer: Answer, now: Instant
) -> None:
    row = {
        "account_id": account_id,
        "idempotency_key": idempotency.key,
        "request_hash": idempotency.request_hash,
        "order_number": None,
        "answer": to_json(answer),
        "created_at": now,
    }
    await writer.run_many("put_answers", [row])
