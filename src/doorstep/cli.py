"""The command line: `doorstep serve`, and looking after accounts, keys and the database."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import msgspec
from cyclopts import App, CycloptsError, Parameter
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from doorstep import __version__, app, logs, transfer
from doorstep.api.times import format_optional, format_time
from doorstep.clock import now
from doorstep.config import ConfigError, Settings, effective, load
from doorstep.database_url import without_password
from doorstep.domain.refusals import Refusal
from doorstep.listening import StartError
from doorstep.quickstart import walk
from doorstep.service import access, accounts
from doorstep.service.accounts import Account, Accounts, account_faults
from doorstep.service.verify import verify as verify_orders
from doorstep.store import accounts as stored
from doorstep.store import schema
from doorstep.store.database import StoreUnavailable
from doorstep.store.export.exporting import Told
from doorstep.store.export.reader import UnusableExport
from doorstep.store.export.records import Header
from doorstep.store.places import PostgresServer, SqliteFile, place_of
from doorstep.store.schema import UnusableDatabase
from doorstep.store.sqlite import file as sqlite_file
from doorstep.store.store import Store

EXIT_MISTAKE = 2
EXIT_FAULTS = 1
EXIT_INTERRUPTED = 130
EXIT_NO_READER = 141
"""Like 130 the shell's number for the signal that ends other programs then, SIGPIPE."""

WIDEST = 1_000_000
"""Columns of what is no terminal: a line there is as long as its values."""

Value = TypeVar("Value")

Database = Annotated[str | None, Parameter(help="The database's URL, sqlite:///doorstep.db.")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON.")]


def _no_option(_: object, file: Path) -> None:
    if str(file).startswith("-") and file != transfer.PIPE:
        raise ValueError("There is no such option.")


OR_PIPE = Parameter(allow_leading_hyphen=True, validator=_no_option)

errors = Console(stderr=True, highlight=False, soft_wrap=True)

command = App(
    name="doorstep",
    help="Leads an order from placed to on the doorstep.",
    version=__version__,
    print_error=False,
    exit_on_error=False,
)
account_command = command.command(App(name="account", help="Accounts: one for each shop."))
key_command = command.command(App(name="key", help="Access keys of an account."))
warehouse_command = command.command(App(name="warehouse", help="Warehouses of an account."))


class Mistake(Exception):
    """The user's mistake, in one sentence."""


MISTAKES = (Mistake, ConfigError, StartError, CycloptsError, UnusableDatabase, UnusableExport)


def main(arguments: list[str] | None = None) -> NoReturn:
    """Runs the command line; a mistake is one line on standard error and exit code 2."""
    try:
        result = command(arguments, result_action="return_value")
        # Here and not at the interpreter's exit, whose failure would be a traceback.
        print(end="", flush=True)
    except MISTAKES as mistake:
        sentence = " ".join(str(mistake).split())
        print(f"doorstep: {sentence}", file=sys.stderr)
        sys.exit(EXIT_MISTAKE)
    except StoreUnavailable as error:
        print(f"doorstep: The database cannot be used now: {error}.", file=sys.stderr)
        sys.exit(EXIT_MISTAKE)
    except BrokenPipeError:
        _drop_output()
        sys.exit(EXIT_NO_READER)
    except OSError as error:
        _drop_output()
        place = "" if error.filename is None else f"{error.filename}: "
        print(f"doorstep: {place}{error.strerror or error}.", file=sys.stderr)
        sys.exit(EXIT_MISTAKE)
    except KeyboardInterrupt:
        sys.exit(EXIT_INTERRUPTED)
    sys.exit(result if isinstance(result, int) else 0)


def _drop_output() -> None:
    """What is still in the buffer goes nowhere, so that the interpreter's exit cannot fail."""
    # Without an output, or with one that is no file, there is nothing to drop.
    with contextlib.suppress(AttributeError, OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _settings(**options: Any) -> Settings:
    settings = load(options)
    logs.configure(settings.log_level, settings.log_format)
    return settings


def _place_of_database(settings: Settings) -> SqliteFile | PostgresServer:
    """Raises Mistake where there is no database."""
    place = place_of(settings.database)
    if not place.is_there():
        raise Mistake(f"There is no database {place}; `doorstep migrate` makes one.")
    return place


def _in_store(settings: Settings, use: Callable[[Store], Awaitable[Value]]) -> Value:
    """Runs something on the store of a database that is there, brought up to date."""
    _place_of_database(settings).prepare()

    async def run() -> Value:
        async with app.open_store(settings) as store:
            return await use(store)

    return asyncio.run(run())


def _print_json(value: object) -> None:
    print(msgspec.json.format(msgspec.json.encode(value)).decode())


def _print_rows(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        _print_json(rows)
        return
    table = Table()
    for name in rows[0] if rows else ["nothing yet"]:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*("" if value is None else escape(str(value)) for value in row.values()))
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = WIDEST
    # Captured, as rich has an exit code of its own for an output that nobody reads.
    with console.capture() as shown:
        console.print(table)
    print(shown.get(), end="")


def _print_record(record: dict[str, Any], as_json: bool) -> None:
    if as_json:
        _print_json(record)
        return
    for name, value in record.items():
        print(f"{name}: {'' if value is None else value}")


@command.command
def serve(
    *,
    host: Annotated[str | None, Parameter(help="The address to listen on.")] = None,
    port: Annotated[str | None, Parameter(help="The port to listen on.")] = None,
    processes: Annotated[
        str | None, Parameter(help="Processes that share the port; more than 1 on PostgreSQL.")
    ] = None,
    database: Database = None,
    public_url: Annotated[str | None, Parameter(help="Where customers reach it.")] = None,
    forwarded_allow_ips: Annotated[
        str | None, Parameter(help="Proxies whose X-Forwarded headers count.")
    ] = None,
    log_level: Annotated[str | None, Parameter(help="The least weight that is logged.")] = None,
    log_format: Annotated[str | None, Parameter(help="text, json, or auto.")] = None,
    access_log: Annotated[
        bool | None, Parameter(negative="", help="Log every request, not only what goes wrong.")
    ] = None,
    quickstart: Annotated[
        bool, Parameter(negative="", help="Make a first account and show a walk through the API.")
    ] = False,
) -> int:
    """Serve the API until told to stop."""
    settings = _settings(
        host=host,
        port=port,
        processes=processes,
        database=database,
        public_url=public_url,
        forwarded_allow_ips=forwarded_allow_ips,
        log_level=log_level,
        log_format=log_format,
        access_log=access_log,
    )

    async def welcome(store: Store, base_url: str) -> None:
        access_key = await _first_account(store) if quickstart else None
        if access_key is not None:
            print(f"A first account was made. Its access key, shown this once: {access_key}\n")
            print(walk(base_url, access_key), flush=True)

    def announce(base_url: str) -> None:
        where = without_password(settings.database)
        print(f"doorstep {__version__} serves {base_url}/v2 from {where}", flush=True)

    return app.serve(settings, welcome, announce)


async def _first_account(store: Store) -> str | None:
    """A key for a first account; None where there is an account already."""
    account = await accounts.create_first_account(store, "My shop", now())
    if account is None:
        return None
    _, access_key = await access.create_access_key(store, account.account_id, "full", now())
    return access_key


def _account_row(account: Account) -> dict[str, Any]:
    return {
        "account_id": account.account_id,
        "name": account.name,
        "slug": account.slug,
        "time_zone": account.time_zone,
        "language": account.language,
        "untrackable_days": account.untrackable_days,
        "created_at": format_time(account.created_at),
    }


async def _find_account(store: Store, named: str) -> Account:
    """The account by its id, slug or name. Raises Mistake."""
    known = await stored.load_accounts(store.reader)
    for account in known:
        if named in (str(account.account_id), account.slug):
            return account
    named_so = [account for account in known if account.name == named]
    if len(named_so) == 1:
        return named_so[0]
    if named_so:
        raise Mistake(f"Several accounts are called {named}; name one by its id or slug.")
    raise Mistake(f"There is no account {named}; `doorstep account list` shows them.")


@account_command.command(name="create")
def create_account(name: str, *, database: Database = None, as_json: Json = False) -> None:
    """Create an account with an access key, which is shown this once."""
    if not name.strip():
        raise Mistake("An account needs a name.")

    async def create(store: Store) -> dict[str, Any]:
        account = await accounts.create_account(store, name, now())
        key, access_key = await access.create_access_key(store, account.account_id, "full", now())
        return {
            "account_id": account.account_id,
            "name": account.name,
            "slug": account.slug,
            "key_id": key.key_id,
            "access_key": access_key,
        }

    settings = _settings(database=database)
    place_of(settings.database).prepare()
    _print_record(_in_store(settings, create), as_json)


@account_command.command(name="list")
def list_accounts(*, database: Database = None, as_json: Json = False) -> None:
    """List the accounts."""
    found = _in_store(_settings(database=database), lambda s: stored.load_accounts(s.reader))
    _print_rows([_account_row(account) for account in found], as_json)


@account_command.command(name="set")
def set_account(
    account: str,
    *,
    name: str | None = None,
    time_zone: Annotated[str | None, Parameter(help="Such as Europe/Vienna.")] = None,
    language: Annotated[str | None, Parameter(help="Such as de.")] = None,
    slug: Annotated[str | None, Parameter(help="The account's part of tracking links.")] = None,
    untrackable_days: Annotated[
        str | None,
        Parameter(help="Days until a parcel without tracking counts as delivered, or off."),
    ] = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Change an account's settings."""
    given = {"name": name, "time_zone": time_zone, "language": language, "slug": slug}
    changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if untrackable_days is not None:
        days = untrackable_days
        if days != "off" and not (days.isascii() and days.isdecimal()):
            raise Mistake(f"--untrackable-days must be a whole number or off, not {days}.")
        changes["untrackable_days"] = None if days == "off" else int(days)
    for key, message in account_faults(changes).items():
        raise Mistake(f"--{key.replace('_', '-')} {message}")

    async def change(store: Store) -> Account:
        found = await _find_account(store, account)
        changed = await Accounts(store).change(found.account_id, changes)
        if isinstance(changed, Refusal):
            raise Mistake(changed.detail)
        return changed

    changed = _in_store(_settings(database=database), change)
    _print_record(_account_row(changed), as_json)


@warehouse_command.command(name="set")
def set_warehouse(
    account: str, name: str, address: str, *, database: Database = None, as_json: Json = False
) -> None:
    """Add a warehouse to an account, or move it."""
    settings = _settings(database=database)
    most = settings.limits.max_text_length
    for what, text in (("a name", name), ("an address", address)):
        if not text.strip():
            raise Mistake(f"A warehouse needs {what}.")
        if len(text) > most:
            raise Mistake(f"A warehouse needs {what} of {most} characters at most.")

    async def put(store: Store) -> None:
        found = await _find_account(store, account)
        await Accounts(store).put_warehouse(found.account_id, name, address)

    _in_store(settings, put)
    _print_record({"name": name, "address": address}, as_json)


@key_command.command(name="create")
def create_key(
    account: str,
    *,
    scope: Annotated[
        str, Parameter(help=f"What its tokens may do: {', '.join(access.SCOPES)}.")
    ] = "full",
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Create an access key, which is shown this once."""
    if scope not in access.SCOPES:
        raise Mistake(f"--scope must be one of {', '.join(access.SCOPES)}, not {scope}.")

    async def create(store: Store) -> dict[str, Any]:
        found = await _find_account(store, account)
        key, access_key = await access.create_access_key(store, found.account_id, scope, now())
        return {
            "account_id": found.account_id,
            "key_id": key.key_id,
            "scope": key.scope,
            "access_key": access_key,
        }

    _print_record(_in_store(_settings(database=database), create), as_json)


@key_command.command(name="list")
def list_keys(*, database: Database = None, as_json: Json = False) -> None:
    """List the access keys, without their secrets."""
    found = _in_store(_settings(database=database), lambda s: stored.load_access_keys(s.reader))
    rows = [
        {
            "account_id": key.account_id,
            "key_id": key.key_id,
            "scope": key.scope,
            "created_at": format_time(key.created_at),
            "revoked_at": format_optional(key.revoked_at),
        }
        for key in found
    ]
    _print_rows(rows, as_json)


@key_command.command(name="revoke")
def revoke_key(key_id: str, *, database: Database = None, as_json: Json = False) -> None:
    """Revoke an access key; its tokens stop within five seconds."""

    async def revoke(store: Store) -> dict[str, Any]:
        keys = await stored.load_access_keys(store.reader)
        key = next((key for key in keys if key.key_id == key_id), None)
        if key is None:
            raise Mistake(f"There is no key {key_id}; `doorstep key list` shows them.")
        moment = key.revoked_at or now()
        await store.write(lambda c: stored.revoke_access_key(c, key.account_id, key.key_id, moment))
        return {"key_id": key_id, "revoked_at": format_time(moment)}

    _print_record(_in_store(_settings(database=database), revoke), as_json)


@command.command
def migrate(*, database: Database = None) -> None:
    """Make the database, or bring it up to date; an old one is copied first."""
    settings = _settings(database=database)
    place_of(settings.database).prepare()
    print(f"{without_password(settings.database)} has schema {schema.NEWEST}.")


@command.command
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

    found = _in_store(_settings(database=database), run)
    if as_json:
        _print_json(found)
    else:
        for fault in found["faults"]:
            print(fault)
        print(f"{found['orders']} orders replayed, {len(found['faults'])} faults")
    return EXIT_FAULTS if found["faults"] else 0


@command.command
def backup(file: Path, *, database: Database = None) -> None:
    """Copy the database into a new file, also while it is being served."""
    place = place_of(_settings(database=database).database)
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


@contextlib.contextmanager
def _progress(what: str, is_silent: bool) -> Iterator[Told]:
    is_seen = errors.is_terminal and not is_silent
    with Progress(console=errors, transient=True, disable=not is_seen) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@command.command
def export(
    file: Annotated[
        Path,
        Parameter(help="A new file, packed if it ends in .gz; - is standard output."),
        OR_PIPE,
    ],
    /,
    *,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Write all that the database holds into a file, as of one moment, also while it is served.

    The file holds personal data, hashes of access keys and the secret that signs tokens.
    """
    settings = _settings(database=database)
    _place_of_database(settings).prepare()
    with _progress("Exporting", as_json) as progress:
        header = transfer.export_to(file, settings, progress)
    if file == transfer.PIPE:
        with contextlib.redirect_stdout(sys.stderr):
            _print_transferred(header, "exported to standard output", as_json)
    else:
        _print_transferred(header, f"exported to {file}", as_json)


@command.command(name="import")
def import_all(
    file: Annotated[Path, Parameter(help="An export; - is standard input."), OR_PIPE],
    /,
    *,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Take an export into an empty database, such as `doorstep migrate` makes.

    Interrupted, it goes on where it stopped when it is called again with the same file.
    """
    settings = _settings(database=database)
    place = _place_of_database(settings)
    with place.importing():
        if file != transfer.PIPE:
            with _progress("Checking", as_json) as progress:
                transfer.check(file, progress)
        with _progress("Importing", as_json) as progress:
            header = transfer.import_from(file, settings, progress)
    _print_transferred(header, f"imported into {place}", as_json)


def _print_transferred(header: Header, what: str, as_json: bool) -> None:
    if as_json:
        _print_json(header)
        return
    orders, accounts = (header.rows.get(table, 0) for table in ("orders", "accounts"))
    print(f"{orders} orders of {accounts} accounts were {what}.")


@command.command(name="config")
def show_config(*, database: Database = None, as_json: Json = False) -> None:
    """Show the settings in force and where each comes from; secrets are masked."""
    rows = [
        {
            "setting": line.name,
            "variable": line.variable,
            "value": line.value,
            "source": line.source,
        }
        for line in effective(_settings(database=database))
    ]
    _print_rows(rows, as_json)


@command.command
def version() -> None:
    """Print the version."""
    print(__version__)


if __name__ == "__main__":
    main()
