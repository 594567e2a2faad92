"""What is wrong with how a server took some bytes: nothing may be stored by what it refuses."""

from doorstep.api.openapi.examples import PATH, REQUESTS
from tests.e2e.shop import RESERVED, Shop
from tests.e2e.wire import Answer, Unsettled, exchange

BARRIER = "/v2/warehouses/Barrier"


def stock(shop: Shop) -> dict[str, str]:
    """What the examples speak of is there, as if new: a value for each parameter of a path."""
    parcel = REQUESTS["ShipmentRequest"]
    order = REQUESTS["OrderRequest"] | {"order_items": [REQUESTS["OrderItemRequest"]]}
    in_the_way = {"tracking_code": parcel["tracking_code"]}
    for found in shop.http.get("/v2/orders", params=in_the_way).json():
        shop.http.delete(found["iri"]).raise_for_status()
    shop.http.delete(f"/v2/orders/{order['order_id']}")
    made = shop.http.post("/v2/order", json=order).raise_for_status().json()
    handed_over = shop.http.post("/v2/shipments", json=parcel).raise_for_status().json()
    item_id, shipment_id = made["order_items"][0]["id"], str(handed_over["id"])
    return {**PATH, "item_id": item_id, "shipment_id": shipment_id}


def fault_of(shop: Shop, data: bytes) -> str | None:
    """A 5xx, a connection left hanging, or rows changed by a refusal; None when all is well."""
    version, reserved = shop.version(), shop.hash_of(RESERVED)
    try:
        owed, answers = exchange(shop.address, data)
    except Unsettled as unsettled:
        return f"neither answered nor ended: {unsettled}"
    failed = [answer for answer in answers if answer.status >= 500]
    if failed:
        return f"failed: {failed}"
    refused = _refused(answers) and len(answers) >= len(owed.methods)
    if owed.methods and not owed.whole:
        # The end of a connection may be seen before a commit that it did not wait for.
        settle(shop)
        return _stored_again(shop, data) if refused else None
    if not refused or shop.version() == version:
        return None
    if shop.hash_of(RESERVED) == reserved:
        return f"refused, but stored: {answers}"
    return _stored_again(shop, data)


def settle(shop: Shop) -> None:
    """What was taken before is written when this is."""
    shop.http.put(BARRIER, json={"address": "x"}).raise_for_status()


def _refused(answers: list[Answer]) -> bool:
    return all(answer.status >= 400 for answer in answers)


def _stored_again(shop: Shop, data: bytes) -> str | None:
    """Sends the bytes once more, with all rows compared when later writes have come through."""
    stock(shop)
    settle(shop)
    rows = shop.rows()
    _, answers = exchange(shop.address, data)
    settle(shop)
    changed = [table for table, found in shop.rows().items() if found != rows.get(table)]
    return f"refused, but stored in {changed}: {answers}" if changed and _refused(answers) else None
