"""The named queries as PostgreSQL takes them: for one row, and for many rows in one statement."""

import re
from functools import cache, lru_cache

from doorstep.store.queries import POSTGRES, load_queries

QUERIES = load_queries(POSTGRES)

_INSERT = re.compile(
    r"INSERT INTO (?P<table>\w+) \((?P<columns>[^)]+)\)\s+VALUES \((?P<values>.+?)\)"
    r"(?P<rest>\s+ON CONFLICT .*|;?\s*)$",
    re.DOTALL,
)
_UPDATE = re.compile(
    r"UPDATE (?P<table>\w+) SET (?P<set>.+)\sWHERE (?P<where>.+?);?\s*$", re.DOTALL
)
_DELETE = re.compile(r"DELETE FROM (?P<table>\w+)\s+WHERE (?P<where>.+?);?\s*$", re.DOTALL)
_VALUE = re.compile(r"%\((\w+)\)s")
_EQUAL = re.compile(r"\b(\w+) = %\(\1\)s")
_NAMED = re.compile(r"(?<!:):(\w+)")


@cache
def for_many_rows(sql: str) -> str | None:
    """A query as one statement for all `rows`, a JSON array; None where it has no such form.

    A row per round trip of the executor costs several times as much. Rows are read as rows of the
    query's own table, so that each value gets its column's type.
    """
    for form in (_insert_many, _update_many, _delete_many):
        found = form(sql)
        if found is not None:
            return found
    return None


@cache
def table_of(query: str) -> str:
    """The table that a query inserts into, "" for one that does not."""
    found = _INSERT.match(getattr(QUERIES, query).sql)
    return found["table"] if found else ""


def _rows_of(table: str) -> str:
    return f"json_populate_recordset(NULL::{table}, %(rows)s::json) AS given"


def _insert_many(sql: str) -> str | None:
    found = _INSERT.match(sql)
    if found is None:
        return None
    values = _VALUE.sub(r"given.\1", found["values"])
    return (
        f"INSERT INTO {found['table']} ({found['columns']}) "
        f"SELECT {values} FROM {_rows_of(found['table'])}{found['rest']}"
    )


def _update_many(sql: str) -> str | None:
    found = _UPDATE.match(sql)
    if found is None:
        return None
    table, where = found["table"], _EQUAL.sub(rf"{found['table']}.\1 = given.\1", found["where"])
    values = _VALUE.sub(r"given.\1", found["set"])
    return f"UPDATE {table} SET {values} FROM {_rows_of(table)} WHERE {where}"


def _delete_many(sql: str) -> str | None:
    found = _DELETE.match(sql)
    if found is None or _VALUE.search(_EQUAL.sub("", found["where"])):
        return None
    table, where = found["table"], _EQUAL.sub(rf"{found['table']}.\1 = given.\1", found["where"])
    return f"DELETE FROM {table} USING {_rows_of(table)} WHERE {where}"


@lru_cache(maxsize=1_000)
def named(sql: str) -> str:
    """A statement put together in code, its `:values` as psycopg takes them."""
    return _NAMED.sub(r"%(\1)s", sql.replace("%", "%%"))
