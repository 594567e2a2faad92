"""Everything arrives, in either kind of database."""

import json
import subprocess
import sys
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from doorstep import transfer
from doorstep.config import load
from tests.conftest import Api, Server, clean_environment, doorstep
from tests.databases import Databases, Files, execute
from tests.store.test_properties import Run, steps
from tests.transfer.commands import assert_verified, contents, export, import_, rows_in
from tests.transfer.filling import answers, fill_every_table

PUBLIC_URL = "https://orders.example.com"
EXAMPLES, EXAMPLES_IN_SUITE = 300, 5


def test_a_random_database_there_and_back_is_equal(
    files: Files,
    postgres_databases: Databases,
    tmp_path_factory: pytest.TempPathFactory,
    small_steps: None,
    long: bool,
) -> None:
    @settings(max_examples=EXAMPLES if long else EXAMPLES_IN_SUITE)
    @given(steps)
    def there_and_back(taken: list[Any]) -> None:
        there, back = postgres_databases.new(), files.new()
        source, folder = files.new(), tmp_path_factory.mktemp("exports")
        with closing(Api(source, public_url=PUBLIC_URL)) as api:
            run_of_steps = Run(api)
            for step in taken:
                run_of_steps.take(step)
            fill_every_table(api)
            api.forget_tokens()
            told = answers(api)
        first = export(source, folder / "first.ndjson")
        import_(first, there)
        second = export(there, folder / "second.ndjson")
        import_(second, back)
        third = export(back, folder / "third.ndjson")
        assert rows_in(first) == rows_in(second) == rows_in(third)
        assert contents(source) == contents(there) == contents(back)
        assert all(contents(source).values()), "a table without rows shows nothing"
        for copy in (there, back):
            assert_verified(copy)
            assert_goes_on(copy, api, told)

    there_and_back()


def assert_goes_on(copy: str, source: Api, told: dict[str, bytes]) -> None:
    """The copy answers as its source did, to the same key and token, and takes new orders."""
    with closing(Api(copy, key=source.key, public_url=PUBLIC_URL)) as api:
        api.clock.now = source.clock.now
        api.use_tokens_of(source)
        assert answers(api) == told
        api.order("NEW", order_items=[{"sku": "X"}])
    assert_verified(copy)


def test_an_export_is_of_one_moment(
    databases: Files | Databases, tmp_path: Path, small_steps: None
) -> None:
    """An order comes after each page, and one changes."""
    source, copy, file = databases.new(), databases.new(), tmp_path / "export.ndjson"
    before = {f"BEFORE-{n}" for n in range(5)}
    with closing(Api(source)) as api:
        for order_id in before:
            api.order(order_id)

        def write(done: int, total: int) -> None:
            api.order(f"MEANWHILE-{done}")
            api.shipment("BEFORE-0", tracking_code=f"T-{done}")

        def write_meanwhile(done: int, total: int) -> None:
            writing = threading.Thread(target=write, args=(done, total))
            writing.start()
            writing.join()

        header = transfer.export_to(file, load({"database": source}, environ={}), write_meanwhile)
        written = len(api.get("/v2/orders").json())
    assert header.rows["orders"] == len(before) < written
    import_(file, copy)
    assert {order_id for (order_id,) in execute(copy, "SELECT order_id FROM orders")} == before
    assert execute(copy, "SELECT * FROM shipments") == []
    assert_verified(copy)


def test_an_export_goes_through_a_pipe_while_it_is_served(
    server: Server, sqlite_file: Path, files: Files
) -> None:
    served, copy = f"sqlite:///{sqlite_file}", files.new()
    doorstep("account", "create", "Shop", DOORSTEP_DATABASE=served)
    program = f'"{sys.executable}" -m doorstep.cli'
    pipe = f"{program} export - --database {served} | {program} import - --json --database {copy}"
    said = subprocess.run(
        ["sh", "-c", pipe], env=clean_environment(), capture_output=True, text=True, timeout=60
    )
    assert said.stderr == "0 orders of 1 accounts were exported to standard output.\n"
    assert json.loads(said.stdout)["rows"]["access_keys"] == 1
    assert contents(copy) == contents(served)


def test_postgresql_knows_how_large_its_tables_became(
    exported: Path, postgres_databases: Databases
) -> None:
    copy = postgres_databases.new()
    import_(exported, copy)
    figures = execute(copy, "SELECT DISTINCT tablename FROM pg_stats WHERE schemaname = 'public'")
    assert ("orders",) in figures
