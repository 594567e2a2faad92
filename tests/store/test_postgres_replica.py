"""While the replica is away nothing is acknowledged, however the primary came to have it."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from doorstep.store.postgres.connection import PostgresConnection
from tests.conftest import Api
from tests.databases import Databases
from tests.postgres import Postgres

SHORT = 0.5
"""Seconds in which an outcome that cannot be found out is given up here."""

SECONDS_BETWEEN_CANCELS = 0.05
CANCEL_WAITS = """
SELECT pg_cancel_backend(pid) FROM pg_stat_activity
WHERE wait_event = 'SyncRep' AND application_name = 'doorstep'
"""

pytestmark = pytest.mark.postgres


@contextmanager
def waits_cancelled(primary: Postgres) -> Iterator[None]:
    """As by somebody who looks after the primary: what waits is committed there, and only there."""
    is_over = threading.Event()

    def cancel() -> None:
        with primary.connect() as connection:
            while not is_over.wait(SECONDS_BETWEEN_CANCELS):
                connection.execute(CANCEL_WAITS)

    thread = threading.Thread(target=cancel)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def test_nothing_is_acknowledged_without_the_replica(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("doorstep.store.postgres.writer.SETTLE_SECONDS", SHORT)
    order, key = {"order_id": "A"}, {"Idempotency-Key": "K"}
    with Postgres() as primary, primary.replica() as replica:
        hosts = f"127.0.0.1:{primary.port},127.0.0.1:{replica.port}"
        with closing(Databases(primary)) as databases:
            alone = databases.new()
        both = alone.replace(f"127.0.0.1:{primary.port}", hosts)
        api = Api(f"{both}?target_session_attrs=read-write")
        api.order("FIRST")
        replica.kill()
        with waits_cancelled(primary):
            asked = [
                # The first one writes; the others find what only the primary has.
                api.post("/v2/order", order, headers=key),
                api.post("/v2/order", order, headers=key),
                api.post("/v2/order", order),
                api.put("/v2/orders/A", {"order_id": "A"}),
                api.put("/v2/account", {"language": "de"}),
            ]
        assert [answer.status_code for answer in asked] == [503] * 5
        assert all("nobody knows yet" in answer.json()["detail"] for answer in asked)
        assert api.get("/v2/orders/A").status_code == 200, "the primary has it"
        primary.kill()
        replica.start()
        replica.promote()
        assert api.get("/v2/orders/A").status_code == 404
        assert api.get("/v2/orders/FIRST").status_code == 200
        again = api.post("/v2/order", order, headers=key)
        assert (again.status_code, again.headers.get("Idempotent-Replayed")) == (201, None)
        api.close()


def test_a_replica_is_not_read_from_unless_the_url_says_so() -> None:
    """What was written may not have come to it yet."""
    with Postgres() as primary, primary.replica() as replica:
        url = f"postgresql://doorstep@127.0.0.1:{replica.port},127.0.0.1:{primary.port}/postgres"
        is_replica = "SELECT pg_is_in_recovery()"
        with asyncio.Runner() as runner:
            for place, expected in ((url, False), (f"{url}?target_session_attrs=any", True)):
                connection = PostgresConnection(place)
                assert runner.run(connection.text(is_replica, {})) == [(expected,)]
                runner.run(connection.close())
