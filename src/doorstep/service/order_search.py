"""Finding orders by one text, as somebody types it who looks for an order."""

from msgspec.structs import replace

from doorstep.domain.contact import plain_name, plain_text
from doorstep.domain.order import Instant, internal_number
from doorstep.service.accounts import AccountView
from doorstep.service.listings import ORDERS, Filter, Found, Page, Show, Shown, list_found
from doorstep.service.services import Services
from doorstep.store.database import Connection
from doorstep.store.listings import find_page

MOST_WORDS = 4
"""Of a name whose order is not known: each may be the first of the last name."""


async def search_orders(
    services: Services,
    view: AccountView,
    text: str,
    filters: list[Filter],
    page: Page,
    show: Show[Shown],
) -> Shown:
    """A page of the orders that a text means, among those that the filters let through.

    First those that bear exactly this text: as order id, as a parcel's tracking code, as doorstep's
    number. Only where there are none of these, the text is the beginning of the customer's e-mail
    address (if it has an @), else of the name: "Schmidt", "schmidt an", "Anna Schmidt". A text of
    nothing means all. Raises TooBroad, NotUpToDate.
    """
    # PostgreSQL takes no NUL.
    text = text.replace("\0", " ").strip()

    async def find(connection: Connection, now: Instant) -> list[Found]:
        async def among(meanings: list[Filter], page: Page) -> list[Found]:
            asked = [[meaning, *filters] for meaning in meanings] or [filters]
            return await _find_any(connection, view.account_id, asked, page, now)

        if not text:
            return await among([], page)
        exact = _exact(text)
        if found := await among(exact, page):
            return found
        # Past the last of the exact ones nobody is looked for by name.
        is_later = page.after is not None or page.offset > 0
        if is_later and await among(exact, replace(page, after=None, offset=0, limit=1)):
            return []
        return await among(of_contact(text), page)

    return await list_found(services, view, filters, find, show)


def _exact(text: str) -> list[Filter]:
    found = [Filter("order_id", "=", text), Filter("tracking_code", "=", text)]
    number = internal_number(text)
    return found if number is None else [*found, Filter("order_number", "=", number)]


def of_contact(text: str) -> list[Filter]:
    """What a text may mean that no order bears: any of these."""
    if "@" in text:
        return [Filter("contact_email", "=", plain_text(text))]
    # Of commas alone nothing is left, and nothing is what they mean.
    name = plain_name(text) or plain_text(text)
    words = name.split()
    if not 1 <= len(words) <= MOST_WORDS:
        return [Filter("contact_name", "=", name)]
    # "Anna van der Berg" is kept as "van der berg anna".
    orders = [" ".join(words[first:] + words[:first]) for first in range(len(words))]
    return [Filter("contact_name", "=", name) for name in dict.fromkeys(orders)]


async def _find_any(
    connection: Connection, account_id: int, asked: list[list[Filter]], page: Page, now: Instant
) -> list[Found]:
    """A page of what matches any of some lists of filters."""
    upto = replace(page, offset=0, limit=page.offset + page.limit)
    found = {
        row.number: row
        for filters in asked
        for row in await find_page(connection, ORDERS, account_id, filters, upto, now)
    }
    rows = sorted(
        found.values(), key=lambda row: (row.sort_value, row.number), reverse=page.descending
    )
    return rows[page.offset : page.offset + page.limit]
