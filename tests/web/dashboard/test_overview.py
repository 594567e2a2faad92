"""What the first page of the dashboard says, and where it leads."""

import re
from html import unescape

import pytest

from doorstep.domain.order import DAY
from doorstep.times import format_time
from tests.conftest import Api
from tests.web.dashboard.visitor import Visitor

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

HOSTILE = "\"><img src=x onerror=alert(1)><script>alert(1)</script>'{{ 7 * 7 }}"


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split())


def wait(api: Api, days: int) -> None:
    """Longer than a token lasts."""
    api.clock.advance(days=days)
    api.forget_tokens()


def shop(api: Api) -> None:
    """One order in time, one late and silent; one of another account."""
    promise = format_time(api.clock.now + 3 * DAY)
    api.order("QUICK", promised_delivery_date=promise)
    api.shipment("QUICK", tracking_code="Q1", carrier={"name": "dhl"})
    api.order("LATE", promised_delivery_date=promise)
    api.shipment("LATE", tracking_code="L1", carrier={"name": "Cargo Bike"})
    wait(api, 1)
    for status in ("pickup", "delivered"):
        assert api.update(tracking_code="Q1", status=status).status_code == 201
        wait(api, 1)
    wait(api, 4)
    api.post("/v2/order", {"order_id": "FOREIGN"}, key=api.account())


def test_it_says_how_the_orders_are_doing(api: Api) -> None:
    shop(api)
    page = Visitor(api).page("/")
    said = words(page)
    for figure in (
        "1 Delayed now",
        "50% Promises kept",
        "1 of 2 that fell due in the last 30 days.",
        "1 Open orders",
        "1 Parcels without news",
        "DHL 1 24 hr 24 hr",
        "Shipped 1",
        "Completed 1",
        "LATE Jan 15, 2027 Cargo Bike L1",
        "As of Jan 22, 2027",
    ):
        assert figure in said
    for link in (
        "/dashboard/orders?state=open&delayed=true",
        "/dashboard/orders?state=shipped",
        "/dashboard/orders?carrier=dhl",
        "/dashboard/orders?from=2027-01-15&to=2027-01-15",
        f"/dashboard/orders/{api.get('/v2/orders/LATE').json()['id']}",
    ):
        assert f'href="{link}"' in unescape(page)
    assert "FOREIGN" not in page
    assert " style=" not in page
    assert len(page) < 20_000


@pytest.mark.parametrize(
    ("asked", "days"),
    [("7", 7), ("8", 8), ("1", 2), ("99", 30), ("-3", 5), ("x", 5), ("\u0663", 5), ("9" * 5000, 5)],
)
def test_silence_is_of_so_many_days_as_asked(api: Api, asked: str, days: int) -> None:
    shop(api)
    said = words(Visitor(api).page(f"/?days={asked}"))
    assert f"For {days} days or longer" in said
    assert ("LATE Jan 15" in said) == (days <= 7)


def test_without_orders_it_says_how_to_begin(api: Api) -> None:
    page = Visitor(api).page("/")
    assert "There are no orders yet" in page
    assert 'href="/docs"' in page
    assert "<svg" not in page


def test_what_comes_from_outside_is_text(api: Api) -> None:
    api.order(HOSTILE)
    api.shipment(HOSTILE, tracking_code=HOSTILE, carrier={"name": HOSTILE})
    api.order("B")
    api.shipment("B", tracking_code="B", carrier={"name": HOSTILE})
    wait(api, 6)
    assert api.update(tracking_code="B", status="delivered").status_code == 201
    page = Visitor(api).page("/")
    assert "<img" not in page
    assert "<script" not in page
    assert words(page).count("{{ 7 * 7 }}") == 4


def test_it_is_for_those_who_only_read(api: Api) -> None:
    assert "no orders yet" in Visitor(api, api.access_key(scope="read")).page("/")
