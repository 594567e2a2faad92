"""What many commands take and print."""

from typing import Annotated, Any

import msgspec
from cyclopts import Parameter
from rich.console import Console
from rich.markup import escape
from rich.table import Table

WIDEST = 1_000_000
"""Columns of what is no terminal: a line there is as long as its values."""

Database = Annotated[str | None, Parameter(help="The database's URL, sqlite:///doorstep.db.")]
Json = Annotated[bool, Parameter(name="--json", negative="", help="Print JSON.")]

errors = Console(stderr=True, highlight=False, soft_wrap=True)


class Mistake(Exception):
    """The user's mistake, in one sentence."""


def print_json(value: object) -> None:
    print(msgspec.json.format(msgspec.json.encode(value)).decode())


def print_rows(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(rows)
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


def print_record(record: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(record)
        return
    for name, value in record.items():
        print(f"{name}: {'' if value is None else value}")
