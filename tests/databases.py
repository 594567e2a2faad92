"""Up-to-date databases of either kind, and what another process would do to one."""

import asyncio
import itertools
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import apsw
import psycopg
import pytest

from doorstep.database_url import sqlite_path
from doorstep.store.database import Database
from doorstep.store.postgres import schema as postgres_schema
from doorstep.store.postgres.database import PostgresDatabase
from doorstep.store.sqlite import schema as sqlite_schema
from tests.postgres import Postgres

KINDS = ("sqlite", "postgresql")

BEFORE_THE_DATABASE = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
"""For what is settled before any database is asked: one kind tells as much as both."""

MOST_MILLISECONDS = 10_000
"""For which another process waits for whoever writes."""

KEEPER = "kept"
"""By its role a connection is known that is to stay."""

# One test's forgotten transaction would hold up the next one's start. In milliseconds.
OTHERS_END = f"""
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
    AND usename <> '{KEEPER}'
"""


class Kept(NamedTuple):
    """An open database with the event loop that its connections belong to."""

    runner: asyncio.Runner
    database: Database


class Files:
    """SQLite databases without accounts: copies of one that was made once."""

    def __init__(self, folder: Path) -> None:
        self.empty = folder / "empty.db"
        sqlite_schema.bring_up_to_date(self.empty)
        self._folder = folder
        self._numbers = itertools.count()

    def new(self) -> str:
        path = self._folder / f"{next(self._numbers)}.db"
        return f"sqlite:///{shutil.copy(self.empty, path)}"

    def again(self) -> str:
        return self.new()

    def kept(self) -> None:
        """A file is opened anew: that takes no time."""


class Databases:
    """PostgreSQL databases without accounts, on one server.

    `new` makes one, which takes some tens of milliseconds; `again` empties the same one every
    time, which takes two, and ends who is still connected to it.
    """

    def __init__(self, server: Postgres) -> None:
        self._server = server
        self._numbers = itertools.count()
        postgres_schema.bring_up_to_date(server.create_database("empty"), "empty")
        self._shared = self.new()
        self._kept: Kept | None = None
        self._emptier = psycopg.connect(self._shared, autocommit=True)
        self._emptier.execute(f"CREATE ROLE {KEEPER} SUPERUSER LOGIN")
        tables = self._emptier.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = "
            "'public'::regnamespace AND relname NOT IN ('alembic_version', 'installation')"
        ).fetchall()
        number = self._emptier.execute("SELECT value FROM installation").fetchall()[0][0]
        # Without looking references up.
        self._emptier.execute("SET session_replication_role = replica")
        self._emptying = "; ".join(
            [
                OTHERS_END,
                *(f"DELETE FROM {table}" for (table,) in tables),
                "DELETE FROM installation WHERE name <> 'next_number'",
                f"UPDATE installation SET value = {number}",
            ]
        )

    def new(self) -> str:
        return self._server.create_database(f"made_{next(self._numbers)}", "empty")

    def again(self) -> str:
        self._emptier.execute(self._emptying)
        return self._shared

    def kept(self) -> Kept:
        """What `again` returns, opened once: a new connection has all statements to plan again."""
        if self._kept is None:
            opened = PostgresDatabase(self._server.url(self._shared.rsplit("/", 1)[1], KEEPER))
            self._kept = Kept(asyncio.Runner(), opened)
        return self._kept

    def close(self) -> None:
        if self._kept is not None:
            self._kept.runner.run(self._kept.database.close())
            self._kept.runner.close()
        self._emptier.close()


def tables_of(url: str) -> list[str]:
    """The tables that hold what belongs to an account."""
    kinds = {
        True: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        False: "SELECT tablename FROM pg_tables WHERE schemaname = 'public'",
    }
    return [name for (name,) in execute(url, kinds[sqlite_path(url) is not None])]


def execute(url: str, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """What another process does to the database: one statement, with `?` for each value."""
    path = sqlite_path(url)
    if path is not None:
        with closing(apsw.Connection(str(path))) as other:
            other.set_busy_timeout(MOST_MILLISECONDS)
            return other.execute(sql, values).fetchall()
    with psycopg.connect(url) as other_one:
        cursor = other_one.execute(sql.replace("?", "%s"), values)
        return cursor.fetchall() if cursor.description else []


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Another process that holds up all who would write."""
    path = sqlite_path(url)
    if path is not None:
        # Not the standard library's: two copies of SQLite in one process ignore each other's locks.
        with closing(apsw.Connection(str(path))) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
        return
    with psycopg.connect(url) as other_one:
        tables = "accounts, installation, orders, events"
        other_one.execute(f"LOCK TABLE {tables} IN SHARE MODE")
        yield
        other_one.rollback()
