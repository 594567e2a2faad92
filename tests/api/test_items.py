"""API, section 5: order items, in both their vocabularies."""

import asyncio
from typing import Any

import pytest

from tests.conftest import Api

OF_THE_CALL: dict[str, Any] = {
    "appearance": "Blue",
    "bundle_item": "BUNDLE-1",
    "currency": "EUR",
    "description": "Cotton T-shirt",
    "name": "T-shirt",
    "returnable": True,
    "sales_price": 29.99,
    "shipment_id": "5678",
    "shop_product_url": "https://shop.example.com/t-shirt",
    "size": "M",
    "sku": "T-BLU-M",
    "warehouse": "Main",
    "weight": 0.25,
}
OF_THE_ORDER: dict[str, Any] = {
    "description": "Cotton T-shirt",
    "external_id": "PROD-1",
    "hs_code": "6109100010",
    "image_url": "https://shop.example.com/t-shirt.jpg",
    "item_value": 29.99,
    "origin_country": "PT",
    "quantity": 2,
    "sku": "T-BLU-M",
    "weight": 180,
}
EVERY = {**OF_THE_CALL, **OF_THE_ORDER}
OURS = {"id", "shop_order_id", "status", "warehouse_address"}
STATUSES = (
    *("new", "in_production", "in_preparation", "shipped", "delivered", "returned"),
    *("refunded", "cancelled"),
)
NAMED_BY = ["sku", "name", "description"]


def faults(answer: Any) -> list[str]:
    return [line["propertyPath"] for line in answer.json()["violations"]]


def add(api: Api, **fields: Any) -> dict[str, Any]:
    answer = api.post("/v2/orders/ORD-1/items", fields)
    assert answer.status_code == 201, answer.text
    item: dict[str, Any] = answer.json()
    return item


@pytest.mark.parametrize("given", [OF_THE_CALL, OF_THE_ORDER, EVERY, {"sku": "A"}])
def test_an_item_answers_what_was_given_and_ours(api: Api, given: dict[str, Any]) -> None:
    api.order()
    item = add(api, **given)
    assert item == {
        **given,
        "id": item["id"],
        "shop_order_id": "ORD-1",
        "status": "new",
        "warehouse_address": None,
    }
    assert isinstance(item["id"], str)
    assert item["id"].isdecimal()
    assert api.get("/v2/orders/ORD-1/items").json() == [item]
    assert api.get("/v2/orders/ORD-1").json()["order_items"] == [item]
    assert api.order("B", order_items=[given])["order_items"][0].keys() == item.keys()


@pytest.mark.parametrize("path", ["/v2/orders/ORD-1/items/{}", "/v2/order_items/{}"])
def test_an_item_is_reached_by_both_paths(api: Api, path: str) -> None:
    api.order()
    item = add(api, **EVERY)
    at = path.format(item["id"])
    assert api.get(at).json() == item
    changed = api.put(at, {"size": "L"})
    assert changed.status_code == 200
    assert changed.json() == {**item, "size": "L"}
    assert api.get(at).json() == changed.json()
    answer = api.delete(at)
    assert (answer.status_code, answer.content) == (204, b"")
    assert api.get(at).status_code == api.delete(at).status_code == 404
    assert api.put(at, {"size": "L"}).status_code == 404
    assert api.get("/v2/orders/ORD-1/items").json() == []


def test_an_item_is_reached_through_its_own_order_only(api: Api) -> None:
    number = api.order()["id"]
    api.order("B")
    item = add(api, sku="A")
    assert api.get(f"/v2/orders/{number}/items/{item['id']}").json() == item
    for method in ("GET", "PUT", "DELETE"):
        at = f"/v2/orders/B/items/{item['id']}"
        assert api.call(method, at, {"size": "L"}).status_code == 404
    assert api.get("/v2/orders/ORD-1/items").json() == [item]


def test_items_are_listed_as_they_came(api: Api) -> None:
    api.order(order_items=[{"sku": "B"}, {"sku": "A"}])
    add(api, sku="0")
    listed = api.get("/v2/orders/ORD-1/items").json()
    assert [item["sku"] for item in listed] == ["B", "A", "0"]
    assert len({item["id"] for item in listed}) == 3


@pytest.mark.parametrize("name", NAMED_BY)
def test_one_name_is_enough(api: Api, name: str) -> None:
    api.order()
    assert add(api, **{name: "A"})[name] == "A"


@pytest.mark.parametrize("given", [{}, {"size": "M"}, {"sku": ""}, {"name": None, "sku": ""}])
def test_an_item_without_a_name_is_400(api: Api, given: dict[str, Any]) -> None:
    api.order()
    answer = api.post("/v2/orders/ORD-1/items", given)
    assert answer.status_code == 400
    assert faults(answer) == NAMED_BY
    answer = api.post("/v2/order", {"order_id": "B", "order_items": [{"sku": "A"}, given]})
    assert faults(answer) == [f"order_items[1].{name}" for name in NAMED_BY]


def test_the_last_name_cannot_be_cleared(api: Api) -> None:
    api.order()
    item = add(api, sku="A", name="B")
    at = f"/v2/order_items/{item['id']}"
    assert "sku" not in api.put(at, {"sku": None}).json()
    answer = api.put(at, {"name": ""})
    assert answer.status_code == 400
    assert faults(answer) == NAMED_BY
    assert api.put(at, {"name": "", "description": "C"}).json()["description"] == "C"


WHATEVER = [*STATUSES, "banana", "", None, 5, ["new"], {}]


@pytest.mark.parametrize("sent", WHATEVER, ids=range(len(WHATEVER)))
def test_the_status_is_new_whatever_was_sent(api: Api, sent: Any) -> None:
    order = api.order(order_items=[{"sku": "A", "status": sent}])
    assert order["order_items"][0]["status"] == "new"
    assert add(api, sku="B", status=sent)["status"] == "new"


@pytest.mark.parametrize("before", STATUSES)
def test_the_shop_sets_any_status(api: Api, before: str) -> None:
    api.order(order_items=[{"sku": "other"}])
    item = add(api, sku="A")
    at = f"/v2/order_items/{item['id']}"
    for after in STATUSES:
        assert api.put(at, {"status": before}).json()["status"] == before
        assert api.put(at, {"status": after}).json()["status"] == after
        assert api.get(at).json() == {**item, "status": after}


@pytest.mark.parametrize("status", ["banana", "paid", 5, ["new"], True])
def test_another_status_is_400(api: Api, status: Any) -> None:
    api.order()
    item = add(api, sku="A")
    answer = api.put(f"/v2/order_items/{item['id']}", {"status": status, "size": "L"})
    assert answer.status_code == 400
    assert faults(answer) == ["status"]
    assert api.get("/v2/orders/ORD-1/items").json() == [item]


def test_no_status_in_a_put_leaves_it(api: Api) -> None:
    api.order(order_items=[{"sku": "other"}])
    item = add(api, sku="A")
    at = f"/v2/order_items/{item['id']}"
    api.put(at, {"status": "returned"})
    for nothing in ({}, {"status": None}, {"status": ""}, {"size": "L"}):
        assert api.put(at, nothing).json()["status"] == "returned"


def test_parcels_do_not_move_items(api: Api) -> None:
    api.order(order_items=[{"sku": "A"}])
    shipment = api.shipment(tracking_code="T")
    item = add(api, sku="B", shipment_id=str(shipment["id"]))
    api.update(tracking_code="T", status="delivered")
    order = api.get("/v2/orders/ORD-1").json()
    assert order["state"] == "completed"
    assert [line["status"] for line in order["order_items"]] == ["new", "new"]
    assert item["shipment_id"] == str(shipment["id"])


@pytest.mark.parametrize("field", EVERY)
def test_put_changes_and_clears_any_field(api: Api, field: str) -> None:
    api.order()
    item = add(api, **EVERY)
    at = f"/v2/order_items/{item['id']}"
    other = {True: False, 29.99: 30.5, 0.25: 1, 2: 3, 180: 181}.get(EVERY[field], "other")
    changed = api.put(at, {field: other}).json()
    assert changed == {**item, field: other}
    for nothing in (None, ""):
        api.put(at, {field: other})
        cleared = api.put(at, {field: nothing}).json()
        assert cleared == {name: value for name, value in item.items() if name != field}
        assert api.get(at).json() == cleared


def test_ours_cannot_be_written(api: Api) -> None:
    api.order()
    item = add(api, sku="A", id="1", shop_order_id="X", warehouse_address="Nowhere")
    assert item["shop_order_id"] == "ORD-1"
    assert item["warehouse_address"] is None
    at = f"/v2/order_items/{item['id']}"
    assert api.put(at, {"id": 1, "shop_order_id": "X", "warehouse_address": "N"}).json() == item


def test_the_warehouses_address_is_the_accounts(api: Api) -> None:
    api.order()
    item = add(api, sku="A", warehouse="Main Warehouse/1")
    at = f"/v2/order_items/{item['id']}"
    assert item["warehouse_address"] is None
    api.put("/v2/warehouses/Main%20Warehouse%2F1", {"address": "Here 1"})
    assert api.get(at).json()["warehouse_address"] == "Here 1"
    api.put("/v2/warehouses/Main%20Warehouse%2F1", {"address": "There 2"})
    assert api.get(at).json()["warehouse_address"] == "There 2"
    assert api.put(at, {"warehouse": "Other"}).json()["warehouse_address"] is None
    assert add(api, sku="B", warehouse="Main Warehouse/1")["warehouse_address"] == "There 2"
    assert add(api, sku="C")["warehouse_address"] is None
    api.delete("/v2/warehouses/Main%20Warehouse%2F1")
    assert {line["warehouse_address"] for line in api.get("/v2/orders/ORD-1/items").json()} == {
        None
    }


def test_an_external_id_that_is_there_is_replayed(api: Api) -> None:
    api.order()
    api.order("B")
    first = api.post("/v2/orders/ORD-1/items", {"sku": "A", "external_id": "E-1"})
    again = api.post("/v2/orders/ORD-1/items", {"sku": "other", "external_id": "E-1"})
    assert again.status_code == 201
    assert again.json() == first.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers
    other = api.post("/v2/orders/B/items", {"sku": "A", "external_id": "E-1"})
    assert "idempotent-replayed" not in other.headers, "another order"
    assert len(api.get("/v2/orders/ORD-1/items").json()) == 1


def test_the_external_id_of_an_item_created_with_its_order(api: Api) -> None:
    (item,) = api.order(order_items=[{"sku": "A", "external_id": "E-1"}])["order_items"]
    again = api.post("/v2/orders/ORD-1/items", {"sku": "A", "external_id": "E-1"})
    assert again.json() == item
    api.delete(f"/v2/order_items/{item['id']}")
    new = api.post("/v2/orders/ORD-1/items", {"sku": "A", "external_id": "E-1"})
    assert new.json()["id"] != item["id"]


def test_without_an_external_id_each_call_adds_one(api: Api) -> None:
    api.order()
    assert add(api, sku="A")["id"] != add(api, sku="A")["id"]


def test_one_external_id_at_once_from_many(api: Api) -> None:
    api.order()
    body = {"sku": "A", "external_id": "E-1"}

    async def together() -> list[Any]:
        path = "/v2/orders/ORD-1/items"
        return list(await asyncio.gather(*(api.send("POST", path, json=body) for _ in range(32))))

    answers = api.run(together())
    assert {answer.status_code for answer in answers} == {201}
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1
    assert len(api.get("/v2/orders/ORD-1/items").json()) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_items_of_an_unknown_order_are_404(api: Api, method: str) -> None:
    answer = api.call(method, "/v2/orders/NONE/items", {"sku": "A"})
    assert answer.status_code == 404
    assert answer.json()["code"] == "order_not_found"


@pytest.mark.parametrize("number", ["x", "0", "1", "-1", "700000000009999", "9" * 99, "%20"])
def test_an_item_that_is_not_there_is_404(api: Api, number: str) -> None:
    api.order()
    for path in (f"/v2/order_items/{number}", f"/v2/orders/ORD-1/items/{number}"):
        for method in ("GET", "PUT", "DELETE"):
            answer = api.call(method, path, {"size": "L"})
            assert answer.status_code == 404
            assert answer.json()["code"] == "order_item_not_found"
