"""The named queries of `sql/*.sql`: one text for both databases, rare marked variants."""

import re
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, NamedTuple

import aiosql


class Dialect(NamedTuple):
    """A database's own words for the marked variants, as replacements of regular expressions.

    `ANY_OF(:values)` after a column: it is one of a list that is given as one parameter.
    `JSON_ROWS(a, b)`: the rows of a subquery as a JSON array of arrays, in the subquery's order.
    `FOR_UPDATE`: no other process reads these rows so until the commit, where others write too.
    """

    driver: str
    any_of: str
    json_rows: str
    for_update: str = ""
    own: tuple[str, ...] = ()
    """Folders of `sql/` with queries that only this database has."""


ANY_OF = re.compile(r"ANY_OF\((:\w+)\)")
JSON_ROWS = re.compile(r"JSON_ROWS\(([^()]+)\)")
FRAGMENT = re.compile(r"\{(\w+)\}")
"""`{whole_order}` stands for the text of `sql/fragments/whole_order.sql`."""

_SQLITE_JSON_ROWS = r"json_group_array(json_array(\1))"
SQLITE = Dialect("apsw", r"IN (SELECT value FROM json_each(\1))", _SQLITE_JSON_ROWS)
SQLITE_ONLY_ONE = Dialect("apsw", r"= \1", _SQLITE_JSON_ROWS)
"""For lists of one entry, which is given bare: half the time, and no sorting."""

POSTGRES = Dialect(
    "psycopg",
    r"= ANY (\1)",
    r"coalesce(json_agg(json_build_array(\1)), '[]'::json)::text",
    "FOR UPDATE",
    ("postgres",),
)

_SQL = files("doorstep.store").joinpath("sql")


def load_queries(dialect: Dialect) -> Any:
    """The queries in a database's dialect, for its driver as aiosql calls it."""
    folders = (_SQL, *(_SQL.joinpath(folder) for folder in dialect.own))
    text = "\n".join("\n".join(_texts(folder).values()) for folder in folders)
    fragments = _texts(_SQL.joinpath("fragments"))
    text = FRAGMENT.sub(lambda named: fragments[named[1]], text)
    text = ANY_OF.sub(dialect.any_of, text).replace("FOR_UPDATE", dialect.for_update)
    text = JSON_ROWS.sub(dialect.json_rows, text)
    return aiosql.from_str(text, dialect.driver, mandatory_parameters=False)


def _texts(folder: Traversable) -> dict[str, str]:
    """The `.sql` files of a folder by name, in the order of their names."""
    return {
        file.name.removesuffix(".sql"): file.read_text(encoding="utf-8")
        for file in sorted(folder.iterdir(), key=lambda file: file.name)
        if file.name.endswith(".sql")
    }
