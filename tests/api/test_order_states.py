"""Order states over HTTP (API, section 6): the table of 10 states by 10 reports, and its rules."""

from collections.abc import Callable
from typing import Any

import pytest

from doorstep.domain.states import ORDER_STATES
from tests.conftest import Api

PROGRESS = ("paid", "in_production", "warehouse_handover", "in_preparation")


def report(api: Api, state: str, **fields: Any) -> Any:
    return api.post("/v2/order_states", {"order_id": "ORD-1", "state": state, **fields})


def order(api: Api) -> dict[str, Any]:
    body: dict[str, Any] = api.get("/v2/orders/ORD-1").json()
    return body


def history(api: Api) -> list[str]:
    return [line["state"] for line in order(api)["states_history"]]


def reported(*states: str) -> Callable[[Api], None]:
    def reach(api: Api) -> None:
        for state in states:
            assert report(api, state).status_code == 201

    return reach


def shipped(api: Api) -> None:
    api.shipment(tracking_code="T-1")


def completed(api: Api) -> None:
    shipped(api)
    assert api.update(tracking_code="T-1", status="delivered").status_code == 201


def returned(api: Api) -> None:
    shipped(api)
    assert report(api, "returned").status_code == 201


REACHED: dict[str, Callable[[Api], None]] = {
    "new": reported(),
    **{state: reported(state) for state in PROGRESS},
    "shipped": shipped,
    "completed": completed,
    "cancelled": reported("cancelled"),
    "returned": returned,
    "refunded": reported("paid", "refunded"),
}
"""How an order without items gets into each state, on the shortest way."""

OK, BACK, NEVER = (201, None), (409, "state_not_allowed"), (400, "invalid_field")
AGAIN = (201, "replayed")
AFTERWARDS = (201, "paid afterwards")

TABLE = {
    # new, paid, in_production, warehouse_handover, in_preparation, shipped, completed,
    # cancelled, returned, refunded
    "new": (AGAIN, OK, OK, OK, OK, NEVER, NEVER, OK, BACK, BACK),
    "paid": (AGAIN, AGAIN, OK, OK, OK, NEVER, NEVER, OK, BACK, OK),
    "in_production": (AGAIN, BACK, AGAIN, OK, OK, NEVER, NEVER, OK, BACK, OK),
    "warehouse_handover": (AGAIN, BACK, BACK, AGAIN, OK, NEVER, NEVER, OK, BACK, OK),
    "in_preparation": (AGAIN, BACK, BACK, BACK, AGAIN, NEVER, NEVER, OK, BACK, OK),
    "shipped": (AGAIN, AFTERWARDS, BACK, BACK, BACK, NEVER, NEVER, BACK, OK, OK),
    "completed": (AGAIN, AFTERWARDS, BACK, BACK, BACK, NEVER, NEVER, BACK, OK, OK),
    "cancelled": (AGAIN, BACK, BACK, BACK, BACK, NEVER, NEVER, AGAIN, BACK, OK),
    "returned": (AGAIN, AFTERWARDS, BACK, BACK, BACK, NEVER, NEVER, BACK, AGAIN, OK),
    "refunded": (AGAIN, AGAIN, BACK, BACK, BACK, NEVER, NEVER, BACK, BACK, AGAIN),
}
CASES = [
    pytest.param(state, word, expected, id=f"{word}-on-{state}")
    for state, row in TABLE.items()
    for word, expected in zip(ORDER_STATES, row, strict=True)
]


@pytest.mark.parametrize(("state", "word", "expected"), CASES)
def test_each_report_in_each_state(
    api: Api, state: str, word: str, expected: tuple[int, str | None]
) -> None:
    api.order()
    REACHED[state](api)
    before = order(api)
    assert before["state"] == state
    answer = report(api, word)
    after = order(api)
    assert answer.status_code == expected[0], answer.text
    assert answer.headers.get("Idempotent-Replayed") == ("true" if expected is AGAIN else None)
    if expected is OK:
        assert after["state"] == word
        assert after["states_history"] == [*before["states_history"], answer.json()]
        assert (after["paid_at"] is None) == (before["paid_at"] is None and word != "paid")
    elif expected is AFTERWARDS:
        assert after == {**before, "paid_at": after["paid_at"], "updated_at": after["updated_at"]}
        assert before["paid_at"] is None
        assert after["paid_at"] is not None
    else:
        assert after == before
    if answer.status_code >= 400:
        assert answer.json()["code"] == expected[1]
        assert answer.json()["violations"][0]["propertyPath"] == "state"


@pytest.mark.parametrize("path", ["/v2/order_states", "/v2/order-states", "/v2/order_states/"])
@pytest.mark.parametrize("name", ["order_id", "shop_order_id"])
def test_a_report_is_answered_with_its_history_entry(api: Api, path: str, name: str) -> None:
    api.order()
    body = {name: "ORD-1", "state": "paid", "datetime": "2027-01-14T10:00:00Z", "location": "Wien"}
    answer = api.post(path, body)
    assert answer.status_code == 201
    assert answer.json() == {
        "datetime": "2027-01-14T10:00:00.000Z",
        "location": "Wien",
        "order_id": "ORD-1",
        "state": "paid",
    }
    assert order(api)["states_history"][-1] == answer.json()
    assert order(api)["paid_at"] == "2027-01-14T10:00:00Z"


def test_a_report_without_datetime_speaks_of_now(api: Api) -> None:
    api.order()
    api.clock.advance(minutes=5)
    assert report(api, "paid").json()["datetime"] == "2027-01-15T08:05:00.000Z"
    assert order(api)["states_history"][-1]["location"] is None


def test_an_order_is_reported_by_its_internal_number_too(api: Api) -> None:
    number = api.order()["id"]
    answer = api.post("/v2/order_states", {"order_id": number, "state": "paid"})
    assert answer.status_code == 201
    assert answer.json()["order_id"] == "ORD-1"


@pytest.mark.parametrize("first", range(4))
def test_each_step_may_be_skipped(api: Api, first: int) -> None:
    api.order()
    for state in PROGRESS[first:]:
        assert report(api, state).status_code == 201
    assert history(api) == ["new", *PROGRESS[first:]]


@pytest.mark.parametrize(
    ("first", "again", "replayed"),
    [
        ({}, {}, True),
        ({"datetime": "2027-01-14T10:00:00Z"}, {}, True),
        ({"datetime": "2027-01-14T10:00:00Z"}, {"datetime": "2027-01-14T10:00:00Z"}, True),
        ({"datetime": "2027-01-14T10:00:00Z"}, {"datetime": "2027-01-14T11:00+01:00"}, True),
        ({"datetime": "2027-01-14T10:00:00Z"}, {"datetime": "2027-01-14T10:00:01Z"}, False),
        ({"location": "Wien"}, {"location": "Graz"}, True),
    ],
)
def test_an_equal_report_is_replayed(
    api: Api, first: dict[str, str], again: dict[str, str], replayed: bool
) -> None:
    api.order()
    entry = report(api, "paid", **first).json()
    answer = report(api, "paid", **again)
    assert answer.status_code == (201 if replayed else 409)
    assert ("Idempotent-Replayed" in answer.headers) is replayed
    if replayed:
        assert answer.json() == entry
    assert history(api) == ["new", "paid"]


def test_a_report_equal_to_an_older_entry_is_replayed_after_further_steps(api: Api) -> None:
    api.order()
    for state in ("paid", "in_production", "cancelled"):
        report(api, state)
    assert report(api, "paid").headers["Idempotent-Replayed"] == "true"
    assert history(api) == ["new", "paid", "in_production", "cancelled"]


@pytest.mark.parametrize("state", ["shipped", "completed", "returned"])
def test_purchase_on_invoice(api: Api, state: str) -> None:
    api.order()
    REACHED[state](api)
    before = history(api)
    answer = report(api, "paid", datetime="2027-01-15T07:00:00Z", location="Wien")
    assert answer.status_code == 201
    assert answer.json() == {
        "datetime": "2027-01-15T07:00:00.000Z",
        "location": "Wien",
        "order_id": "ORD-1",
        "state": "paid",
    }
    assert order(api)["paid_at"] == "2027-01-15T07:00:00Z"
    assert order(api)["state"] == state
    assert history(api) == before
    again = report(api, "paid", datetime="2027-01-15T07:00:00Z")
    assert again.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("state", [*PROGRESS, "shipped", "completed", "cancelled", "returned"])
def test_an_order_without_items_is_refunded_by_the_shop(api: Api, state: str) -> None:
    api.order()
    REACHED[state](api)
    assert report(api, "refunded").status_code == 201
    assert order(api)["state"] == "refunded"


@pytest.mark.parametrize("state", [state for state in ORDER_STATES if state != "refunded"])
def test_an_order_with_items_is_refunded_by_them_alone(api: Api, state: str) -> None:
    made = api.order(order_items=[{"sku": "A"}, {"sku": "B"}])
    REACHED[state](api)
    answer = report(api, "refunded")
    assert answer.status_code == 409
    assert "refunded" not in history(api)
    for index, item in enumerate(made["order_items"]):
        assert order(api)["state"] == state, f"before item {index}"
        path = f"/v2/orders/ORD-1/items/{item['id']}"
        assert api.put(path, {"status": "refunded"}).status_code == 200
    assert order(api)["state"] == "refunded"


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        ("in_preparation", "allows cancelled, refunded"),
        ("shipped", "allows paid, returned, refunded"),
        ("cancelled", "allows refunded"),
        ("refunded", "is final"),
    ],
)
def test_a_refused_step_names_the_state_and_what_it_allows(
    api: Api, state: str, allowed: str
) -> None:
    api.order()
    REACHED[state](api)
    problem = report(api, "in_production").json()
    assert problem["detail"] == (
        f"Order ORD-1 is {state}, which {allowed}; in_production was reported."
    )
    assert problem["violations"] == [
        {"propertyPath": "state", "message": f"cannot follow {state}."}
    ]


@pytest.mark.parametrize("word", ["shipped", "completed", "sold", "Paid ", "delivered", "0"])
def test_a_word_that_is_never_reported(api: Api, word: str) -> None:
    """Always 400: whatever the order is, and where there is none."""
    api.order()
    for order_id in ("ORD-1", "unknown"):
        answer = api.post("/v2/order_states", {"order_id": order_id, "state": word})
        assert answer.status_code == 400, order_id
        assert answer.json()["violations"][0]["propertyPath"] == "state"
    assert history(api) == ["new"]


@pytest.mark.parametrize(
    ("body", "paths"),
    [
        ({"order_id": "ORD-1"}, ["state"]),
        ({"order_id": "ORD-1", "state": None}, ["state"]),
        ({"order_id": "ORD-1", "state": ""}, ["state"]),
        ({"order_id": "ORD-1", "state": 7}, ["state"]),
        ({"state": "paid"}, ["order_id"]),
        ({"order_id": "", "state": "paid"}, ["order_id"]),
        ({"order_id": "x" * 256, "state": "paid"}, ["order_id"]),
        (
            {"order_id": "ORD-1", "shop_order_id": "B", "state": "paid"},
            ["order_id", "shop_order_id"],
        ),
        ({"order_id": "ORD-1", "state": "paid", "datetime": "yesterday"}, ["datetime"]),
        ({"order_id": "ORD-1", "state": "paid", "datetime": "1969-12-31T23:59:59Z"}, ["datetime"]),
        ({"order_id": "ORD-1", "state": "paid", "location": 5}, ["location"]),
        ({"order_id": [], "state": "sold", "datetime": "x"}, ["datetime", "order_id", "state"]),
        ([], [""]),
        ("paid", [""]),
    ],
)
def test_a_malformed_report_names_every_field(api: Api, body: Any, paths: list[str]) -> None:
    api.order()
    answer = api.post("/v2/order_states", body)
    assert answer.status_code == 400
    assert sorted(line["propertyPath"] for line in answer.json()["violations"]) == paths
    assert history(api) == ["new"]


def test_a_number_for_its_time_counts_as_not_given(api: Api) -> None:
    api.order()
    assert report(api, "paid", datetime=300).json()["datetime"].startswith("2027-01-15T08:00:00")


def test_an_unknown_order_and_another_accounts_order_are_not_found(api: Api) -> None:
    api.order()
    unknown = api.post("/v2/order_states", {"order_id": "ORD-2", "state": "paid"})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "order_not_found")
    other = api.account("Other")
    body = {"order_id": "ORD-1", "state": "paid"}
    assert api.post("/v2/order_states", body, key=other).status_code == 404
    assert history(api) == ["new"]


def test_the_first_answer_again_for_the_same_idempotency_key(api: Api) -> None:
    api.order()
    headers = {"Idempotency-Key": "k-1"}
    body = {"order_id": "ORD-1", "state": "paid"}
    first = api.post("/v2/order_states", body, headers=headers)
    report(api, "in_production")
    again = api.post("/v2/order_states", body, headers=headers)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    other = api.post("/v2/order_states", {**body, "state": "cancelled"}, headers=headers)
    assert other.status_code == 409
    assert history(api) == ["new", "paid", "in_production"]
