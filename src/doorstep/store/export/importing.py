"""Taking in the lines of an export, batch by batch, with a mark of how far it came."""

from itertools import groupby

import msgspec
from msgspec import Struct
from msgspec.structs import asdict

from doorstep.store.accounts import load_accounts
from doorstep.store.database import Conflicted, Connection, StoreUnavailable, Writer
from doorstep.store.export.exporting import Told
from doorstep.store.export.reader import Batch, ExportReader, UnusableExport
from doorstep.store.export.records import (
    InstallationRecord,
    RecordType,
    columns_of,
    table_of,
)
from doorstep.store.schema import IMPORT_MARK, UnusableDatabase
from doorstep.store.store import Store


class Reached(Struct):
    """What is in the database: all lines up to this one, and the checksum of all their bytes."""

    line: int
    sha256: str


async def import_all(store: Store, reader: ExportReader, place: str, progress: Told) -> None:
    """Goes on where an import of the same export stopped; else the database has to be empty.

    Raises UnusableDatabase, UnusableExport, StoreUnavailable. What is not whole stays marked as a
    part, so that nothing serves it.
    """
    await _skip_what_is_there(store.reader, reader, place)
    for batch in reader.batches():
        await _insert(store, batch, reader.checksum)
        progress(batch.end, reader.rows)
    await store.write(_unmark)


async def _skip_what_is_there(connection: Connection, reader: ExportReader, place: str) -> None:
    mark = await connection.one("load_installation_value", name=IMPORT_MARK)
    if mark is not None:
        reached = msgspec.json.decode(mark, type=Reached)
        reader.skip_to(reached.line)
        if reader.checksum != reached.sha256:
            raise UnusableDatabase(
                f"{place} holds a part of another export, or of a damaged one; import that one "
                "again, or make a new database."
            )
    elif await load_accounts(connection):
        raise UnusableDatabase(
            f"{place} holds accounts already; an import needs an empty database, as "
            "`doorstep migrate` makes one."
        )


async def _insert(store: Store, batch: Batch, checksum: str) -> None:
    reached = msgspec.json.encode(Reached(batch.end, checksum)).decode()

    async def write(writer: Writer) -> None:
        for record, rows in groupby(batch.records, key=type):
            await writer.text_many(insert_statement(record), [asdict(row) for row in rows])
        await writer.run("mark_import", name=IMPORT_MARK, value=reached)

    try:
        await store.write(write)
    except Exception as error:
        if isinstance(error, StoreUnavailable) and not isinstance(error.__cause__, Conflicted):
            raise
        first = batch.end - len(batch.records) + 1
        raise UnusableExport(
            f"the database refuses lines {first} to {batch.end}: {_reason(error)}"
        ) from error


def _reason(error: BaseException) -> str:
    """What the driver said, on one line."""
    while error.__cause__ is not None:
        error = error.__cause__
    return " ".join(str(error).split())


async def _unmark(writer: Writer) -> None:
    await writer.run("unmark_import", name=IMPORT_MARK)


def insert_statement(record: RecordType) -> str:
    columns = columns_of(record)
    values = ", ".join(f":{column}" for column in columns)
    insert = f"INSERT INTO {table_of(record)} ({', '.join(columns)}) VALUES ({values})"
    if record is InstallationRecord:
        # `doorstep migrate` has made the first of them.
        insert += " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    return insert
