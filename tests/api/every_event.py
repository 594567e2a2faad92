"""Orders that between them go through every type of event, by ordinary requests."""

from typing import Any

from doorstep.domain.order import SECOND
from doorstep.times import format_time
from tests.conftest import Api

RECIPIENT = {"first_name": "Wilhelmine", "city": "Nirgendwo", "email": "w@example.com"}
PERSONAL = ("Wilhelmine", "Nirgendwo", "w@example.com", "beim Nachbarn", "Mustermann")
ITEM = {
    "appearance": "Blue",
    "sku": "A-1",
    "name": "Shirt",
    "returnable": True,
    "sales_price": 29.99,
    "quantity": 2,
    "weight": 180,
    "warehouse": "Wien",
    "external_id": "1",
}
PARCEL = {
    "carrier": {"name": "dhl", "country": "DE"},
    "reference_number": "R-1",
    "planned_pickup_datetime": "2027-01-16T16:00:00Z",
    "weight": 1.5,
    "goods_value": 20,
    "cod": False,
    "shipment_tag": {"a": "b"},
    "comment": "beim Nachbarn",
    "recipient_last_name": "Mustermann",
}


def every_event(api: Api) -> None:
    """Makes events of every type; the order `long` lives on, the others may not."""
    parcel = _long_life(api)
    _parcels(api, parcel)
    _other_ends(api)


def _long_life(api: Api) -> dict[str, Any]:
    """Created, changed, late, no longer late, paid, shipped."""
    soon = format_time(api.clock.now + 600 * SECOND)
    api.order(
        "long",
        language="de",
        order_url="https://shop.example.com/long",
        order_tags={"shop": "1"},
        promised_delivery_date=soon,
        order_items=[ITEM, {"sku": "B"}],
        recipient=RECIPIENT,
    )
    added = api.post("/v2/orders/long/items", {"description": "Hat"}).json()
    item = f"/v2/order_items/{added['id']}"
    api.put(item, {"status": "in_production", "name": "Hat", "description": None, "weight": 3})
    api.delete(item)
    for state in ("paid", "in_production"):
        api.post("/v2/order_states", {"order_id": "long", "state": state, "location": "Wien"})
    api.clock.advance(minutes=20)
    api.put("/v2/orders/long", {"order_tags": {"shop": "2"}, "recipient": {"city": "Nirgendwo"}})
    api.put("/v2/orders/long", {"promised_delivery_date": None, "order_url": None})
    return api.shipment("long", tracking_code="T-1", **PARCEL)


def _parcels(api: Api, parcel: dict[str, Any]) -> None:
    """Another parcel comes and goes; the first is scanned, delivered, delivered earlier."""
    changed = {"carrier": {"name": "ups"}, "weight": None, "comment": "weg", "counted": True}
    api.put(parcel["iri"], {**changed, "planned_pickup_datetime": "2027-01-18T16:00:00+01:00"})
    other = api.shipment("long", tracking_code="T-2")
    api.put(other["iri"], {"tracking_code": "T-3", "return_parcel": True})
    api.delete(other["iri"])
    api.update(shipment_id=parcel["id"], status="hub_scan", location="Berlin")
    api.update(shipment_id=parcel["id"], status=None, description="Sorted")
    delivered = {"shipment_id": parcel["id"], "status": "delivered"}
    api.update(**delivered)
    earlier = format_time(api.clock.now - 60 * SECOND)
    api.post("/v2/carrier_updates", {**delivered, "datetime": earlier})
    api.post("/v2/order_states", {"order_id": "long", "state": "returned"})


def _other_ends(api: Api) -> None:
    for name, state in (("cancelled", "cancelled"), ("refunded", "refunded")):
        api.order(name)
        api.post("/v2/order_states", {"order_id": name, "state": "paid"})
        api.post("/v2/order_states", {"order_id": name, "state": state})
    api.order("deleted", recipient=RECIPIENT)
    api.shipment("deleted", tracking_code="T-9")
    api.delete("/v2/orders/deleted")
