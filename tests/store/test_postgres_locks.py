"""What two processes decide on at the same moment they decide on one after the other."""

import asyncio
from collections.abc import Iterator

import pytest

from doorstep import app
from doorstep.store.store import Store
from doorstep.store.working_set import EarlyUpdate, Needs, WorkingSet
from tests.conftest import Api
from tests.databases import Databases, execute

WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


@pytest.fixture
def database(postgres_databases: Databases) -> str:
    return postgres_databases.again()


@pytest.fixture
def two(database: str) -> Iterator[tuple[Api, Store]]:
    """A process and the store of another one, on the first one's event loop."""
    api = Api(database)
    other = app.open_store(api.settings)
    yield api, api.run(other.__aenter__())
    api.run(other.__aexit__(None, None, None))
    api.close()


def needs_parcel(kind: str, name: str) -> Needs:
    return Needs(1, parcel_names=((kind, name),))


def test_an_early_update_with_two_names_is_for_one_parcel(
    database: str, two: tuple[Api, Store]
) -> None:
    """One process posts a parcel with its code, another one a parcel with its reference."""
    api, other = two
    early = {"tracking_code": "T", "reference_number": "R", "status": "info"}
    assert api.update(**early).status_code == 202

    async def race() -> list[EarlyUpdate]:
        mine, now = api.services.store, api.clock()
        work = await mine.load([needs_parcel("tracking_code", "T")], now)
        loading = asyncio.create_task(other.load([needs_parcel("reference_number", "R")], now))
        while execute(database, WAITING) == [(0,)] and not loading.done():
            await asyncio.sleep(0)
        ((account_id, number),) = work.early
        work.use_early(account_id, work.early[account_id, number])
        await mine.save(work, now)
        theirs: WorkingSet = await loading
        await other.abandon()
        return list(theirs.early.values())

    assert api.run(race()) == []
