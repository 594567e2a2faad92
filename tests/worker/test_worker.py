"""Of those that could work, the one with the seat does, and a task that fails begins again."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import psycopg
import pytest

from doorstep.service.group import StoreUnavailable
from doorstep.store.database import Database
from doorstep.store.places import place_of
from doorstep.worker import worker as working
from doorstep.worker.worker import Worker
from tests.databases import Databases, Files

Task = Callable[[], Awaitable[None]]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(working, "SECONDS_BETWEEN_LOOKS", 0.005)
    monkeypatch.setattr(working, "SECONDS_AFTER_FAILURE", 0.005)


@asynccontextmanager
async def opened(url: str, count: int) -> AsyncIterator[list[Database]]:
    """The database as several processes have it open."""
    all_of_them = [place_of(url).open() for _ in range(count)]
    try:
        yield all_of_them
    finally:
        for one in all_of_them:
            await one.close()


@asynccontextmanager
async def running(worker: Worker) -> AsyncIterator[None]:
    task = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


def run(test: Coroutine[Any, Any, None]) -> None:
    async def within_time() -> None:
        async with asyncio.timeout(20):
            await test

    asyncio.run(within_time())


async def taken(database: Database) -> None:
    """As soon as a server has noticed that the session before is gone."""
    while not await database.worker_seat.take():
        await asyncio.sleep(0)


class Going:
    """A task that goes on until it is cancelled, and what a worker told."""

    def __init__(self) -> None:
        self.begun, self.ended = asyncio.Event(), asyncio.Event()
        self.told: list[bool] = []

    async def task(self) -> None:
        self.ended.clear()
        self.begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.begun.clear()
            self.ended.set()


def test_one_has_the_seat_and_the_next_takes_it_when_it_leaves(database: str) -> None:
    async def test() -> None:
        async with opened(database, 2) as (one, other):
            assert [await one.worker_seat.take() for _ in range(2)] == [True, True]
            assert not await other.worker_seat.take()
            await one.worker_seat.leave()
            await taken(other)
            assert not await one.worker_seat.take()

    run(test())


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_a_seat_is_lost_with_the_session_that_has_it(databases: Files | Databases) -> None:
    url = databases.new()

    async def test() -> None:
        async with opened(url, 2) as (one, other):
            assert await one.worker_seat.take()
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = "
                    "'advisory' AND classid = 1 AND objid = 2 AND database = "
                    "(SELECT oid FROM pg_database WHERE datname = current_database())"
                )
            await taken(other)
            assert not await one.worker_seat.take(), "it has noticed"
            assert not await one.worker_seat.take()
            await other.worker_seat.leave()
            await taken(one)

    run(test())


def test_the_second_works_once_the_first_has_ended(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "doorstep.worker")

    async def test() -> None:
        async with opened(database, 2) as (one, other):
            first, second = Going(), Going()
            works = Worker(one.worker_seat.take, {"a": first.task}, first.told.append)
            waits = Worker(
                other.worker_seat.take, {"a": second.task}, second.told.append, logging.INFO
            )
            async with AsyncExitStack() as ends_first:
                await ends_first.enter_async_context(running(works))
                await first.begun.wait()
                async with running(waits):
                    while working.WAITS not in caplog.text:
                        await asyncio.sleep(0)
                    assert not second.begun.is_set()
                    await ends_first.aclose()
                    assert first.ended.is_set()
                    await one.worker_seat.leave()
                    await second.begun.wait()
            assert first.told == second.told == [True, False]

    run(test())


def test_who_loses_the_seat_stops_working(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")

    async def test() -> None:
        has_seat, going = [True], Going()

        async def take() -> bool:
            return has_seat[0]

        async with running(Worker(take, {"a": going.task}, going.told.append, logging.INFO)):
            await going.begun.wait()
            has_seat[0] = False
            await going.ended.wait()
            has_seat[0] = True
            await going.begun.wait()
        assert going.told == [True, False, True, False]

    run(test())
    told = [record.message for record in caplog.records]
    assert [message.split(" ")[0] for message in told] == ["this", "another", "this"]


@pytest.mark.parametrize(
    ("error", "weight"), [(StoreUnavailable("away"), "WARNING"), (ValueError("odd"), "ERROR")]
)
def test_a_task_that_fails_begins_again_and_disturbs_no_other(
    error: Exception, weight: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def test() -> None:
        tried: list[int] = []
        enough, going = asyncio.Event(), Going()

        async def fails() -> None:
            tried.append(1)
            if len(tried) == 3:
                enough.set()
            raise error

        async def take() -> bool:
            return True

        async with running(
            Worker(take, {"a": fails, "b": going.task}, going.told.append, logging.INFO)
        ):
            await enough.wait()
            assert going.begun.is_set()
            assert not going.ended.is_set()

    run(test())
    told = [record for record in caplog.records if "task" in record.__dict__]
    assert [record.levelname for record in told[:2]] == [weight] * 2
    assert told[0].__dict__["task"] == "a"


def test_a_seat_that_cannot_be_asked_for_is_asked_for_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def test() -> None:
        asked, going = [0], Going()

        async def take() -> bool:
            asked[0] += 1
            if asked[0] < 3:
                raise PermissionError("no such place")
            return True

        async with running(Worker(take, {"a": going.task}, going.told.append, logging.INFO)):
            await going.begun.wait()

    run(test())
    assert "the worker's seat cannot be asked for" in caplog.text
