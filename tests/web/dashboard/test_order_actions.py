"""What can be done on the page of an order: as the API does it, asked first, once."""

import re
from html import unescape
from typing import Any

import httpx
import pytest

from tests.conftest import Api
from tests.web.dashboard.test_order import path_of, section
from tests.web.dashboard.visitor import Visitor

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

KEPT = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


def yes(visitor: Visitor, path: str, asked: httpx.Response) -> httpx.Response:
    """Answers the question as its page stands."""
    assert asked.status_code == 200, asked.text
    fields = {unescape(name): unescape(text) for name, text in KEPT.findall(asked.text)}
    assert fields["confirmed"] == "yes"
    return visitor.raw("POST", path, data=fields)


def alert(page: str) -> str:
    found = re.search(r'role="alert">(.*?)</p>', page, re.DOTALL)
    return " ".join(unescape(re.sub("<[^>]*>", " ", found[1])).split()) if found else ""


def in_vienna(api: Api) -> None:
    assert api.put("/v2/account", {"time_zone": "Europe/Vienna"}).status_code == 200


STATE = {"action": "state", "state": "paid"}
UPDATE = {"action": "carrier_update", "status": "delivered"}


@pytest.mark.parametrize(
    ("fields", "asks", "says", "again", "changed"),
    [
        (
            STATE | {"datetime": "2027-01-14T09:30", "location": "Office"},
            "Report for order ORD-1: Paid, Jan 14, 2027, 9:30:00 AM GMT+01:00?",
            "The state was reported.",
            "nothing was changed",
            {"state": "paid", "paid_at": "2027-01-14T08:30:00Z"},
        ),
        (
            STATE,
            "Report for order ORD-1: Paid, now?",
            "The state was reported.",
            "nothing was changed",
            {"state": "paid"},
        ),
        (
            {"action": "boarding_complete", "boarding_complete": "no"},
            "for which it waits",
            "was saved",
            "was saved",
            {"boarding_complete": False},
        ),
        (
            {"action": "boarding_complete", "boarding_complete": "yes"},
            "Are all parcels of order ORD-1 announced?",
            "was saved",
            "was saved",
            {"boarding_complete": True},
        ),
        (
            {"action": "boarding_complete", "boarding_complete": ""},
            "Leave open",
            "was saved",
            "was saved",
            {"boarding_complete": None},
        ),
    ],
)
def test_what_is_confirmed_is_done_once(
    api: Api, fields: dict[str, str], asks: str, says: str, again: str, changed: dict[str, Any]
) -> None:
    in_vienna(api)
    order = api.order(boarding_complete=True)
    if fields.get("boarding_complete") == "yes":
        api.put(order["iri"], {"boarding_complete": False})
    visitor, path = Visitor(api), path_of(order)
    before = api.get(order["iri"]).json()
    asked = visitor.send(path, fields)
    assert asks in " ".join(unescape(asked.text).split())
    assert api.get(order["iri"]).json() == before
    done = yes(visitor, path, asked)
    assert done.status_code == 303
    assert says in visitor.page(done.headers["Location"])
    now = api.get(order["iri"]).json()
    assert {name: now[name] for name in changed} == changed
    twice = yes(visitor, path, asked)
    assert twice.status_code == 303
    assert again in visitor.page(twice.headers["Location"])
    assert api.get(order["iri"]).json() == now


@pytest.mark.parametrize("when", ["", "2027-01-14T09:30"])
def test_an_update_is_recorded_once(api: Api, when: str) -> None:
    """Now is when it was asked for, or the answer sent twice would be two updates."""
    in_vienna(api)
    order = api.order()
    parcel = api.shipment(tracking_code="T1", carrier="DHL")
    visitor, path = Visitor(api), path_of(order)
    said = {"shipment_id": parcel["id"], "datetime": when, "location": "Wien", "description": "in"}
    asked = visitor.send(path, UPDATE | said)
    assert "Record for parcel DHL T1: Delivered, Jan 1" in unescape(asked.text)
    assert "GMT+01:00?" in asked.text
    says = []
    for _ in range(2):
        api.clock.advance(seconds=1)
        done = yes(visitor, path, asked)
        assert done.status_code == 303
        says.append('role="status">' in visitor.page(done.headers["Location"]))
    assert says == [True, True]
    assert done.headers["Location"].endswith("done=update_again")
    (update,) = api.get(f"{parcel['iri']}/events").json()
    moment = "2027-01-14T08:30:00Z" if when else "2027-01-15T08:00:00"
    assert update["creationDate"].startswith(moment)
    assert (update["status"], update["location"], update["description"]) == (
        "delivered",
        "Wien",
        "in",
    )
    assert api.get(order["iri"]).json()["state"] == "completed"


def test_a_parcel_is_taken_out_and_back_in(api: Api) -> None:
    order = api.order()
    parcel = api.shipment(tracking_code="T1")
    visitor, path = Visitor(api), path_of(order)
    for counted, says, offered in (
        ("no", "no longer counted", "yes"),
        ("yes", "is counted now", "no"),
    ):
        fields = {"action": "counted", "shipment_id": parcel["id"], "counted": counted}
        asked = visitor.send(path, fields)
        page = visitor.page(yes(visitor, path, asked).headers["Location"])
        assert says in page
        assert f'name="counted" value="{offered}"' in page
        assert api.get(parcel["iri"]).json()["counted"] is (counted == "yes")


@pytest.mark.parametrize(
    ("fields", "status", "says"),
    [
        (STATE | {"state": "shipped"}, 422, "follows from the shipments"),
        (STATE | {"state": ""}, 422, "is required."),
        (STATE | {"state": "lost"}, 422, "is none of new"),
        (STATE | {"datetime": "soon"}, 422, "is not a time"),
        (STATE | {"datetime": "2027-03-28T02:30"}, 422, "the clocks went forward"),
        (STATE | {"datetime": "9999-12-31T23:59"}, 422, "outside the years"),
        (STATE | {"location": "x" * 5000}, 422, "longer than 4096"),
        (STATE | {"datetime": "2027-02-01T00:00"}, 422, "24 hours ahead"),
        (STATE | {"state": "returned"}, 409, "which allows paid"),
        (UPDATE | {"status": "gone"}, 422, "must be one of"),
        (UPDATE | {"datetime": "2027-02-01T00:00"}, 422, "24 hours ahead"),
        (UPDATE | {"datetime": "1969-01-01T00:00"}, 422, "outside the years"),
        ({"action": "boarding_complete", "boarding_complete": "x"}, 422, "true or false"),
        ({"action": "counted", "counted": "x"}, 422, ""),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    api: Api, fields: dict[str, str], status: int, says: str
) -> None:
    in_vienna(api)
    order = api.order()
    parcel = api.shipment(tracking_code="T1", counted=False)
    visitor, path = Visitor(api), path_of(order)
    before = api.get(order["iri"]).json()
    form = fields | {"shipment_id": parcel["id"], "description": "kept <b>"}
    answer = visitor.send(path, form | {"confirmed": "yes"})
    assert answer.status_code == status
    assert alert(answer.text)
    assert says in unescape(answer.text)
    assert api.get(order["iri"]).json() == before
    if fields["action"] == "carrier_update":
        assert 'value="kept &lt;b&gt;"' in answer.text
    if status == 422 and "datetime" in fields:
        assert f'value="{fields["datetime"]}" aria-invalid="true"' in answer.text


def test_an_order_that_does_not_allow_it_says_so(api: Api) -> None:
    order = api.order()
    api.shipment(tracking_code="T1")
    api.update(tracking_code="T1", status="delivered")
    visitor, path = Visitor(api), path_of(order)
    no = {"action": "boarding_complete", "boarding_complete": "no", "confirmed": "yes"}
    answer = visitor.send(path, no)
    assert answer.status_code == 409
    assert "can no longer be false" in alert(answer.text)
    assert "cannot be false on a completed order" in section(answer.text, "actions")


def test_a_form_is_for_this_orders_parcels(api: Api) -> None:
    order, _ = api.order(), api.order("ORD-2")
    others = api.shipment("ORD-2", tracking_code="T1")
    api.shipment(tracking_code="T2")
    visitor, path = Visitor(api), path_of(order)
    for action in ("carrier_update", "counted"):
        for number in (others["id"], "1", "", "x" * 15):
            form = {"action": action, "shipment_id": number, "counted": "no", "confirmed": "yes"}
            assert visitor.send(path, form | {"status": "lost"}).status_code == 404
    for action in ("", "delete"):
        assert visitor.send(path, {"action": action, "confirmed": "yes"}).status_code == 400


def test_a_parcel_that_is_removed_meanwhile_gets_no_update(api: Api) -> None:
    order = api.order()
    parcel = api.shipment(tracking_code="T1")
    visitor, path = Visitor(api), path_of(order)
    asked = visitor.send(path, UPDATE | {"shipment_id": parcel["id"]})
    api.delete(parcel["iri"])
    assert yes(visitor, path, asked).status_code == 404


@pytest.mark.parametrize(
    ("when", "moment"),
    [
        # In Vienna the clocks go back at 3 o'clock on that day: 2:30 comes twice.
        ("2026-10-25T02:30", "2026-10-25T00:30:00Z"),
        ("2026-10-25T03:30", "2026-10-25T02:30:00Z"),
    ],
)
def test_of_an_hour_that_comes_twice_the_first_is_meant(api: Api, when: str, moment: str) -> None:
    in_vienna(api)
    order = api.order()
    visitor, path = Visitor(api), path_of(order)
    yes(visitor, path, visitor.send(path, STATE | {"datetime": when}))
    assert api.get(order["iri"]).json()["paid_at"] == moment


def test_what_an_order_can_no_longer_be_is_not_offered(api: Api) -> None:
    order = api.order()
    page = Visitor(api).page(path_of(order))
    assert '<option value="cancelled">Cancelled</option>' in page
    assert '<option value="shipped">' not in page
    assert "A carrier update" not in page
    api.post("/v2/order_states", {"order_id": "ORD-1", "state": "cancelled"})
    page = Visitor(api).page(path_of(order))
    assert 'value="cancelled"' not in page
    assert 'value="refunded"' in page
