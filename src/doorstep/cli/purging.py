"""`doorstep purge`."""

import asyncio
import re
import sys
from calendar import monthrange
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, TypeAlias, TypeVar

from cyclopts import Parameter
from rich.prompt import Confirm

from doorstep import app, opening
from doorstep.cli.accounts import find_account
from doorstep.cli.commands import Database, Json, Mistake, errors, print_json
from doorstep.cli.progress import progress_bar
from doorstep.cli.running import place_of_database, settings_of
from doorstep.config import Settings
from doorstep.domain.order import SECOND, Instant
from doorstep.service.accounts import Account
from doorstep.service.retention import Purged, count_untouched, purge
from doorstep.service.services import Services
from doorstep.store import accounts as stored
from doorstep.times import format_time

PERIOD = re.compile(r"([1-9][0-9]{0,4})([dmy])")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
EXIT_FAULTS = 1

Value = TypeVar("Value")
Counted: TypeAlias = list[tuple[Account, int]]
"""How many orders of each account are to go."""


def period_before(moment: datetime, period: str) -> datetime:
    """That many days, or by the calendar months or years, before. Raises Mistake."""
    match = PERIOD.fullmatch(period)
    if match is None:
        raise Mistake(f"--older-than must be a period such as 90d, 18m or 2y, not {period}.")
    count = int(match[1])
    try:
        if match[2] == "d":
            return moment - timedelta(days=count)
        months = moment.year * 12 + moment.month - 1 - count * (12 if match[2] == "y" else 1)
        year, month = months // 12, months % 12 + 1
        # A month before 31 March is the last of February.
        return moment.replace(
            year=year, month=month, day=min(moment.day, monthrange(year, month)[1])
        )
    except (ValueError, OverflowError):
        raise Mistake(f"--older-than {period} is longer than the calendar.") from None


def purge_orders(
    account: Annotated[str | None, Parameter(help="Its id, slug or name; all by default.")] = None,
    /,
    *,
    older_than: Annotated[str, Parameter(help="Such as 90d, 18m or 2y.")],
    dry_run: Annotated[bool, Parameter(negative="", help="Only count.")] = False,
    yes: Annotated[bool, Parameter(negative="", help="Do not ask.")] = False,
    database: Database = None,
    as_json: Json = False,
) -> int:
    """Delete the orders to which nothing has happened for so long, with all personal data.

    Also while the database is served. Interrupted, it goes on when it is called again.
    """
    before = _instant(period_before(datetime.now(UTC), older_than))
    settings = settings_of(database=database)
    place_of_database(settings).prepare()
    counted = _with_services(settings, lambda services: _count(services, account, before))
    total = sum(orders for _, orders in counted)
    purged = Purged(0, 0)
    if not dry_run and total:
        _ask(total, before, yes)
        with progress_bar("Deleting", as_json) as progress:
            purged = _with_services(
                settings, lambda services: _purge(services, counted, before, progress)
            )
    if as_json:
        print_json({"before": format_time(before), "orders": total, **purged._asdict()})
    elif dry_run:
        for one, orders in counted:
            print(f"{one.name}: {orders} orders")
        print(f"{total} orders would be deleted, untouched since {format_time(before)}.")
    else:
        print(f"{purged.deleted} orders were deleted, untouched since {format_time(before)}.")
    return EXIT_FAULTS if purged.failed else 0


def _instant(moment: datetime) -> Instant:
    return int((moment - EPOCH).total_seconds()) * SECOND


def _ask(total: int, before: Instant, yes: bool) -> None:
    """Raises Mistake unless it is wanted."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise Mistake("Nobody can be asked here: say --yes to delete, or --dry-run to count.")
    question = f"Delete {total} orders, untouched since {format_time(before)}, for ever?"
    if not Confirm.ask(question, console=errors, default=False):
        raise Mistake("Nothing was deleted.")


def _with_services(settings: Settings, use: Callable[[Services], Awaitable[Value]]) -> Value:
    async def run() -> Value:
        async with (
            opening.open_store(settings) as store,
            app.open_services(store, settings) as services,
        ):
            return await use(services)

    return asyncio.run(run())


async def _count(services: Services, named: str | None, before: Instant) -> Counted:
    if named is not None:
        accounts = [await find_account(services.store, named)]
    else:
        accounts = await stored.load_accounts(services.store.reader)
    return [(one, await count_untouched(services, one.account_id, before)) for one in accounts]


async def _purge(
    services: Services, counted: Counted, before: Instant, told: Callable[[int, int], None]
) -> Purged:
    total, done, purged = sum(orders for _, orders in counted), 0, Purged(0, 0)

    def count(deleted: int) -> None:
        nonlocal done
        done += deleted
        told(done, total)

    for account, orders in counted:
        if orders:
            view = await services.accounts.view(account.account_id)
            purged += await purge(services, view, before, count)
    return purged
