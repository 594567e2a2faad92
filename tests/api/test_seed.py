"""The order workflows as they are published: each body, taken from the text as it stands."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Api

TEXT = (Path(__file__).parent / "order-workflows.txt").read_text()


def json_blocks(text: str) -> list[dict[str, Any]]:
    """Every JSON object of the text that begins at the start of a line, in order."""
    found, position, decoder = [], 0, json.JSONDecoder()
    while (start := text.find("\n{", position)) != -1:
        block, length = decoder.raw_decode(text[start + 1 :])
        found.append(block)
        position = start + 1 + length
    return found


BLOCKS = json_blocks(TEXT)
(
    ACCESS_KEY,
    TOKEN,
    ORDER,
    ORDER_ANSWER,
    ORDER_WITH_ITEMS,
    ITEM,
    ITEM_ANSWER,
    BOARDING,
    BOARDING_ANSWER,
) = BLOCKS

STATUSES = ("paid", "in_production", "in_preparation")


def holds(answer: dict[str, Any], wanted: dict[str, Any]) -> None:
    """Whether the answer has at least these keys with these values."""
    assert {name: answer.get(name) for name in wanted} == wanted


def holds_order(answer: dict[str, Any], wanted: dict[str, Any]) -> None:
    """As `holds`; the samples of a history and of a tracking page show another order's."""
    other = ("states_history", "tracking_page_url")
    holds(answer, {name: value for name, value in wanted.items() if name not in other})
    assert set(wanted) <= set(answer)
    (sample,) = wanted["states_history"]
    for line in answer["states_history"]:
        assert set(line) == set(sample)
        assert line["order_id"] == answer["order_id"]
    assert "/order/" in answer["tracking_page_url"]


def test_the_text_has_nine_bodies() -> None:
    assert len(BLOCKS) == 9
    assert TEXT.count("\n{") == 9


def test_step_1_the_access_key_for_a_token(api: Api) -> None:
    assert set(ACCESS_KEY) == {"access_key"}
    answer = api.raw("POST", "/v2/token", json={**ACCESS_KEY, "access_key": api.key})
    assert answer.status_code == 200
    assert set(answer.json()) == set(TOKEN)
    with_token = {"Authorization": f"Bearer {answer.json()['token']}"}
    assert api.raw("GET", "/v2/orders", headers=with_token).status_code == 200


def test_step_1_the_key_of_the_text_is_no_key(api: Api) -> None:
    assert api.raw("POST", "/v2/token", json=ACCESS_KEY).status_code == 401


def test_step_2_create_an_order(api: Api) -> None:
    answer = api.post("/v2/order", ORDER)
    assert answer.status_code == 201
    holds(answer.json(), ORDER)
    holds_order(answer.json(), ORDER_ANSWER)
    assert [line["state"] for line in answer.json()["states_history"]] == ["new"]


def test_step_2_1_an_order_with_items(api: Api) -> None:
    answer = api.post("/v2/order", ORDER_WITH_ITEMS)
    assert answer.status_code == 201
    order = answer.json()
    plain = {name: value for name, value in ORDER_WITH_ITEMS.items() if name != "order_items"}
    holds(order, plain)
    assert len(order["order_items"]) == len(ORDER_WITH_ITEMS["order_items"]) == 2
    for item, given in zip(order["order_items"], ORDER_WITH_ITEMS["order_items"], strict=True):
        holds(item, given)
    assert '"weight":180,' in answer.text or '"weight":180}' in answer.text


def test_step_2_1_an_item_of_its_own(api: Api) -> None:
    warehouse = "/v2/warehouses/Main%20Warehouse%20Vienna"
    address = {"address": ITEM_ANSWER["warehouse_address"]}
    assert api.put(warehouse, address).status_code == 201
    api.post("/v2/order", ORDER)
    answer = api.post(f"/v2/orders/{ORDER['order_id']}/items", ITEM)
    assert answer.status_code == 201
    item = answer.json()
    assert isinstance(item["id"], str)
    holds({**item, "id": ITEM_ANSWER["id"]}, ITEM_ANSWER)
    assert ITEM["status"] == "refunded"
    assert item["status"] == "new"


@pytest.mark.parametrize("path", ["/v2/order_states", "/v2/order-states"])
def test_step_2_2_order_states(api: Api, path: str) -> None:
    api.post("/v2/order", ORDER)
    for status in STATUSES:
        assert f"{status} — " in TEXT
        answer = api.post(path, {"order_id": ORDER["order_id"], "state": status})
        assert answer.status_code == 201
        assert api.get(f"/v2/orders/{ORDER['order_id']}").json()["state"] == status


def test_step_3_the_first_shipment_ships_the_order(api: Api) -> None:
    api.post("/v2/order", ORDER)
    api.shipment(ORDER["order_id"], tracking_code="T-1")
    assert api.get(f"/v2/orders/{ORDER['order_id']}").json()["state"] == "shipped"


def test_step_4_boarding_complete(api: Api) -> None:
    api.post("/v2/order", {**ORDER, "boarding_complete": False})
    answer = api.put(f"/v2/orders/{ORDER['order_id']}", BOARDING)
    assert answer.status_code == 200
    holds_order(answer.json(), BOARDING_ANSWER)


def test_step_5_completed_when_all_is_delivered(api: Api) -> None:
    api.post("/v2/order", {**ORDER, "boarding_complete": False})
    api.shipment(ORDER["order_id"], tracking_code="T-1")
    api.shipment(ORDER["order_id"], tracking_code="T-2")
    path = f"/v2/orders/{ORDER['order_id']}"
    api.update(tracking_code="T-1", status="delivered")
    api.put(path, BOARDING)
    assert api.get(path).json()["state"] == "shipped"
    api.update(tracking_code="T-2", status="delivered")
    assert api.get(path).json()["state"] == "completed"


def test_step_6_a_promise_that_has_passed_delays(api: Api) -> None:
    answer = api.post("/v2/order", ORDER).json()
    assert answer["delayed"] is True
    assert answer["delayed_at"] == ORDER["promised_delivery_date"]
    later = {**ORDER, "order_id": "LATER", "promised_delivery_date": "2028-01-20T23:59:59Z"}
    assert api.post("/v2/order", later).json()["delayed"] is False
