"""Long reads take turns: a bounded number, accounts after one another."""

import asyncio
from typing import Any

import pytest

from doorstep.service import long_reads
from doorstep.service.group import QueueFull
from doorstep.service.long_reads import MOST_OF_AN_ACCOUNT, MOST_RUNNING, LongReads


class Gate:
    """A database whose reads end when they are let through."""

    def __init__(self) -> None:
        self.running: list[tuple[int, asyncio.Future[None]]] = []

    async def listing(self, use: Any) -> Any:
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.running.append((use, ended))
        await ended
        return use

    def end(self, position: int = 0) -> None:
        self.running.pop(position)[1].set_result(None)

    @property
    def accounts(self) -> list[int]:
        return [account for account, _ in self.running]


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


def test_an_account_leaves_a_place_for_the_others_and_all_get_their_turn() -> None:
    async def run() -> None:
        gate: Any = Gate()
        reads = LongReads(gate)
        greedy = [asyncio.create_task(reads.run(1, 1)) for _ in range(5)]  # type: ignore[arg-type]
        await settled()
        assert gate.accounts == [1] * MOST_OF_AN_ACCOUNT
        modest = [asyncio.create_task(reads.run(n, n)) for n in (2, 3)]  # type: ignore[arg-type]
        await settled()
        assert gate.accounts == [1, 1, 2]
        assert len(gate.running) == MOST_RUNNING
        gate.end()
        await settled()
        assert gate.accounts == [1, 2, 1] or gate.accounts == [1, 2, 3]
        for _ in range(7):
            if gate.running:
                gate.end()
                await settled()
        assert await asyncio.gather(*greedy, *modest) == [1, 1, 1, 1, 1, 2, 3]
        assert reads._running.total() == 0
        assert not reads._waiting

    asyncio.run(run())


def test_who_leaves_the_line_takes_no_place() -> None:
    async def run() -> None:
        gate: Any = Gate()
        reads = LongReads(gate)
        tasks = [asyncio.create_task(reads.run(1, 1)) for _ in range(4)]  # type: ignore[arg-type]
        await settled()
        tasks[2].cancel()
        await settled()
        gate.end()
        await settled()
        assert gate.accounts == [1, 1]
        gate.end()
        gate.end()
        await settled()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert [type(result) for result in results] == [int, int, asyncio.CancelledError, int]
        assert reads._running.total() == 0

    asyncio.run(run())


def test_the_line_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_reads, "MOST_WAITING", 1)

    async def run() -> None:
        gate: Any = Gate()
        reads = LongReads(gate)
        tasks = [asyncio.create_task(reads.run(1, 1)) for _ in range(3)]  # type: ignore[arg-type]
        await settled()
        with pytest.raises(QueueFull):
            await reads.run(2, 2) if len(gate.running) == MOST_RUNNING else await reads.run(1, 1)  # type: ignore[arg-type]
        for _ in range(3):
            gate.end()
            await settled()
        await asyncio.gather(*tasks)

    asyncio.run(run())
