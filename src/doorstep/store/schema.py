"""Bringing a database's schema up to date with Alembic, and telling how new it is.

On SQLite the file is copied first, and all changes happen in one transaction.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from doorstep.store.sqlite_file import OWNER_ONLY, backup
from doorstep.store.sqlite_file import SchemaError as SchemaError
from doorstep.store.sqlite_file import revision_of as revision_of

MIGRATIONS = Path(__file__).parent / "migrations"
NEWEST = "0002"
"""The revision that this code works with; a test holds it equal to the migrations' head."""


def bring_up_to_date(path: Path) -> str | None:
    """Makes the schema the newest; the path of the copy that was made first, if one was.

    Raises SchemaError where the database is newer than this version.
    """
    revision = revision_of(path)
    if revision == NEWEST:
        return None
    if revision is not None and revision not in _known_revisions():
        raise SchemaError(
            f"{path} has schema {revision}, which is newer than this version of doorstep knows "
            f"({NEWEST}). Install the newer version, or restore the copy made before the upgrade."
        )
    copy = _copy(path, revision) if revision is not None else None
    if not path.exists():
        path.touch(mode=OWNER_ONLY)
    _upgrade(path)
    return copy


def _known_revisions() -> set[str]:
    return {file.name.split("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*_*.py")}


def _copy(path: Path, revision: str) -> str:
    target = path.with_name(f"{path.name}.before-{NEWEST}-from-{revision}")
    backup(path, target)
    return str(target)


def _upgrade(path: Path) -> None:
    # Imported here: an up-to-date database starts without loading them.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with _one_transaction(path) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


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
            raise SchemaError(f"The schema change would break {len(broken)} references.")
    engine.dispose()
