"""API, section 1: `Idempotency-Key` on any POST."""

import asyncio
from typing import Any

import pytest

from tests.conftest import Api

KEY = {"Idempotency-Key": "3f1c-1"}
BODY = {"order_id": "ORD-1", "language": "de"}


def replayed(answer: Any) -> bool:
    return bool(answer.headers.get("idempotent-replayed") == "true")


def post(api: Api, path: str, body: Any, key: str = KEY["Idempotency-Key"]) -> Any:
    return api.post(path, body, headers={"Idempotency-Key": key})


POSTS: list[tuple[str, dict[str, Any]]] = [
    ("/v2/order", {"order_id": "NEW"}),
    ("/v2/orders", {"order_id": "NEW"}),
    ("/v2/orders/ORD-1/items", {"sku": "A"}),
    ("/v2/order_states", {"order_id": "ORD-1", "state": "paid"}),
    ("/v2/order-states", {"order_id": "ORD-1", "state": "paid"}),
    ("/v2/shipments", {"order_id": "ORD-1", "tracking_code": "T"}),
    ("/v2/shipment", {"order_id": "ORD-1", "tracking_code": "T"}),
    ("/v2/carrier_updates", {"tracking_code": "U", "datetime": "2027-01-15T08:00:00Z"}),
]

WEBHOOK_POSTS: list[tuple[str, dict[str, Any]]] = [
    ("/v2/webhook_endpoints", {"url": "https://localhost:1/"}),
    *(
        (f"/v2/webhook_endpoints/ENDPOINT/{what}", {})
        for what in ("rotate_secret", "test", "pause", "resume")
    ),
    ("/v2/webhook_endpoints/ENDPOINT/replay", {"after": 0}),
]
"""Their first answer may hold a secret, which is not kept."""

PATHS = {"ORD-1": "{id}", "ENDPOINT": "{webhook_endpoint_id}"}


def served_path(path: str) -> str:
    for name, placeholder in PATHS.items():
        path = path.replace(name, placeholder)
    return path


def test_these_are_all_posts(api: Api) -> None:
    served = {
        path
        for route in api.application.routes
        for path in route.paths
        if route.method == "POST" and route.scopes is not None
    }
    assert served == {served_path(path) for path, _ in (*POSTS, *WEBHOOK_POSTS)}


@pytest.mark.parametrize(("path", "body"), WEBHOOK_POSTS)
def test_webhook_endpoints_are_changed_once_for_a_key(api: Api, path: str, body: Any) -> None:
    api.order()
    endpoint = api.post("/v2/webhook_endpoints", {"url": "https://localhost:1/"}).json()
    path = path.replace("ENDPOINT", str(endpoint["id"]))
    first, again = post(api, path, body), post(api, path, body)
    assert first.is_success, first.text
    assert not replayed(first)
    assert replayed(again)
    told = {name: value for name, value in first.json().items() if name != "secret"}
    assert again.json() == told
    refused = post(api, path, {**body, "description": "another"})
    assert (refused.status_code, refused.json()["code"]) == (409, "idempotency_key_reused")


@pytest.mark.parametrize(("path", "body"), POSTS)
def test_same_key_and_body_get_the_first_answer_again(api: Api, path: str, body: Any) -> None:
    api.order()
    first = post(api, path, body)
    assert first.status_code in (201, 202)
    assert not replayed(first)
    api.put("/v2/orders/ORD-1", {"language": "fr"})
    api.clock.advance(minutes=1)
    again = post(api, path, body)
    assert again.status_code == first.status_code
    assert replayed(again)
    assert again.content == first.content, "the first answer, not the present one"
    assert again.headers.get("location") == first.headers.get("location")
    assert again.headers["content-type"] == first.headers["content-type"]
    assert len(api.get("/v2/orders/ORD-1/items").json()) <= 1


@pytest.mark.parametrize(("path", "body"), POSTS)
def test_another_body_is_409(api: Api, path: str, body: Any) -> None:
    api.order()
    post(api, path, body)
    answer = post(api, path, {**body, "location": "elsewhere"})
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "idempotency_key_reused"
    assert not replayed(answer)
    assert replayed(post(api, path, body)), "the first answer is kept"


def test_another_path_is_409(api: Api) -> None:
    api.order("A")
    api.order("B")
    assert post(api, "/v2/orders/A/items", {"sku": "A"}).status_code == 201
    answer = post(api, "/v2/orders/B/items", {"sku": "A"})
    assert answer.json()["code"] == "idempotency_key_reused"
    assert api.get("/v2/orders/B/items").json() == []


def test_without_a_key_each_post_is_its_own(api: Api) -> None:
    api.order()
    first = api.post("/v2/orders/ORD-1/items", {"sku": "A"})
    second = api.post("/v2/orders/ORD-1/items", {"sku": "A"})
    third = post(api, "/v2/orders/ORD-1/items", {"sku": "A"}, "k-1")
    fourth = post(api, "/v2/orders/ORD-1/items", {"sku": "A"}, "k-2")
    assert len({answer.json()["id"] for answer in (first, second, third, fourth)}) == 4


@pytest.mark.parametrize(
    ("seconds", "known"), [(1, True), (86_399, True), (86_401, False), (200_000, False)]
)
def test_a_key_is_remembered_for_24_hours(api: Api, seconds: int, known: bool) -> None:
    api.order()
    first = post(api, "/v2/orders/ORD-1/items", {"sku": "A"})
    api.clock.advance(seconds=seconds)
    api.forget_tokens()
    later = post(api, "/v2/orders/ORD-1/items", {"sku": "A"})
    assert replayed(later) is known
    assert (later.json()["id"] == first.json()["id"]) is known
    other = post(api, "/v2/orders/ORD-1/items", {"sku": "B"})
    assert other.status_code == 409, "a forgotten key that was used anew is known again"


def test_a_forgotten_key_takes_another_body(api: Api) -> None:
    api.order()
    post(api, "/v2/orders/ORD-1/items", {"sku": "A"})
    api.clock.advance(hours=24)
    api.forget_tokens()
    assert post(api, "/v2/orders/ORD-1/items", {"sku": "B"}).status_code == 201


REFUSED: list[tuple[str, dict[str, Any], int]] = [
    ("/v2/order", {"order_id": ""}, 400),
    ("/v2/order", {"order_id": "ORD-1", "language": "it"}, 409),
    ("/v2/orders/NONE/items", {"sku": "A"}, 404),
    ("/v2/orders/ORD-1/items", {}, 400),
    ("/v2/order_states", {"order_id": "ORD-1", "state": "shipped"}, 400),
]


@pytest.mark.parametrize(("path", "body", "status"), REFUSED)
def test_a_refused_request_is_not_remembered(api: Api, path: str, body: Any, status: int) -> None:
    api.post("/v2/order", BODY)
    for _ in range(2):
        answer = post(api, path, body)
        assert answer.status_code == status
        assert not replayed(answer)
    good = post(api, "/v2/orders/ORD-1/items", {"sku": "A"})
    assert good.status_code == 201
    assert not replayed(good)


def test_a_refused_request_succeeds_once_it_can(api: Api) -> None:
    assert post(api, "/v2/orders/ORD-1/items", {"sku": "A"}).status_code == 404
    api.order()
    assert post(api, "/v2/orders/ORD-1/items", {"sku": "A"}).status_code == 201


def test_answers_are_erased_with_their_order(api: Api) -> None:
    person = {"recipient": {"first_name": "Wilhelmine"}}
    assert post(api, "/v2/order", {**BODY, **person}).status_code == 201
    assert post(api, "/v2/orders/ORD-1/items", {"sku": "A"}, "k-2").status_code == 201
    api.delete("/v2/orders/ORD-1")

    async def kept() -> Any:
        return await api.services.store.reader.text("SELECT answer FROM idempotency_keys", {})

    assert api.run(kept()) == [("",), ("",)]
    assert post(api, "/v2/orders/ORD-1/items", {"sku": "A"}, "k-2").status_code == 409


UPDATES = [
    {"tracking_code": "T", "status": "info", "datetime": "2027-01-15T08:00:00Z"},
    {"tracking_code": "T", "status": "nonsense", "datetime": "2027-01-15T08:00:00Z"},
    {"tracking_code": "NONE", "status": "info", "datetime": "2027-01-15T08:00:00Z"},
]


def test_an_array_of_updates(api: Api) -> None:
    api.order()
    shipment = api.shipment(tracking_code="T")
    first = post(api, "/v2/carrier_updates", UPDATES)
    assert first.status_code == 200
    assert [line["status"] for line in first.json()] == [201, 400, 202]
    again = post(api, "/v2/carrier_updates", UPDATES)
    assert again.content == first.content
    assert (again.status_code, replayed(again)) == (200, True)
    other = post(api, "/v2/carrier_updates", UPDATES[:1])
    assert other.status_code == 409
    assert len(api.get(f"{shipment['iri']}/events").json()) == 1
    without = api.post("/v2/carrier_updates", UPDATES)
    assert [line["status"] for line in without.json()] == [200, 400, 202]


def test_one_key_at_once_from_many(api: Api) -> None:
    api.order()

    async def together() -> list[Any]:
        path = "/v2/orders/ORD-1/items"
        requests = [api.send("POST", path, json={"sku": "A"}, headers=KEY) for _ in range(32)]
        return list(await asyncio.gather(*requests))

    answers = api.run(together())
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert sum(not replayed(answer) for answer in answers) == 1
    assert len(api.get("/v2/orders/ORD-1/items").json()) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "ä".encode("latin-1"), "a\tb"])
def test_a_key_that_cannot_be_is_400(api: Api, key: Any) -> None:
    answer = api.post("/v2/order", BODY, headers={"Idempotency-Key": key})
    assert answer.status_code == 400
    assert answer.json()["violations"][0]["propertyPath"] == "Idempotency-Key"
    assert api.get("/v2/orders/ORD-1").status_code == 404


@pytest.mark.parametrize("key", ["x", "x" * 255, "a b;c", '"quoted"', "3f2b8c1e-0000-4000-8000-1"])
def test_a_key_is_any_printable_text(api: Api, key: str) -> None:
    post(api, "/v2/order", BODY, key)
    assert replayed(post(api, "/v2/order", BODY, key))


def test_two_accounts_use_one_key(api: Api) -> None:
    other = api.account()
    mine = api.post("/v2/order", BODY, headers=KEY)
    theirs = api.post("/v2/order", {**BODY, "language": "fr"}, headers=KEY, key=other)
    assert theirs.status_code == 201
    assert not replayed(theirs)
    assert theirs.json()["id"] != mine.json()["id"]


def test_a_put_and_a_delete_take_no_notice_of_a_key(api: Api) -> None:
    api.order()
    assert api.put("/v2/orders/ORD-1", {"language": "de"}, headers=KEY).status_code == 200
    assert api.put("/v2/orders/ORD-1", {"language": "fr"}, headers=KEY).status_code == 200
    assert api.delete("/v2/orders/ORD-1", headers=KEY).status_code == 204
    assert api.delete("/v2/orders/ORD-1", headers=KEY).status_code == 404


def test_a_late_retry_does_not_bring_a_deleted_order_back(api: Api) -> None:
    """The key stays known for its day; the order_id itself is free for another request."""
    assert post(api, "/v2/order", BODY).status_code == 201
    api.delete("/v2/orders/ORD-1")
    late = post(api, "/v2/order", BODY)
    assert late.status_code == 409
    assert late.json()["code"] == "order_deleted"
    assert api.get("/v2/orders/ORD-1").status_code == 404
    assert post(api, "/v2/order", BODY, "another key").status_code == 201


@pytest.mark.parametrize("known_before", [True, False])
def test_a_key_and_its_orders_end_in_one_group(api: Api, known_before: bool) -> None:
    """A retry that shares its commit with the deletion gets nothing of the deleted order."""
    api.token()
    if known_before:
        assert post(api, "/v2/order", BODY).status_code == 201

    async def together() -> list[Any]:
        async with api.services.store.writing:
            waiting = []
            for method, path, options in (
                ("POST", "/v2/order", {"json": BODY, "headers": KEY}),
                ("DELETE", "/v2/orders/ORD-1", {}),
                ("POST", "/v2/order", {"json": BODY, "headers": KEY}),
            ):
                waiting.append(asyncio.ensure_future(api.send(method, path, **options)))
                for _ in range(100):
                    await asyncio.sleep(0)
        return [(await answer).status_code for answer in waiting]

    api.order("reserves the numbers")
    assert api.run(together()) == [201, 204, 409]
    assert post(api, "/v2/order", BODY).json()["code"] == "order_deleted"
