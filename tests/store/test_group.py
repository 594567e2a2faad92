"""Shared commits: what a group promises its members."""

import asyncio
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest

from doorstep.api.answers import Answers
from doorstep.domain.order import Instant
from doorstep.domain.refusals import Refusal, missing
from doorstep.metrics import Metrics
from doorstep.service.group import GroupCommit, Member, QueueFull
from doorstep.service.outcomes import Done, Outcome
from doorstep.store.database import FatalStoreError, StoreUnavailable
from doorstep.store.sqlite.database import BEGIN_TRIES, connect
from doorstep.store.working_set import Needs, WorkingSet
from tests.conftest import Api

Run = Callable[[WorkingSet, Instant], Outcome]


def member(run: Run) -> Member:
    return Member(Needs(1), run)


def creations(api: Api, count: int) -> list[Any]:
    """As many creations at the same moment."""
    api.token()
    return [api.send("POST", "/v2/order", json={"order_id": f"G-{n}"}) for n in range(count)]


async def together(*coroutines: Any) -> list[Any]:
    return list(await asyncio.gather(*coroutines, return_exceptions=True))


def commits(api: Api, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Notes every commit from here on."""
    noted: list[str] = []
    writer = api.services.store.database.writer
    commit = writer.commit

    async def noting() -> None:
        noted.append("commit")
        await commit()

    monkeypatch.setattr(writer, "commit", noting)
    return noted


def test_requests_that_wait_together_share_a_commit(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that come while a commit is in progress go on together in the next one."""
    api.order("reserves the numbers for all")
    noted = commits(api, monkeypatch)

    async def crowd() -> list[Any]:
        async with api.services.store.writing:
            waiting = [asyncio.ensure_future(creation) for creation in coming]
            # Each has its turn until it waits for the writer, which is busy.
            for _ in range(100):
                await asyncio.sleep(0)
        return await together(*waiting)

    coming = creations(api, 50)
    answers = api.run(crowd())
    assert {answer.status_code for answer in answers} == {201}
    assert 1 <= len(noted) <= 2


def test_a_refused_member_leaves_its_neighbours_alone(api: Api) -> None:
    def refuse(work: WorkingSet, now: Instant) -> Refusal:
        return missing("order", "X")

    def fail(work: WorkingSet, now: Instant) -> Done:
        raise ZeroDivisionError

    group = api.services.group
    outcomes = api.run(
        together(group.submit(member(refuse)), group.submit(member(fail)), *creations(api, 5))
    )
    assert outcomes[0] == missing("order", "X")
    assert isinstance(outcomes[1], ZeroDivisionError)
    assert [answer.status_code for answer in outcomes[2:]] == [201] * 5


def test_what_the_database_throws_rolls_back_and_each_runs_alone(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One order of the group cannot be written: the others are, with the now they had."""
    writer = api.services.store.database.writer
    run_many = writer.run_many

    async def choosy(query: str, rows: Any) -> None:
        if query == "insert_orders" and any(row["order_id"] == "G-3" for row in rows):
            raise apsw.ConstraintError("no")
        await run_many(query, rows)

    monkeypatch.setattr(writer, "run_many", choosy)
    answers = api.run(together(*creations(api, 6)))
    statuses = [answer.status_code for answer in answers]
    assert statuses == [201, 201, 201, 500, 201, 201]
    assert len({answer.json().get("created_at") for answer in answers} - {None}) == 1
    assert [o["order_id"] for o in api.get("/v2/orders").json()] == [
        "G-0",
        "G-1",
        "G-2",
        "G-4",
        "G-5",
    ]


def test_a_database_without_room_is_503_and_heals(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = api.services.store.database.writer
    with monkeypatch.context() as patch:

        async def full(query: str, rows: Any) -> None:
            raise StoreUnavailable("database or disk is full")

        patch.setattr(writer, "run_many", full)
        refused = api.post("/v2/order", {"order_id": "A"})
        assert refused.status_code == 503
        assert int(refused.headers["Retry-After"]) > 0
    assert api.get("/v2/orders/A").status_code == 404
    assert api.post("/v2/order", {"order_id": "A"}).status_code == 201


@pytest.mark.parametrize("path", ["/v2/order", "/v2/account"])
def test_a_commit_of_unknown_outcome_ends_the_process(
    api: Api, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    ended: list[Exception] = []
    api.order("reserves the numbers")

    async def unknown() -> None:
        raise FatalStoreError("disk I/O error")

    monkeypatch.setattr(api.services.store.database.writer, "commit", unknown)
    monkeypatch.setattr(api.services.store, "_end_process", ended.append)
    body = {"order_id": "A"} if path == "/v2/order" else {"language": "de"}
    answer = api.call("POST" if path == "/v2/order" else "PUT", path, body)
    assert answer.status_code == 503
    assert [str(error) for error in ended] == ["disk I/O error"]


def test_a_roll_back_that_fails_ends_the_process(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[Exception] = []
    api.order("reserves the numbers")
    writer = api.services.store.database.writer
    with monkeypatch.context() as patch:

        async def broken(*arguments: Any) -> None:
            raise apsw.SQLError("no")

        patch.setattr(writer, "run_many", broken)
        patch.setattr(writer, "rollback", broken)
        patch.setattr(api.services.store, "_end_process", ended.append)
        assert api.post("/v2/order", {"order_id": "A"}).status_code == 503
    assert len(ended) == 1
    api.run(api.services.store.abandon())


def test_an_answer_that_cannot_be_encoded_is_not_carried_out(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A member that fails after its change was applied leaves nothing behind."""
    with monkeypatch.context() as patch:

        def fail(self: Answers, order: Any) -> None:
            raise ZeroDivisionError

        patch.setattr(Answers, "order", fail)
        answer = api.post("/v2/order", {"order_id": "A"}, headers={"Idempotency-Key": "k"})
        assert answer.status_code == 500
    assert api.get("/v2/orders/A").status_code == 404


def test_a_busy_database_fails_the_whole_group_at_once(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []

    async def busy(account_id: int | None = None) -> None:
        begun.append("begin")
        raise StoreUnavailable("another process is writing")

    api.order("reserves the numbers")
    monkeypatch.setattr(api.services.store.database.writer, "begin", busy)
    answers = api.run(together(*creations(api, 20)))
    assert {answer.status_code for answer in answers} == {503}
    assert len(begun) < 10


def test_a_lock_waited_for_in_vain_is_not_waited_for_by_each_in_turn(
    sqlite_api: Api, sqlite_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once it was had again, it is worth waiting for again."""
    monkeypatch.setattr("doorstep.store.sqlite.database.SECONDS_BETWEEN_TRIES", 0)
    sqlite_api.token()
    tried: list[str] = []
    writer = sqlite_api.services.store.database.writer
    writer.apsw.exec_trace = lambda cursor, sql, values: tried.append(sql) is None  # type: ignore[attr-defined]
    for language in ("de", "fr"):
        tried.clear()
        change = {"language": language}
        with closing(connect(sqlite_file)) as other:
            other.execute("BEGIN IMMEDIATE")
            changes = [sqlite_api.send("PUT", "/v2/account", json=change) for _ in range(5)]
            answers = sqlite_api.run(together(*changes))
        assert {answer.status_code for answer in answers} == {503}
        assert tried.count("BEGIN IMMEDIATE") == BEGIN_TRIES + 4
        assert sqlite_api.put("/v2/account", change).status_code == 200


def test_a_full_queue_is_refused_at_once(api: Api) -> None:
    async def crowd() -> list[Any]:
        group = GroupCommit(
            api.services.store,
            api.clock,
            Metrics(),
            api.services.newest,
            most_members=2,
            most_waiting=3,
        )
        waiting = [group.submit(member(lambda work, now: Done(None))) for _ in range(5)]
        tasks = [asyncio.ensure_future(one) for one in waiting]
        await asyncio.sleep(0)
        group.start()
        outcomes = await together(*tasks)
        await group.close()
        return outcomes

    outcomes = api.run(crowd())
    assert [type(outcome) for outcome in outcomes] == [Done] * 3 + [QueueFull] * 2


def test_closing_finishes_what_was_taken_in(api: Api) -> None:
    async def close() -> list[Any]:
        group = GroupCommit(
            api.services.store,
            api.clock,
            Metrics(),
            api.services.newest,
            most_members=2,
            most_waiting=100,
        )
        group.start()
        tasks = [
            asyncio.ensure_future(group.submit(member(lambda work, now: Done(None))))
            for _ in range(7)
        ]
        await asyncio.sleep(0)
        await group.close()
        return await asyncio.wait_for(together(*tasks), 5)

    assert [type(outcome) for outcome in api.run(close())] == [Done] * 7


def test_time_never_runs_backwards_in_the_log(api: Api) -> None:
    api.order("A")
    api.clock.now -= 3_600_000_000
    later = api.put("/v2/orders/A", {"language": "de"}).json()
    assert later["updated_at"] >= later["created_at"]
