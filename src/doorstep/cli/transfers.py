"""`doorstep export` and `doorstep import`."""

import contextlib
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from doorstep import transfer
from doorstep.cli.commands import Database, Json, print_json
from doorstep.cli.progress import progress_bar
from doorstep.cli.running import place_of_database, settings_of
from doorstep.store.export.records import Header


def _no_option(_: object, file: Path) -> None:
    if str(file).startswith("-") and file != transfer.PIPE:
        raise ValueError("There is no such option.")


OR_PIPE = Parameter(allow_leading_hyphen=True, validator=_no_option)


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

    The file holds personal data, hashes of access keys and the secrets that sign tokens and
    webhooks.
    """
    settings = settings_of(database=database)
    place_of_database(settings).prepare()
    with progress_bar("Exporting", as_json) as progress:
        header = transfer.export_to(file, settings, progress)
    if file == transfer.PIPE:
        with contextlib.redirect_stdout(sys.stderr):
            _print_transferred(header, "exported to standard output", as_json)
    else:
        _print_transferred(header, f"exported to {file}", as_json)


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
    settings = settings_of(database=database)
    place = place_of_database(settings)
    with place.importing():
        if file != transfer.PIPE:
            with progress_bar("Checking", as_json) as progress:
                transfer.check(file, progress)
        with progress_bar("Importing", as_json) as progress:
            header = transfer.import_from(file, settings, progress)
    _print_transferred(header, f"imported into {place}", as_json)


def _print_transferred(header: Header, what: str, as_json: bool) -> None:
    if as_json:
        print_json(header)
        return
    orders, accounts = (header.rows.get(table, 0) for table in ("orders", "accounts"))
    print(f"{orders} orders of {accounts} accounts were {what}.")
