"""Waiting for an account's next events: woken at once, by others too, and never for nothing."""

import asyncio

import pytest

from doorstep.service import newest
from tests.conftest import Api
from tests.databases import execute

LONG = 60.0
"""Seconds that no test here waits for: who is woken is woken before."""


async def sequence(api: Api, account_id: int = 1) -> int:
    rows = await api.services.store.reader.rows("newest_sequences", account_ids=[account_id])
    return int(rows[0][1])


async def waiting(api: Api, after: dict[int, int]) -> asyncio.Task[None]:
    task = asyncio.create_task(api.services.newest.wait(after, LONG))
    await asyncio.sleep(0)
    return task


def test_a_commit_of_this_process_wakes(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    api.token()
    monkeypatch.setattr(newest, "SECONDS_BETWEEN_LOOKS", LONG)

    async def run() -> None:
        woken = await waiting(api, {1: await sequence(api)})
        other = await waiting(api, {2: 0})
        await api.send("POST", "/v2/order", json={"order_id": "A"})
        await asyncio.wait_for(woken, LONG / 2)
        assert not other.done()
        other.cancel()

    api.run(run())


def test_a_commit_of_another_process_wakes(api: Api) -> None:
    async def run() -> None:
        woken = await waiting(api, {1: await sequence(api)})
        await asyncio.to_thread(
            execute, api.database, "UPDATE accounts SET last_sequence = last_sequence + 1"
        )
        await asyncio.wait_for(woken, LONG / 2)

    api.run(run())


def test_what_is_there_already_wakes(api: Api) -> None:
    api.order()

    async def run() -> None:
        newest_one = await sequence(api)
        await asyncio.wait_for(await waiting(api, {1: newest_one - 1}), LONG / 2)

    api.run(run())


def test_nobody_is_asked_once_nobody_waits(api: Api) -> None:
    async def run() -> None:
        await api.services.newest.wait({1: 10**9}, newest.SECONDS_BETWEEN_LOOKS / 100)
        looking = api.services.newest._looking
        assert looking is not None
        await asyncio.wait_for(looking, LONG / 2)
        assert api.services.newest._looking is None

    api.run(run())


def test_a_wait_has_an_end(api: Api) -> None:
    api.run(asyncio.wait_for(api.services.newest.wait({1: 10**9}, 0.001), LONG / 2))
