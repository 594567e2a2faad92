"""Several processes on one database, of one server or of two: each knows what the others did."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx
import pytest

from doorstep.domain.order import SECOND
from tests.conftest import Server, new_access_key
from tests.databases import Databases, execute
from tests.e2e.several import clients_of_each, figure, kill_one, processes_of

SETTINGS_SECONDS = 1.0
REVOKED_SECONDS = 5.0
ORDERS = 20

Ask = Callable[[str], Any]


@contextmanager
def two_processes(url: str) -> Iterator[list[httpx.Client]]:
    with Server(url, "--processes", "2") as server, clients_of_each(server) as clients:
        yield list(clients.values())


@contextmanager
def two_hosts(url: str) -> Iterator[list[httpx.Client]]:
    """Started at the same moment, on a database that has no signing secret yet."""
    with ExitStack() as opened, ThreadPoolExecutor(2) as starters:
        servers = [starters.submit(Server, url) for _ in range(2)]
        for server in servers:
            opened.enter_context(server.result())
        yield [
            opened.enter_context(httpx.Client(base_url=server.result().url)) for server in servers
        ]


@pytest.fixture(params=[two_processes, two_hosts])
def clients(request: pytest.FixtureRequest, url: str) -> Iterator[list[httpx.Client]]:
    with request.param(url) as opened:
        yield opened


@pytest.fixture
def url(postgres_databases: Databases) -> str:
    return postgres_databases.again()


def sign_in(client: httpx.Client, access_key: str) -> dict[str, str]:
    token = client.post("/v2/token", json={"access_key": access_key}).json()["token"]
    return {"Authorization": f"Bearer {token}"}


def last_asked(ask: Callable[[], object], changed_at: float) -> float:
    """Seconds after a change at which the last question was asked that had the old answer."""
    asked_at = changed_at
    while True:
        now = time.monotonic()
        if ask():
            return asked_at - changed_at
        asked_at = now


def test_what_one_process_did_the_other_knows(clients: list[httpx.Client], url: str) -> None:
    first, second = clients
    access_key = new_access_key(url)
    # A token of the one is good in the other.
    first.headers.update(sign_in(second, access_key))
    second.headers.update(sign_in(first, access_key))
    for number in range(ORDERS):
        writer, reader = (first, second) if number % 2 else (second, first)
        name = f"ORD-{number}"
        made = writer.post("/v2/order", json={"order_id": name})
        assert made.status_code == 201
        assert reader.get(f"/v2/orders/{name}").json()["id"] == made.json()["id"]
        assert [order["order_id"] for order in reader.get("/v2/orders").json()].count(name) == 1
    # Settings of the account: kept for a moment.
    for client in clients:
        assert client.get("/v2/account").json()["time_zone"] == "UTC"
    changed = first.put("/v2/account", json={"time_zone": "Europe/Vienna"})
    changed_at = time.monotonic()
    assert changed.status_code == 200
    late = last_asked(
        lambda: second.get("/v2/account").json()["time_zone"] == "Europe/Vienna", changed_at
    )
    assert late <= SETTINGS_SECONDS
    # A key that was revoked.
    execute(url, "UPDATE access_keys SET revoked_at = ?", int(time.time() * SECOND))
    changed_at = time.monotonic()
    for client in clients:
        late = last_asked(lambda c=client: c.get("/v2/account").status_code == 401, changed_at)
        assert late <= REVOKED_SECONDS


ALIVE = 'doorstep_requests_total{method="GET",route="/healthz",status="200"}'
CREATED = 'doorstep_requests_total{method="POST",route="/v2/order",status="201"}'
HOW_LONG = 'doorstep_request_seconds_count{method="POST",route="/v2/order"}'
WITHIN = 'doorstep_request_seconds_bucket{le="+Inf",method="POST",route="/v2/order"}'
COMMITTED = ("doorstep_commits_total", "doorstep_commit_seconds_count")


def test_the_figures_of_one_are_those_of_all_also_of_a_dead_one(url: str) -> None:
    access_key = new_access_key(url)

    def created(count: int) -> None:
        for client in clients.values():
            shown = client.get("/metrics").text
            assert figure(shown, CREATED) == figure(shown, HOW_LONG) == count
            assert figure(shown, WITHIN) == count
            for name in COMMITTED:
                assert figure(shown, name) == count
            assert figure(shown, 'doorstep_rejected_total{reason="queue_full"}') == 0
            assert figure(shown, "doorstep_queue_limit") == 2 * 10_000
            assert figure(shown, "doorstep_processes") == 2

    with Server(url, "--processes", "2") as server:
        with clients_of_each(server) as clients:
            dies, stays = clients
            headers = sign_in(clients[stays], access_key)
            for number, process in enumerate([dies, dies, dies, stays]):
                body = {"order_id": f"ORD-{number}"}
                answer = clients[process].post("/v2/order", json=body, headers=headers)
                assert answer.status_code == 201
            created(4)
            alive = figure(clients[stays].get("/metrics").text, ALIVE)
            kill_one(server, dies)
            shown = clients[stays].get("/metrics").text
            assert figure(shown, CREATED) == 4
            assert figure(shown, ALIVE) == alive
            assert figure(shown, "doorstep_process_deaths_total") == 1
        with clients_of_each(server) as clients:
            assert set(clients) == set(processes_of(server))
            for number, client in enumerate(clients.values()):
                body = {"order_id": f"NEXT-{number}"}
                assert client.post("/v2/order", json=body, headers=headers).status_code == 201
            created(6)
