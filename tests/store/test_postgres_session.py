"""What a server, a database or a role is set to does not change what doorstep promises."""

import asyncio
from collections.abc import Iterator
from contextlib import closing
from random import Random
from typing import Any
from urllib.parse import quote

import psycopg
import pytest
from psycopg import sql

from doorstep.store.database import StoreUnavailable
from doorstep.store.postgres.connection import PostgresConnection
from doorstep.store.postgres.session import SESSION
from doorstep.store.postgres.writer import PostgresWriter
from tests.conftest import Api
from tests.databases import Databases, execute
from tests.postgres import Postgres

CROWD = 600


@pytest.fixture
def database(postgres_databases: Databases, postgres: Postgres) -> Iterator[str]:
    """One of the test's own, whose settings and schema it may change."""
    made = postgres_databases.new()
    yield made
    postgres.drop_database(made.rpartition("/")[2])


def set_for_all(database: str, name: str, value: str) -> None:
    with psycopg.connect(database) as connection:
        alter = sql.SQL("ALTER DATABASE {} SET {} = {}")
        place = sql.Identifier(connection.info.dbname)
        connection.execute(alter.format(place, sql.Identifier(name), sql.Literal(value)))


def setting(api: Api, name: str) -> str:
    async def read() -> str:
        store = api.services.store

        async def show(writer: object) -> str:
            rows = await store.database.writer.text(f"SHOW {name}", {})
            return str(rows[0][0])

        return await store.write(show)

    shown: str = api.run(read())
    return shown


@pytest.mark.parametrize(
    ("name", "by_default", "in_force"),
    [
        # What is read after a lock must be what the one before has left.
        ("default_transaction_isolation", "serializable", "read committed"),
        # An answer survives a loss of power.
        ("synchronous_commit", "off", "on"),
        # This one is for the server to say.
        ("synchronous_commit", "remote_apply", "remote_apply"),
        # A commit that the replica has not confirmed is told by a warning, and by nothing else.
        ("client_min_messages", "error", "warning"),
    ],
)
def test_a_default_breaks_no_promise(
    database: str, name: str, by_default: str, in_force: str
) -> None:
    set_for_all(database, name, by_default)
    api = Api(database)
    assert setting(api, name.replace("default_", "")) == in_force
    api.close()


def test_columns_that_come_while_it_serves_do_not_disturb_it(database: str) -> None:
    """Another version's process brings the schema up to date."""
    api = Api(database)
    api.order("A")
    api.shipment("A", tracking_code="T")
    for table in ("orders", "shipments", "events", "accounts", "shipment_names"):
        execute(database, f"ALTER TABLE {table} ADD COLUMN added bigint")
    assert api.put("/v2/orders/A", {"language": "de"}).status_code == 200
    api.order("B")
    api.shipment("B", tracking_code="U")
    assert len(api.get("/v2/orders?state=shipped").json()) == 2
    api.close()


def test_what_is_read_in_a_snapshot_is_planned_once(database: str) -> None:
    connection = PostgresConnection(database)

    async def read() -> list[str]:
        for _ in range(2):
            async with connection.snapshot():
                await connection.rows("load_accounts")
        prepared = "SELECT statement FROM pg_prepared_statements"
        return [statement for (statement,) in await connection.text(prepared, {})]

    with asyncio.Runner() as runner:
        assert any("FROM accounts" in statement for statement in runner.run(read()))
        runner.run(connection.close())


def test_a_transaction_does_not_go_on_on_another_connection(database: str) -> None:
    writer = PostgresWriter(database)

    async def lose() -> None:
        await writer.begin()
        await writer.rows("load_accounts")
        assert writer._driver is not None
        writer._driver.pgconn.finish()
        with pytest.raises(StoreUnavailable):
            await writer.rows("load_accounts")

    with asyncio.Runner() as runner:
        runner.run(lose())
        runner.run(writer.close())


def test_a_group_that_names_more_than_the_server_has_locks_for() -> None:
    """Its members go on alone: none is refused."""
    with (
        Postgres(max_locks_per_transaction="10", max_connections="10") as server,
        closing(Databases(server)) as databases,
    ):
        api = Api(databases.new(), group_size=1024)
        api.order("reserves the numbers for all")

        async def crowd() -> list[int]:
            async with api.services.store.writing:
                bodies = [{"order_id": f"G-{number}"} for number in range(CROWD)]
                sent = [asyncio.ensure_future(api.send("POST", "/v2/order", json=bodies[0]))]
                # Taken by itself: how many more would go with it is a matter of luck.
                for is_there in (True, False):
                    while bool(api.services.group.depth) is not is_there:
                        await asyncio.sleep(0)
                sent += [
                    asyncio.ensure_future(api.send("POST", "/v2/order", json=body))
                    for body in bodies[1:]
                ]
                while api.services.group.depth < CROWD - 1:
                    await asyncio.sleep(0)
            return [answer.status_code for answer in await asyncio.gather(*sent)]

        assert set(api.run(crowd())) == {201}
        assert "out of shared memory" in server.log()
        api.close()


def test_what_fits_into_no_index_takes_no_neighbour_along(database: str) -> None:
    api = Api(database)
    api.order("reserves the numbers for all")
    value = "".join(chr(Random(number).randrange(0x4E00, 0x9FFF)) for number in range(4_000))
    bodies = [{"order_id": "A", "order_tags": {"tag": value}}, {"order_id": "B"}]

    async def together() -> list[Any]:
        async with api.services.store.writing:
            sent = [asyncio.ensure_future(api.send("POST", "/v2/order", json=b)) for b in bodies]
            while api.services.group.depth < len(bodies):
                await asyncio.sleep(0)
        return await asyncio.gather(*sent)

    refused, taken = api.run(together())
    assert (refused.status_code, refused.json()["code"]) == (400, "text_too_long")
    assert taken.status_code == 201
    assert api.get("/v2/orders/A").status_code == 404
    parcel = {"order_id": "B", "tracking_code": "T", "carrier": {"name": value}}
    assert api.post("/v2/shipments", parcel).status_code == 400
    name = quote(value[:1_200])
    assert api.put(f"/v2/warehouses/{name}", {"address": "A"}).status_code == 400
    api.close()


def test_a_retry_of_an_array_is_not_told_again_what_could_not_be_written(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(SESSION, "lock_timeout", "100ms")
    api = Api(database)
    api.order("A")
    api.shipment("A", tracking_code="T")
    array = [{"tracking_code": "T", "status": "info", "datetime": "2027-01-15T08:00:00Z"}]
    key = {"Idempotency-Key": "K"}
    with psycopg.connect(database) as other:
        other.execute("LOCK TABLE carrier_updates IN SHARE MODE")
        answer = api.post("/v2/carrier_updates", array, headers=key)
        assert (answer.status_code, answer.json()[0]["status"]) == (200, 503)
    again = api.post("/v2/carrier_updates", array, headers=key)
    assert (again.json()[0]["status"], again.headers.get("Idempotent-Replayed")) == (201, None)
    last = api.post("/v2/carrier_updates", array, headers=key)
    assert (last.json(), last.headers["Idempotent-Replayed"]) == (again.json(), "true")
    api.close()
