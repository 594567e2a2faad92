"""The whole way of an order, once, through the API."""

from tests.conftest import Api


def test_an_order_goes_from_placed_to_the_doorstep(api: Api) -> None:
    order = api.order(boarding_complete=False, order_items=[{"sku": "A", "quantity": 2}])
    assert order["state"] == "new"
    paid = api.post("/v2/order_states", {"order_id": "ORD-1", "state": "paid"})
    assert paid.status_code == 201
    api.shipment(tracking_code="T-1")
    assert api.get("/v2/orders/ORD-1").json()["state"] == "shipped"
    assert api.update(tracking_code="T-1", status="delivered").status_code == 201
    assert api.get("/v2/orders/ORD-1").json()["state"] == "shipped"
    done = api.put("/v2/orders/ORD-1", {"boarding_complete": True}).json()
    assert done["state"] == "completed"
    assert [line["state"] for line in done["states_history"]] == [
        "new",
        "paid",
        "shipped",
        "completed",
    ]
