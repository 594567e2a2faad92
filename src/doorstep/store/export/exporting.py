"""Everything that a database holds, as the lines of an export: of one moment, page by page."""

import hashlib
from collections.abc import AsyncIterator, Callable, Iterable
from functools import cache
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct

from doorstep.store.accounts import load_accounts
from doorstep.store.database import Connection, Rows
from doorstep.store.export.records import (
    FORMAT,
    OF_AN_ACCOUNT,
    RECORDS,
    End,
    Header,
    InstallationRecord,
    Record,
    RecordType,
    columns_of,
    table_of,
)
from doorstep.store.schema import NEWEST

ROWS_AT_ONCE = 200
"""Few, as a row can be as large as the largest request."""

Told: TypeAlias = Callable[[int, int], None]
"""Told how many are done, and of how many."""


async def export(
    connection: Connection,
    write: Callable[[bytes], object],
    *,
    version: str,
    exported_at: str,
    progress: Told,
) -> Header:
    """Writes all lines and returns the first of them. The connection is used by nobody else."""
    lines = Lines(write)
    async with connection.snapshot():
        accounts = [account.account_id for account in await load_accounts(connection)]
        header = Header(
            format=FORMAT,
            schema=NEWEST,
            version=version,
            exported_at=exported_at,
            rows=await _counts(connection, accounts),
        )
        lines.add([header])
        done, total = 0, sum(header.rows.values())
        async for page in _pages_of_all(connection, accounts):
            lines.add(page)
            done += len(page)
            progress(done, total)
    lines.end(done)
    return header


class Lines:
    """Lines on their way out, with the checksum of those that went."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._checksum = hashlib.sha256()
        self._encoder = msgspec.json.Encoder()

    def add(self, lines: Iterable[Struct]) -> None:
        self.write(self._encoder.encode_lines(lines))

    def write(self, data: bytes) -> None:
        self._checksum.update(data)
        self._write(data)

    def end(self, rows: int) -> None:
        self.add([End(rows, self._checksum.hexdigest())])


async def _counts(connection: Connection, accounts: list[int]) -> dict[str, int]:
    counts = dict.fromkeys(map(table_of, RECORDS), 0)
    for record, values in _parts(accounts):
        counts[table_of(record)] += (await connection.text(count_statement(record), values))[0][0]
    return counts


async def _pages_of_all(connection: Connection, accounts: list[int]) -> AsyncIterator[list[Record]]:
    for record, values in _parts(accounts):
        async for page in _pages(connection, record, values):
            yield [record(*row) for row in _with_flags(record, page)]


def _parts(accounts: list[int]) -> Iterable[tuple[RecordType, dict[str, Any]]]:
    """What is read one after the other: the installation's rows, then account by account."""
    yield InstallationRecord, {}
    for account_id in accounts:
        for record in OF_AN_ACCOUNT:
            yield record, {"account_id": account_id}


async def _pages(
    connection: Connection, record: RecordType, values: dict[str, Any]
) -> AsyncIterator[Rows]:
    page = await connection.text(page_statement(record, is_first=True), values)
    while page:
        yield page
        if len(page) < ROWS_AT_ONCE:
            break
        last = dict(zip(record.key, page[-1], strict=False))
        page = await connection.text(page_statement(record, is_first=False), last)


def page_statement(record: RecordType, *, is_first: bool) -> str:
    """Rows of a table (of one account) in order of their key, after a key unless first."""
    conditions = [f"{name} = :{name}" for name in record.key if name == "account_id"]
    within = [name for name in record.key if name != "account_id"]
    if within and not is_first:
        after = ", ".join(f":{name}" for name in within)
        conditions.append(f"({', '.join(within)}) > ({after})")
    where = f"WHERE {' AND '.join(conditions)} " if conditions else ""
    return (
        f"SELECT {', '.join(columns_of(record))} FROM {table_of(record)} {where}"
        f"ORDER BY {', '.join(record.key)} LIMIT {ROWS_AT_ONCE}"
    )


def count_statement(record: RecordType) -> str:
    where = " WHERE account_id = :account_id" if "account_id" in record.key else ""
    return f"SELECT count(*) FROM {table_of(record)}{where}"


@cache
def _flags_of(record: RecordType) -> tuple[int, ...]:
    """Where a table has flags, which SQLite keeps as 0 and 1."""
    fields = msgspec.structs.fields(record)
    return tuple(n for n, field in enumerate(fields) if field.type in (bool, bool | None))


def _with_flags(record: RecordType, page: Rows) -> Iterable[Iterable[Any]]:
    flags = _flags_of(record)
    if not flags:
        return page
    rows = [list(row) for row in page]
    for row in rows:
        for flag in flags:
            row[flag] = None if row[flag] is None else bool(row[flag])
    return rows
