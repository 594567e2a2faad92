"""An SQLite database as a file: copies of it, made while it is in use."""

import os
from collections.abc import Callable
from pathlib import Path

import apsw

from doorstep.store.schema import UnusableDatabase

PAGES_AT_ONCE = 10_000
OWNER_ONLY = 0o600
"""Orders hold personal data: who else may read them, their owner decides."""


def flush_names(directory: Path) -> None:
    """Makes the names in a directory last, also when the power fails."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def backup(
    path: Path, target: Path, progress: Callable[[int, int], None] = lambda done, total: None
) -> None:
    """A consistent copy of a database that may be in use; `target` appears only when whole.

    `progress` is told the pages done and in all. Raises UnusableDatabase where that cannot be
    written.
    """
    unfinished = target.with_name(target.name + ".unfinished")
    try:
        unfinished.unlink(missing_ok=True)
        unfinished.touch(mode=OWNER_ONLY)
        source = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        destination = apsw.Connection(str(unfinished))
        try:
            source.set_busy_timeout(5_000)
            # Of one moment: a commit between two steps would make the copy begin again.
            source.execute("BEGIN; SELECT 1 FROM sqlite_schema").fetchall()
            with destination.backup("main", source, "main") as copying:
                while not copying.done:
                    copying.step(PAGES_AT_ONCE)
                    progress(copying.page_count - copying.remaining, copying.page_count)
            destination.pragma("journal_mode", "delete")
        finally:
            destination.close()
            source.close()
        unfinished.replace(target)
        flush_names(target.parent)
    except (apsw.Error, OSError) as error:
        unfinished.unlink(missing_ok=True)
        raise UnusableDatabase(f"{target} cannot be written: {error}.") from None
