"""Reads for all requests on one connection: those that wait at the same moment go together."""

import asyncio
from collections import defaultdict, deque
from typing import Any, NamedTuple, TypeAlias

from doorstep.store.database import Rows, StoreUnavailable
from doorstep.store.postgres.connection import PostgresConnection, Statement, named_query

READS_AT_ONCE = 64

MERGED = {"load_orders": ("order_numbers", 0), "load_orders_called": ("order_ids", 1)}
"""What many requests ask at once, each for its own order: the list that they give, and the column
of the rows that it lists. One statement for all costs both sides half as much."""

Answer: TypeAlias = "asyncio.Future[list[Rows]]"


class Asked(NamedTuple):
    """Statements of one who waits; or a merged query, by its account, with the keys asked for."""

    answer: Answer
    statements: list[Statement]
    query: str = ""
    account_id: int = 0
    keys: tuple[Any, ...] = ()


class PostgresReader(PostgresConnection):
    """Its `snapshot` is for one task alone, such as a command."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._waiting: deque[Asked] = deque()
        self._reading: asyncio.Task[None] | None = None

    async def rows(self, query: str, /, **values: Any) -> Rows:
        if query not in MERGED:
            return await super().rows(query, **values)
        keys = tuple(values[MERGED[query][0]])
        return (await self._ask([], query, values["account_id"], keys))[0]

    async def _exchange(self, statements: list[Statement]) -> list[Rows]:
        return await self._ask(statements)

    async def _ask(
        self,
        statements: list[Statement],
        query: str = "",
        account_id: int = 0,
        keys: tuple[Any, ...] = (),
    ) -> list[Rows]:
        loop = asyncio.get_running_loop()
        answer: Answer = loop.create_future()
        self._waiting.append(Asked(answer, statements, query, account_id, keys))
        if self._reading is None:
            self._reading = loop.create_task(self._read())
        return await answer

    async def _read(self) -> None:
        try:
            while self._waiting:
                size = min(len(self._waiting), READS_AT_ONCE)
                await self._read_together([self._waiting.popleft() for _ in range(size)])
        finally:
            self._reading = None

    async def _read_together(self, asked: list[Asked]) -> None:
        alone = [one for one in asked if not one.query]
        merged: dict[tuple[str, int], list[Asked]] = defaultdict(list)
        for one in asked:
            if one.query:
                merged[one.query, one.account_id].append(one)
        statements = [statement for one in alone for statement in one.statements]
        statements += [_for_all(query, account, them) for (query, account), them in merged.items()]
        try:
            found = await super()._exchange(statements)
        except Exception as error:
            if len(asked) == 1 or isinstance(error, StoreUnavailable):
                for one in asked:
                    if not one.answer.done():
                        one.answer.set_exception(error)
                return
            # One of them may be at fault: each by itself.
            for one in asked:
                await self._read_together([one])
            return
        for one in alone:
            _give(one.answer, found[: len(one.statements)])
            found = found[len(one.statements) :]
        for ((query, _), them), rows in zip(merged.items(), found, strict=True):
            _share_out(query, rows, them)


def _for_all(query: str, account_id: int, asked: list[Asked]) -> Statement:
    keys = list({key for one in asked for key in one.keys})
    return named_query(query, {"account_id": account_id, MERGED[query][0]: keys})


def _share_out(query: str, rows: Rows, asked: list[Asked]) -> None:
    by_key = {row[MERGED[query][1]]: row for row in rows}
    for one in asked:
        _give(one.answer, [[by_key[key] for key in one.keys if key in by_key]])


def _give(answer: Answer, rows: list[Rows]) -> None:
    if not answer.done():
        answer.set_result(rows)
