"""Accounts with their settings and warehouses."""

from typing import Annotated, Any

from cyclopts import Parameter

from doorstep.cli.commands import (
    Database,
    Json,
    Mistake,
    print_record,
    print_rows,
)
from doorstep.cli.running import in_store, settings_of
from doorstep.clock import now
from doorstep.config import Settings
from doorstep.domain.refusals import Refusal
from doorstep.service import access, accounts
from doorstep.service.accounts import (
    USUAL_MAIL_EVENTS,
    Account,
    Accounts,
    account_faults,
)
from doorstep.store import accounts as stored
from doorstep.store.places import place_of
from doorstep.store.store import Store
from doorstep.times import format_time


def _account_row(account: Account) -> dict[str, Any]:
    return {
        "account_id": account.account_id,
        "name": account.name,
        "slug": account.slug,
        "time_zone": account.time_zone,
        "language": account.language,
        "untrackable_days": account.untrackable_days,
        "mail_events": ",".join(
            USUAL_MAIL_EVENTS if account.mail_events is None else account.mail_events
        ),
        "retention_days": account.retention_days,
        "logo_url": account.logo_url,
        "colour": account.colour,
        "order_link": account.order_link,
        "created_at": format_time(account.created_at),
    }


async def find_account(store: Store, named: str) -> Account:
    """The account by its id, slug or name. Raises Mistake."""
    known = await stored.load_accounts(store.reader)
    for account in known:
        if named in (str(account.account_id), account.slug):
            return account
    named_so = [account for account in known if account.name == named]
    if len(named_so) == 1:
        return named_so[0]
    if named_so:
        raise Mistake(f"Several accounts are called {named}; name one by its id or slug.")
    raise Mistake(f"There is no account {named}; `doorstep account list` shows them.")


def create_account(name: str, *, database: Database = None, as_json: Json = False) -> None:
    """Create an account with an access key, which is shown this once."""
    if not name.strip():
        raise Mistake("An account needs a name.")
    for message in account_faults({"name": name}).values():
        raise Mistake(f"The name {message}")

    async def create(store: Store) -> dict[str, Any]:
        account = await accounts.create_account(store, name, now())
        key, access_key = await access.create_access_key(store, account.account_id, "full", now())
        return {
            "account_id": account.account_id,
            "name": account.name,
            "slug": account.slug,
            "key_id": key.key_id,
            "access_key": access_key,
        }

    settings = settings_of(database=database)
    place_of(settings.database).prepare()
    print_record(in_store(settings, create), as_json)


def list_accounts(*, database: Database = None, as_json: Json = False) -> None:
    """List the accounts."""
    found = in_store(settings_of(database=database), lambda s: stored.load_accounts(s.reader))
    print_rows([_account_row(account) for account in found], as_json)


def _read_days(setting: str, days: str) -> int | None:
    if days == "off":
        return None
    if not (days.isascii() and days.isdecimal()):
        raise Mistake(f"--{setting}-days must be a whole number or off, not {days}.")
    return int(days)


def _change_account(settings: Settings, named: str, changes: dict[str, Any]) -> Account:
    for key, message in account_faults(changes).items():
        raise Mistake(f"--{key.replace('_', '-')} {message}")

    async def change(store: Store) -> Account:
        found = await find_account(store, named)
        changed = await Accounts(store).change(found.account_id, changes)
        if isinstance(changed, Refusal):
            raise Mistake(changed.detail)
        return changed

    return in_store(settings, change)


def set_account(
    account: str,
    *,
    name: str | None = None,
    time_zone: Annotated[str | None, Parameter(help="Such as Europe/Vienna.")] = None,
    language: Annotated[str | None, Parameter(help="Such as de.")] = None,
    slug: Annotated[str | None, Parameter(help="The account's part of tracking links.")] = None,
    untrackable_days: Annotated[
        str | None,
        Parameter(help="Days until a parcel without tracking counts as delivered, or off."),
    ] = None,
    mail_events: Annotated[
        str | None,
        Parameter(help="What customers get mails of, separated by commas; usual, or none."),
    ] = None,
    retention_days: Annotated[
        str | None, Parameter(help="Days until untouched orders are deleted, or off.")
    ] = None,
    logo_url: Annotated[
        str | None, Parameter(help="A picture for the tracking pages; none takes it away.")
    ] = None,
    colour: Annotated[
        str | None, Parameter(help="Of the tracking pages, such as #0a7d5c, or none.")
    ] = None,
    order_link: Annotated[
        str | None,
        Parameter(help="Links by order id ask for the zip code, open the page, or are off."),
    ] = None,
    database: Database = None,
    as_json: Json = False,
) -> None:
    """Change an account's settings."""
    given = {"name": name, "time_zone": time_zone, "language": language, "slug": slug}
    given["order_link"] = order_link
    changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    for setting, days in (("untrackable", untrackable_days), ("retention", retention_days)):
        if days is not None:
            changes[f"{setting}_days"] = _read_days(setting, days)
    for key, text in (("logo_url", logo_url), ("colour", colour)):
        if text is not None:
            changes[key] = None if text == "none" else text
    if mail_events is not None:
        words = tuple(word.strip() for word in mail_events.split(","))
        changes["mail_events"] = {"usual": None, "none": ()}.get(mail_events, words)
    changed = _change_account(settings_of(database=database), account, changes)
    print_record(_account_row(changed), as_json)


def set_warehouse(
    account: str, name: str, address: str, *, database: Database = None, as_json: Json = False
) -> None:
    """Add a warehouse to an account, or move it."""
    settings = settings_of(database=database)
    most = settings.limits.max_text_length
    for what, text in (("a name", name), ("an address", address)):
        if not text.strip():
            raise Mistake(f"A warehouse needs {what}.")
        if len(text) > most:
            raise Mistake(f"A warehouse needs {what} of {most} characters at most.")

    async def put(store: Store) -> None:
        found = await find_account(store, account)
        await Accounts(store).put_warehouse(found.account_id, name, address)

    in_store(settings, put)
    print_record({"name": name, "address": address}, as_json)
