"""Where a database is, by its URL: getting it ready for this version, and opening it."""

import fcntl
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from doorstep.database_url import sqlite_path, without_password
from doorstep.store import schema
from doorstep.store.database import Database
from doorstep.store.schema import UnusableDatabase

log = logging.getLogger(__name__)


def place_of(url: str) -> "SqliteFile | PostgresServer":
    path = sqlite_path(url)
    return PostgresServer(url) if path is None else SqliteFile(path)


class SqliteFile:
    """One file, written by one process.

    `serving` holds it, prepared, for as long as it is served; `importing` likewise, also where only
    a part of an import is there, which nothing else may use. `files` are those whose sizes are
    worth watching, by what they hold. What cannot be used raises UnusableDatabase.
    """

    takes_many_processes = False

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    def is_there(self) -> bool:
        return self.path.exists()

    def prepare(self) -> None:
        """An up-to-date database is left alone, also while another process serves it."""
        if not self._is_current():
            with self._alone():
                self._bring_up_to_date()
        self._refuse_half_imported()

    @contextmanager
    def serving(self) -> Iterator[None]:
        with self.importing():
            self._refuse_half_imported()
            yield

    @contextmanager
    def importing(self) -> Iterator[None]:
        with self._alone():
            self._bring_up_to_date()
            yield

    def open(self) -> Database:
        from doorstep.store.sqlite.database import SqliteDatabase

        return SqliteDatabase(self.path)

    def files(self) -> dict[str, Path]:
        return {"database": self.path, "wal": self.path.with_name(self.path.name + "-wal")}

    def _is_current(self) -> bool:
        from doorstep.store.sqlite import schema as sqlite_schema

        with self._explained():
            return sqlite_schema.revision_of(self.path) == schema.NEWEST

    def _bring_up_to_date(self) -> None:
        from doorstep.store.sqlite import schema as sqlite_schema

        with self._explained():
            copy = sqlite_schema.bring_up_to_date(self.path)
        if copy is not None:
            log.info("the database was updated", extra={"copy_of_the_old_one": copy})

    def _refuse_half_imported(self) -> None:
        from doorstep.store.sqlite import schema as sqlite_schema

        with self._explained():
            sqlite_schema.refuse_half_imported(self.path)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Holds the file for this process: two writers would not see each other's groups."""
        with self._explained():
            lock: IO[str] = open(self.path.with_name(self.path.name + ".lock"), "w")  # noqa: SIM115
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UnusableDatabase(f"Another doorstep is serving {self.path}.") from None
            yield

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Whatever goes wrong in the block, as one sentence."""
        try:
            yield
        except UnusableDatabase:
            raise
        except Exception as error:
            reason = getattr(error, "orig", None) or getattr(error, "strerror", None) or error
            raise UnusableDatabase(f"The database {self.path} cannot be used: {reason}.") from None


class PostgresServer:
    """A database on a PostgreSQL server, written by any number of processes; else as a file is."""

    takes_many_processes = True

    def __init__(self, url: str) -> None:
        self.url = url

    def __str__(self) -> str:
        return without_password(self.url)

    def is_there(self) -> bool:
        return True

    def prepare(self) -> None:
        from doorstep.store.postgres import schema as postgres_schema

        postgres_schema.bring_up_to_date(self.url, str(self))
        postgres_schema.refuse_half_imported(self.url, str(self))

    @contextmanager
    def serving(self) -> Iterator[None]:
        self.prepare()
        yield

    @contextmanager
    def importing(self) -> Iterator[None]:
        from doorstep.store.postgres import schema as postgres_schema

        postgres_schema.bring_up_to_date(self.url, str(self))
        with postgres_schema.used_by_nobody(self.url, str(self)):
            yield
        postgres_schema.analyze(self.url, str(self))

    def open(self) -> Database:
        from doorstep.store.postgres.database import PostgresDatabase

        return PostgresDatabase(self.url)

    def files(self) -> dict[str, Path]:
        return {}
