"""A shop with something on every page of the dashboard, and the way through all of them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import quote, urlencode

from playwright.sync_api import Page, expect

from doorstep.clock import now
from doorstep.domain.order import DAY
from doorstep.times import format_time
from doorstep.web.dashboard.dashboard import PAGES
from doorstep.web.dashboard.settings.section import ACCESS_KEYS
from doorstep.web.dashboard.sign_in import SIGN_IN
from tests.web.shop import Shop

RECEIVER = "https://93.184.216.34/"
"""Nothing is sent there: the shop's server has no worker."""

PATHS = [page.path for page in PAGES if not page.path.endswith(".csv")]
ORDER = next(path for path in PATHS if path.endswith("/{order_number}"))
NO_ORDER = "/dashboard/orders/999999999999999"
NEW_KEY = "the new key"


def address(shop: Shop, path: str) -> str:
    """Of a page, by way of the form that signs in."""
    return f"{shop.url}{SIGN_IN}?{urlencode({'next': path})}"


def sign_in(page: Page, shop: Shop) -> None:
    page.locator("[name=access_key]").fill(shop.key)
    page.locator("main button").click()


def furnish(shop: Shop, order_id: str, text: str, warehouse: str) -> dict[str, str]:
    """Something on each page, all of it of `text`; gives what stands in the paths."""
    shop.change("/v2/account", {"name": text})
    shop.change("/v2/carriers/own", {"name": text, "countries": ["AT"]})
    shop.change(f"/v2/warehouses/{quote(warehouse, safe='')}", {"address": text})
    url = shop.order(
        order_id,
        order_url="javascript:alert(1)",
        order_tags={text: text},
        recipient=dict.fromkeys(("first_name", "last_name", "street", "city", "email"), text),
        order_items=[{"name": text, "description": text, "image_url": "javascript:alert(1)"}],
    )
    for code, days_ago in (("SILENT", 9), ("THERE", 0.9)):
        shop.parcel(order_id, code, text)
        at = format_time(now() - int(days_ago * DAY))
        shop.update(code, "pickup", location=text, description=text, datetime=at)
    shop.update("THERE", "delivered", location=text, description=text)
    endpoint = shop.post("/v2/webhook_endpoints", {"url": RECEIVER, "description": text})
    found = shop.http.get("/v2/orders").json()
    return {
        "tracking_page": url,
        "order_number": str(found[0]["id"]),
        "endpoint_number": str(endpoint["id"]),
    }


def write_tracking_url(shop: Shop, url: str) -> None:
    """As the API would never take it."""
    with closing(sqlite3.connect(shop.server.path)) as database, database:
        account_id = int(shop.key.split("_")[1])
        changed = "UPDATE carriers SET tracking_url = ? WHERE account_id = ?"
        database.execute(changed, (url, account_id))
    shop.change("/v2/account", {"language": "en"})  # so that the server reads the account anew
    parcels = shop.http.get("/v2/orders").json()[0]["shipments"]
    assert all(each["carrier_tracking_url"].startswith("javascript:") for each in parcels)


def walk(page: Page, shop: Shop, numbers: dict[str, str]) -> Iterator[str]:
    """Every page of the dashboard, one after the other."""
    yield SIGN_IN
    sign_in(page, shop)
    for path in (*PATHS, NO_ORDER):
        page.goto(shop.url + path.format(**numbers))
        yield path
    page.goto(shop.url + ORDER.format(**numbers))
    of_boarding = page.locator("details:has([value=boarding_complete])")
    of_boarding.locator("summary").click()
    of_boarding.locator("button").click()
    expect(page.locator("[name=confirmed]")).to_have_count(1)
    yield "the question"
    page.goto(shop.url + ACCESS_KEYS)
    page.locator("[name=scope][value=read]").check()
    page.locator("form:has([name=scope]) button").click()
    page.locator("form:has([name=confirmed]) button").click()
    expect(page.locator(".secret")).to_be_visible()
    yield NEW_KEY
