"""Orders as customers find them: by the token in the tracking page's address."""

import re

from doorstep.domain.contact import delivery_zip_codes, plain_zip_code
from doorstep.domain.decide import as_of_now
from doorstep.domain.order import Order
from doorstep.service.accounts import AccountView
from doorstep.service.services import Services
from doorstep.store.accounts import account_of_slug
from doorstep.store.orders import load_tracked_order, read_order_called

TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")


async def find_tracked(services: Services, token: str) -> tuple[AccountView, Order] | None:
    """The order of a tracking page as it is at this moment, with its account."""
    if not TOKEN.fullmatch(token):
        return None
    found = await load_tracked_order(services.store.reader, token)
    if found is None:
        return None
    account_id, order = found
    view = await services.accounts.view(account_id)
    return view, as_of_now(order, services.clock(), view.untrackable_days)


async def account_called(services: Services, slug: str) -> AccountView | None:
    # PostgreSQL takes no NUL.
    account_id = None if "\0" in slug else await account_of_slug(services.store.reader, slug)
    return None if account_id is None else await services.accounts.view(account_id)


async def tracking_token(
    services: Services, view: AccountView, order_id: str, zip_code: str | None
) -> str | None:
    """The token of an order's page by the shop's own reference; None where there is no such order.

    With a zip code, None as well where the order does not go there.
    """
    if "\0" in order_id:
        return None
    order = await read_order_called(services.store.reader, view.account_id, order_id)
    if order is None:
        return None
    if zip_code is not None and plain_zip_code(zip_code) not in delivery_zip_codes(order):
        return None
    return order.tracking_token
