"""An SQLite database's schema: how new it is, and bringing it up to date.

The file is copied first, and all changes happen in one transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from doorstep.store import schema
from doorstep.store.schema import UnusableDatabase
from doorstep.store.sqlite.file import OWNER_ONLY, backup


def revision_of(path: Path) -> str | None:
    """The schema's revision, None for a database without one (new, or no file yet)."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.set_busy_timeout(5_000)
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema")}
        if "alembic_version" not in tables:
            if tables:
                raise UnusableDatabase(f"{path} is a SQLite database, but not one of doorstep's.")
            return None
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return found[0] if found else None
    except apsw.NotADBError:
        raise UnusableDatabase(f"{path} is not a SQLite database.") from None
    finally:
        connection.close()


def refuse_half_imported(path: Path) -> None:
    """Raises UnusableDatabase. The schema is up to date."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
    try:
        connection.set_busy_timeout(5_000)
        found = connection.execute(schema.FIND_IMPORT).fetchone()
    finally:
        connection.close()
    schema.refuse_half_imported(str(path), found)


def bring_up_to_date(path: Path) -> str | None:
    """Makes the schema the newest; the path of the copy that was made first, if one was.

    Raises UnusableDatabase where the database is newer than this version.
    """
    revision = revision_of(path)
    if revision == schema.NEWEST:
        return None
    schema.refuse_newer(str(path), revision)
    copy = _copy(path, revision) if revision is not None else None
    if not path.exists():
        path.touch(mode=OWNER_ONLY)
    with _one_transaction(path) as connection:
        schema.upgrade(connection)
    return copy


def _copy(path: Path, revision: str) -> str:
    target = path.with_name(f"{path.name}.before-{schema.NEWEST}-from-{revision}")
    backup(path, target)
    return str(target)


@contextmanager
def _one_transaction(path: Path) -> Iterator[object]:
    """A SQLAlchemy connection whose whole use is one transaction, schema changes included."""
    import sqlalchemy as sa

    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.pool.NullPool)

    @sa.event.listens_for(engine, "connect")
    def connected(driver_connection, record):  # type: ignore[no-untyped-def]
        # The driver's own habit is to commit before schema changes; here nobody but us begins.
        driver_connection.isolation_level = None
        driver_connection.execute("PRAGMA foreign_keys = OFF")

    @sa.event.listens_for(engine, "begin")
    def begun(connection):  # type: ignore[no-untyped-def]
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.begin() as connection:
        yield connection
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise UnusableDatabase(f"The schema change would break {len(broken)} references.")
    engine.dispose()
