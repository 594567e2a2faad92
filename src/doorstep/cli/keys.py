"""Access keys."""

from typing import Annotated, Any

from cyclopts import Parameter

from doorstep.cli.accounts import find_account
from doorstep.cli.commands import Database, Json, Mistake, print_record, print_rows
from doorstep.cli.running import in_store, settings_of
from doorstep.clock import now
from doorstep.service import access
from doorstep.store import accounts as stored
from doorstep.store.store import Store
from doorstep.times import format_optional, format_time


def create_key(
    account: str,
    *,
    scope: Annotated[
        str, Parameter(help=f"What its tokens may do: {', '.join(access.SCOPES)}.")
    ] = "full",
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Create an access key, which is shown this once."""
    if scope not in access.SCOPES:
        raise Mistake(f"--scope must be one of {', '.join(access.SCOPES)}, not {scope}.")

    async def create(store: Store) -> dict[str, Any]:
        found = await find_account(store, account)
        key, access_key = await access.create_access_key(store, found.account_id, scope, now())
        return {
            "account_id": found.account_id,
            "key_id": key.key_id,
            "scope": key.scope,
            "access_key": access_key,
        }

    print_record(in_store(settings_of(database=database), create), as_json)


def list_keys(*, database: Database = None, as_json: Json = False) -> None:
    """List the access keys, without their secrets, with the last exchange for a token."""
    found = in_store(settings_of(database=database), lambda s: stored.load_access_keys(s.reader))
    rows = [
        {
            "account_id": key.account_id,
            "key_id": key.key_id,
            "scope": key.scope,
            "created_at": format_time(key.created_at),
            "revoked_at": format_optional(key.revoked_at),
            "last_used_at": format_optional(key.last_used_at),
        }
        for key in found
    ]
    print_rows(rows, as_json)


def revoke_key(key_id: str, *, database: Database = None, as_json: Json = False) -> None:
    """Revoke an access key; its tokens stop within five seconds."""

    async def revoke(store: Store) -> dict[str, Any]:
        keys = await stored.load_access_keys(store.reader)
        key = next((key for key in keys if key.key_id == key_id), None)
        if key is None:
            raise Mistake(f"There is no key {key_id}; `doorstep key list` shows them.")
        revoked_at = await access.revoke_key(store, key.account_id, key_id, now())
        return {"key_id": key_id, "revoked_at": format_optional(revoked_at)}

    print_record(in_store(settings_of(database=database), revoke), as_json)
