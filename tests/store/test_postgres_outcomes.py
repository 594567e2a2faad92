"""A connection that is lost around a COMMIT: what became of it is found out, and answered."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from itertools import count, islice
from typing import Any

import pytest

from tests.conftest import Api
from tests.databases import Databases
from tests.postgres import Postgres
from tests.postgres_proxy import AtCommit, Passage, Proxy

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
MOST_LOOKS = 10_000
MOST_SECONDS = 30
SHORT = 0.5
"""Seconds in which an outcome that cannot be found out is given up here."""


@pytest.fixture
def database(postgres_databases: Databases) -> str:
    return postgres_databases.again()


@pytest.fixture
def proxy(postgres: Postgres) -> Iterator[Proxy]:
    with Proxy(postgres.port) as opened:
        yield opened


@pytest.fixture
def api(database: str, proxy: Proxy) -> Iterator[Api]:
    """By way of the proxy, with an order that has reserved the numbers for all later ones."""
    opened = Api(proxy.url(database))
    opened.order("FIRST")
    yield opened
    opened.close()


def lost(passage: Passage, commit: bytes) -> None:
    passage.drop_server()
    passage.drop_client()


def lost_with_its_answer(passage: Passage, commit: bytes) -> None:
    passage.loses_answers = True
    passage.server.sendall(commit)


def held_up(postgres: Postgres, then: AtCommit) -> AtCommit:
    """Goes on only when somebody waits for the transaction, who asks what became of it."""

    def at_commit(passage: Passage, commit: bytes) -> None:
        passage.drop_client()
        with postgres.connect() as connection:
            for _ in range(MOST_LOOKS):
                if connection.execute(WAITING).fetchall() != [(0,)]:
                    break
        then(passage, commit)

    return at_commit


def delivered_late(passage: Passage, commit: bytes) -> None:
    passage.server.sendall(commit)


def create(api: Api, proxy: Proxy, at_commit: AtCommit, **options: Any) -> Any:
    proxy.at_commit = at_commit
    answer = api.post("/v2/order", {"order_id": "A"}, **options)
    assert proxy.at_commit is None, "no COMMIT came by"
    return answer


@pytest.mark.parametrize("how", [lost_with_its_answer, delivered_late])
@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "K"}])
def test_what_was_committed_is_answered_as_such(
    api: Api, proxy: Proxy, postgres: Postgres, how: AtCommit, key: dict[str, str]
) -> None:
    at_commit = held_up(postgres, how) if how is delivered_late else how
    answer = create(api, proxy, at_commit, headers=key)
    assert (answer.status_code, answer.headers.get("Idempotent-Replayed")) == (201, None)
    again = api.post("/v2/order", {"order_id": "A"}, headers=key)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert again.json() == answer.json()


@pytest.mark.parametrize("is_held_up", [False, True])
def test_what_never_was_is_503_and_not_there(
    api: Api, proxy: Proxy, postgres: Postgres, is_held_up: bool
) -> None:
    answer = create(api, proxy, held_up(postgres, lost) if is_held_up else lost)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert "try again shortly" in answer.json()["detail"]
    assert api.get("/v2/orders/A").status_code == 404
    again = api.post("/v2/order", {"order_id": "A"})
    assert (again.status_code, again.headers.get("Idempotent-Replayed")) == (201, None)


@pytest.mark.parametrize("how", [lost, lost_with_its_answer])
def test_what_nobody_can_tell_in_time_is_said_to_be_unknown(
    api: Api, proxy: Proxy, monkeypatch: pytest.MonkeyPatch, how: AtCommit
) -> None:
    monkeypatch.setattr("doorstep.store.postgres.writer.SETTLE_SECONDS", SHORT)

    def and_no_way_back(passage: Passage, commit: bytes) -> None:
        proxy.is_open = False
        how(passage, commit)

    answer = create(api, proxy, and_no_way_back)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert "nobody knows yet" in answer.json()["detail"]
    refused = api.raw("GET", "/metrics").text
    assert 'doorstep_rejected_total{reason="outcome_unknown"} 1.0' in refused
    assert api.post("/v2/order", {"order_id": "B"}).status_code == 503
    proxy.is_open = True
    again = api.post("/v2/order", {"order_id": "A"})
    was_committed = how is lost_with_its_answer
    assert (again.status_code, "Idempotent-Replayed" in again.headers) == (201, was_committed)


def backends_ended(postgres: Postgres) -> None:
    with postgres.connect() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity "
            "WHERE application_name = 'doorstep'"
        )


@pytest.mark.parametrize(
    "ask",
    [
        lambda api: api.get("/v2/orders/FIRST").status_code == 200,
        lambda api: api.get("/v2/orders?state=new").status_code == 200,
        lambda api: api.post("/v2/order", {"order_id": "A"}).status_code == 201,
        lambda api: api.raw("GET", "/readyz").status_code == 200,
        lambda api: api.put("/v2/account", {"language": "de"}).status_code == 200,
    ],
    ids=["read", "listing", "write", "readiness", "change of the account"],
)
def test_a_connection_lost_while_nobody_used_it_is_not_noticed(
    api: Api, postgres: Postgres, ask: Callable[[Api], bool]
) -> None:
    assert ask(api)
    backends_ended(postgres)
    api.clock.advance(seconds=2)  # readiness is tried anew
    assert ask(api)


def test_a_backend_that_answers_nothing_is_given_up(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a disk that hangs, or behind a proxy that keeps the connection."""
    monkeypatch.setattr("doorstep.store.postgres.connection.SILENCE_SECONDS", SHORT)
    assert api.get("/v2/orders/FIRST").status_code == 200
    database: Any = api.services.store.database
    drivers = [each._driver for each in (database.reader, database.writer)]
    pids = [driver.info.backend_pid for driver in drivers]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:

        async def ask() -> list[int]:
            path, change = "/v2/orders/FIRST", {"language": "de"}
            asked = asyncio.gather(api.send("GET", path), api.send("PUT", path, json=change))
            async with asyncio.timeout(MOST_SECONDS):
                return [answer.status_code for answer in await asked]

        assert api.run(ask()) == [200, 200]
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def test_readiness_returns_though_nobody_else_asks(api: Api, proxy: Proxy) -> None:
    """A group of services behind a balancer asks nothing of one that is not ready."""
    postgres_is_gone = "The database does not take a write"
    proxy.is_open = False
    for passage in proxy.passages:
        lost(passage, b"")
    for _ in range(2):
        api.clock.advance(seconds=2)
        answer = api.raw("GET", "/readyz")
        assert (answer.status_code, postgres_is_gone in answer.text) == (503, True)
    proxy.is_open = True
    api.clock.advance(seconds=2)
    assert api.raw("GET", "/readyz").status_code == 200


def test_a_server_that_takes_no_writes_for_a_while_is_503(api: Api, postgres: Postgres) -> None:
    """As a primary that is to become a replica; reads go on."""
    numbers = count()

    def until(status: int) -> Any:
        for number in islice(numbers, MOST_LOOKS):
            answer = api.post("/v2/order", {"order_id": f"A-{number}"})
            if answer.status_code == status:
                return answer
        raise AssertionError(f"it never was {status}")

    try:
        postgres.change("default_transaction_read_only", "on")
        assert until(503).headers["Retry-After"] == "1"
        assert api.get("/v2/orders/FIRST").status_code == 200
    finally:
        postgres.change("default_transaction_read_only", "off")
    until(201)
