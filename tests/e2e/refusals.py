"""What is wrong with how a server took some bytes: nothing may be stored by what it refuses."""

from doorstep.api.openapi.examples import PATH, REQUESTS
from tests.e2e.shop import Shop
from tests.e2e.wire import Answer, Owed, Unsettled, exchange

ORDER = REQUESTS["OrderRequest"] | {"order_items": [REQUESTS["OrderItemRequest"]]}
PARCEL = REQUESTS["ShipmentRequest"]


def stock(shop: Shop) -> dict[str, str]:
    """What the examples speak of is there, as if new: a value for each parameter of a path."""
    in_the_way = {"tracking_code": PARCEL["tracking_code"]}
    for found in shop.http.get("/v2/orders", params=in_the_way).json():
        shop.http.delete(found["iri"]).raise_for_status()
    shop.http.delete(f"/v2/orders/{ORDER['order_id']}")
    made = shop.http.post("/v2/order", json=ORDER).raise_for_status().json()
    handed_over = shop.http.post("/v2/shipments", json=PARCEL).raise_for_status().json()
    item_id, shipment_id = made["order_items"][0]["id"], str(handed_over["id"])
    return {
        **PATH,
        "item_id": item_id,
        "shipment_id": shipment_id,
        "webhook_endpoint_id": _webhook_endpoint(shop),
    }


def _webhook_endpoint(shop: Shop) -> str:
    """The account's only one, to which the address guard lets nothing through."""
    for found in shop.http.get("/v2/webhook_endpoints").json():
        shop.http.delete(found["iri"]).raise_for_status()
    made = shop.http.post("/v2/webhook_endpoints", json={"url": "https://localhost:1/"})
    return str(made.raise_for_status().json()["id"])


def settle(shop: Shop) -> None:
    """What was taken before is written when this is answered: the order of `stock` once more.

    It waits in the same queue; while that order is as it was, nothing is written for it.
    """
    assert shop.http.post("/v2/order", json=ORDER).status_code in (201, 409)


def fault_of(shop: Shop, data: bytes) -> str | None:
    """A 5xx, a connection left hanging, or something stored by a refusal; None if all is well."""
    with shop.watched() as has_stored:
        try:
            owed, answers = exchange(shop.address, data)
        except Unsettled as unsettled:
            return f"neither answered nor ended: {unsettled}"
        failed = [answer for answer in answers if answer.status >= 500]
        if failed:
            return f"failed: {failed}"
        is_whole = owed.whole or not owed.methods
        if is_whole and _refused(owed, answers) and has_stored():
            return f"refused, but stored: {answers}"
    if is_whole:
        return None
    # The end of a connection may be seen before a commit that it did not wait for.
    settle(shop)
    return _second_look(shop, data) if _refused(owed, answers) else None


def _refused(owed: Owed, answers: list[Answer]) -> bool:
    """Whether nothing was accepted; an answer that was lost may have been anything."""
    told = len(answers) >= len(owed.methods)
    return told and all(answer.status >= 400 for answer in answers)


def _second_look(shop: Shop, data: bytes) -> str | None:
    """Sends the bytes once more, with everything there and no commit left behind."""
    stock(shop)
    with shop.watched() as has_stored:
        owed, answers = exchange(shop.address, data)
        settle(shop)
        if _refused(owed, answers) and has_stored():
            return f"refused, but stored: {answers}"
    return None
