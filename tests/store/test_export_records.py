"""What an export reads and writes: all tables, all columns, by statements that fit an index."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import NoneType
from typing import Any, get_args

import msgspec
import pytest

from doorstep import opening
from doorstep.config import load
from doorstep.database_url import sqlite_path
from doorstep.store.database import Connection
from doorstep.store.export.exporting import count_statement, page_statement
from doorstep.store.export.importing import insert_statement
from doorstep.store.export.records import OF_AN_ACCOUNT, RECORDS, RecordType, table_of
from doorstep.store.postgres.queries import for_many_rows, named
from tests.databases import Databases, execute, tables_of
from tests.store.test_sql_names_the_account import plain, strays

NOT_EXPORTED = {
    "alembic_version": "the schema, which the header names",
    "commit_groups": "the fates of commits that were under way on that PostgreSQL",
}
TYPES = {"TEXT": str, "BIGINT": int, "BOOLEAN": bool}


def live_columns(url: str, table: str) -> list[tuple[str, type, bool]]:
    """Each column's name, type, and whether it may be null."""
    if sqlite_path(url) is not None:
        rows = execute(url, f"PRAGMA table_info({table})")
        return [(name, TYPES[kind], not filled) for _, name, kind, filled, _, _ in rows]
    rows = execute(
        url,
        "SELECT column_name, upper(data_type), is_nullable = 'YES' "
        f"FROM information_schema.columns WHERE table_name = '{table}' ORDER BY ordinal_position",
    )
    return [(name, TYPES[kind], nullable) for name, kind, nullable in rows]


def record_columns(record: RecordType) -> list[tuple[str, type, bool]]:
    columns = []
    for field in msgspec.structs.fields(record):
        kinds = get_args(field.type) or (field.type,)
        columns.append((field.encode_name, kinds[0], NoneType in kinds))
    return columns


def test_no_table_and_no_column_is_forgotten(database: str) -> None:
    there = set(tables_of(database)) - NOT_EXPORTED.keys()
    assert there == {table_of(record) for record in RECORDS}
    for record in RECORDS:
        assert record_columns(record) == live_columns(database, table_of(record))


def test_a_table_comes_after_those_that_it_refers_to(empty_database: Path) -> None:
    known = set[str]()
    for record in RECORDS:
        rows = execute(
            f"sqlite:///{empty_database}", f"PRAGMA foreign_key_list({table_of(record)})"
        )
        assert {row[2] for row in rows} <= known
        known.add(table_of(record))


@pytest.mark.parametrize("record", RECORDS, ids=table_of)
def test_every_statement_stays_within_an_account(record: RecordType) -> None:
    insert = for_many_rows(named(insert_statement(record)))
    assert insert is not None
    for sql in (
        count_statement(record),
        page_statement(record, is_first=True),
        page_statement(record, is_first=False),
        insert_statement(record),
        insert,
    ):
        found = strays(plain(sql), "postgres")
        assert [stray for stray in found if "installation" not in stray] == [], sql


def read(url: str, use: Callable[[Connection], Awaitable[Any]]) -> Any:
    """Runs something on the database's connection for reading."""

    async def run() -> Any:
        async with opening.open_store(load({"database": url}, environ={})) as store:
            return await use(store.reader)

    return asyncio.run(run())


def test_a_page_is_read_by_the_primary_key(database: str) -> None:
    """Neither a sort nor a scan: the hundredth page costs what the first one does."""
    is_sqlite = sqlite_path(database) is not None

    async def plans(connection: Connection) -> list[str]:
        found = []
        for record in OF_AN_ACCOUNT:
            explain = "EXPLAIN QUERY PLAN " if is_sqlite else "EXPLAIN "
            values = {name: _some(record, name) for name in record.key}
            for is_first in (True, False):
                statement = page_statement(record, is_first=is_first)
                async with connection.snapshot():
                    rows = await connection.text(explain + statement, values)
                found.append(" / ".join(str(row[-1]) for row in rows))
        return found

    for plan in read(database, plans):
        assert not re.search("TEMP B-TREE|Sort|Seq Scan", plan), plan
        assert "SCAN" not in plan, plan
        assert is_sqlite or re.search(r"Index Cond: \(.*account_id = ", plan), plan


def _some(record: RecordType, name: str) -> object:
    return 1 if (name, int, False) in record_columns(record) else "x"


def test_a_snapshot_waits_for_slow_readers(postgres_databases: Databases) -> None:
    async def patience(connection: Connection) -> list[str]:
        asked = "SHOW idle_in_transaction_session_timeout"
        before = (await connection.text(asked, {}))[0][0]
        async with connection.snapshot():
            inside = (await connection.text(asked, {}))[0][0]
        return [before, inside]

    assert read(postgres_databases.again(), patience) == ["10s", "0"]
