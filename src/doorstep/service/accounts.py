"""Accounts, their settings, warehouses and carriers."""

import re
import time
import unicodedata
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, available_timezones

from msgspec import Struct
from msgspec.structs import replace

from doorstep.domain.carriers import KNOWN_CARRIERS, Carrier, carriers_of
from doorstep.domain.limits import Limits
from doorstep.domain.order import Instant
from doorstep.domain.refusals import Refusal, conflict, missing
from doorstep.service.account_pages import page_faults
from doorstep.service.media.wanted import kept_path, want_picture
from doorstep.store import accounts as stored
from doorstep.store.accounts import Account as Account
from doorstep.store.database import Connection, Writer
from doorstep.store.store import Store

Value = TypeVar("Value")

SECONDS_KEPT = 1.0
"""How long another process's change of an account may go unnoticed; our own is seen at once."""

MOST_SLUG_LENGTH = 60
RESERVED_SLUGS = (
    "dashboard",
    "docs",
    "healthz",
    "media",
    "metrics",
    "order",
    "readyz",
    "static",
    "v2",
)
"""Where pages and the API begin: the link of such an account would lead there."""

SLUG = re.compile(rf"[a-z0-9](?:[a-z0-9-]{{0,{MOST_SLUG_LENGTH - 1}}})")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
MOST_UNTRACKABLE_DAYS = 365
MOST_RETENTION_DAYS = 36_500
MAIL_EVENTS = (
    "paid",
    "in_production",
    "in_preparation",
    "shipped",
    "out_for_delivery",
    "delivered",
    "delayed",
)
"""What customers can be told of by mail."""

USUAL_MAIL_EVENTS = ("shipped", "out_for_delivery", "delivered", "delayed")
"""What they are told of where the account chooses nothing else."""


class AccountView(Struct, frozen=True):
    """An account with all that its answers and pages are made with.

    `logo_path` is where its logo is, None as long as there is none to show.
    """

    account: Account
    time_zone: ZoneInfo
    warehouses: dict[str, str]
    carriers: dict[str, Carrier]
    logo_path: str | None = None

    @property
    def account_id(self) -> int:
        return self.account.account_id

    @property
    def untrackable_days(self) -> int | None:
        return self.account.untrackable_days


class Accounts:
    """Reads accounts, kept for a moment, and changes them.

    What a change depends on is read in its own transaction: a kept view may be out of date.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[int, tuple[float, AccountView]] = {}

    async def view(self, account_id: int) -> AccountView:
        kept = self._kept.get(account_id)
        if kept is not None and kept[0] > time.monotonic():
            return kept[1]
        return await self.current_view(account_id)

    async def current_view(self, account_id: int) -> AccountView:
        """As it is now, whichever process has just changed it."""
        view = await read_view(self._store.reader, account_id)
        self._kept[account_id] = (time.monotonic() + SECONDS_KEPT, view)
        return view

    async def _write(self, account_id: int, change: Callable[[Writer], Awaitable[Value]]) -> Value:
        value = await self._store.write(change)
        self.forget(account_id)
        return value

    def forget(self, account_id: int) -> None:
        """Reads the account anew the next time: something of it has just changed."""
        self._kept.pop(account_id, None)

    async def change(self, account_id: int, changes: Mapping[str, Any]) -> Account | Refusal:
        """Changes the given settings of an account and no others."""

        async def change(connection: Writer) -> Account | Refusal:
            account = replace(await read_account(connection, account_id), **changes)
            if await stored.account_of_slug(connection, account.slug) not in (None, account_id):
                return slug_taken(account.slug)
            await stored.update_account(connection, account)
            if changes.get("logo_url"):
                await want_picture(connection, account_id, changes["logo_url"])
            return account

        return await self._write(account_id, change)

    async def put_warehouse(self, account_id: int, name: str, address: str) -> bool:
        """Adds a warehouse or moves it; whether its name was new."""

        async def put(connection: Writer) -> bool:
            known = name in await stored.load_warehouses(connection, account_id)
            await stored.put_warehouse(connection, account_id, name, address)
            return not known

        return await self._write(account_id, put)

    async def delete_warehouse(self, account_id: int, name: str) -> Refusal | None:
        async def delete(connection: Writer) -> Refusal | None:
            if name not in await stored.load_warehouses(connection, account_id):
                return missing("warehouse", name)
            await stored.delete_warehouse(connection, account_id, name)
            return None

        return await self._write(account_id, delete)

    async def put_carrier(self, account_id: int, carrier: Carrier) -> bool:
        """Adds or replaces one of the account's own carriers; whether its code was new."""

        async def put(connection: Writer) -> bool:
            own = await stored.load_carriers(connection, account_id)
            await stored.put_carrier(connection, account_id, carrier)
            return carrier.code not in carriers_of(own)

        return await self._write(account_id, put)

    async def delete_carrier(self, account_id: int, code: str) -> Refusal | None:
        """Removes an own carrier; a known one that it replaced is back then."""

        async def delete(connection: Writer) -> Refusal | None:
            own = {carrier.code for carrier in await stored.load_carriers(connection, account_id)}
            if code in own:
                await stored.delete_carrier(connection, account_id, code)
                return None
            if code in KNOWN_CARRIERS:
                return conflict(
                    "carrier_built_in", f"Carrier {code} comes with doorstep and cannot be deleted."
                )
            return missing("carrier", code)

        return await self._write(account_id, delete)


async def accounts_with_period(store: Store) -> list[int]:
    """The accounts that keep orders only so long, by their number."""
    known = await stored.load_accounts(store.reader)
    return [account.account_id for account in known if account.retention_days is not None]


async def read_account(connection: Connection, account_id: int) -> Account:
    account = await stored.load_account(connection, account_id)
    if account is None:
        raise LookupError(f"no account {account_id}")
    return account


async def read_view(connection: Connection, account_id: int) -> AccountView:
    account = await read_account(connection, account_id)
    return AccountView(
        account,
        ZoneInfo(account.time_zone),
        await stored.load_warehouses(connection, account_id),
        carriers_of(await stored.load_carriers(connection, account_id)),
        await kept_path(connection, account_id, account.logo_url),
    )


def slug_taken(slug: str) -> Refusal:
    return conflict(
        "slug_taken",
        f"Another account has the slug {slug}.",
        ("slug", "belongs to another account."),
    )


def slug_of(name: str) -> str:
    """A readable slug for an account's name: `Möbel & Co.` → `mobel-co`."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:MOST_SLUG_LENGTH].strip("-")
    return slug or "shop"


async def create_account(store: Store, name: str, now: Instant) -> Account:
    """A new account in UTC and English; its slug is made from the name and counted up if taken."""
    return await store.write(lambda writer: _add_account(writer, name, now))


async def create_first_account(store: Store, name: str, now: Instant) -> Account | None:
    """None where there is an account already, also if another server has just made it."""

    async def create(writer: Writer) -> Account | None:
        if await stored.load_accounts(writer):
            return None
        return await _add_account(writer, name, now)

    return await store.write(create)


async def _add_account(writer: Writer, name: str, now: Instant) -> Account:
    first = slug_of(name)
    slug, count = first, 1
    while slug in RESERVED_SLUGS or await stored.account_of_slug(writer, slug) is not None:
        count += 1
        slug = f"{first}-{count}"
    account = Account(0, name, slug, "UTC", "en", None, now)
    return replace(account, account_id=await stored.insert_account(writer, account))


def account_faults(changes: Mapping[str, Any]) -> dict[str, str]:
    """What is wrong with an account's new settings, by setting; empty when nothing is."""
    faults = page_faults(changes)
    for name in ("name", "slug", "time_zone", "language"):
        if name in changes and not changes[name]:
            faults[name] = "cannot be empty."
    if "name" in changes and not str(changes["name"]).isprintable():
        faults["name"] = "must be one line of printable characters."
    slug, time_zone = changes.get("slug"), changes.get("time_zone")
    language, days = changes.get("language"), changes.get("untrackable_days")
    if slug and not SLUG.fullmatch(slug):
        faults["slug"] = "must be lower-case letters, digits and '-', 60 at most."
    if slug in RESERVED_SLUGS:
        faults["slug"] = f"cannot be {slug}, where other pages begin."
    if time_zone and time_zone not in available_timezones():
        faults["time_zone"] = f"{time_zone} is not the name of a time zone such as Europe/Vienna."
    if language and not LANGUAGE.fullmatch(language):
        faults["language"] = "must be a language such as de or de-AT."
    if days is not None and not (isinstance(days, int) and 0 <= days <= MOST_UNTRACKABLE_DAYS):
        faults["untrackable_days"] = f"must be a whole number from 0 to {MOST_UNTRACKABLE_DAYS}."
    kept = changes.get("retention_days")
    if kept is not None and not (isinstance(kept, int) and 1 <= kept <= MOST_RETENTION_DAYS):
        faults["retention_days"] = f"must be a whole number from 1 to {MOST_RETENTION_DAYS}."
    for word in changes.get("mail_events") or ():
        if word not in MAIL_EVENTS:
            faults["mail_events"] = f"{word} is none of {', '.join(MAIL_EVENTS)}."
    return faults


def warehouse_faults(name: str, limits: Limits) -> dict[str, str]:
    return {"name": "is too long."} if len(name) > limits.max_text_length else {}
