"""What two processes decide on at the same moment they decide on one after the other."""

import asyncio
from collections.abc import Callable, Iterator
from typing import TypeAlias

import pytest

from doorstep import opening
from doorstep.domain.commands import AddItem, Command, CreateOrder, DeleteOrder
from doorstep.domain.decide import Decision, decide
from doorstep.domain.order import Instant
from doorstep.service.accounts import Account, create_first_account
from doorstep.store.database import Conflicted
from doorstep.store.store import Store
from doorstep.store.working_set import Needs, WorkingSet
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
    other = opening.open_store(api.settings)
    yield api, api.run(other.__aenter__())
    api.run(other.__aexit__(None, None, None))
    api.close()


BY_CODE = Needs(1, parcel_names=(("tracking_code", "T"),))
BY_REFERENCE = Needs(1, parcel_names=(("reference_number", "R"),))
BY_NAME = Needs(1, order_ids=("A",))

Change: TypeAlias = Callable[[WorkingSet, Instant], None]


def raced(two: tuple[Api, Store], first: Needs, change: Change, second: Needs) -> WorkingSet:
    """What the other process loads while this one, which was first, changes and commits."""
    api, other = two

    async def race() -> WorkingSet:
        mine, now = api.services.store, api.clock()
        work = await mine.load([first], now)
        loading = asyncio.create_task(other.load([second], now))
        while execute(api.database, WAITING) == [(0,)] and not loading.done():
            await asyncio.sleep(0)
        change(work, now)
        await mine.save(work, now)
        try:
            return await loading
        finally:
            await other.abandon()

    found: WorkingSet = api.run(race())
    return found


def decided(command: Command) -> Change:
    def change(work: WorkingSet, now: Instant) -> None:
        (order,) = work.orders.values()
        decision = decide(order, command, now, None)
        assert isinstance(decision, Decision)
        work.apply(1, order, decision, now)

    return change


ADD_ITEM = decided(AddItem(900, {"sku": "S"}, 10))


def test_an_order_is_held_by_whatever_name_it_was_found(two: tuple[Api, Store]) -> None:
    api, _ = two
    api.order("A")
    api.shipment("A", tracking_code="T")
    (seen,) = raced(two, BY_NAME, ADD_ITEM, BY_CODE).orders.values()
    assert [item.item_number for item in seen.items] == [900]


def test_a_name_is_held_though_nothing_bears_it_yet(two: tuple[Api, Store]) -> None:
    create = CreateOrder("A", {}, None, 900_000_000_000_001, (), "token", "hash")

    def change(work: WorkingSet, now: Instant) -> None:
        decision = decide(None, create, now, None)
        assert isinstance(decision, Decision)
        work.apply(1, None, decision, now)

    (seen,) = raced(two, BY_NAME, change, BY_NAME).orders.values()
    assert seen.order_number == 900_000_000_000_001


def test_what_bore_a_name_and_is_gone_is_looked_for_again(two: tuple[Api, Store]) -> None:
    """The other process resolved the name before, and then waited for the order."""
    api, _ = two
    api.order("A")
    api.shipment("A", tracking_code="T")
    with pytest.raises(Conflicted):
        raced(two, BY_NAME, decided(DeleteOrder()), BY_CODE)


def test_an_early_update_with_two_names_is_for_one_parcel(two: tuple[Api, Store]) -> None:
    """One process posts a parcel with its code, another one a parcel with its reference."""
    api, _ = two
    early = {"tracking_code": "T", "reference_number": "R", "status": "info"}
    assert api.update(**early).status_code == 202

    def use(work: WorkingSet, now: Instant) -> None:
        (update,) = work.early.values()
        work.use_early(1, update)

    assert not raced(two, BY_CODE, use, BY_REFERENCE).early


def test_of_two_servers_one_makes_the_first_account(two: tuple[Api, Store]) -> None:
    api, other = two
    execute(api.database, "DELETE FROM access_keys")
    execute(api.database, "DELETE FROM accounts")

    async def both() -> list[Account | None]:
        stores = (api.services.store, other)
        return await asyncio.gather(*(create_first_account(s, "Shop", 1) for s in stores))

    made = api.run(both())
    assert len([account for account in made if account is not None]) == 1
    assert execute(api.database, "SELECT count(*) FROM accounts") == [(1,)]
