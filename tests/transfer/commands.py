"""Exports and imports as tests ask for them, and what a database holds."""

import contextlib
import io
from pathlib import Path
from typing import NamedTuple

from doorstep import cli
from doorstep.store.export.records import RECORDS, columns_of, table_of
from tests.databases import execute


class Said(NamedTuple):
    code: int
    out: str
    err: str


def run(*arguments: str) -> Said:
    """A command in this process."""
    out, err = io.StringIO(), io.StringIO()
    code = 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            cli.main(list(arguments))
        except SystemExit as ended:
            code = int(ended.code or 0)
    return Said(code, out.getvalue(), err.getvalue())


def export(database: str, file: Path) -> Path:
    said = run("export", str(file), "--database", database)
    assert said.code == 0, said.err
    return file


def import_(file: Path, database: str) -> None:
    said = run("import", str(file), "--database", database)
    assert said.code == 0, said.err


def rows_in(file: Path) -> list[bytes]:
    """The lines between the header, which tells the time, and the end, which sums it up."""
    return file.read_bytes().splitlines()[1:-1]


def contents(database: str) -> dict[str, list[tuple[object, ...]]]:
    return {
        table_of(record): execute(
            database,
            f"SELECT {', '.join(columns_of(record))} FROM {table_of(record)} "
            f"ORDER BY {', '.join(record.key)}",
        )
        for record in RECORDS
    }


def assert_verified(database: str) -> None:
    said = run("verify", "--database", database)
    assert said.out.endswith(" 0 faults\n"), said
