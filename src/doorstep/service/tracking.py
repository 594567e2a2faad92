"""Orders as customers find them: by the token in the tracking page's address."""

import re

from doorstep.domain.decide import as_of_now
from doorstep.domain.order import Order
from doorstep.service.accounts import AccountView
from doorstep.service.services import Services
from doorstep.store.orders import find_tracked_order, load_orders

TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")


async def find_tracked(services: Services, token: str) -> tuple[AccountView, Order] | None:
    """The order of a tracking page as it is at this moment, with its account."""
    if not TOKEN.fullmatch(token):
        return None
    reader = services.store.reader
    found = await find_tracked_order(reader, token)
    if found is None:
        return None
    account_id, order_number = found
    view = await services.accounts.view(account_id)
    orders = await load_orders(reader, account_id, [order_number])
    if not orders:
        return None
    return view, as_of_now(orders[0], services.clock(), view.untrackable_days)
