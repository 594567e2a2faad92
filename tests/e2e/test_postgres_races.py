"""Two servers on one PostgreSQL, 32 clients each, who race for the same orders and parcels."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from random import Random
from typing import Any

import httpx
import pytest

from tests.conftest import Server, new_access_key, progress
from tests.databases import Databases, execute
from tests.e2e.contest import Won, ask
from tests.e2e.promises import verify
from tests.e2e.signed_in import signed_in
from tests.postgres import Postgres

SERVERS, CLIENTS = 2, 32
REQUESTS, REQUESTS_IN_SUITE = 200, 40
"""Of each client, for each seed."""

SEEDS, SEEDS_IN_SUITE = 8, 1

GAPS = """
SELECT account_id FROM accounts LEFT JOIN events USING (account_id) GROUP BY account_id
HAVING max(last_sequence) <> count(sequence) OR max(last_sequence) <> max(sequence)
"""
COMMITTED_OUT_OF_ORDER = """
SELECT sequence FROM (
    SELECT sequence, pg_xact_commit_timestamp(xmin) AS at,
        lag(pg_xact_commit_timestamp(xmin)) OVER (ORDER BY account_id, sequence) AS before
    FROM events
) AS committed WHERE at < before
"""
TOLD = "SELECT type, order_id, order_number, data FROM events ORDER BY account_id, sequence"
ROLLED_BACK = (
    "SELECT deadlocks, xact_rollback FROM pg_stat_database WHERE datname = current_database()"
)


@pytest.fixture(scope="module")
def dated_postgres() -> Iterator[Postgres]:
    """One that remembers when each transaction was committed."""
    with Postgres(track_commit_timestamp="on") as server:
        yield server


@pytest.fixture(scope="module")
def databases(dated_postgres: Postgres) -> Iterator[Databases]:
    with closing(Databases(dated_postgres)) as opened:
        yield opened


def contest(database: str, seed: int, requests: int) -> Won:
    won = Won()
    access_key = new_access_key(database)
    limits = httpx.Limits(max_connections=CLIENTS)
    with ExitStack() as stack:
        servers = [stack.enter_context(Server(database)) for _ in range(SERVERS)]
        clients = [
            stack.enter_context(signed_in(server.url, access_key, limits=limits))
            for server in servers
        ]

        def fight(number: int) -> None:
            chance, http = Random(f"{seed} {number}"), clients[number % SERVERS]
            for _ in range(requests):
                asked = ask(chance, won)
                headers = {} if asked.key is None else {"Idempotency-Key": asked.key}
                answer = http.request(asked.method, asked.path, json=asked.body, headers=headers)
                assert answer.status_code < 500, (asked, answer.text)
                won.note(asked, answer)

        with ThreadPoolExecutor(SERVERS * CLIENTS) as threads:
            list(threads.map(fight, range(SERVERS * CLIENTS)))
        for server in servers:
            assert server.stop() == 0
            assert "Traceback" not in "".join(server.log)
    return won


def check_winners(won: Won, told: list[tuple[Any, ...]]) -> None:
    """Whoever was told to have been the first was, and nobody else."""
    kinds = Counter(kind for kind, *_ in told)
    created = [number for kind, _, number, _ in told if kind == "order.created"]
    assert len(created) == len(set(created))
    assert len(won.created_orders) == len(set(won.created_orders))
    assert set(won.created_orders) <= set(created)
    assert len(won.created_shipments) == kinds["shipment.created"]
    assert len(set(won.created_shipments)) == kinds["shipment.created"]
    living: set[str] = set()
    for kind, order_id, _, _ in told:
        if kind == "order.created":
            assert order_id not in living, "two orders of one name at once"
            living.add(order_id)
        elif kind == "order.deleted":
            living.remove(order_id)
    assert sum(won.deleted.values()) == kinds["order.deleted"]
    assert sum(won.paid.values()) == kinds["order.paid"]
    assert max(won.first_answers.values()) == 1


@pytest.mark.postgres
def test_whoever_races_one_wins(dated_postgres: Postgres, databases: Databases, long: bool) -> None:
    seeds = range(SEEDS if long else SEEDS_IN_SUITE)
    requests = REQUESTS if long else REQUESTS_IN_SUITE
    with progress("Racing", len(seeds)) as advance:
        for seed in seeds:
            database = databases.new()
            began = time.monotonic()
            won = contest(database, seed, requests)
            seconds = time.monotonic() - began
            check_winners(won, execute(database, TOLD))
            assert execute(database, GAPS) == []
            assert execute(database, COMMITTED_OUT_OF_ORDER) == []
            verify(database)
            deadlocks, rolled_back = execute(database, ROLLED_BACK)[0]
            print(
                f"\nseed {seed}: {dict(won.statuses)} in {seconds:.1f} s, {deadlocks} deadlocks, "
                f"{rolled_back} transactions rolled back"
            )
            assert deadlocks == 0
            advance(1)
