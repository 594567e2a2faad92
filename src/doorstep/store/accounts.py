"""Accounts with their access keys, warehouses and own carriers."""

from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from doorstep.domain.carriers import Carrier
from doorstep.domain.order import Instant
from doorstep.store.database import Connection, Writer
from doorstep.store.rows import to_json


class Account(Struct, frozen=True):
    """`time_zone` by its IANA name; `untrackable_days` None: such parcels never deliver alone.

    `mail_events` None: the usual ones; `retention_days` None: orders are kept until deleted.
    `colour` is written #rrggbb; `order_link` is one of ask, open and off.
    """

    account_id: int
    name: str
    slug: str
    time_zone: str
    language: str
    untrackable_days: int | None
    created_at: Instant
    mail_events: tuple[str, ...] | None = None
    retention_days: int | None = None
    logo_url: str | None = None
    colour: str | None = None
    order_link: str = "ask"


class AccessKey(Struct, frozen=True):
    """A key without its secret, of which only the SHA-256 is kept."""

    account_id: int
    key_id: str
    secret_hash: str
    scope: str
    created_at: Instant
    revoked_at: Instant | None
    last_used_at: Instant | None = None


async def load_accounts(connection: Connection) -> list[Account]:
    return [_account_of(row) for row in await connection.rows("load_accounts")]


async def load_account(connection: Connection, account_id: int) -> Account | None:
    row = await connection.one("load_account", account_id=account_id)
    return _account_of(row) if row else None


def _account_of(row: tuple[Any, ...]) -> Account:
    account = Account(*row)
    listed: Any = account.mail_events
    if listed is None:
        return account
    return replace(account, mail_events=msgspec.json.decode(listed, type=tuple[str, ...]))


async def insert_account(connection: Writer, account: Account) -> int:
    """Adds the account under the next number, which is returned; `account_id` is not read."""
    row = await connection.one(
        "insert_account",
        name=account.name,
        slug=account.slug,
        time_zone=account.time_zone,
        language=account.language,
        untrackable_days=account.untrackable_days,
        created_at=account.created_at,
    )
    account_id: int = row[0]
    return account_id


async def update_account(connection: Writer, account: Account) -> None:
    await connection.run(
        "update_account",
        account_id=account.account_id,
        name=account.name,
        slug=account.slug,
        time_zone=account.time_zone,
        language=account.language,
        untrackable_days=account.untrackable_days,
        mail_events=None if account.mail_events is None else to_json(account.mail_events),
        retention_days=account.retention_days,
        logo_url=account.logo_url,
        colour=account.colour,
        order_link=account.order_link,
    )


async def account_of_slug(connection: Connection, slug: str) -> int | None:
    account_id: int | None = await connection.one("account_of_slug", slug=slug)
    return account_id


async def load_access_keys(connection: Connection) -> list[AccessKey]:
    return [AccessKey(*row) for row in await connection.rows("load_access_keys")]


async def load_access_keys_of(connection: Connection, account_id: int) -> list[AccessKey]:
    rows = await connection.rows("load_access_keys_of", account_id=account_id)
    return [AccessKey(*row) for row in rows]


async def load_access_key(connection: Connection, account_id: int, key_id: str) -> AccessKey | None:
    row = await connection.one("load_access_key", account_id=account_id, key_id=key_id)
    return AccessKey(*row) if row else None


async def insert_access_key(connection: Writer, key: AccessKey) -> None:
    await connection.run(
        "insert_access_key",
        account_id=key.account_id,
        key_id=key.key_id,
        secret_hash=key.secret_hash,
        scope=key.scope,
        created_at=key.created_at,
    )


async def revoke_access_key(connection: Writer, account_id: int, key_id: str, now: Instant) -> None:
    await connection.run("revoke_access_key", account_id=account_id, key_id=key_id, revoked_at=now)


async def note_key_use(connection: Writer, account_id: int, key_id: str, now: Instant) -> None:
    """A later use that another process has noted stays."""
    await connection.run("note_key_use", account_id=account_id, key_id=key_id, last_used_at=now)


async def load_warehouses(connection: Connection, account_id: int) -> dict[str, str]:
    """The addresses by the warehouses' names, in order of name."""
    rows = await connection.rows("load_warehouses", account_id=account_id)
    return dict(rows)


async def put_warehouse(connection: Writer, account_id: int, name: str, address: str) -> None:
    await connection.run("put_warehouse", account_id=account_id, name=name, address=address)


async def delete_warehouse(connection: Writer, account_id: int, name: str) -> None:
    await connection.run("delete_warehouse", account_id=account_id, name=name)


async def load_carriers(connection: Connection, account_id: int) -> list[Carrier]:
    """The account's own carriers; the known ones are data in `domain`."""
    rows = await connection.rows("load_carriers", account_id=account_id)
    return [
        Carrier(code, name, msgspec.json.decode(countries, type=tuple[str, ...]), tracking_url)
        for code, name, countries, tracking_url in rows
    ]


async def put_carrier(connection: Writer, account_id: int, carrier: Carrier) -> None:
    await connection.run(
        "put_carrier",
        account_id=account_id,
        code=carrier.code,
        name=carrier.name,
        countries=msgspec.json.encode(carrier.countries).decode(),
        tracking_url=carrier.tracking_url,
    )


async def delete_carrier(connection: Writer, account_id: int, code: str) -> None:
    await connection.run("delete_carrier", account_id=account_id, code=code)


async def note_write(connection: Writer, now: Instant) -> None:
    """A write that changes nothing anybody reads: it shows that one is possible."""
    await connection.run("note_write", written_at=str(now))


async def installation_value(connection: Writer, name: str, value: str) -> str:
    """The installation's value of that name, which is `value` if there was none."""
    await connection.run("put_installation_value", name=name, value=value)
    kept: str = await connection.one("load_installation_value", name=name)
    return kept
