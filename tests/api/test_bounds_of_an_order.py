"""What an order can hold is bounded, as all of it is gone over at each change of it."""

from typing import Any

import pytest

from tests.conftest import Api


def scan(minute: int) -> dict[str, Any]:
    return {"status": "hub_scan", "datetime": f"2027-01-14T10:{minute:02}:00Z"}


def test_more_shipments_than_allowed_are_refused(database: str) -> None:
    api = Api(database, max_shipments_per_order=2)
    api.order("A")
    for code in ("T-1", "T-2"):
        api.shipment("A", tracking_code=code)
    answer = api.post("/v2/shipments", {"order_id": "A", "tracking_code": "T-3"})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_shipments")
    again = api.post("/v2/shipments", {"order_id": "A", "tracking_code": "T-2"})
    assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    assert len(api.get("/v2/orders/A").json()["shipments"]) == 2
    api.close()


def test_more_updates_than_allowed_are_refused_but_known_ones_are_known(database: str) -> None:
    api = Api(database, max_updates_per_order=3)
    api.order("A")
    for code in ("T-1", "T-2"):
        api.shipment("A", tracking_code=code)
    for code, minute in (("T-1", 1), ("T-2", 2), ("T-1", 3)):
        assert api.update(tracking_code=code, **scan(minute)).status_code == 201
    answer = api.update(tracking_code="T-2", **scan(4))
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_updates")
    assert api.update(tracking_code="T-1", **scan(3)).status_code == 200
    array = [{"tracking_code": "T-2", **scan(minute)} for minute in (2, 5)]
    statuses = [line["status"] for line in api.post("/v2/carrier_updates", array).json()]
    assert statuses == [200, 409]
    api.close()


def test_updates_that_waited_for_their_parcel_are_taken_up_to_the_limit(database: str) -> None:
    api = Api(database, max_updates_per_order=3)
    for minute in range(5):
        assert api.update(tracking_code="T", **scan(minute)).status_code == 202
    api.order("A")
    number = api.shipment("A", tracking_code="T")["id"]
    times = [line["creationDate"] for line in api.get(f"/v2/shipments/{number}/events").json()]
    assert times == [f"2027-01-14T10:0{minute}:00Z" for minute in range(3)]
    api.close()


@pytest.mark.parametrize("name", ["max_shipments_per_order", "max_updates_per_order"])
def test_the_bounds_are_settings(database: str, name: str) -> None:
    api = Api(database, **{name: 1})
    assert getattr(api.services.limits, name) == 1
    api.close()
