"""A million orders on PostgreSQL (`make million`; the suite builds fewer), two processes each."""

import asyncio
import json
import random
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from doorstep import opening
from doorstep.clock import now
from doorstep.config import load as load_settings
from doorstep.service import access, accounts
from tests.conftest import Server, doorstep, progress
from tests.databases import Databases
from tests.e2e.creation_rates import LEAST_RATIO, compare
from tests.e2e.large_database import FIRST_NUMBER, LANGUAGES, build_on_postgres
from tests.e2e.listing_questions import path_after, path_of
from tests.e2e.timed_pages import Http, Timed, report, time_pages
from tests.postgres import Postgres

PROCESSES = ("--processes", "2")
DURABLE = {"fsync": "on", "full_page_writes": "on", "max_wal_size": "8GB"}
QUERIES = {
    "language": lambda chance: f"language={chance.choice(LANGUAGES)}",
    "state": lambda chance: f"state={chance.choice(['shipped', 'completed', 'refunded'])}",
    "delayed": lambda chance: f"delayed={chance.choice(['true', 'false'])}",
    "order_date": lambda chance: f"order_date[after]=2026-0{chance.randrange(1, 10)}-01T00:00:00Z",
    "tag": lambda chance: f"order_tags[tag-{chance.randrange(50):02}]={chance.choice('ab')}",
}


class Large(NamedTuple):
    url: str
    key: str
    orders: int


def new_account(url: str) -> str:
    """The access key of the database's first account."""

    async def make() -> str:
        async with opening.open_store(load_settings({"database": url}, environ={})) as store:
            account = await accounts.create_account(store, "Shop", now())
            return (await access.create_access_key(store, account.account_id, "full", now()))[1]

    return asyncio.run(make())


@pytest.fixture(scope="module")
def own_databases() -> Iterator[Databases]:
    """On a server that writes to the disk, unlike the shared one."""
    with Postgres(**DURABLE) as server:
        databases = Databases(server)
        yield databases
        databases.close()


@pytest.fixture(scope="module")
def large(own_databases: Databases, long: bool) -> Large:
    url = own_databases.new()
    key, orders = new_account(url), 1_000_000 if long else 4_000
    with progress(f"writing {orders:,} orders", orders) as done:
        asyncio.run(build_on_postgres(url, 1, orders, now(), done))
    return Large(url, key, orders)


@pytest.fixture(scope="module")
def server(large: Large) -> Iterator[Server]:
    with Server(large.url, *PROCESSES) as started:
        yield started


def test_creates_stay_as_quick_as_on_an_empty_database(
    server: Server, large: Large, own_databases: Databases, long: bool
) -> None:
    empty = own_databases.new()
    key = new_account(empty)
    with Server(empty, *PROCESSES) as other:
        found = compare({"empty": (other, key), "large": (server, large.key)}, long)
    if long:
        assert found.ratio >= LEAST_RATIO


def test_any_one_filter_is_answered(server: Server, large: Large, long: bool) -> None:
    """The first page, one after 10,000 entries, and one from anywhere on."""
    web, chance, timed = Http(server, large.key), random.Random(3), {}
    for name, make in QUERIES.items():
        timed[name] = Timed([], 0)
        for _ in range(50 if long else 2):
            query = make(chance)
            anywhere = FIRST_NUMBER + chance.randrange(large.orders * 4)
            for path in (
                path_of(query, "limit=100"),
                path_of(query, "limit=100", "offset=10000"),
                path_after(query, anywhere),
            ):
                timed[name] = time_pages(web, path, timed[name])
    web.close()
    report("One filter on PostgreSQL, default order, limit 100", timed)
    assert all(one.refused == 0 for one in timed.values())


def test_verify_finds_nothing(large: Large, long: bool) -> None:
    if long:
        pytest.skip("verify of a million orders takes longer than it tells: see test_million.py")
    said = json.loads(doorstep("verify", "--json", "--database", large.url).stdout)
    assert said["faults"] == []
    assert said["orders"] >= large.orders
