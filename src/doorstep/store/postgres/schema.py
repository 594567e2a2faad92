"""A PostgreSQL database's schema: whether the server will do, and bringing it up to date.

All changes happen in one transaction, under a lock that lets one process at a time make them.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from doorstep.store import schema
from doorstep.store.postgres.session import APPLICATION_NAME, CONNECT_SECONDS, one_line
from doorstep.store.schema import UnusableDatabase

OLDEST_VERSION = 14
LOCK = 7_304_561_208_455_190_017
"""The advisory lock of schema changes: any number that no other program on the server takes."""

LOCK_OF_USE = LOCK + 1
"""Held by an import; whoever begins to use the database tries it for a moment, as many may."""

SECONDS_TO_LEAVE = 3.0
"""The server notices a little later that a process has ended."""

SECONDS_BETWEEN_LOOKS = 0.1
IS_LEFT = """
SELECT pg_try_advisory_lock(%s) AND NOT EXISTS (
    SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s
)
"""


def bring_up_to_date(url: str, place: str) -> None:
    """Makes the schema the newest. Raises UnusableDatabase, which names the `place`."""
    with _connected(url, place) as connection:
        _check(connection, place)
        if _revision(connection, place) == schema.NEWEST:
            return
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        schema.refuse_newer(place, _revision(connection, place))
        _upgrade(connection)


def refuse_half_imported(url: str, place: str) -> None:
    """Raises UnusableDatabase, also while an import runs. The schema is up to date."""
    with _connected(url, place) as connection:
        found = connection.execute(schema.FIND_IMPORT.encode()).fetchone()
        free = connection.execute("SELECT pg_try_advisory_lock_shared(%s)", [LOCK_OF_USE])
        is_free = free.fetchone() == (True,)
    schema.refuse_half_imported(place, found or not is_free)


@contextmanager
def used_by_nobody(url: str, place: str) -> Iterator[None]:
    """Nor does anybody begin to use it meanwhile.

    Raises UnusableDatabase where another doorstep is connected: it knows numbers by heart.
    """
    until = time.monotonic() + SECONDS_TO_LEAVE
    with _connected(url, place) as connection:
        while connection.execute(IS_LEFT, [LOCK_OF_USE, APPLICATION_NAME]).fetchone() != (True,):
            if time.monotonic() >= until:
                raise UnusableDatabase(f"Another doorstep uses {place}; stop it first.")
            time.sleep(SECONDS_BETWEEN_LOOKS)
        yield


def analyze(url: str, place: str) -> None:
    """Gives the planner figures of its own; until then it takes all tables for small."""
    with _connected(url, place) as connection:
        connection.execute("ANALYZE")


@contextmanager
def _connected(url: str, place: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection, each statement on it a transaction. Raises UnusableDatabase."""
    try:
        with psycopg.connect(url, **_patience(url), autocommit=True) as connection:
            yield connection
    except psycopg.Error as error:
        # libpq repeats a URL that it cannot read, and its password with it.
        reason = one_line(error).replace(url, place)
        raise UnusableDatabase(f"The database {place} cannot be used: {reason}.") from None


def _patience(url: str) -> dict[str, Any]:
    given = psycopg.conninfo.conninfo_to_dict(url)
    return {} if "connect_timeout" in given else {"connect_timeout": CONNECT_SECONDS}


def _check(connection: psycopg.Connection[Any], place: str) -> None:
    """Raises UnusableDatabase where the server cannot be what doorstep needs."""
    version = connection.info.server_version // 10_000
    if version < OLDEST_VERSION:
        raise UnusableDatabase(
            f"The database {place} is served by PostgreSQL {version}; "
            f"doorstep needs {OLDEST_VERSION} or newer."
        )
    settings = {
        name: connection.execute(f"SHOW {name}").fetchone()
        for name in ("transaction_read_only", "server_encoding")
    }
    if settings["transaction_read_only"] != ("off",):
        raise UnusableDatabase(
            f"The database {place} takes no writes: it is a replica or read-only. "
            "With several hosts in the URL, target_session_attrs=read-write finds the primary."
        )
    if settings["server_encoding"] != ("UTF8",):
        raise UnusableDatabase(f"The database {place} must have the encoding UTF8.")


def _revision(connection: psycopg.Connection[Any], place: str) -> str | None:
    """The schema's revision, None for a database without one."""
    found = connection.execute(
        "SELECT to_regclass('alembic_version') IS NOT NULL, "
        "to_regclass('orders') IS NOT NULL OR to_regclass('accounts') IS NOT NULL"
    ).fetchone()
    assert found is not None
    has_revision, has_tables = found
    if not has_revision:
        if has_tables:
            raise UnusableDatabase(f"The database {place} has tables, but not doorstep's.")
        return None
    revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return revision[0] if revision else None


def _upgrade(connection: psycopg.Connection[Any]) -> None:
    """Runs the schema changes on this very connection, which holds the lock.

    Raises psycopg.Error.
    """
    import sqlalchemy as sa

    connection.autocommit = False
    engine = sa.create_engine(
        "postgresql+psycopg://", creator=lambda: connection, poolclass=sa.pool.StaticPool
    )
    try:
        with engine.begin() as wrapped:
            schema.upgrade(wrapped)
    except sa.exc.DBAPIError as error:
        raise (error.orig or error) from None
