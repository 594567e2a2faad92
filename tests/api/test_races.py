"""Requests at the same moment: afterwards all is as if they had come one after the other."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from doorstep.service.verify import verify
from tests.conftest import Api as OneApi


class Api(OneApi):
    def at_once(self, *sent: tuple[str, str, Any]) -> list[Any]:
        """Sends all of these together and waits for all answers."""
        self.token()

        async def send() -> list[Any]:
            return await asyncio.gather(
                *(self.send(method, path, json=body) for method, path, body in sent)
            )

        answers: list[Any] = self.run(send())
        assert all(answer.status_code < 500 for answer in answers)
        return answers


@pytest.fixture
def api(database: str, caplog: pytest.LogCaptureFixture) -> Iterator[Api]:
    """Checks afterwards that rows say what events say, and that no group was rolled back."""
    opened = Api(database)
    yield opened

    async def faults() -> list[str]:
        reader = opened.services.store.reader
        return [fault async for part in verify(reader) for fault in part.faults]

    assert opened.run(faults()) == []
    assert not [line for line in caplog.records if line.name.startswith("doorstep")]
    opened.close()


def order(api: Api, order_id: str = "ORD-1") -> dict[str, Any]:
    body: dict[str, Any] = api.get(f"/v2/orders/{order_id}").json()
    return body


def post_order(order_id: str = "ORD-1", **fields: Any) -> tuple[str, str, Any]:
    return "POST", "/v2/order", {"order_id": order_id, **fields}


def post_state(state: str) -> tuple[str, str, Any]:
    return "POST", "/v2/order_states", {"order_id": "ORD-1", "state": state}


def post_parcel(order_id: str = "ORD-1", **fields: Any) -> tuple[str, str, Any]:
    return "POST", "/v2/shipments", {"order_id": order_id, **fields}


def post_update(code: str, status: str | None = "delivered", **fields: Any) -> tuple[str, str, Any]:
    update = {"tracking_code": code, "status": status, "datetime": "2027-01-15T08:00:00Z"}
    return "POST", "/v2/carrier_updates", {**update, **fields}


def replayed(answers: list[Any]) -> int:
    return sum(answer.headers.get("Idempotent-Replayed") == "true" for answer in answers)


def test_64_clients_post_the_same_order(api: Api) -> None:
    body = {"language": "de", "order_items": [{"sku": "A"}], "recipient": {"city": "Wien"}}
    answers = api.at_once(*[post_order(**body)] * 64)
    assert {answer.status_code for answer in answers} == {201}
    assert replayed(answers) == 63
    assert len({answer.json()["iri"] for answer in answers}) == 1
    assert len(api.get("/v2/orders").json()) == 1
    assert len(order(api)["order_items"]) == 1


def test_64_clients_post_64_different_orders_of_one_name(api: Api) -> None:
    answers = api.at_once(*(post_order(language=f"l{number}") for number in range(64)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 63}
    (winner,) = [answer for answer in answers if answer.status_code == 201]
    assert order(api) == winner.json()


def test_64_clients_with_one_idempotency_key(api: Api) -> None:
    api.token()

    async def send() -> list[Any]:
        headers = {"Idempotency-Key": "k"}
        body = {"order_id": "ORD-1"}
        sent = [api.send("POST", "/v2/order", json=body, headers=headers) for _ in range(64)]
        return await asyncio.gather(*sent)

    answers = api.run(send())
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert replayed(answers) == 63


@pytest.mark.parametrize("seed", range(6))
def test_paid_and_cancelled_at_once(api: Api, seed: int) -> None:
    api.order()
    reports = [post_state("paid"), post_state("cancelled")] * 4
    random.Random(seed).shuffle(reports)
    answers = api.at_once(*reports)
    body = order(api)
    assert body["state"] == "cancelled"
    states = [line["state"] for line in body["states_history"]]
    assert states in (["new", "paid", "cancelled"], ["new", "cancelled"])
    won = Counter(
        json.loads(answer.request.content)["state"]
        for answer in answers
        if answer.status_code == 201
    )
    # Cancelled first: every report of paid is refused. Paid first: all are the same report.
    assert won == ({"paid": 4, "cancelled": 4} if "paid" in states else {"cancelled": 4})


def test_each_progress_at_once_leaves_a_history_in_order(api: Api) -> None:
    api.order()
    row = ["paid", "in_production", "warehouse_handover", "in_preparation"]
    answers = api.at_once(*(post_state(state) for state in reversed(row * 5)))
    states = [line["state"] for line in order(api)["states_history"]]
    assert states == ["new", *sorted(states[1:], key=row.index)]
    assert sum(answer.status_code == 201 for answer in answers) - replayed(answers) == len(
        states[1:]
    )


@pytest.mark.parametrize("count", [2, 32])
def test_parcels_embed_the_same_new_order(api: Api, count: int) -> None:
    """One creates it, the others join, also with another opinion of it."""
    sent = [
        (
            "POST",
            "/v2/shipments",
            {
                "order": {"order_id": "ORD-1", "language": f"l{number}"},
                "tracking_code": f"T-{number}",
            },
        )
        for number in range(count)
    ]
    answers = api.at_once(*sent)
    assert {answer.status_code for answer in answers} == {201}
    assert replayed(answers) == 0
    body = order(api)
    assert len(body["shipments"]) == count
    assert len(api.get("/v2/orders").json()) == 1
    assert [line["state"] for line in body["states_history"]] == ["new", "shipped"]


def test_an_order_and_a_parcel_that_embeds_it(api: Api) -> None:
    embedded = {"order": {"order_id": "ORD-1"}, "tracking_code": "T"}
    answers = api.at_once(*[post_order(), ("POST", "/v2/shipments", embedded)] * 8)
    assert {answer.status_code for answer in answers} == {201}
    assert replayed(answers) == 14
    assert len(order(api)["shipments"]) == 1


def test_the_same_parcel_from_32_clients(api: Api) -> None:
    """Each recomputes its pickup time, as one client does: the last one stands."""
    api.order()
    sent = [
        post_parcel(
            tracking_code="T",
            carrier={"name": "dhl"},
            planned_pickup_datetime=f"2027-01-16T08:00:{number:02}Z",
        )
        for number in range(32)
    ]
    answers = api.at_once(*sent)
    assert {answer.status_code for answer in answers} == {201}
    assert replayed(answers) == 31
    (parcel,) = order(api)["shipments"]
    assert {answer.json()["id"] for answer in answers} == {parcel["id"]}
    times = {json.loads(request.request.content)["planned_pickup_datetime"] for request in answers}
    assert parcel["planned_pickup_datetime"] in times


@pytest.mark.parametrize("name", ["tracking_code", "reference_number"])
def test_one_name_for_parcels_of_16_orders(api: Api, name: str) -> None:
    for number in range(16):
        api.order(f"O-{number}")
    answers = api.at_once(*(post_parcel(f"O-{number}", **{name: "T"}) for number in range(16)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 15}
    shipped = [body for body in api.get("/v2/orders").json() if body["state"] == "shipped"]
    assert len(shipped) == 1
    for answer in answers:
        if answer.status_code == 409:
            assert shipped[0]["order_id"] in answer.json()["detail"]


@pytest.mark.parametrize("seed", range(6))
def test_boarding_complete_beside_delivered_updates(api: Api, seed: int) -> None:
    api.order(boarding_complete=False)
    codes = [f"T-{number}" for number in range(8)]
    for code in codes:
        api.shipment(tracking_code=code)
    sent = [*(post_update(code) for code in codes * 2), *[boarding_complete()] * 3]
    random.Random(seed).shuffle(sent)
    answers = api.at_once(*sent)
    assert {answer.status_code for answer in answers} == {200, 201}
    body = order(api)
    assert [line["state"] for line in body["states_history"]] == ["new", "shipped", "completed"]
    assert body["states_history"][-1]["datetime"] == "2027-01-15T08:00:00.000Z"


def boarding_complete() -> tuple[str, str, Any]:
    return "PUT", "/v2/orders/ORD-1", {"boarding_complete": True}


def test_the_same_update_from_32_clients(api: Api) -> None:
    api.order()
    parcel = api.shipment(tracking_code="T")
    answers = api.at_once(*[post_update("T", "pickup")] * 32)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: 31}
    assert len(api.get(parcel["iri"] + "/events").json()) == 1


@pytest.mark.parametrize("parcel_first", [True, False])
def test_a_parcel_and_its_updates_at_once(api: Api, parcel_first: bool) -> None:
    """Kept and applied, or applied at once: no update is lost between the two."""
    api.order()
    sent = [post_update("T", None, location=str(number)) for number in range(20)]
    sent.insert(0 if parcel_first else 10, post_parcel(tracking_code="T"))
    answers = api.at_once(*sent)
    assert {answer.status_code for answer in answers} <= {201, 202}
    (parcel,) = order(api)["shipments"]
    found = {update["location"] for update in api.get(parcel["iri"] + "/events").json()}
    assert found == {str(number) for number in range(20)}


@pytest.mark.parametrize("seed", range(6))
def test_a_delete_beside_updates(api: Api, seed: int) -> None:
    """Scanned first: the delete is refused. Deleted first: the scan waits for its parcel."""
    api.order()
    parcel = api.shipment(tracking_code="T")
    sent = [post_update("T", "pickup"), ("DELETE", parcel["iri"], None)] * 3
    random.Random(seed).shuffle(sent)
    found = Counter((answer.request.method, answer.status_code) for answer in api.at_once(*sent))
    if found["DELETE", 204]:
        assert found == {("DELETE", 204): 1, ("DELETE", 404): 2, ("POST", 202): 3}
        assert order(api)["state"] == "new"
    else:
        assert found == {("DELETE", 409): 3, ("POST", 201): 1, ("POST", 200): 2}
        assert order(api)["state"] == "shipped"


@pytest.mark.parametrize("seed", range(6))
def test_an_orders_delete_beside_everything(api: Api, seed: int) -> None:
    (item,) = api.order(order_items=[{"sku": "A"}])["order_items"]
    parcel = api.shipment(tracking_code="T")
    sent = [
        ("DELETE", "/v2/orders/ORD-1", None),
        post_order(order_items=[{"sku": "A"}]),
        post_parcel(tracking_code="T"),
        post_parcel(tracking_code="U", reference_number="R"),
        post_update("T"),
        post_update("U", "info"),
        post_state("paid"),
        ("PUT", parcel["iri"], {"tracking_code": "V"}),
        ("PUT", f"/v2/order_items/{item['id']}", {"status": "refunded"}),
        ("POST", "/v2/orders/ORD-1/items", {"sku": "B"}),
        ("DELETE", parcel["iri"], None),
    ] * 2  # fmt: skip
    random.Random(seed).shuffle(sent)
    answers = api.at_once(*sent)
    gone = sum(a.request.method == "DELETE" and a.status_code == 204 for a in answers)
    assert gone >= 1
    found = api.get("/v2/orders").json()
    assert len(found) <= 1
    for body in found:
        assert body == order(api)
        assert body["states_history"][-1]["state"] == body["state"]


def test_names_that_change_hands_at_once(api: Api) -> None:
    """Two parcels swap through a third name; every name leads to one parcel afterwards."""
    api.order()
    one, two = (api.shipment(tracking_code=code) for code in ("A", "B"))
    answers = api.at_once(
        ("PUT", one["iri"], {"tracking_code": "C"}),
        ("PUT", two["iri"], {"tracking_code": "A"}),
        ("PUT", one["iri"], {"tracking_code": "B"}),
    )
    codes = {parcel["tracking_code"] for parcel in order(api)["shipments"]}
    assert len(codes) == 2
    for answer in answers:
        assert answer.status_code in (200, 409)
    for parcel in order(api)["shipments"]:
        answer = api.at_once(post_update(parcel["tracking_code"], "info"))[0]
        assert answer.json()["shipment_id"] == parcel["id"]
