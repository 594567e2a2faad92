"""Looking after the database: its schema, its soundness, copies of it."""

from pathlib import Path
from typing import Any

from rich.progress import Progress

from doorstep.cli.commands import Database, Json, Mistake, errors, print_json
from doorstep.cli.running import in_store, settings_of
from doorstep.database_url import without_password
from doorstep.service.verify import verify as verify_orders
from doorstep.store import accounts as stored
from doorstep.store import schema
from doorstep.store.places import SqliteFile, place_of
from doorstep.store.schema import UnusableDatabase
from doorstep.store.sqlite import file as sqlite_file
from doorstep.store.store import Store

EXIT_FAULTS = 1


def migrate(*, database: Database = None) -> None:
    """Make the database, or bring it up to date; an old one is copied first."""
    settings = settings_of(database=database)
    place_of(settings.database).prepare()
    print(f"{without_password(settings.database)} has schema {schema.NEWEST}.")


def verify(*, database: Database = None, as_json: Json = False) -> int:
    """Replay every event against the rows; exit code 1 where they differ."""

    async def run(store: Store) -> dict[str, Any]:
        known = await stored.load_accounts(store.reader)
        total = 0
        for account in known:
            which = {"account_id": account.account_id}
            total += await store.reader.one("count_orders", **which)
        checked, faults = 0, list[str]()
        with Progress(console=errors, transient=True, disable=as_json) as progress:
            task = progress.add_task("Replaying", total=total)
            async for part in verify_orders(store.reader):
                checked += part.orders
                faults += part.faults
                progress.update(task, completed=checked, total=max(total, checked))
        return {"orders": checked, "faults": faults}

    found = in_store(settings_of(database=database), run)
    if as_json:
        print_json(found)
    else:
        for fault in found["faults"]:
            print(fault)
        print(f"{found['orders']} orders replayed, {len(found['faults'])} faults")
    return EXIT_FAULTS if found["faults"] else 0


def backup(file: Path, *, database: Database = None) -> None:
    """Copy the database into a new file, also while it is being served."""
    place = place_of(settings_of(database=database).database)
    if not isinstance(place, SqliteFile):
        raise Mistake("A database on PostgreSQL is copied with PostgreSQL's own pg_dump.")
    if not place.is_there():
        raise Mistake(f"There is no database {place}.")
    if file.exists():
        raise Mistake(f"{file} is there already; a backup never overwrites.")
    if not file.parent.is_dir():
        raise Mistake(f"There is no directory {file.parent}.")
    try:
        with Progress(console=errors, transient=True) as progress:
            task = progress.add_task("Copying", total=None)
            sqlite_file.backup(
                place.path, file, lambda d, n: progress.update(task, completed=d, total=n)
            )
    except UnusableDatabase as error:
        raise Mistake(str(error)) from None
    print(f"{place} was copied to {file}.")
