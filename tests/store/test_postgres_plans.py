"""How PostgreSQL carries out the queries: through an index that fits, however the tables grow.

What is sorted is what was found: all that a query finds is bounded by what it is given, or by its
LIMIT, which only an index in the right order can come before.
"""

import asyncio
import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from doorstep.store.changes import STATEMENTS
from doorstep.store.listing_sources import Search
from doorstep.store.listings import ORDERS, SHIPMENTS, Listing
from doorstep.store.postgres.connection import PostgresConnection
from doorstep.store.postgres.queries import QUERIES, for_many_rows, named
from doorstep.store.postgres.session import SESSION
from tests.databases import Databases
from tests.store.test_listing_plans import MOMENT, searches
from tests.store.test_plans import CUT_IN_ORDER, GROWING, WHOLE_ACCOUNT

Node = dict[str, Any]
BY_BLOCK = ["order_blocks.block"]

GROWN = """
INSERT INTO accounts (account_id, name, slug, time_zone, language, last_sequence, created_at)
SELECT n, 'a' || n, 'a' || n, 'UTC', 'en', 0, 0 FROM generate_series(1, 3) AS n;
INSERT INTO orders (account_id, order_number, order_id, state, order_date, language,
    tracking_token, request_hash, delayed_from, created_at, updated_at, promised_by)
SELECT 1 + n % 3, 100000000000000 + n * 4, 'O' || n,
    (ARRAY['new', 'shipped', 'completed'])[1 + n % 3], n * 1000, CASE WHEN n % 5 = 0 THEN 'de' END,
    't' || n, 'h', n * 2000, n * 1000, n * 1000, n * 2000
FROM generate_series(1, {orders}) AS n;
INSERT INTO order_blocks
SELECT account_id, order_number / 16384, min(order_date), max(order_date), min(promised_by),
    max(promised_by), min(created_at), max(created_at), min(delayed_from), max(delayed_from)
FROM orders GROUP BY 1, 2;
INSERT INTO order_tags SELECT account_id, order_number, 'shop', 's' || order_number % 7 FROM orders;
INSERT INTO order_states
SELECT account_id, order_number, entry, 'new', 0, NULL FROM orders, generate_series(1, 3) AS entry;
INSERT INTO order_items
SELECT account_id, order_number, order_number + n, 'new', '{{}}'
FROM orders, generate_series(1, 2) AS n;
INSERT INTO recipients
SELECT account_id, order_number, 1, '{{}}', 'n' || order_number % 700, 'e' || order_number
FROM orders;
INSERT INTO shipments (account_id, order_number, shipment_number, tracking_code, carrier,
    return_parcel, counted, trackable, fields, status, created_at, delivery_assumed_from)
SELECT account_id, order_number, order_number + 3, 'T' || order_number, 'dhl', FALSE, TRUE, TRUE,
    '{{}}', 'new', 0, CASE WHEN order_number % 9 = 0 THEN order_number END FROM orders;
INSERT INTO shipment_names
SELECT account_id, 'tracking_code', tracking_code, carrier, order_number, shipment_number
FROM shipments;
INSERT INTO carrier_updates
SELECT account_id, order_number, shipment_number, shipment_number + n, 'info', n, 0, NULL, NULL,
    NULL, 0 FROM shipments, generate_series(1, 3) AS n;
INSERT INTO events
SELECT account_id, row_number() OVER (PARTITION BY account_id ORDER BY order_number),
    order_number, order_id, 'order.created', 0, 0, '{{}}' FROM orders;
INSERT INTO media (account_id, url_hash, url, status, tries)
SELECT account_id, 'h' || order_number, 'u', 'kept', 0 FROM orders;
INSERT INTO idempotency_keys SELECT account_id, order_id, 'h', order_number, '', 0 FROM orders;
INSERT INTO webhook_endpoints (account_id, endpoint_number, url, signature, created_at, updated_at)
SELECT account_id, n, 'u', 'v1', 0, 0 FROM accounts, generate_series(1, 3) AS n;
INSERT INTO webhook_cursors (account_id, endpoint_number, cursor_number, position, created_at)
SELECT account_id, endpoint_number, 0, 0, 0 FROM webhook_endpoints;
INSERT INTO webhook_attempts
SELECT account_id, 1 + sequence % 3, sequence, sequence, 'w', 't', sequence, 1, 200, NULL, NULL,
    NULL FROM events;
INSERT INTO mails (account_id, order_number, kind, shipment_number, sequence, message_id, status,
    tries, created_at)
SELECT account_id, order_number, 'shipped', 0, 1, 'm', 'sent', 1, 0 FROM orders;
INSERT INTO early_carrier_updates
SELECT account_id, order_number, 'E' || order_number, 'dhl', NULL, '{{}}', 0 FROM orders
"""


@pytest.fixture(scope="module", params=[2_000, 20_000])
def connection(
    postgres_databases: Databases, request: pytest.FixtureRequest
) -> Iterator[psycopg.Connection[Any]]:
    """Of a database that was analysed with so many orders.

    With fewer it does not matter whether an account is read through.
    """
    with psycopg.connect(postgres_databases.new(), autocommit=True) as opened:
        opened.execute(GROWN.format(orders=request.param))
        opened.execute("ANALYZE")
        for name, value in SESSION.items():
            opened.execute(f"SET {name} = '{value}'")
        yield opened


def plan(connection: psycopg.Connection[Any], sql: str) -> list[Node]:
    """The nodes of a statement's plan, each with its `parents`, as a server process gets it."""
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", sql)))
    for position, name in enumerate(names, 1):
        sql = sql.replace(f"%({name})s", f"${position}")
    connection.execute(f"PREPARE asked AS {sql}".encode())
    try:
        nothing = f"({', '.join(['NULL'] * len(names))})" if names else ""
        explained = connection.execute(f"EXPLAIN (FORMAT JSON) EXECUTE asked{nothing}").fetchone()
    finally:
        connection.execute("DEALLOCATE asked")
    assert explained is not None
    return list(_nodes(explained[0][0]["Plan"], ()))


def _nodes(node: Node, parents: tuple[Node, ...]) -> Iterator[Node]:
    yield {**node, "parents": parents}
    for child in node.get("Plans", ()):
        yield from _nodes(child, (*parents, node))


def unbounded(node: Node) -> str | None:
    """What is wrong with how a growing table is read: by nothing, or by the account alone."""
    table = node.get("Relation Name")
    if table not in GROWING or node["Node Type"] == "ModifyTable":
        return None
    if "Index Cond" not in node:
        return f"{node['Node Type']} of {table}"
    if " AND " not in node["Index Cond"] and "account_id" in node["Index Cond"]:
        return f"reads all of an account's {table}"
    return None


def named_statements() -> Iterator[tuple[str, str]]:
    for name in QUERIES.available_queries:
        if not name.endswith("_cursor"):
            yield name, getattr(QUERIES, name).sql
    for name in (*STATEMENTS, "insert_events"):
        many = for_many_rows(getattr(QUERIES, name).sql)
        if many is not None:
            yield f"{name}, many", many


@pytest.mark.parametrize(("name", "sql"), list(named_statements()), ids=lambda part: part[:30])
def test_named_queries_use_an_index_that_fits(
    connection: psycopg.Connection[Any], name: str, sql: str
) -> None:
    if name not in WHOLE_ACCOUNT:
        assert [fault for fault in map(unbounded, plan(connection, sql)) if fault] == []


@pytest.mark.parametrize("name", CUT_IN_ORDER)
def test_figures_are_cut_along_an_index(connection: psycopg.Connection[Any], name: str) -> None:
    kinds = [node["Node Type"] for node in plan(connection, getattr(QUERIES, name).sql)]
    assert "Limit" in kinds
    assert not {"Sort", "Incremental Sort"} & set(kinds)


@pytest.mark.parametrize("connection", [20_000], indirect=True)
@pytest.mark.parametrize("listing", [ORDERS, SHIPMENTS], ids=["orders", "shipments"])
def test_no_listing_reads_or_sorts_more_than_a_stretch(
    connection: psycopg.Connection[Any], postgres_databases: Databases, listing: Listing
) -> None:
    found: dict[str, list[str]] = {}
    empty = PostgresConnection(postgres_databases.new())
    with asyncio.Runner() as runner:
        for filters, page in searches(listing):
            search = Search(listing, 1, filters, page, MOMENT)
            for source in runner.run(search.sources(empty)):
                for sql in (search.rows(source), search.count(source)):
                    if sql not in found:
                        nodes = plan(connection, named(sql))
                        found[sql] = [fault for node in nodes for fault in listing_faults(node)]
        runner.run(empty.close())
    wrong = {sql: faults for sql, faults in found.items() if faults}
    assert wrong == {}
    assert len(found) > 100 or listing is SHIPMENTS


def listing_faults(node: Node) -> Iterator[str]:
    """What could read or sort more than a stretch; the plan's first LIMIT only cuts the page."""
    kind, table = node["Node Type"], node.get("Relation Name")
    in_stretch = any(parent["Node Type"] == "Limit" for parent in node["parents"][1:])
    if table in GROWING and "Index Cond" not in node:
        yield f"{kind} of {table}"
    asked_by_row = any(
        one.get("Parent Relationship") == "SubPlan" for one in (node, *node["parents"])
    )
    if not in_stretch or asked_by_row:
        if table in GROWING and " AND " not in node["Index Cond"]:
            yield f"reads outside of the stretch: {table} by {node['Index Cond']}"
        return
    # What is only tested row by row has no end, except for the block summaries.
    if "Join Filter" in node or ("Filter" in node and table != "order_blocks"):
        yield f"tests row by row: {kind} of {table}"
    # The rows of one block may be sorted: there are no more of them than numbers.
    if kind == "Sort" or node.get("Presorted Key", BY_BLOCK) != BY_BLOCK:
        yield "sorts before the stretch is cut"
