"""`doorstep worker`."""

from typing import Annotated

from cyclopts import Parameter

from doorstep import __version__, starting
from doorstep.cli.commands import Database
from doorstep.cli.running import settings_of
from doorstep.database_url import without_password


def worker(
    *,
    host: Annotated[str | None, Parameter(help="The address to listen on.")] = None,
    port: Annotated[
        str | None, Parameter(help="The port for /healthz, /readyz and /metrics; none by itself.")
    ] = None,
    database: Database = None,
    log_level: Annotated[str | None, Parameter(help="The least weight that is logged.")] = None,
    log_format: Annotated[str | None, Parameter(help="text, json, or auto.")] = None,
) -> int:
    """Watch deadlines, send webhooks and mails, beside `doorstep serve --no-worker`."""
    settings = settings_of(
        host=host,
        worker_port=port,
        database=database,
        log_level=log_level,
        log_format=log_format,
    )

    def announce(url: str | None) -> None:
        where = without_password(settings.database)
        answers = "" if url is None else f", its figures are at {url}/metrics"
        print(f"doorstep {__version__} works for {where}{answers}", flush=True)

    return starting.work(settings, announce)
