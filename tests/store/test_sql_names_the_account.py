"""Every statement stays within an account: it names it for each table that it reads or writes.

So no account can be answered with another's rows, and tables can be distributed by account.
"""

import asyncio
import re
from collections.abc import Iterator

import pytest
import sqlglot
from sqlglot import exp

from doorstep.store.changes import STATEMENTS
from doorstep.store.listing_sources import Search
from doorstep.store.listings import ORDERS, SHIPMENTS
from doorstep.store.postgres.queries import QUERIES, for_many_rows
from doorstep.store.sqlite.database import QUERIES as SQLITE_QUERIES
from doorstep.store.sqlite.database import SqliteConnection
from tests.databases import execute, tables_of
from tests.store.test_listing_plans import MOMENT, searches

OF_NO_ACCOUNT = {"installation", "alembic_version"}

OF_ALL_ACCOUNTS = {
    "load_accounts": "the command line lists the accounts",
    "load_access_keys": "the command line lists the keys of all accounts",
    "insert_account": "looks for the next free number",
    "begin_mail_cursors": "mails are switched on for all accounts",
    "account_of_slug": "a slug belongs to one account of all",
    "active_webhook_endpoints": "the worker sends for all accounts",
    "earliest_deadlines": "one watch looks after all accounts",
    "all_webhook_cursors": "the worker goes over the logs of all accounts",
    "all_webhook_secrets": "the worker signs for all accounts",
}
"""Statements that name no account, with the reason."""


def names_the_account(table: exp.Table) -> bool:
    """Whether the statement around a table compares the table's account with a given one."""
    around = table.find_ancestor(exp.Select, exp.Update, exp.Delete)
    assert around is not None
    named = table.alias_or_name
    sources = [one for one in around.find_all(exp.Table) if _around(one) is around]
    conditions = [around.args.get("where"), *around.args.get("joins", ())]
    return any(
        isinstance(side, exp.Column)
        and side.name == "account_id"
        and (side.table == named or (not side.table and len(sources) == 1))
        for condition in conditions
        if condition is not None
        for equal in condition.find_all(exp.EQ, exp.In)
        if _around(equal) is around and not _is_alternative(equal)
        for side in (equal.this, equal.args.get("expression"))
    )


def _is_alternative(condition: exp.Expression) -> bool:
    """Whether its own statement may do without it; an OR of a statement around is none of its."""
    either = condition.find_ancestor(exp.Or)
    return either is not None and _around(either) is _around(condition)


def _around(part: exp.Expression) -> exp.Expression | None:
    return part.find_ancestor(exp.Select, exp.Update, exp.Delete)


def strays(sql: str, dialect: str) -> list[str]:
    """The tables of a statement that it does not bind to an account."""
    (statement,) = sqlglot.parse(sql, dialect=dialect)
    assert statement is not None
    made = {cte.alias for cte in statement.find_all(exp.CTE)}
    written = statement.this if isinstance(statement, exp.Insert) else None
    found = []
    if written is not None and "account_id" not in [c.name for c in written.expressions]:
        found.append(f"inserts without the account: {written.sql()}")
    for table in statement.find_all(exp.Table):
        if table.name in OF_NO_ACCOUNT | made or not table.name:
            continue
        if written is not None and table.find_ancestor(exp.Schema) is written:
            continue
        if not names_the_account(table):
            found.append(table.name)
    return found


def statements() -> Iterator[tuple[str, str, str]]:
    for queries, dialect in ((SQLITE_QUERIES, "sqlite"), (QUERIES, "postgres")):
        for name in queries.available_queries:
            if not name.endswith("_cursor"):
                yield name, getattr(queries, name).sql, dialect
    for name in (*STATEMENTS, "insert_events"):
        sql = getattr(QUERIES, name).sql
        yield f"{name}, many", for_many_rows(sql) or sql, "postgres"


def plain(sql: str) -> str:
    """Without psycopg's way of naming values."""
    return re.sub(r"%\((\w+)\)s", r":\1", sql)


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("SELECT state FROM orders WHERE order_number = :n", ["orders"]),
        ("SELECT state FROM orders WHERE account_id = :a OR order_number = :n", ["orders"]),
        ("SELECT state FROM orders WHERE account_id = :a AND order_number = :n", []),
        (
            "SELECT 1 FROM orders JOIN shipments ON shipments.order_number = orders.order_number "
            "WHERE orders.account_id = :a",
            ["shipments"],
        ),
        (
            "SELECT 1 FROM orders WHERE orders.account_id = :a AND EXISTS "
            "(SELECT 1 FROM events WHERE events.order_number = orders.order_number)",
            ["events"],
        ),
        ("DELETE FROM orders WHERE order_number = :n", ["orders"]),
        ("UPDATE orders SET state = :s WHERE order_number = :n", ["orders"]),
        (
            "UPDATE orders SET state = given.state FROM json_populate_recordset(NULL::orders, :r) "
            "AS given WHERE orders.order_number = given.order_number",
            ["orders"],
        ),
        ("INSERT INTO orders (state) VALUES (:s)", ["inserts without the account: orders(state)"]),
    ],
)
def test_a_statement_that_strays_is_found(sql: str, found: list[str]) -> None:
    assert [stray.replace(" (", "(") for stray in strays(sql, "postgres")] == found


@pytest.mark.parametrize(
    ("name", "sql", "dialect"), list(statements()), ids=lambda part: part[:30].split("\n")[0]
)
def test_every_named_statement_names_the_account(name: str, sql: str, dialect: str) -> None:
    found = strays(plain(sql), dialect)
    if "installation" in sql:
        found = [stray for stray in found if "installation" not in stray]
    if name in OF_ALL_ACCOUNTS:
        assert found, f"{name} names its account: take it off the list"
    else:
        assert found == []


def test_every_listing_names_the_account(empty_database: object) -> None:
    opened = SqliteConnection(empty_database, readonly=True)  # type: ignore[arg-type]
    seen: set[str] = set()
    for listing in (ORDERS, SHIPMENTS):
        for filters, page in searches(listing):
            search = Search(listing, 1, filters, page, MOMENT)
            for source in asyncio.run(search.sources(opened)):
                seen |= {search.rows(source), search.count(source)}
    opened.close()
    for sql in sorted(seen)[::7]:
        assert [stray for stray in strays(sql, "postgres") if stray != "listed"] == [], sql


def test_every_key_and_index_begins_with_the_account(database: str) -> None:
    tables = [name for name in tables_of(database) if name not in OF_NO_ACCOUNT]
    assert len(tables) > 15
    for table in tables:
        for index, columns in indexes_of(database, table).items():
            assert columns[0] == "account_id" or table == "accounts", f"{table}: {index}"


def indexes_of(database: str, table: str) -> dict[str, list[str]]:
    """The columns of each index (of a primary key too) by its name."""
    if database.startswith("sqlite"):
        names = execute(database, f"SELECT name FROM pragma_index_list('{table}')")
        sql = "SELECT name FROM pragma_index_info('{}') ORDER BY seqno"
        return {n: [row[0] for row in execute(database, sql.format(n))] for (n,) in names}
    found: dict[str, list[str]] = {}
    for name, definition in execute(
        database, "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ?", table
    ):
        found[name] = re.findall(r"[\w.]+", definition.split(" btree ")[1])
    return found
