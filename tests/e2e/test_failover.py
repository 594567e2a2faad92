"""A primary with a synchronous replica, which takes over: what was acknowledged is there.

In the long form (`make kill-test`) three rounds of each.
"""

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing, contextmanager

import httpx
import pytest

from tests.conftest import Server, new_access_key, progress
from tests.databases import Databases
from tests.e2e.lasting_load import Load
from tests.e2e.promises import verify
from tests.e2e.signed_in import signed_in
from tests.postgres import Postgres

ROUNDS, ROUNDS_IN_SUITE = 3, 1
CLIENTS = 8
ANSWER_SECONDS = 60
SECONDS_BETWEEN_CANCELS = 0.05
CANCEL_WAITS = """
SELECT pg_cancel_backend(pid) FROM pg_stat_activity
WHERE wait_event = 'SyncRep' AND application_name = 'doorstep'
"""

pytestmark = pytest.mark.postgres


class Pair:
    """A primary and its replica, one of which takes writes, and a server that finds it."""

    def __init__(self, primary: Postgres, replica: Postgres) -> None:
        self.primary = primary
        self.replica = replica
        with closing(Databases(primary)) as databases:
            alone = databases.new()
        hosts = f"127.0.0.1:{primary.port},127.0.0.1:{replica.port}"
        self.database = alone.replace(f"127.0.0.1:{primary.port}", hosts)
        self.database += "?target_session_attrs=read-write"
        self.access_key = new_access_key(self.database)


@contextmanager
def loaded_pair() -> Iterator[tuple[Pair, Load]]:
    """With clients that write, and are compared with what is there in the end."""
    with Postgres() as primary, primary.replica() as replica:
        pair = Pair(primary, replica)
        with (
            Server(pair.database) as server,
            Load(server.url, pair.access_key, "failover", CLIENTS) as load,
        ):
            load.until_all_write(0)
            yield pair, load
            load.settle()
            assert "Traceback" not in "".join(server.log)
        verify(pair.database)


def rounds(long: bool) -> int:
    return ROUNDS if long else ROUNDS_IN_SUITE


def test_the_service_follows_to_the_replica(long: bool) -> None:
    with progress("Failing over", rounds(long)) as advance:
        for _ in range(rounds(long)):
            with loaded_pair() as (pair, load):
                killed_at = time.monotonic()
                pair.primary.kill()
                pair.replica.promote()
                promoted_at = time.monotonic()
                back_at = load.until_all_write(promoted_at)
                print(
                    f"\nno writes for {back_at - killed_at:.2f} s, of which the promotion took "
                    f"{promoted_at - killed_at:.2f} s; {load.acknowledged} acknowledged in all"
                )
            advance(1)


def answer_while_waits_are_cancelled(
    pair: Pair, waiting: "Future[httpx.Response]"
) -> httpx.Response:
    """As by somebody who looks after the primary: what waits is committed there, and only there."""
    cancelled = 0
    with pair.primary.connect() as connection:
        while not waiting.done():
            cancelled += len(connection.execute(CANCEL_WAITS).fetchall())
            wait([waiting], SECONDS_BETWEEN_CANCELS)
    assert cancelled > 0
    return waiting.result()


def lose_the_replica_and_then_the_primary(replica_returns: bool) -> None:
    with (
        loaded_pair() as (pair, load),
        ThreadPoolExecutor() as thread,
        signed_in(load.url, pair.access_key, timeout_seconds=ANSWER_SECONDS) as http,
    ):
        load.seen_may_go = not replica_returns
        pair.replica.kill()
        away_at = time.monotonic()
        waiting = thread.submit(http.post, "/v2/order", json={"order_id": "ALONE"})
        answer = answer_while_waits_are_cancelled(pair, waiting)
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert "nobody knows yet" in answer.json()["detail"]
        assert http.get("/v2/orders/ALONE").status_code == 200, "the primary has it"
        assert load.written_since(away_at) == 0
        if replica_returns:
            pair.replica.start()
            load.until_all_write(time.monotonic())
        pair.primary.kill()
        if not replica_returns:
            pair.replica.start()
        pair.replica.promote()
        load.until_all_write(time.monotonic())
        there = http.get("/v2/orders/ALONE").status_code
        assert there == (200 if replica_returns else 404)


def test_nothing_is_acknowledged_while_the_replica_is_away(long: bool) -> None:
    """Not even that it is there already. Orders that only the primary has may go with it."""
    for _ in range(rounds(long)):
        lose_the_replica_and_then_the_primary(replica_returns=False)
        if long:
            lose_the_replica_and_then_the_primary(replica_returns=True)
