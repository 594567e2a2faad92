"""A path arrives at doorstep as the client sent it, and the answer is doorstep's own."""

import json
from urllib.parse import quote

import pytest

from tests.deploy.conftest import Behind

ORDERS = {
    "2024/0001": "2024%2F0001",
    "2024/0002": "2024%2f0002",
    "A/items": "A%2Fitems",
    ".": "%2E",
    "..": "%2E%2E",
    "../..": "%2E%2E%2F%2E%2E",
    "//": "%2F%2F",
    "a%b": "a%25b",
    "a%2Fb": "a%252Fb",
    "a b": "a%20b",
    "a+b": "a+b",
    "b+c": "b%2Bc",
    "a?b#c": "a%3Fb%23c",
    "a;b=c&d,e": "a;b=c&d,e",
    "a@b:c": "a@b:c",
    "a\\b": "a%5Cb",
    "[1]": "[1]",
    "Straße": "Stra%C3%9Fe",
    "metrics": "metrics",
    '"{1}"|': '"{1}"|',
}
"""Orders' names, each with a way to write it in a path."""

OTHER_TARGETS = [
    "/v2/orders/PLAIN",
    "/v2/orders/PLAIN/",
    "/v2/orders/PLAIN//",
    "/v2//orders/PLAIN",
    "//v2/orders/PLAIN",
    "/v2/./orders/PLAIN",
    "/v2/x/../orders/PLAIN",
    "/v2/x/%2E%2E/orders/PLAIN",
    "/V2/orders/PLAIN",
    "/v2/orders/none",
    "/v2/nothing",
    "/v2/orders/%FF",
    "/v2/orders?order_id=a+b",
    "/v2/orders?order_id=a%2Bb",
    "/v2/orders?order_id=a%20b",
    "/v2/orders?order_id=2024%2F0001",
    "/v2/orders?order_id=2024/0001",
    "/v2/orders?order_id=a%3Bb%3Dc%26d%2Ce&state=new",
    "/v2/orders?order_id=a;b=c&state=new",
    "/v2/orders?order_id=Gr%C3%B6%C3%9Fe",
    "/v2/orders?order_id=%FF",
    "/v2/orders?order_tags[colour]=green%20%26%20blue",
    "/v2/orders?order_tags%5Bcolour%5D=green+%26+blue",
    "/v2/orders?created_at[after]=2020-01-01T00:00:00+01:00",
    "/v2/orders?limit=2&order[id]=desc",
    "/v2/orders?limit=none&&state=",
    "/v2/orders?state=new",
]


@pytest.fixture(scope="module", autouse=True)
def _orders(behind: Behind) -> None:
    for order_id in ("PLAIN", *ORDERS):
        order = {"order_id": order_id, "order_tags": {"colour": "green & blue"}}
        for answer in behind.both("POST", "/v2/order", body=json.dumps(order).encode()):
            assert answer.status == 201


@pytest.mark.parametrize(("order_id", "segment"), ORDERS.items())
def test_an_order_is_found_by_its_name(behind: Behind, order_id: str, segment: str) -> None:
    proxied, direct = behind.both("GET", f"/v2/orders/{segment}")
    assert proxied.json()["order_id"] == order_id
    assert proxied == direct
    proxied, direct = behind.both("GET", f"/v2/orders/{segment}/items")
    assert proxied.body == b"[]"
    assert proxied == direct


@pytest.mark.parametrize("target", OTHER_TARGETS)
def test_other_paths_and_queries_are_answered_as_directly(behind: Behind, target: str) -> None:
    proxied, direct = behind.both("GET", target)
    assert proxied == direct


@pytest.mark.parametrize("target", ["/v2/orders/Größe", "/v2/orders/Größe/items"])
def test_a_name_that_is_not_encoded_is_refused_or_encoded(behind: Behind, target: str) -> None:
    proxied, direct = behind.both("GET", target)
    assert direct.status == 400
    encoded, _ = behind.both("GET", quote(target))
    assert proxied in (direct, encoded)


@pytest.mark.parametrize("mark", ["ü", '"', "<", ">", "\\", "^", "`", "{", "|", "}", "\U0001f4e6"])
def test_a_slash_in_a_name_never_becomes_one_of_the_path(behind: Behind, mark: str) -> None:
    """The order `ü` has items; the name `ü/items`, half encoded, must not be taken for them."""
    made = behind.both("POST", "/v2/order", body=json.dumps({"order_id": mark}).encode())
    assert {answer.status for answer in made} == {201}
    for target in (f"/v2/orders/{mark}%2Fitems", f"/v2/orders%2f{mark}"):
        proxied, direct = behind.both("GET", target)
        assert direct.status in (400, 404)
        assert proxied.status in (400, 404)
