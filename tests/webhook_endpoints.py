"""Webhook endpoints of tests, as their rows."""

import json

from tests.databases import execute


def insert_endpoint(
    database: str,
    number: int,
    url: str,
    secret: str,
    types: tuple[str, ...] | None = None,
    account_id: int = 1,
) -> None:
    """An endpoint that wants the events from now on."""
    key, chosen = (account_id, number), types and json.dumps(types)
    endpoint = "account_id, endpoint_number, url, types, signature, created_at, updated_at"
    execute(
        database,
        f"INSERT INTO webhook_endpoints ({endpoint}) VALUES (?, ?, ?, ?, 'v1', 1, 1)",
        *key,
        url,
        chosen,
    )
    insert_secret = "INSERT INTO webhook_secrets VALUES (?, ?, 1, ?, 1, NULL)"
    execute(database, insert_secret, *key, secret)
    newest = "SELECT last_sequence FROM accounts WHERE account_id = ?"
    ((position,),) = execute(database, newest, account_id)
    insert_cursor(database, number, 0, position, account_id=account_id)


def insert_cursor(
    database: str,
    endpoint: int,
    number: int,
    after: int,
    until: int | None = None,
    account_id: int = 1,
) -> None:
    insert = "INSERT INTO webhook_cursors VALUES (?, ?, ?, ?, ?, 1)"
    execute(database, insert, account_id, endpoint, number, after, until)
