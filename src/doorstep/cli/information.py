"""What is in force: settings and version."""

from doorstep import __version__
from doorstep.cli.commands import Database, Json, print_rows
from doorstep.cli.running import settings_of
from doorstep.config import effective


def show_config(*, database: Database = None, as_json: Json = False) -> None:
    """Show the settings in force and where each comes from; secrets are masked."""
    rows = [
        {
            "setting": line.name,
            "variable": line.variable,
            "value": line.value,
            "source": line.source,
        }
        for line in effective(settings_of(database=database))
    ]
    print_rows(rows, as_json)


def version() -> None:
    """Print the version."""
    print(__version__)
