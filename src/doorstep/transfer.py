"""Exports and imports: everything from a database to a file, and into another database."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from doorstep import __version__, opening
from doorstep.clock import now
from doorstep.config import Settings
from doorstep.store.export.exporting import Told, export
from doorstep.store.export.file import new_file
from doorstep.store.export.importing import import_all
from doorstep.store.export.reader import ExportReader, UnusableExport
from doorstep.store.export.records import Header
from doorstep.store.places import place_of
from doorstep.times import format_time

PIPE = Path("-")
"""Stands for standard input and standard output, where a file is named."""


def export_to(file: Path, settings: Settings, progress: Told) -> Header:
    """Exports from a database that is there and prepared. Raises UnusableExport."""

    async def run(write: Callable[[bytes], object]) -> Header:
        async with opening.open_store(settings) as store:
            return await export(
                store.reader,
                write,
                version=__version__,
                exported_at=format_time(now()),
                progress=progress,
            )

    with _standard_output() if file == PIPE else new_file(file) as write:
        return asyncio.run(run(write))


@contextmanager
def _standard_output() -> Iterator[Callable[[bytes], object]]:
    # Not Python's own, which may write less than it is given where it is unbuffered.
    with open(sys.stdout.fileno(), "wb", closefd=False) as output:
        yield output.write


def check(file: Path, progress: Told) -> None:
    """Raises UnusableExport where a file is not an export, or not whole."""
    with _reading(file) as reader:
        for batch in reader.batches():
            progress(batch.end, reader.rows)


def import_from(file: Path, settings: Settings, progress: Told) -> Header:
    """Imports into a database that is held for that. Raises UnusableExport, UnusableDatabase."""

    async def run(reader: ExportReader) -> Header:
        async with opening.open_store(settings) as store:
            await import_all(store, reader, str(place_of(settings.database)), progress)
        return reader.header

    with _reading(file) as reader:
        return asyncio.run(run(reader))


@contextmanager
def _reading(file: Path) -> Iterator[ExportReader]:
    is_pipe = file == PIPE
    try:
        with open(sys.stdin.fileno() if is_pipe else file, "rb", closefd=not is_pipe) as stream:
            yield ExportReader(stream)
    except UnusableExport as error:
        name = "Standard input" if is_pipe else file
        raise UnusableExport(f"{name} cannot be imported: {error}.") from error
