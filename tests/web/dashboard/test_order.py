"""The page of one order: everything there is on it, bounded, and for its account alone."""

import re
from html import unescape
from typing import Any

import pytest

from doorstep.domain.order import HOUR
from doorstep.service.order_trail import MOST_ATTEMPTS, MOST_DATA_LENGTH, MOST_EVENTS, MOST_MAILS
from doorstep.store.database import Writer
from doorstep.store.mails import MailKey, Outcome, record_outcome
from doorstep.web.dashboard.order.view import MOST_ITEMS, MOST_PARCELS, MOST_UPDATES
from tests.conftest import START, Api
from tests.web.dashboard.visitor import Visitor

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"

on_sqlite = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


def path_of(order: dict[str, Any]) -> str:
    return f"/dashboard/orders/{order['id']}"


def section(page: str, name: str) -> str:
    """A section's text, tags as spaces."""
    found = re.search(rf'<section aria-labelledby="{name}">(.*?)</section>', page, re.DOTALL)
    assert found, f"no section {name}"
    return " ".join(unescape(re.sub("<[^>]*>", " ", found[1])).split())


def insert(api: Api, query: str, rows: list[dict[str, Any]]) -> None:
    async def write(writer: Writer) -> None:
        await writer.run_many(query, rows)

    api.run(api.services.store.write(write))


def endpoint(api: Api) -> int:
    answer = api.post("/v2/webhook_endpoints", {"url": "https://example.com/hooks"})
    assert answer.status_code == 201, answer.text
    number: int = answer.json()["id"]
    return number


def attempt(number: int, sequence: int, **said: Any) -> dict[str, Any]:
    usual = {
        "account_id": 1,
        "attempt_number": sequence,
        "webhook_id": f"evt_1_{sequence}",
        "type": "order.created",
        "attempted_at": START,
        "milliseconds": 5,
        "answer": None,
        "error": None,
        "next_at": None,
    }
    return {**usual, "endpoint_number": number, "sequence": sequence, **said}


@on_sqlite
def test_an_open_order_says_why_and_everything_else(api: Api) -> None:
    order = api.order(
        order_url="https://shop.example/o/1",
        language="de",
        order_tags={"channel": "web"},
        promised_delivery_date="2027-01-14",
        recipient={
            "first_name": "Ada",
            "street": "Ring",
            "house_no": 5,
            "email": "ada@example.com",
        },
        order_items=[{"name": "Lamp", "sku": "L-1", "quantity": 2, "sales_price": 12.0625}],
    )
    parcel = api.shipment(
        tracking_code="T1",
        carrier="DHL",
        recipient_city="Graz",
        comment="ring twice",
        cod=True,
        planned_pickup_datetime="2027-01-15T10:00:00Z",
    )
    wrong = api.update(tracking_code="T1", status="delivered", location="Linz").json()
    api.update(tracking_code="T1", retracts=str(wrong["id"]), datetime="2027-01-15T07:00:00Z")
    page = Visitor(api).page(path_of(order))
    assert "Waits for its parcel to be delivered. Late since 8 hours" in section(page, "why")
    assert '<span class="badge late">Delayed</span>' in page
    assert f'href="/order/{order["tracking_page_url"].rpartition("/")[2]}"' in page
    assert 'href="https://shop.example/o/1" rel="noopener noreferrer"' in page
    facts = section(page, "facts")
    for said in ("channel web", "Language de", "First name Ada", "House number 5", "ada@example"):
        assert said in facts
    parcels = section(page, "parcels")
    for said in (
        "Planned pickup Jan 15, 2027",
        "City Graz",
        "ring twice",
        "delivery Yes",
        "Counted",
    ):
        assert said in parcels
    assert "tracking-id=T1" in page
    assert 'class="retracted"' in page
    assert re.search(r"Retracts another Jan 15, 2027, 7:00:00 AM Jan 15, 2027, 8:00:00 AM", parcels)
    assert "2 × Lamp New SKU L-1 Price 12.0625" in section(page, "items")
    assert "Shipped Jan 15, 2027" in section(page, "history")
    assert f'"id": {parcel["id"]}' in section(page, "log")


def test_it_says_what_the_order_has_caused(api: Api) -> None:
    number = endpoint(api)
    order = api.order()
    other = api.order("ORD-2")
    api.put(order["iri"], {"language": "de"})
    tried = {"sequence": 1, "order_number": order["id"], "next_at": START + HOUR, "tries": 3}
    place = {"account_id": 1, "endpoint_number": number, "cursor_number": 0, "given_up_at": None}
    insert(api, "put_webhook_deliveries", [{**place, **tried}])
    insert(
        api,
        "insert_webhook_attempts",
        [
            attempt(number, 1, http_status=503, next_at=START + HOUR),
            attempt(number, 1, http_status=None, attempt_number=99, error="no route to <host>"),
            attempt(number, 2, http_status=200, webhook_id="another order's"),
        ],
    )
    mail = {"account_id": 1, "sequence": 1, "message_id": "m", "created_at": START}
    subject = {"order_number": order["id"], "kind": "paid", "shipment_number": 0}
    insert(api, "insert_mails", [{**mail, **subject}])
    key = MailKey(1, order["id"], "paid", 0)
    outcome = Outcome("given_up", 9, error="550 <unknown>")
    api.run(api.services.store.write(lambda writer: record_outcome(writer, key, outcome)))
    page = Visitor(api).page(path_of(order))
    webhooks = section(page, "webhooks")
    assert "https://example.com/hooks 3 attempts Waiting Jan 15, 2027, 9:00:00" in webhooks
    assert "Failed, HTTP 503 Jan 15, 2027, 9:00:00" in webhooks
    assert "Given up no route to <host>" in webhooks
    assert "HTTP 200" not in webhooks
    assert "Paid Given up 550 <unknown>" in section(page, "mails")
    assert "No mails have been written" in section(Visitor(api).page(path_of(other)), "mails")


@on_sqlite
def test_what_comes_from_outside_is_text_and_no_link(api: Api) -> None:
    hostile = {"name": HOSTILE, "shop_product_url": "javascript:alert(1)", "image_url": HOSTILE}
    order = api.order(
        HOSTILE,
        order_url="javascript:alert(1)",
        language=HOSTILE,
        order_tags={HOSTILE: HOSTILE},
        recipient={"first_name": HOSTILE},
        order_items=[hostile],
    )
    api.put(
        "/v2/carriers/own",
        {"name": "Own", "countries": ["AT"], "tracking_url": "https://x.example/{tracking_code}"},
    )
    api.shipment(HOSTILE, tracking_code=HOSTILE, carrier="Own", comment=HOSTILE)
    api.update(tracking_code=HOSTILE, location=HOSTILE, description=HOSTILE)
    api.post("/v2/order_states", {"order_id": HOSTILE, "state": "paid", "location": HOSTILE})
    visitor = Visitor(api)
    said = {"action": "state", "state": HOSTILE, "location": HOSTILE}
    for page in (
        visitor.page(path_of(order)),
        visitor.send(path_of(order), said).text,
        visitor.send(path_of(order), {**said, "state": "paid"}).text,
    ):
        assert "<script" not in page
        assert "<img" not in page
        assert 'href="javascript:' not in page
        assert "&lt;script&gt;" in page


@on_sqlite
def test_orders_that_are_not_there_are_not_shown(api: Api) -> None:
    order, gone = api.order(), api.order("ORD-2")
    api.delete(gone["iri"])
    visitor, other = Visitor(api), Visitor(api, api.account())
    assert visitor.get(path_of(order)).status_code == 200
    assert other.get(path_of(order)).status_code == 404
    token = {"form_token": api.services.access.form_token(other.session), "action": "state"}
    assert other.raw("POST", path_of(order), data=token).status_code == 404
    for name in (gone["id"], "ORD-1", "1", "9" * 15, "9" * 40, "%00", f"{order['id']}?parcel=1"):
        assert visitor.get(f"/dashboard/orders/{name}").status_code == 404


@on_sqlite
def test_a_reading_key_finds_no_form(api: Api) -> None:
    order = api.order()
    api.shipment(tracking_code="T1")
    page = Visitor(api, api.access_key(scope="read")).page(path_of(order))
    assert "T1" in section(page, "parcels")
    assert page.count("<form") == 1  # That of signing out.


@on_sqlite
def test_long_lists_come_in_parts(api: Api) -> None:
    most_updates, long = MOST_UPDATES + 1, "x" * (MOST_DATA_LENGTH // MOST_ITEMS)
    order = api.order(order_items=[{"sku": f"S{n}", "size": long} for n in range(MOST_ITEMS + 1)])
    parcels = [api.shipment(tracking_code=f"T{n}") for n in range(MOST_PARCELS + 1)]
    at = [f"2027-01-14T08:00:{n:02}Z" for n in range(most_updates)]
    sent = [{"tracking_code": "T0", "datetime": one, "description": f"at {one}"} for one in at]
    api.post("/v2/carrier_updates", sent)
    api.update(tracking_code="T1", status="delivered")
    visitor, path = Visitor(api), path_of(order)
    page = visitor.page(path)
    # What is delivered keeps no order open: it comes last.
    assert f"Parcels: {MOST_PARCELS + 1} T0 " in section(page, "parcels")
    assert page.count('name="action" value="counted"') == MOST_PARCELS
    assert "T1 Delivered" not in page
    assert "T1 Delivered" in section(visitor.page(f"{path}?parcels=2"), "parcels")
    assert "T1 Delivered" in section(visitor.page(f"{path}?parcels=9999"), "parcels")
    assert '<details class="one" open>' not in page
    assert f"at {at[0]}" not in section(page, "parcels")
    alone = section(visitor.page(f"{path}?parcel={parcels[0]['id']}"), "parcels")
    assert all(f"at {one}" in alone for one in at)
    assert f"S{MOST_ITEMS} " not in section(page, "items")
    assert f"S{MOST_ITEMS} " in section(visitor.page(f"{path}?items=2"), "items")
    events = section(page, "log")
    assert events.count("Sequence") == MOST_EVENTS
    assert "order.created" not in events
    found = ""
    while "order.created" not in found:
        older = re.search(r"\?before=\d+", page)
        assert older
        page = visitor.page(path + older[0])
        found = section(page, "log")
    assert "Its data is too long" in found.split("order.created")[1]
    assert "Older events" not in found
    assert "no events before" in section(visitor.page(f"{path}?before=1"), "log")
    for nonsense in ("?before=-1", "?before=x", "?parcels=x", "?items=\u0663", "?updates=0"):
        assert visitor.get(path + nonsense).status_code == 200


@on_sqlite
def test_webhooks_and_mails_are_bounded(api: Api) -> None:
    number = endpoint(api)
    order = api.order()
    insert(
        api,
        "insert_webhook_attempts",
        [attempt(number, 1, http_status=500, attempt_number=n) for n in range(MOST_ATTEMPTS + 1)],
    )
    mail = {"account_id": 1, "order_number": order["id"], "sequence": 1, "message_id": "m"}
    insert(
        api,
        "insert_mails",
        [
            {**mail, "kind": "out_for_delivery", "shipment_number": n, "created_at": START}
            for n in range(1, MOST_MAILS + 2)
        ],
    )
    page = Visitor(api).page(path_of(order))
    for name, most in (("webhooks", MOST_ATTEMPTS), ("mails", MOST_MAILS)):
        assert "more than are shown" in section(page, name)
        assert page.split(f'id="{name}"')[1].split("</section>")[0].count("<tr>") == most + 1
