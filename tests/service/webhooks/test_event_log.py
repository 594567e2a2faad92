"""The log as it is kept for all endpoints: read once, and within its bounds."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest

from doorstep.service.services import Services
from doorstep.service.webhooks import event_log
from doorstep.service.webhooks.event_log import EVENTS_AT_ONCE, EventLog, Message

LARGE, SMALL = b"x" * 100, b"x"


async def newest_of(query: str, account_ids: list[int]) -> list[tuple[int, int]]:
    return [(1, 4 * EVENTS_AT_ONCE)]


def test_what_is_pushed_out_while_it_is_read_takes_no_room_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reads: list[int] = []
    slow = asyncio.Event()

    async def read_log(reader: Any, account_id: int, after: int, most: int) -> list[Message]:
        reads.append(after)
        if after == 0:
            await slow.wait()
        body = LARGE if after < 2 * EVENTS_AT_ONCE else SMALL
        return [Message(after + 1, 1, "order.created", "evt", body)]

    monkeypatch.setattr(event_log, "read_log", read_log)
    monkeypatch.setattr(event_log, "_message", lambda logged: logged)
    monkeypatch.setattr(event_log, "MOST_BYTES_KEPT", 50)

    async def run() -> None:
        reader = SimpleNamespace(rows=newest_of)
        log = EventLog(cast(Services, SimpleNamespace(store=SimpleNamespace(reader=reader))))
        await log.look([1])
        first = asyncio.create_task(log.after(1, 0))
        await asyncio.sleep(0)
        await log.after(1, EVENTS_AT_ONCE)
        slow.set()
        assert (await first)[0][0].sequence == 1
        reads.clear()
        for _ in range(3):
            for number in (2, 3):
                await log.after(1, number * EVENTS_AT_ONCE)

    asyncio.run(run())
    assert reads == [2 * EVENTS_AT_ONCE, 3 * EVENTS_AT_ONCE]
