"""The dashboard's list of orders: what it shows, finds, refuses, and gives as a file."""

import csv
import io
import re
from html import escape, unescape
from urllib.parse import urlencode

import pytest

from doorstep.service import listing_moment, whole_listings
from doorstep.store import listings
from doorstep.web.dashboard.orders import page as orders
from doorstep.web.dashboard.orders.rows import MOST_PARCELS
from tests.conftest import Api
from tests.web.dashboard.visitor import Visitor

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

ORDERS = "/dashboard/orders"
CSV = "/dashboard/orders.csv"
LINE = re.compile(r'<a href="/dashboard/orders/(\d{15})">([^<]*)</a>')
NEXT = re.compile(r'rel="next" href="([^"]+)"')


def path(base: str = ORDERS, **query: str) -> str:
    return f"{base}?{urlencode({name.rstrip('_'): text for name, text in query.items()})}"


def names(page: str) -> list[str]:
    return [unescape(name) for _, name in LINE.findall(page)]


def table(visitor: Visitor, **query: str) -> list[dict[str, str]]:
    answer = visitor.get(path(CSV, **query))
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def furnish(api: Api) -> None:
    """A to D, the last the newest."""
    anna = {"first_name": "Anna", "last_name": "Schmidt", "email": "anna@example.com"}
    api.order("A", order_date="2026-11-28T22:59:59Z", recipient=anna)
    api.shipment("A", tracking_code="T-A", carrier={"name": "DHL", "country": "DE"})
    api.order("B", order_date="2026-11-28T23:00:00Z", promised_delivery_date="2027-01-01")
    api.shipment("B", tracking_code="T-B", carrier={"name": "My Van", "country": "DE"})
    api.order("C", order_date="2026-11-29T22:59:59Z")
    api.order("D", order_date="2026-12-24T12:00:00Z")
    for state in ("paid", "cancelled"):
        api.post("/v2/order_states", {"order_id": "D", "state": state})


FOUND: list[tuple[dict[str, str], str]] = [
    ({}, "DCBA"),
    ({"state": "new"}, "C"),
    ({"state": "cancelled"}, "D"),
    ({"state": "open"}, "CBA"),
    ({"state": "open", "delayed": "true"}, "B"),
    ({"delayed": "true"}, "B"),
    ({"delayed": "false", "carrier": "dhl"}, "A"),
    ({"carrier": " My Van "}, "B"),
    ({"carrier": "GLS"}, ""),
    # Whole days in Berlin, an hour ahead of UTC.
    ({"from": "2026-11-29", "to": "2026-11-29"}, "CB"),
    ({"to": "2026-11-28"}, "A"),
    ({"from": "2026-12-01"}, "D"),
    ({"search": "schmidt"}, "A"),
    ({"search": "Anna Schmidt"}, "A"),
    ({"search": "ANNA@"}, "A"),
    ({"search": "schmidt", "carrier": "My Van"}, ""),
    ({"search": "T-B", "state": ""}, "B"),
    ({"search": "nobody", "unknown": "1"}, ""),
]


def test_filters(api: Api) -> None:
    """As a page and as a file."""
    furnish(api)
    api.put("/v2/account", {"time_zone": "Europe/Berlin"})
    visitor = Visitor(api)
    for query, expected in FOUND:
        assert [row["order_id"] for row in table(visitor, **query)] == list(expected), query
        answer = visitor.get(path(**query))
        if answer.status_code == 303:
            answer = visitor.get(path(**query, delayed="true"))
        assert names(answer.text) == list(expected), query
        assert ("No order matches." in answer.text) == (not expected)
        for name in {"search", "carrier", "from", "to"} & {*query}:
            assert f'name="{name}" ' in answer.text
            assert f'value="{escape(query[name].strip())}"' in answer.text


@pytest.mark.parametrize(
    ("search", "query", "leads"),
    [
        ("A", {}, True),
        ("T-A", {}, True),
        ("number", {}, True),
        ("A", {"delayed": "false"}, False),
        # Two orders, and a name, which might be another one's tomorrow.
        ("T-BOTH", {}, False),
        ("schmidt", {}, False),
    ],
)
def test_a_search_for_one_order_leads_to_it(
    api: Api, search: str, query: dict[str, str], leads: bool
) -> None:
    number = f"{api.order('A', recipient={'last_name': 'Schmidt'})['id']}"
    api.order("B")
    api.shipment("A", tracking_code="T-A")
    for order_id in "AB":
        api.shipment(order_id, tracking_code="T-BOTH", carrier={"name": f"Van {order_id}"})
    search = number if search == "number" else search
    answer = Visitor(api).get(path(search=search, **query))
    if leads:
        assert (answer.status_code, answer.headers["Location"]) == (303, f"{ORDERS}/{number}")
    else:
        assert "A" in names(answer.text)


def test_pages_follow_each_other_and_keep_their_filters(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(orders, "ORDERS_A_PAGE", 2)
    for number in range(5):
        api.order(f"O-{number}", recipient={"last_name": "Ober & Co"})
    visitor, seen = Visitor(api), []
    at: str | None = path(search="ober & co")
    while at is not None:
        page = visitor.page(at)
        assert ("Back to the first page" in page) == bool(seen)
        # A page of an order that is made meanwhile stays what it was.
        api.order(f"LATER-{len(seen)}", recipient={"last_name": "Ober & Co"})
        seen += names(page)
        link = NEXT.search(page)
        at = unescape(link[1]) if link else None
    assert seen == ["O-4", "O-3", "O-2", "O-1", "O-0"]
    assert [row["order_id"] for row in table(visitor, search="ober & co")][3:] == seen


WRONG = [
    ("state=xyz", "no such state"),
    ("state=%3Cscript%3E", "no such state"),
    ("delayed=perhaps", "yes or no"),
    ("from=2026-02-30", "not a date"),
    ("from=yesterday", "not a date"),
    ("to=0001-01-01", "not a date"),
    ("to=%FF", "not a date"),
    ("from=2026-02-02&to=2026-02-01", "before the first one"),
    ("search=" + "x" * 2000, "too long to be found"),
    ("carrier=" + "x" * 2000, "too long to be found"),
    ("cursor=x", "no such page"),
    ("cursor=%00%E4", "no such page"),
    ("cursor=WyJpZCIsZmFsc2UsMSwxXQ", "no such page"),
    ("state=xyz&cursor=WyJpZCIsdHJ1ZSwxZTk5LDFd", "no such state"),
]


def test_what_cannot_be_asked_is_said_beside_its_field(api: Api) -> None:
    visitor = Visitor(api)
    for query, said in WRONG:
        for base in (ORDERS, CSV):
            answer = visitor.get(f"{base}?{query}")
            assert answer.status_code == 422, query
            assert said in answer.text, query
            assert "<script" not in answer.text


def test_the_last_page_may_be_empty_and_a_new_account_too(api: Api) -> None:
    visitor = Visitor(api)
    assert "There are no orders yet." in visitor.page(ORDERS)
    assert table(visitor) == []
    # A cursor before the first number.
    assert "previous page was the last" in visitor.page(path(cursor="WyJpZCIsdHJ1ZSwxLDFd"))


HOSTILE = """<script>alert(1)</script>"><img src=x onerror=alert(1)>"""


def test_what_comes_from_outside_is_text(api: Api) -> None:
    recipient = {"first_name": HOSTILE, "last_name": "javascript:alert(1)"}
    api.order(HOSTILE, recipient=recipient)
    api.shipment(HOSTILE, tracking_code=HOSTILE, carrier={"name": HOSTILE})
    visitor = Visitor(api)
    for query in ({}, {"carrier": HOSTILE}, {"search": "javascript:", "from": "2000-01-01"}):
        page = visitor.page(path(**query))
        assert len(names(page)) == 1
        assert "<script" not in page
        assert "<img" not in page
        assert not re.search(r'(?:href|src)="(?![/#])', page)
    assert "&lt;script&gt;" in page


def test_another_accounts_orders_are_not_there(api: Api) -> None:
    other = api.account("Other")
    number = api.post("/v2/order", {"order_id": "THEIRS"}, key=other).json()["id"]
    visitor = Visitor(api)
    for query in ({}, {"search": "THEIRS"}, {"search": f"{number}"}, {"state": "new"}):
        assert names(visitor.page(path(**query))) == []
        assert table(visitor, **query) == []


def test_an_order_in_a_line(api: Api) -> None:
    api.order("LATE", promised_delivery_date="2027-01-01T10:00:00Z")
    for number in range(MOST_PARCELS + 2):
        api.shipment("LATE", tracking_code=f"T-{number}", return_parcel=number == 0)
    page = Visitor(api, api.access_key(scope="read")).page(ORDERS)
    for text in (
        "Delayed</span>",
        "Jan 1, 2027",
        "T-0",
        "Return</span>",
        "Announced",
        "and 2 more",
    ):
        assert text in page
    assert f"T-{MOST_PARCELS}" not in page


def test_too_broad_a_question_is_answered_by_the_file(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Six orders are cancelled, six delayed, and only the oldest is both."""
    monkeypatch.setattr(listings, "MOST_ROWS", 6)
    monkeypatch.setattr(orders, "ORDERS_A_PAGE", 1)
    monkeypatch.setattr(whole_listings, "ROWS_AT_ONCE", 2)
    late = {"promised_delivery_date": "2027-01-01"}
    for number in range(11):
        api.order(f"{number}", **(late if number < 6 else {}))
    for number in (0, *range(6, 11)):
        answer = api.post("/v2/order_states", {"order_id": f"{number}", "state": "cancelled"})
        assert answer.status_code == 201
    visitor, query = Visitor(api), {"state": "cancelled", "delayed": "true"}
    answer = visitor.get(path(**query))
    assert answer.status_code == 422
    assert "Choose fewer days" in answer.text
    assert escape(path(CSV, **query)) in answer.text
    assert [row["order_id"] for row in table(visitor, **query)] == ["0"]


@pytest.mark.parametrize("base", [ORDERS, CSV])
def test_what_is_not_up_to_date_is_not_shown(
    api: Api, monkeypatch: pytest.MonkeyPatch, base: str
) -> None:
    monkeypatch.setattr(listing_moment, "ORDERS_AT_ONCE", 1)
    monkeypatch.setattr(listing_moment, "MOST_SECONDS", 0.0)
    api.put("/v2/account", {"untrackable_days": 3})
    for number in range(2):
        api.order(f"{number}")
        pickup = "2027-01-16T08:00:00Z"
        api.shipment(
            f"{number}",
            tracking_code=f"T-{number}",
            planned_pickup_datetime=pickup,
            trackable=False,
        )
    api.clock.advance(days=5)
    visitor = Visitor(api)
    answer = visitor.get(path(base, state="completed"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "try again in a few seconds" in answer.text
    assert len(table(visitor, state="completed")) == 2
