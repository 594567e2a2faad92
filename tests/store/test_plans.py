"""How SQLite carries out the named queries: through an index that fits, whatever has grown."""

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import apsw
import pytest

from doorstep.store.sqlite.database import QUERIES, QUERIES_OF_ONE, connect

GROWING = (
    *("orders", "order_tags", "order_states", "order_items", "recipients", "shipments"),
    *("shipment_names", "carrier_updates", "early_carrier_updates", "events", "idempotency_keys"),
    *("order_blocks", "webhook_deliveries", "webhook_attempts", "mails", "media"),
)

WHOLE_ACCOUNT = {
    "insert_account": "looks for references to the new account, of which there are none",
    "count_orders": "verify: the length of its progress bar",
    "unlogged_orders": "verify: goes over all orders",
    "misleading_names": "verify: goes over all names",
    "forgotten_recipients": "verify: goes over all recipients",
    "forget_oldest_media": "an account has not many more pictures than it may have",
}
"""Queries that read all of an account, with the reason."""

CUT_IN_ORDER = (
    *("passed_promises", "delayed_by_state", "count_delayed_in_state", "newest_deliveries"),
    *("count_ordered_between", "count_in_state", "count_ever_delayed", "count_delivered"),
)
"""Queries of the overview that read so many rows of an index's order and sort none of them."""


@pytest.fixture(scope="module")
def connection(empty_database: Path) -> Iterator[apsw.Connection]:
    with closing(connect(empty_database)) as opened:
        yield opened


def plan(connection: apsw.Connection, sql: str) -> list[str]:
    values = dict.fromkeys(re.findall(r":(\w+)", sql))
    return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]


def unbounded(steps: list[str]) -> list[str]:
    """The steps that read a growing table by nothing but the account, or sort what they found."""
    tables = "|".join(GROWING)
    return [
        step
        for step in steps
        if re.match(rf"SCAN ({tables})\b", step)
        or (re.match(rf"SEARCH ({tables})\b", step) and step.endswith("(account_id=?)"))
    ]


@pytest.mark.parametrize("queries", [QUERIES, QUERIES_OF_ONE], ids=["many", "one"])
@pytest.mark.parametrize(
    "name", [name for name in QUERIES.available_queries if not name.endswith("_cursor")]
)
def test_named_queries_use_an_index_that_fits(
    connection: apsw.Connection, queries: object, name: str
) -> None:
    found = unbounded(plan(connection, getattr(queries, name).sql))
    if name in WHOLE_ACCOUNT:
        assert found, f"{name} no longer reads the whole account: take it off the list"
    else:
        assert found == []


@pytest.mark.parametrize("name", CUT_IN_ORDER)
def test_figures_are_cut_along_an_index(connection: apsw.Connection, name: str) -> None:
    steps = plan(connection, getattr(QUERIES, name).sql)
    assert [step for step in steps if "FOR ORDER BY" in step] == []
    assert any("CO-ROUTINE" in step for step in steps)
