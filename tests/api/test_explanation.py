"""GET /v2/orders/{id}/explanation: what an order waits for, over HTTP."""

from typing import Any

from doorstep.api.openapi.reference import default_document
from doorstep.domain.reasons import REASONS
from tests.api.described import Described, watched
from tests.conftest import Api

PATH = "/v2/orders/ORD-1/explanation"
BEGINS = "2027-01-15T08:00:00Z"


def explained(api: Api) -> dict[str, Any]:
    answer = api.get(PATH)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def pass_time(api: Api, **given: int) -> None:
    """Tokens end meanwhile."""
    api.clock.advance(**given)
    api.forget_tokens()


def late_order(api: Api) -> None:
    """One of two parcels delivered, the boarding open, three hours late in Vienna."""
    assert api.put("/v2/account", {"time_zone": "Europe/Vienna"}).status_code == 200
    api.order(boarding_complete=False, promised_delivery_date="2027-01-20")
    for code in ("T-1", "T-2"):
        api.shipment(tracking_code=code)
    assert api.update(tracking_code="T-1", status="delivered", datetime=BEGINS).is_success
    pass_time(api, days=5, hours=18)


def test_a_late_order_in_words_and_figures(api: Api) -> None:
    late_order(api)
    late = "Late since 3 hours: promised 20 January, 23:59."
    assert explained(api) == {
        "order_id": "ORD-1",
        "state": "shipped",
        "delayed": True,
        "text": "Completes when 1 more of 2 parcels is delivered and boarding is marked complete. "
        f"{late}",
        "reasons": [
            {
                "code": "waits_for_deliveries",
                "text": "Waits for 1 more of 2 parcels to be delivered.",
                "missing_parcels": 1,
                "counted_parcels": 2,
            },
            {
                "code": "waits_for_boarding_complete",
                "text": "Waits for boarding to be marked complete.",
            },
            {
                "code": "late_since",
                "text": late,
                "promised_delivery_date": "2027-01-20T22:59:59Z",
                "late_seconds": 3 * 3_600 + 1,
            },
        ],
    }


def test_what_it_says_completes_the_order(api: Api) -> None:
    late_order(api)
    assert api.put("/v2/orders/ORD-1", {"boarding_complete": True}).json()["state"] == "shipped"
    assert [reason["code"] for reason in explained(api)["reasons"]] == [
        "waits_for_deliveries",
        "late_since",
    ]
    assert api.update(tracking_code="T-2", status="delivered", datetime=BEGINS).is_success
    assert explained(api) == {
        "order_id": "ORD-1",
        "state": "completed",
        "delayed": False,
        "text": "Completed 15 January, 09:00. In time: promised 20 January, 23:59.",
        "reasons": [
            {
                "code": "ended",
                "text": "Completed 15 January, 09:00.",
                "state": "completed",
                "ended_at": BEGINS,
            },
            {
                "code": "promise_kept",
                "text": "In time: promised 20 January, 23:59.",
                "promised_delivery_date": "2027-01-20T22:59:59Z",
            },
        ],
    }


def test_it_is_late_from_the_moment_on_without_any_command(api: Api) -> None:
    """Its mark, its words and its figures are of one and the same moment."""
    api.order(promised_delivery_date="2027-01-15T09:00:00Z")
    assert [reason["code"] for reason in explained(api)["reasons"]] == [
        "waits_for_first_parcel",
        "promised",
    ]
    pass_time(api, hours=1)
    body = explained(api)
    assert body["delayed"]
    assert body["reasons"][1]["code"] == "late_since"
    assert body["reasons"][1]["late_seconds"] == 0


def test_an_order_whose_delivery_is_assumed(api: Api) -> None:
    """What the clock alone has done is done here too: nobody scans this parcel."""
    assert api.put("/v2/account", {"untrackable_days": 3}).status_code == 200
    api.order()
    api.shipment(trackable=False, planned_pickup_datetime=BEGINS, reference_number="R-1")
    body = explained(api)
    assert body["text"] == (
        "Completes when its parcel is delivered. "
        "1 parcel without tracking counts as delivered from 18 January, 08:00."
    )
    assert body["reasons"][1]["assumed_delivered_at"] == "2027-01-18T08:00:00Z"
    pass_time(api, days=3)
    assert explained(api)["text"] == "Completed 18 January, 08:00."


def test_every_kind_of_reason_is_as_the_document_says(api: Api) -> None:
    promised = {"promised_delivery_date": "2027-01-15T09:00:00Z"}
    for order_id in ("waits", "in-time", "late", "cancelled"):
        api.order(order_id, boarding_complete=order_id != "waits", **promised)
    for order_id, statuses in {
        "waits": ("lost", "returned_to_sender"),
        "in-time": ("delivered",),
        "late": ("delivered",),
    }.items():
        for status in statuses:
            code = f"{order_id}-{status}"
            api.shipment(order_id, tracking_code=code)
            if order_id != "late":
                assert api.update(tracking_code=code, status=status).status_code == 201
    api.order("promised", promised_delivery_date="2027-02-01")
    pass_time(api, hours=2)
    assert api.update(tracking_code="late-delivered", status="delivered").status_code == 201
    cancelled = {"order_id": "cancelled", "state": "cancelled"}
    assert api.post("/v2/order_states", cancelled).status_code == 201
    api.order("untracked")
    parcel = {"reference_number": "R-1", "planned_pickup_datetime": BEGINS}
    api.shipment("untracked", trackable=False, **parcel)
    assert api.put("/v2/account", {"untrackable_days": 3}).status_code == 200
    watched(api, Described(default_document()))
    bodies = {
        order_id: api.get(f"/v2/orders/{order_id}/explanation").json()
        for order_id in ("waits", "in-time", "late", "cancelled", "promised", "untracked")
    }
    codes = {reason["code"] for body in bodies.values() for reason in body["reasons"]}
    assert codes == {reason.code for reason in REASONS}
    assert "late_seconds" in bodies["late"]["reasons"][1]
    assert "late_seconds" not in bodies["cancelled"]["reasons"][1]


def test_an_order_that_is_not_there(api: Api) -> None:
    answer = api.get(PATH)
    assert (answer.status_code, answer.json()["code"]) == (404, "order_not_found")
    number = api.order()["id"]
    assert api.get(f"/v2/orders/{number}/explanation").json()["order_id"] == "ORD-1"
    assert api.get(PATH, key=api.account("Other")).status_code == 404
