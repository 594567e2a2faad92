"""The orders that bore a name, while one of them is deleted."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

import pytest

from doorstep.service.events.log import order_numbers
from doorstep.store.database import Connection, Read, Rows

GONE, LIVING = 10, 11


class DeletedMeanwhile:
    """Deletes an order after so many of the queries, each of which sees its own moment."""

    def __init__(self, queries: int) -> None:
        self._queries = queries

    async def together(self, reads: Sequence[Read]) -> list[Rows]:
        return [self._rows(query, at >= self._queries) for at, (query, _) in enumerate(reads)]

    def _rows(self, query: str, is_deleted: bool) -> Rows:
        found: dict[str, list[tuple[Any, ...]]] = {
            "deleted_order_numbers": [(GONE, 3), *([(LIVING, 9)] if is_deleted else [])],
            "order_numbers_of_order_ids": [] if is_deleted else [("A", LIVING)],
            "logged_order_number": [],
        }
        return found[query]


@pytest.mark.parametrize("queries", range(4))
def test_an_order_that_is_deleted_meanwhile_is_found_once(queries: int) -> None:
    connection = cast(Connection, DeletedMeanwhile(queries))
    assert asyncio.run(order_numbers(connection, 1, "A")) == [GONE, LIVING]
