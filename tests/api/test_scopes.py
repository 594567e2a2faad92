"""API, section 3: what a key's scope allows, and that accounts never see each other.

Both matrices are made from the table of routes, so that a new route is covered on its first day.
"""

from typing import Any

import pytest

from doorstep.api.routes.table import table
from tests.conftest import Api
from tests.databases import BEFORE_THE_DATABASE


async def _no_token(call: Any) -> Any:
    raise AssertionError


ROUTES = table(_no_token)
CALLS = [
    (method, path)
    for route in ROUTES
    if route.scopes is not None
    for path in route.paths
    for method in ((route.method, "HEAD") if route.method == "GET" else (route.method,))
]
SECRET = "of-another"


def filled(path: str, names: dict[str, str]) -> str:
    return path.format(**names)


NOBODY = {
    "id": "NOBODY",
    "item_id": "1",
    "shipment_id": "1",
    "code": "nobody",
    "name": "nobody",
    "webhook_endpoint_id": "1",
}


def allowed(scope: str, method: str, path: str) -> bool:
    """The contract in one line: `full`; `carrier` (carrier updates only); `read`."""
    if scope == "carrier":
        return path == "/v2/carrier_updates"
    return scope == "full" or method in ("GET", "HEAD")


def test_the_application_serves_this_table(api: Api) -> None:
    served = [(route.method, route.paths) for route in api.application.routes if route.scopes]
    assert served == [(route.method, route.paths) for route in ROUTES if route.scopes]


@BEFORE_THE_DATABASE
@pytest.mark.parametrize("scope", ["full", "carrier", "read"])
def test_scopes(api: Api, scope: str) -> None:
    key = api.access_key(scope=scope)
    for method, path in CALLS:
        answer = api.call(method, filled(path, NOBODY), {}, key=key)
        if allowed(scope, method, path):
            assert answer.status_code not in (401, 403, 405, 500), (method, path)
            continue
        assert answer.status_code == 403, (method, path)
        assert answer.headers["content-type"] == "application/problem+json"
        if method != "HEAD":
            assert answer.json()["code"] == "scope_not_allowed"
            assert scope in answer.json()["detail"]


def test_what_the_scope_lacks_changes_nothing(api: Api) -> None:
    key = api.access_key(scope="read")
    api.order()
    before = api.get("/v2/orders/ORD-1", key=key).json()
    assert api.delete("/v2/orders/ORD-1", key=key).status_code == 403
    assert api.put("/v2/orders/ORD-1", {"language": "de"}, key=key).status_code == 403
    assert api.get("/v2/orders/ORD-1", key=key).json() == before


@BEFORE_THE_DATABASE
def test_without_a_token(api: Api) -> None:
    for method, path in CALLS:
        answer = api.raw(method, filled(path, NOBODY))
        assert answer.status_code == 401, (method, path)
        assert answer.headers["www-authenticate"] == "Bearer"
        if method != "HEAD":
            assert answer.json() == {"code": 401, "message": "JWT Token not found"}


def furnish(api: Api, key: str | None = None) -> dict[str, str]:
    """Gives an account one of everything; the names that lead to it."""
    order = api.post(
        "/v2/order",
        {
            "order_id": SECRET,
            "order_tags": {"tag": SECRET},
            "recipient": {"first_name": SECRET},
            "order_items": [{"sku": SECRET}],
        },
        key=key,
    ).json()
    parcel = {"order_id": SECRET, "tracking_code": SECRET, "carrier": {"name": SECRET}}
    shipment = api.post("/v2/shipments", parcel, key=key).json()
    update = {"tracking_code": SECRET, "status": "info", "datetime": "2027-01-15T08:00:00Z"}
    assert api.post("/v2/carrier_updates", update, key=key).status_code == 201
    own = {"name": SECRET, "countries": ["AT"]}
    assert api.put(f"/v2/carriers/{SECRET}", own, key=key).status_code == 201
    address = {"address": SECRET}
    assert api.put(f"/v2/warehouses/{SECRET}", address, key=key).status_code == 201
    assert api.put("/v2/account", {"name": SECRET, "slug": SECRET}, key=key).status_code == 200
    receiver = {"url": f"https://{SECRET}.example/", "description": SECRET}
    endpoint = api.post("/v2/webhook_endpoints", receiver, key=key).json()
    return {
        "id": SECRET,
        "order_number": str(order["id"]),
        "item_id": order["order_items"][0]["id"],
        "shipment_id": str(shipment["id"]),
        "code": SECRET,
        "schema": "order.shipped.json",
        "name": SECRET,
        "webhook_endpoint_id": str(endpoint["id"]),
    }


def portrait(api: Api, names: dict[str, str]) -> list[Any]:
    """All that the account can see of itself."""
    paths = [
        filled(path, names)
        for route in ROUTES
        if route.method == "GET" and route.scopes is not None
        for path in route.paths
    ]
    answers = [api.get(path) for path in paths]
    assert {answer.status_code for answer in answers} == {200}
    return [answer.json() for answer in answers]


def test_another_account_sees_and_changes_nothing(api: Api) -> None:
    names = furnish(api)
    before = portrait(api, names)
    for method, path in CALLS:
        # A new one each time: what it has made itself is no longer another's.
        stranger = api.account("Stranger")
        for order in (names["id"], names["order_number"]):
            trespass(api, stranger, method, path, {**names, "id": order})
        if method not in ("GET", "HEAD"):
            assert portrait(api, names) == before, (method, path)
    assert portrait(api, names) == before


def trespass(api: Api, stranger: str, method: str, path: str, used: dict[str, str]) -> None:
    """Calls as another account what is not its own."""
    body = {
        # Enough for every body to be read to its end, naming what is the other's.
        **{"state": "paid", "language": "de", "status": "delivered", "countries": ["DE"]},
        **{"order_id": used["id"], "sku": "X", "tracking_code": "T", "address": "mine"},
        **{"datetime": "2027-01-15T08:00:00Z", "name": "mine", "after": 0},
        "shipment_id": used["shipment_id"],
    }
    if method == "PUT":
        del body["order_id"]
    answer = api.call(method, filled(path, used), body, key=stranger)
    if method == "PUT" and path in PUTS_ITS_OWN:
        assert answer.status_code in (200, 201)
    elif "{" in path or (method == "POST" and path in NAMES_AN_ORDER):
        assert answer.status_code == 404, (method, path)
    elif method == "GET":
        assert answer.status_code == 200, path
        assert SECRET not in answer.text


PUTS_ITS_OWN = ("/v2/carriers/{code}", "/v2/warehouses/{name}")
NAMES_AN_ORDER = ("/v2/order_states", "/v2/order-states", "/v2/shipments", "/v2/shipment")


@pytest.mark.parametrize(
    "query",
    [
        *(f"?order_id={SECRET}", f"?tracking_code={SECRET}", f"?order_tags[tag]={SECRET}"),
        *("?state=shipped", "?delayed=false", "?created_at[after]=2020-01-01", "?limit=10", ""),
    ],
)
def test_another_accounts_orders_are_in_no_listing(api: Api, query: str) -> None:
    furnish(api)
    stranger = api.account("Stranger")
    assert api.get(f"/v2/orders{query}").json() != []
    assert api.get(f"/v2/orders{query}", key=stranger).json() == []


@pytest.mark.parametrize(
    "query",
    [f"?order_id={SECRET}", f"?tracking_code={SECRET}", f"?carrier={SECRET}", "?status=info", ""],
)
def test_another_accounts_shipments_are_in_no_listing(api: Api, query: str) -> None:
    furnish(api)
    stranger = api.account("Stranger")
    assert api.get(f"/v2/shipments{query}").json() != []
    assert api.get(f"/v2/shipments{query}", key=stranger).json() == []


def test_two_accounts_use_the_same_names(api: Api) -> None:
    """The same references, codes and keys on both sides: neither meets the other."""
    other = api.account("Second")
    first = furnish(api)
    body = {"order_id": SECRET, "language": "fr"}
    answer = api.post("/v2/order", body, key=other, headers={"Idempotency-Key": "k"})
    assert answer.status_code == 201
    assert "idempotent-replayed" not in answer.headers
    assert str(answer.json()["id"]) != first["order_number"]
    third = api.post("/v2/order", {"order_id": "X"}, headers={"Idempotency-Key": "k"})
    assert third.json()["order_id"] == "X"
    parcel = {"order_id": SECRET, "tracking_code": SECRET, "carrier": {"name": SECRET}}
    answer = api.post("/v2/shipments", parcel, key=other)
    assert answer.status_code == 201
    assert "idempotent-replayed" not in answer.headers
    assert api.get(f"/v2/orders/{SECRET}").json()["language"] is None
    assert api.get(f"/v2/orders/{SECRET}", key=other).json()["language"] == "fr"


def test_an_order_id_may_be_another_accounts_internal_number(api: Api) -> None:
    number = str(api.order()["id"])
    other = api.account("Other")
    assert api.post("/v2/order", {"order_id": number}, key=other).status_code == 201
    assert api.get(f"/v2/orders/{number}", key=other).json()["order_id"] == number
    assert api.get(f"/v2/orders/{number}").json()["order_id"] == "ORD-1"
