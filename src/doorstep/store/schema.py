"""The schema's revisions: Alembic runs them on a connection of either database."""

from pathlib import Path

MIGRATIONS = Path(__file__).parent / "migrations"
NEWEST = "0006"
"""The revision that this code works with; a test holds it equal to the migrations' head."""

IMPORT_MARK = "import"
"""What the table `installation` calls the import that is not finished yet."""

FIND_IMPORT = f"SELECT value FROM installation WHERE name = '{IMPORT_MARK}'"


class UnusableDatabase(Exception):
    """Why a database cannot be used; one sentence for the user."""


def refuse_newer(place: str, revision: str | None) -> None:
    """Raises UnusableDatabase where the database has a revision that this version does not know."""
    if revision is not None and revision not in _known_revisions():
        raise UnusableDatabase(
            f"{place} has schema {revision}, which is newer than this version of doorstep knows "
            f"({NEWEST}). Install the newer version, or restore the copy made before the upgrade."
        )


def refuse_half_imported(place: str, found: object) -> None:
    """Raises UnusableDatabase where FIND_IMPORT has found something."""
    if found:
        raise UnusableDatabase(
            f"{place} holds only a part of an export: its import still runs or was interrupted. "
            "`doorstep import` with the same file goes on where it stopped."
        )


def _known_revisions() -> set[str]:
    return {file.name.split("_")[0] for file in (MIGRATIONS / "versions").glob("[0-9]*_*.py")}


def upgrade(connection: object) -> None:
    """Makes the schema the newest, within the transaction of a SQLAlchemy connection."""
    # Imported here: an up-to-date database starts without loading them.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
