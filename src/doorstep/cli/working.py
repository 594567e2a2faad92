"""`doorstep worker`."""

from typing import Annotated

from cyclopts import Parameter

from doorstep import __version__, app
from doorstep.cli.commands import Database, command
from doorstep.cli.running import settings_of
from doorstep.database_url import without_password


@command.command
def worker(
    *,
    database: Database = None,
    log_level: Annotated[str | None, Parameter(help="The least weight that is logged.")] = None,
    log_format: Annotated[str | None, Parameter(help="text, json, or auto.")] = None,
) -> int:
    """Watch deadlines, send webhooks and mails, beside `doorstep serve --no-worker`."""
    settings = settings_of(database=database, log_level=log_level, log_format=log_format)

    def announce() -> None:
        where = without_password(settings.database)
        print(f"doorstep {__version__} works for {where}", flush=True)

    return app.work(settings, announce)
