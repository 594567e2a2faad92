"""How SQLite finds what listings ask for: along an index, and no further than a stretch."""

import asyncio
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from doorstep.store.listing_sources import Search, Source
from doorstep.store.listings import ORDERS, SHIPMENTS, Filter, Listing, Page
from doorstep.store.sqlite.database import SqliteConnection
from tests.store.test_plans import GROWING

MOMENT = 1_700_000_000_000_000
UNIQUE = "uq_orders_order_id"
FILTERS = {
    "orders": [
        *([Filter(field, "=", "x")] for field in ("order_id", "state", "language")),
        *([Filter(field, "=", "x")] for field in ("tracking_code", "carrier", "contact_name")),
        [Filter("open", "=", True)],
        [Filter("order_tags", "=", "x", "key")],
        *([Filter("delayed", "=", value)] for value in (True, False)),
        *(
            [Filter(field, comparison, MOMENT) for comparison in bounds]
            for field in ("order_date", "promised_delivery_date", "created_at")
            for bounds in ([">="], ["<"], [">", "<="])
        ),
    ],
    "shipments": [
        [Filter(field, "=", "x")]
        for field in ("order_id", "tracking_code", "reference_number", "status", "carrier")
    ],
}


class Step(NamedTuple):
    """A line of a plan; `inside` the stretch that the listing looks through."""

    text: str
    inside: bool

    @property
    def table(self) -> str | None:
        """The growing table that the step reads."""
        found = re.match(rf"(?:SCAN|SEARCH) ({'|'.join(GROWING)})\b", self.text)
        return found[1] if found else None


@pytest.fixture(scope="module")
def connection(empty_database: Path) -> Iterator[SqliteConnection]:
    opened = SqliteConnection(empty_database, readonly=True)
    yield opened
    opened.close()


def plan(connection: SqliteConnection, sql: str) -> list[Step]:
    values = dict.fromkeys(re.findall(r":(\w+)", sql))
    inside: set[int] = set()
    steps = []
    for number, parent, _, text in connection.apsw.execute(f"EXPLAIN QUERY PLAN {sql}", values):
        if parent in inside or re.match(r"(CO-ROUTINE|MATERIALIZE) (listed|counted)", text):
            inside.add(number)
        steps.append(Step(text, number in inside))
    return steps


def searches(listing: Listing) -> Iterator[tuple[list[Filter], Page]]:
    """All filters alone and in pairs, by every sort, forwards and backwards, at first and later."""
    alone = FILTERS[listing.table]
    asked = [[], *alone, *(a + b for a, b in itertools.combinations_with_replacement(alone, 2))]
    for filters in asked:
        for sort, descending in itertools.product(listing.sorts, (False, True)):
            for after in (None, (MOMENT, 700_000_000_000_001)):
                yield filters, Page(sort, descending, 100, after=after)


def faults(source: Source, steps: list[Step]) -> list[str]:
    """What in a plan could read or sort more than a stretch."""
    inside = [step for step in steps if step.inside]
    reading = [step.text for step in inside if step.table]
    found = [f"reads outside of the stretch: {s.text}" for s in steps if _is_wide(s)]
    found += [f"sorts before the stretch is cut: {s.text}" for s in inside if _sorts(s, source)]
    if not reading:
        return [*found, "no stretch"]
    # Every bound must lead into the index: what is only tested row by row has no end.
    given = set(re.findall(r":(\w+)", source.find)) - {"account_id"}
    if source.tables.startswith("order_blocks"):
        blocks, *reading = reading
        if not blocks.endswith("(account_id=? AND block>? AND block<?)"):
            found.append(f"does not bound the blocks: {blocks}")
        if not reading[0].endswith(WITHIN_A_BLOCK):
            found.append(f"goes beyond the block: {reading[0]}")
    # A list of words bounds the index as a value does.
    elif reading[0].count("?") != 1 + len(given) + source.find.count(" IN ("):
        found.append(f"{sorted(given)} do not all bound {reading[0]}")
    return found


WITHIN_A_BLOCK = (
    "(account_id=? AND order_number>? AND order_number<?)",
    "(account_id=? AND state=? AND order_number>? AND order_number<?)",
    "(account_id=? AND language=? AND order_number>? AND order_number<?)",
    "(account_id=? AND carrier=? AND order_number>? AND order_number<?)",
    "(account_id=? AND tag=? AND value=? AND order_number>? AND order_number<?)",
    "(account_id=? AND <expr>=? AND order_date>? AND order_date<?)",
    "(account_id=? AND <expr>=? AND promised_by>? AND promised_by<?)",
    "(account_id=? AND <expr>=? AND delayed_from>? AND delayed_from<?)",
)
"""What a block's rows are found by: bounded by the block, and by all that the source asks for."""


def _sorts(step: Step, source: Source) -> bool:
    """The rows of one block may be sorted: there are no more of them than numbers."""
    of_block = "LAST TERM" in step.text and source.tables.startswith("order_blocks")
    return "B-TREE" in step.text and not of_block


def _is_wide(step: Step) -> bool:
    """Outside of the stretch a table is only asked about one order at a time."""
    one_order = "order_number=?" in step.text or UNIQUE in step.text
    return not step.inside and step.table is not None and not one_order


@pytest.mark.parametrize("listing", [ORDERS, SHIPMENTS], ids=["orders", "shipments"])
def test_no_listing_reads_or_sorts_more_than_a_stretch(
    connection: SqliteConnection, listing: Listing
) -> None:
    found: dict[str, list[str]] = {}
    for filters, page in searches(listing):
        search = Search(listing, 1, filters, page, MOMENT)
        for source in asyncio.run(search.sources(connection)):
            for sql in (search.rows(source), search.count(source)):
                if sql not in found:
                    found[sql] = faults(source, plan(connection, sql))
    assert {sql: wrong for sql, wrong in found.items() if wrong} == {}
    assert len(found) > 100 or listing is SHIPMENTS


@pytest.mark.parametrize(
    ("listing", "field", "index"),
    [
        (ORDERS, "order_id", "uq_orders_order_id"),
        (ORDERS, "state", "ix_orders_state"),
        (ORDERS, "language", "ix_orders_language"),
        (ORDERS, "order_tags", "ix_order_tags_value"),
        (ORDERS, "carrier", "ix_shipments_order_carrier"),
        (ORDERS, "order_date", "ix_orders_block_order_date"),
        (ORDERS, "promised_delivery_date", "ix_orders_block_promised_by"),
        (ORDERS, "delayed", "ix_orders_block_delayed_from"),
        (SHIPMENTS, "tracking_code", "ix_shipments_tracking_code"),
        (SHIPMENTS, "reference_number", "ix_shipments_reference_number"),
        (SHIPMENTS, "status", "ix_shipments_status"),
        # To count them, either of the two that begin with the carrier will do.
        (SHIPMENTS, "carrier", "carrier (account_id=? AND carrier=?)"),
    ],
)
def test_a_filter_alone_is_answered_by_its_index_alone(
    connection: SqliteConnection, listing: Listing, field: str, index: str
) -> None:
    asked = next(filters for filters in FILTERS[listing.table] if filters[0].field == field)
    search = Search(listing, 1, asked, Page("id", False, 100), MOMENT)
    source = asyncio.run(search.sources(connection))[0]
    for sql in (search.rows(source), search.count(source)):
        *blocks, found = [step.text for step in plan(connection, sql) if step.table]
        assert len(blocks) == ("block" in index)
        assert index in found
        assert "COVERING" in found or listing is SHIPMENTS


@pytest.mark.parametrize("field", ["contact_name", "contact_email"])
def test_a_contact_is_looked_for_in_its_index_first(
    connection: SqliteConnection, field: str
) -> None:
    search = Search(ORDERS, 1, [Filter(field, "=", "x")], Page("id", True, 100), MOMENT)
    source = asyncio.run(search.sources(connection))[0]
    for sql in (search.rows(source), search.count(source)):
        found = next(step for step in plan(connection, sql) if step.table)
        assert f"COVERING INDEX ix_recipients_{field} (account_id=? AND {field}>?" in found.text
        assert found.inside
