"""`doorstep serve`."""

from typing import Annotated

from cyclopts import Parameter

from doorstep import __version__, starting
from doorstep.cli.commands import Database
from doorstep.cli.running import settings_of
from doorstep.clock import now
from doorstep.database_url import without_password
from doorstep.quickstart import walk
from doorstep.service import access, accounts
from doorstep.store.store import Store


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
    worker: Annotated[
        bool | None, Parameter(help="Watch deadlines and send webhooks and mails as well.")
    ] = None,
    quickstart: Annotated[
        bool, Parameter(negative="", help="Make a first account and show a walk through the API.")
    ] = False,
) -> int:
    """Serve the API until told to stop."""
    settings = settings_of(
        host=host,
        port=port,
        processes=processes,
        database=database,
        public_url=public_url,
        forwarded_allow_ips=forwarded_allow_ips,
        log_level=log_level,
        log_format=log_format,
        access_log=access_log,
        worker=worker,
    )

    async def welcome(store: Store, base_url: str) -> None:
        access_key = await _first_account(store) if quickstart else None
        if access_key is not None:
            print(f"A first account was made. Its access key, shown this once: {access_key}")
            print(f"It also signs in to the dashboard: {base_url}/\n")
            print(walk(base_url, access_key), flush=True)

    def announce(base_url: str) -> None:
        where = without_password(settings.database)
        print(f"doorstep {__version__} serves {base_url}/v2 from {where}", flush=True)

    return starting.serve(settings, welcome, announce)


async def _first_account(store: Store) -> str | None:
    """A key for a first account; None where there is an account already."""
    account = await accounts.create_first_account(store, "My shop", now())
    if account is None:
        return None
    _, access_key = await access.create_access_key(store, account.account_id, "full", now())
    return access_key
