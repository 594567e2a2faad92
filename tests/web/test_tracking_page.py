"""The tracking page as a customer without JavaScript gets it."""

import asyncio
import base64
import hashlib
import html
import itertools
import re
from typing import Any

import pytest

from doorstep.service.group import GroupCommit
from doorstep.store.sqlite.database import SqliteConnection
from doorstep.web import orders
from doorstep.web.rendering import render
from tests.conftest import Api

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def page_of(api: Api, order: dict[str, Any], **options: Any) -> str:
    answer = api.raw("GET", path_of(order), **options)
    assert answer.status_code == 200, answer.text
    return answer.text


def path_of(order: dict[str, Any]) -> str:
    return "/order/" + str(order["tracking_page_url"]).rsplit("/", 1)[1]


def texts(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", page.split("<main", 1)[1])).split())


def current_step(page: str) -> str:
    found = re.search(r'aria-current="step">\s*<span class="label">([^<]*)', page)
    assert found is not None
    return found[1]


def test_the_page_goes_along_with_the_order(api: Api) -> None:
    order = api.order(
        promised_delivery_date="2027-01-20",
        order_items=[{"name": "Lamp", "quantity": 2}, {"sku": "S-1"}],
    )
    page = page_of(api, order)
    assert "We have your order" in page
    assert current_step(page) == "Ordered"
    assert "Wednesday, January 20, 2027" in page
    assert "Lamp" in page
    assert "2 ×" in page
    assert "S-1" in page
    api.post("/v2/order_states", {"order_id": "ORD-1", "state": "in_preparation"})
    assert current_step(page_of(api, order)) == "In preparation"
    api.shipment(tracking_code="A1", carrier={"name": "DHL", "country": "DE"})
    page = page_of(api, order)
    assert current_step(page) == "Shipped"
    assert "https://www.dhl.com/de-en/home/tracking.html?tracking-id=A1" in page
    api.update(tracking_code="A1", status="out_for_delivery", location="Linz")
    page = page_of(api, order)
    assert current_step(page) == "Out for delivery"
    assert "Linz" in page
    api.put("/v2/orders/ORD-1", {"boarding_complete": True})
    api.update(tracking_code="A1", status="delivered")
    page = page_of(api, order)
    assert current_step(page) == "Delivered"
    assert "Your order has been delivered" in page


def test_a_missed_promise_is_said(api: Api) -> None:
    order = api.order(promised_delivery_date="2027-01-15")
    assert 'class="delayed"' not in page_of(api, order)
    api.clock.advance(days=1)
    assert 'class="delayed"' in page_of(api, order)
    api.forget_tokens()
    told = api.post("/v2/order_states", {"order_id": "ORD-1", "state": "cancelled"})
    assert told.status_code == 201, told.text
    page = page_of(api, order)
    assert 'class="delayed"' not in page
    assert current_step(page) == "Cancelled"


def test_an_order_that_has_arrived_too_late_is_not_waited_for(api: Api) -> None:
    order = api.order(promised_delivery_date="2027-01-10", boarding_complete=True)
    api.shipment(tracking_code="A1")
    assert 'class="delayed"' in page_of(api, order)
    api.update(tracking_code="A1", status="delivered")
    page = page_of(api, order)
    assert current_step(page) == "Delivered"
    assert 'class="delayed"' not in page


def test_an_update_is_shown_at_the_local_time_of_its_place(api: Api) -> None:
    order = api.order()
    api.shipment(tracking_code="A1")
    api.post(
        "/v2/carrier_updates",
        {"tracking_code": "A1", "datetime": "2027-01-15T07:30:00+05:30", "status": "pickup"},
    )
    assert "Jan 15, 2027, 7:30\u202fAM" in page_of(api, order)


def test_an_update_without_a_place_s_time_is_shown_at_the_shop_s(api: Api) -> None:
    """Many carriers' programs say UTC wherever the parcel is."""
    api.put("/v2/account", {"time_zone": "Europe/Vienna"})
    order = api.order()
    api.shipment(tracking_code="A1")
    update = {"tracking_code": "A1", "datetime": "2027-01-15T07:30:00Z", "status": "pickup"}
    api.post("/v2/carrier_updates", update)
    assert "Jan 15, 2027, 8:30\u202fAM" in page_of(api, order)


def test_quantities_read_as_people_write_them(api: Api) -> None:
    items = [{"sku": "A", "quantity": 1_234_567}, {"sku": "B", "quantity": 0.5}]
    page = page_of(api, api.order(language="de", order_items=items))
    assert "1.234.567 ×" in page
    assert "0,5 ×" in page


def test_a_text_from_outside_turns_no_other_round(api: Api) -> None:
    """Nor does it break its line or hide in it."""
    page = page_of(api, api.order(order_items=[{"name": "Lamp\u202e\u2066\n evil\u200b"}]))
    assert ">Lamp evil</span>" in page


def test_what_was_retracted_is_not_shown(api: Api) -> None:
    order = api.order()
    api.shipment(tracking_code="A1")
    made = api.update(tracking_code="A1", status="pickup", location="Wrongtown").json()
    assert "Wrongtown" in page_of(api, order)
    api.update(tracking_code="A1", retracts=made["id"])
    assert "Wrongtown" not in page_of(api, order)


@pytest.mark.parametrize(
    ("order_language", "browser", "language"),
    [
        ("de_AT", "fr", "de"),
        (None, "fr;q=0.8,nl", "nl"),
        (None, "sv,pl;q=0.5", "pl"),
        ("sv", "it", "it"),
        (None, "xx;q=y,;;,", "en"),
    ],
)
def test_the_language_is_the_orders_else_the_browsers(
    api: Api, order_language: str | None, browser: str, language: str
) -> None:
    order = api.order(**({"language": order_language} if order_language else {}))
    page = page_of(api, order, headers={"Accept-Language": browser})
    assert f'<html lang="{language}">' in page


def test_nothing_personal_is_shown(api: Api) -> None:
    person = {
        "first_name": "Adalbert",
        "last_name": "Stifterle",
        "street": "Promenadegasse",
        "house_no": "77b",
        "email": "adalbert@example.com",
        "phone": "+43123456789",
        "zip_code": "98765",
    }
    order = api.order(recipient=person)
    api.shipment(tracking_code="A1", recipient_address="Promenadegasse 77b", comment="Adalbert")
    page = page_of(api, order)
    for value in person.values():
        assert value not in page


def test_what_comes_from_outside_is_text(api: Api) -> None:
    api.put("/v2/account", {"name": HOSTILE})
    api.put(
        "/v2/carriers/evil",
        {"name": "Evil", "countries": ["AT"], "tracking_url": "https://x.example/{tracking_code}"},
    )
    order = api.order(order_id=HOSTILE, order_items=[{"name": HOSTILE}])
    api.shipment(HOSTILE, tracking_code=HOSTILE, carrier={"name": "Evil", "country": "AT"})
    api.update(tracking_code=HOSTILE, status="pickup", location=HOSTILE, description=HOSTILE)
    page = page_of(api, order)
    assert texts(page).count("<script>alert(1)</script>") >= 5
    assert "<script>alert" not in page
    assert "<img" not in page
    assert page.count("<script") == 1


def test_an_unknown_token_tells_nothing(api: Api) -> None:
    order = api.order()
    answers = [
        api.raw("GET", path)
        for path in ("/order/" + "A" * 22, "/order/x", path_of(order) + "x", "/order/%00")
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    api.delete("/v2/orders/ORD-1")
    assert api.raw("GET", path_of(order)).text == answers[0].text


def test_another_accounts_order_is_found_by_its_token(api: Api) -> None:
    key = api.account("Second shop")
    other = api.post("/v2/order", {"order_id": "ORD-1"}, key=key).json()
    mine = api.order()
    assert "Second shop" in page_of(api, other)
    assert "Second shop" not in page_of(api, mine)


def test_a_page_loads_nothing_from_elsewhere_and_is_not_indexed(api: Api) -> None:
    answer = api.raw("GET", path_of(api.order()))
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    for address in re.findall(r'<(?:link|script)[^>]*(?:href|src)="([^"]*)"', answer.text):
        file = api.raw("GET", address)
        assert file.status_code == 200, address
        assert "immutable" in file.headers["Cache-Control"]
    assert api.raw("GET", "/static/nothing.css").status_code == 404


def test_the_shops_colour_is_the_one_style_that_the_policy_lets_through(api: Api) -> None:
    order = api.order()
    assert "<style>" not in page_of(api, order)
    assert api.put("/v2/account", {"colour": "#Aa00fF"}).status_code == 200
    answer = api.raw("GET", path_of(order))
    (style,) = re.findall("<style>(.*?)</style>", answer.text)
    assert "#Aa00fF" in style
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = answer.headers["Content-Security-Policy"]
    assert f"style-src 'self' 'sha256-{digest}';" in policy
    assert "unsafe" not in policy


def test_a_page_is_only_looked_at(api: Api) -> None:
    answer = api.raw("POST", path_of(api.order()))
    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD"


def test_programs_are_told_in_their_way_that_there_is_nothing(api: Api) -> None:
    assert api.raw("GET", "/nothing").json()["code"] == "path_not_found"
    answer = api.raw("GET", "/nothing", headers={"Accept": "text/html,*/*"})
    assert answer.status_code == 404
    assert "There is nothing here" in answer.text
    answer = api.raw("GET", "/v2/nothing", headers={"Accept": "text/html,*/*"})
    assert answer.json()["code"] == "path_not_found"


def test_a_page_stays_small_whatever_carriers_and_shops_send(api: Api) -> None:
    long = "ä" * 1_000
    order = api.order(order_items=[{"name": long} for _ in range(100)])
    for parcel in range(25):
        code = f"T{parcel}"
        api.shipment(tracking_code=code, carrier={"name": "DHL", "country": "DE"})
        updates = [
            {
                "tracking_code": code,
                "datetime": f"2027-01-15T07:{minute:02}:00Z",
                "location": long,
                "description": f"{minute} {long}",
            }
            for minute in range(10)
        ]
        assert api.post("/v2/carrier_updates", updates).status_code == 200
    page = page_of(api, order)
    assert "and 5 more" in page
    assert "and 50 more" in page
    assert "and 7 from before" in page
    assert len(page.encode()) < 100_000


def test_a_page_is_one_statement(sqlite_api: Api) -> None:
    """So it is of one moment, and cheap; the account is read once a second for all its pages."""
    api = sqlite_api
    order = api.order(recipient={"zip_code": "1010"}, order_items=[{"sku": "A"}])
    api.shipment(tracking_code="T")
    api.raw("GET", path_of(order))
    statements: list[str] = []

    def note(cursor: object, sql: str, values: object) -> bool:
        statements.append(sql)
        return True

    reader = api.services.store.reader
    assert isinstance(reader, SqliteConnection)
    reader.apsw.exec_trace = note
    assert api.raw("GET", path_of(order)).status_code == 200
    assert len(statements) == 1


def test_pages_leave_turns_to_writes_on_their_way(
    sqlite_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One goes on at a turn of the event loop, however many are asked for at once."""
    api, turns, seen = sqlite_api, itertools.count(), []
    path = path_of(api.order())
    api.raw("GET", path)

    def noting(*given: Any, **shown: Any) -> str:
        seen.append(turn)
        return render(*given, **shown)

    async def ask() -> None:
        async def count() -> None:
            nonlocal turn
            while True:
                turn = next(turns)
                await asyncio.sleep(0)

        counting = asyncio.create_task(count())
        await asyncio.gather(*(api.http.get(path) for _ in range(8)))
        counting.cancel()

    turn = 0
    monkeypatch.setattr(orders, "render", noting)
    monkeypatch.setattr(GroupCommit, "is_busy", True)
    api.run(ask())
    assert len(seen) == len(set(seen)) == 8
