"""The list of an account's orders: searched, filtered, page by page, and as a file."""

from functools import partial

from starlette.responses import Response, StreamingResponse

from doorstep.domain.order import Order, internal_number
from doorstep.domain.states import ORDER_STATES
from doorstep.service.cursors import write_cursor
from doorstep.service.listing_moment import NotUpToDate
from doorstep.service.listings import Listed, TooBroad
from doorstep.service.listings import Page as ListingPage
from doorstep.service.order_search import search_orders
from doorstep.service.whole_listings import every_order
from doorstep.times import local_time
from doorstep.web.dashboard.orders.csv import csv_parts, rows
from doorstep.web.dashboard.orders.filters import (
    CSV_PATH,
    DESCENDING,
    ORDERS_PATH,
    SORT,
    Asked,
    read_asked,
)
from doorstep.web.dashboard.orders.rows import row_of
from doorstep.web.dashboard.page import Page
from doorstep.web.dashboard.rendering import DASHBOARD_HEADERS
from doorstep.web.dashboard.visit import Visit
from doorstep.web.dashboard.wording import STATES, _

ORDERS_A_PAGE = 50
MEDIA_TYPE = "text/csv; charset=utf-8"

TOO_BROAD = _(
    "Each of these filters by itself matches very many orders, and all of them together too few "
    "to be found quickly. Choose fewer days, or add another filter."
)
NOT_UP_TO_DATE = _(
    "Many parcels have just come to count as delivered, which is being recorded. "
    "Please try again in a few seconds."
)


async def page(visit: Visit) -> Response:
    asked = read_asked(visit)
    if asked.faults:
        return _html(visit, asked, 422)
    wanted = ListingPage(SORT, DESCENDING, ORDERS_A_PAGE + 1, after=asked.after)
    show = partial(_found, visit, asked)
    try:
        return await search_orders(
            visit.services, visit.view, asked.search, asked.filters, wanted, show
        )
    except (TooBroad, NotUpToDate) as trouble:
        return _trouble(visit, asked, trouble)


async def download(visit: Visit) -> Response:
    asked = read_asked(visit)
    if asked.faults:
        return _html(visit, asked, 422)
    if visit.request.scope["http_version"] == "1.0":
        # Such a client takes a file that breaks off for a whole one.
        return visit.message(505)
    today = local_time(visit.services.clock(), visit.view.time_zone).date()
    headers = {
        **DASHBOARD_HEADERS,
        "Content-Disposition": f'attachment; filename="orders-{today.isoformat()}.csv"',
    }
    if visit.request.method == "HEAD":
        return Response(None, 200, headers, MEDIA_TYPE)
    parts = every_order(
        visit.services, visit.view, asked.search, asked.filters, partial(rows, visit)
    )
    try:
        # Read before the answer begins, while an error can still be told.
        first = await anext(parts)
    except NotUpToDate as trouble:
        return _trouble(visit, asked, trouble)
    return StreamingResponse(csv_parts(first, parts), 200, headers, MEDIA_TYPE)


def _found(visit: Visit, asked: Asked, listed: Listed) -> Response:
    shown = listed.found[:ORDERS_A_PAGE]
    found = [listed.orders[row.order_number] for row in shown if row.order_number in listed.orders]
    if asked.is_search_alone and len(found) == 1 and _is_called(found[0], asked.search):
        location = f"{ORDERS_PATH}/{found[0].order_number}"
        return Response(status_code=303, headers={**DASHBOARD_HEADERS, "Location": location})
    more = len(listed.found) > ORDERS_A_PAGE
    return _html(
        visit,
        asked,
        found=[row_of(visit.view, order) for order in found],
        following=asked.url(cursor=write_cursor(SORT, DESCENDING, shown[-1])) if more else None,
    )


def _is_called(order: Order, text: str) -> bool:
    """Whether the text is a name of the order itself, or of one of its parcels."""
    codes = (parcel.tracking_code for parcel in order.shipments)
    return text in (order.order_id, *codes) or internal_number(text) == order.order_number


def _trouble(visit: Visit, asked: Asked, trouble: Exception) -> Response:
    if isinstance(trouble, TooBroad):
        return _html(visit, asked, 422, trouble=TOO_BROAD, has_file=True)
    response = _html(visit, asked, 503, trouble=NOT_UP_TO_DATE)
    response.headers["Retry-After"] = "5"
    return response


def _html(visit: Visit, asked: Asked, status: int = 200, **shown: object) -> Response:
    """The form, and below it what was found or why nothing was."""
    carriers = sorted({carrier.name for carrier in visit.view.carriers.values()})
    return visit.html(
        "orders.html",
        status,
        **{"found": None, "following": None, "trouble": None, "has_file": False, **shown},
        asked=asked,
        states={state: STATES[state] for state in ORDER_STATES},
        carriers=carriers,
        first_url=asked.url(),
        csv_url=asked.url(CSV_PATH),
    )


PAGES = (Page(ORDERS_PATH, page), Page(CSV_PATH, download))
