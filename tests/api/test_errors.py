"""API, section 10: how a request is refused, and that a refused one leaves nothing behind."""

import asyncio
import json
import tracemalloc
from collections.abc import AsyncIterator
from typing import Any

import pytest

from doorstep.api.routes.table import table
from doorstep.service.group import StoreUnavailable
from tests.conftest import Api
from tests.databases import BEFORE_THE_DATABASE

MIB = 1024 * 1024


async def _no_token(call: Any) -> Any:
    raise AssertionError


METHODS_OF: dict[str, set[str]] = {}
for _route in table(_no_token):
    for _path in _route.paths:
        _methods = METHODS_OF.setdefault(_path, set())
        _methods |= {"GET", "HEAD"} if _route.method == "GET" else {_route.method}

ALL_METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "QUERY")


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["code"] == code
    assert body["type"] == "about:blank"
    assert body["title"]
    assert body["detail"]
    return body


def faults(answer: Any) -> set[str]:
    """The paths of all violations."""
    body = problem(answer, 400, "invalid_field")
    for line in body["violations"]:
        assert set(line) == {"propertyPath", "message"}
        assert line["message"]
    return {line["propertyPath"] for line in body["violations"]}


@BEFORE_THE_DATABASE
@pytest.mark.parametrize(
    "path", ["/v2/nothing", "/v2", "/v3", "/v1/order", "/v2/orders/a/b/c", "/v2//"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
def test_an_unknown_path_is_404_with_and_without_token(api: Api, path: str, method: str) -> None:
    problem(api.raw(method, path), 404, "path_not_found")
    problem(api.call(method, path), 404, "path_not_found")
    problem(api.raw(method, path, headers={"Authorization": "Bearer x"}), 404, "path_not_found")


@BEFORE_THE_DATABASE
@pytest.mark.parametrize("path", METHODS_OF)
def test_a_wrong_method_is_405_with_allow(api: Api, path: str) -> None:
    for method in ALL_METHODS:
        if method in METHODS_OF[path]:
            assert api.raw(method, path).status_code != 405
            continue
        for answer in (api.raw(method, path), api.call(method, path)):
            assert answer.status_code == 405
            if method != "HEAD":
                problem(answer, 405, "method_not_allowed")
            allowed = {word.strip() for word in answer.headers["allow"].split(",")}
            assert allowed == METHODS_OF[path]


def test_pages_refuse_other_methods_too(api: Api) -> None:
    for route in api.application.routes:
        for path in route.paths if route.scopes is None and route.method == "GET" else ():
            answer = api.raw("POST", path)
            problem(answer, 405, "method_not_allowed")
            assert answer.headers["allow"] == "GET, HEAD"


def test_allow_of_two_paths_word_for_word(api: Api) -> None:
    assert api.raw("GET", "/v2/order").headers["allow"] == "POST"
    assert api.raw("PATCH", "/v2/orders/1").headers["allow"] == "DELETE, GET, HEAD, PUT"


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v2/orders/NONE", "order_not_found"),
        ("/v2/orders/NONE/items", "order_not_found"),
        ("/v2/orders/NONE/items/1", "order_item_not_found"),
        ("/v2/order_items/1", "order_item_not_found"),
        ("/v2/order_items/700000999999999", "order_item_not_found"),
        ("/v2/order_items/x", "order_item_not_found"),
        ("/v2/shipments/1", "shipment_not_found"),
        ("/v2/shipments/x/events", "shipment_not_found"),
        ("/v2/orders/700000999999999", "order_not_found"),
    ],
)
def test_what_is_not_there_is_404(api: Api, path: str, code: str) -> None:
    problem(api.get(path), 404, code)


BROKEN = [b"", b"{", b'{"order_id": "A"', b"{'order_id': 'A'}", b'{"order_id": "A",}', b"\xff"]
BROKEN += [b'{"order_id": "A"} x', b'{"order_id": NaN}', b'{"order_id": "\x00"}', b"nul", b"\x00"]
BROKEN += ['{"order_id": "A"}'.encode("utf-16"), b'{"order_id": "\xed\xa0\x80"}', b"\xef\xbb\xbf"]
BROKEN += [b'{"order_id": "\\x41"}', b"[" * 100_000, b'{"a":' * 100_000, b"1" * 5_000, b"1e999"]
BROKEN += [b'{"order_id": "A", "x": 1e400}', b'{"order_id": "A", "x": ' + b"9" * 9_999 + b"}"]


@BEFORE_THE_DATABASE
@pytest.mark.parametrize("body", BROKEN, ids=range(len(BROKEN)))
def test_malformed_json_is_400(api: Api, body: bytes) -> None:
    problem(api.call("POST", "/v2/order", content=body), 400, "malformed_json")
    assert api.get("/v2/orders").json() == []


@BEFORE_THE_DATABASE
@pytest.mark.parametrize("body", [b"[]", b"1", b'"A"', b"null", b"true", b"[{}]", b"1.5"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("POST", "/v2/order"), ("PUT", "/v2/orders/ORD-1"), ("PUT", "/v2/account")),
        *(("POST", "/v2/orders/ORD-1/items"), ("POST", "/v2/order_states")),
        ("POST", "/v2/shipments"),
    ],
)
def test_a_body_that_is_no_object_is_400(api: Api, method: str, path: str, body: bytes) -> None:
    api.order()
    assert faults(api.call(method, path, content=body)) == {""}


def test_every_violation_of_an_order_at_once(api: Api) -> None:
    answer = api.post(
        "/v2/order",
        {
            "order_date": "yesterday",
            "promised_delivery_date": "2024-02-30",
            "order_url": "x" * 2_049,
            "language": 5,
            "boarding_complete": "yes",
            "order_tags": {"fine": "x", "bad": [], "worse": {}},
            "recipient": {"country": 7, "city": {}, "street": "fine"},
            "order_items": [
                {"sku": "A", "weight": -1},
                {"quantity": "many", "returnable": 1},
                {},
                5,
                {"sku": "B"},
            ],
        },
    )
    unnamed = {f"order_items[2].{name}" for name in ("sku", "name", "description")}
    unnamed |= {f"order_items[1].{name}" for name in ("sku", "name", "description")}
    assert faults(answer) == unnamed | {
        "order_id",
        "order_date",
        "promised_delivery_date",
        "order_url",
        "language",
        "boarding_complete",
        "order_tags[bad]",
        "order_tags[worse]",
        "recipient.country",
        "recipient.city",
        "order_items[0].weight",
        "order_items[1].quantity",
        "order_items[1].returnable",
        "order_items[3]",
    }
    assert api.get("/v2/orders").json() == []


NAMELESS = {"sku", "name", "description"}


@BEFORE_THE_DATABASE
@pytest.mark.parametrize(
    ("method", "path", "body", "expected"),
    [
        ("POST", "/v2/orders/ORD-1/items", {"weight": -1}, {"weight"} | NAMELESS),
        ("POST", "/v2/orders/ORD-1/items", {"sku": [], "weight": -1}, {"weight", "sku"}),
        ("PUT", "/v2/orders/ORD-1", {"language": 1, "order_url": 2}, {"language", "order_url"}),
        ("POST", "/v2/order_states", {"datetime": "x"}, {"state", "datetime", "order_id"}),
        ("PUT", "/v2/carriers/x", {}, {"name", "countries"}),
        ("PUT", "/v2/carriers/%40", {"countries": []}, {"code", "name"}),
        (
            "PUT",
            "/v2/carriers/%40",
            {"countries": ["A"], "tracking_url": "ftp://x"},
            {"code", "name", "countries", "tracking_url"},
        ),
        ("PUT", "/v2/account", {"name": "", "slug": "Ä"}, {"name", "slug"}),
        (
            "PUT",
            "/v2/account",
            {"name": 5, "slug": "Ä", "language": 1},
            {"name", "slug", "language"},
        ),
        ("PUT", f"/v2/warehouses/{'x' * 4_097}", {}, {"name", "address"}),
        (
            "POST",
            "/v2/shipments",
            {"weight": -1},
            {"weight", "tracking_code", "reference_number", "order_id"},
        ),
        (
            "POST",
            "/v2/carrier_updates",
            {"status": "gone"},
            {"status", "datetime", "shipment_id", "tracking_code", "reference_number"},
        ),
    ],
)
def test_all_violations_of_other_bodies(
    api: Api, method: str, path: str, body: Any, expected: set[str]
) -> None:
    api.order()
    assert faults(api.call(method, path, body)) == expected


def test_all_malformed_parameters_at_once(api: Api) -> None:
    answer = api.get("/v2/orders?limit=x&state=y&order_date[after]=z&order[foo]=asc&delayed=2")
    assert faults(answer) == {"limit", "state", "order_date[after]", "order[foo]", "delayed"}


def test_a_conflict_is_409(api: Api) -> None:
    api.order(language="de")
    answer = api.post("/v2/order", {"order_id": "ORD-1", "language": "fr"})
    body = problem(answer, 409, "order_exists")
    assert [line["propertyPath"] for line in body["violations"]] == ["language"]


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_too_large_a_body_is_413_by_its_announced_length(api: Api, method: str) -> None:
    path = "/v2/order" if method == "POST" else "/v2/orders/ORD-1"
    api.order()
    answer = api.call(method, path, content=b"[" + b" " * MIB)
    problem(answer, 413, "body_too_large")
    assert str(MIB) in answer.json()["detail"]


async def pieces(total: int) -> AsyncIterator[bytes]:
    for start in range(0, total, 65_536):
        yield b" " * min(65_536, total - start)


@pytest.mark.parametrize("length", [None, "5", "nonsense"])
def test_too_large_a_body_is_413_whatever_length_is_announced(api: Api, length: str | None) -> None:
    api.token()
    headers = {} if length is None else {"Content-Length": length}
    coroutine = api.send("POST", "/v2/order", content=pieces(MIB + 1), headers=headers)
    problem(api.run(coroutine), 413, "body_too_large")


def test_a_body_of_exactly_the_limit_is_read(api: Api) -> None:
    body = json.dumps({"order_id": "A"}).encode()
    padded = body + b" " * (MIB - len(body))
    assert api.call("POST", "/v2/order", content=padded).status_code == 201
    api.token()
    problem(api.run(api.send("POST", "/v2/order", content=pieces(MIB))), 400, "malformed_json")


def test_the_body_limit_is_a_setting(database: str) -> None:
    small = Api(database, max_body_bytes=200)
    try:
        assert small.post("/v2/order", {"order_id": "A"}).status_code == 201
        answer = small.post("/v2/order", {"order_id": "B", "order_url": "x" * 200})
        problem(answer, 413, "body_too_large")
    finally:
        small.close()


def test_the_token_needs_no_room_either(api: Api) -> None:
    answer = api.raw("POST", "/v2/token", content=b" " * (MIB + 1))
    problem(answer, 413, "body_too_large")


def test_a_full_queue_is_503_with_retry_after(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(member: Any) -> Any:
        raise StoreUnavailable("1 requests are waiting to be written")

    monkeypatch.setattr(api.services.group, "submit", full)
    answer = api.post("/v2/order", {"order_id": "A"})
    problem(answer, 503, "unavailable")
    assert int(answer.headers["retry-after"]) >= 1


def test_our_own_fault_is_500_with_a_request_id_only(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(*given: Any) -> Any:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr(api.services.group, "submit", broken)
    answer = api.post("/v2/order", {"order_id": "A"})
    body = problem(answer, 500, "server_error")
    assert "secret" not in answer.text
    assert body["request_id"] in caplog.text
    assert "the secret inside" in caplog.text


def test_a_refused_request_leaves_nothing_behind(api: Api) -> None:
    bad_items = [{"sku": "A"}, {"sku": "B", "weight": -1}]
    assert api.post("/v2/order", {"order_id": "A", "order_items": bad_items}).status_code == 400
    assert api.get("/v2/orders/A").status_code == 404
    before = api.order(language="de")
    both = {"language": "fr", "order_url": "x" * 3_000}
    assert api.put("/v2/orders/ORD-1", both).status_code == 400
    assert api.get("/v2/orders/ORD-1").json() == before
    parcel = {"order": {"order_id": "B", "language": 5}, "tracking_code": "T"}
    assert api.post("/v2/shipments", parcel).status_code == 400
    assert api.get("/v2/orders/B").status_code == 404


ODD_BODIES = [
    {"order_id": value, "order_items": value, "recipient": value, "order_tags": value}
    for value in (None, "", 0, -1, 1.5, True, [], [[]], [None], {}, {"": ""}, [{}], "x" * 5_000)
]


@pytest.mark.parametrize("path", sorted({p for p, m in METHODS_OF.items() if m & {"POST", "PUT"}}))
def test_no_body_makes_a_500(api: Api, path: str) -> None:
    order = api.order(order_items=[{"sku": "A"}])
    shipment = api.shipment(tracking_code="T")
    # A test goes nowhere: the address is this machine's.
    endpoint = api.post("/v2/webhook_endpoints", {"url": "https://localhost:1/"}).json()
    names = {
        "id": "ORD-1",
        "item_id": order["order_items"][0]["id"],
        "shipment_id": str(shipment["id"]),
        "code": "mine",
        "name": "mine",
        "webhook_endpoint_id": str(endpoint["id"]),
    }
    for method in METHODS_OF[path] & {"POST", "PUT"}:
        for body in ODD_BODIES:
            for given in (body, dict.fromkeys(FIELDS, body["order_id"])):
                answer = api.call(method, path.format(**names), given)
                assert answer.status_code < 500, answer.text


FIELDS = sorted({name for route in table(_no_token) if route.body for name in route.body.fields})

ODD_QUERIES = [
    *("%", "%zz", "=", "&&&", "a=%FF", "a=%00", "limit", "limit=", "limit=%C2%B2", "limit=1e3"),
    *(
        "limit=" + "9" * 5_000,
        "offset=-1",
        "page=0",
        "page=99999999999",
        "cursor=",
        "cursor=%C3%A4",
    ),
    *("cursor=W10", "order[]=asc", "order_by=", "order_by=%20", "order_by=,", "order_tags[=x"),
    *(
        "order_tags[]=x",
        "order_tags=x",
        "order_date=2024",
        "order_date[]=2024",
        "state=",
        "delayed=",
    ),
    *("order_date[after]=0000-01-01", "order_date[before]=9999-12-31", "language=", "]=[", "[=]"),
    *("as_of=", "as_of=x", "as_of=%FF", "order_date[after]=2024-01-01T00:00:00+99:99"),
    *("promised_delivery_date[after]=2100-12-31", "order[id]=up", "order_id=" + "x" * 300),
]


@pytest.mark.parametrize("query", ODD_QUERIES, ids=range(len(ODD_QUERIES)))
def test_no_query_makes_a_500(api: Api, query: str) -> None:
    api.order()
    for path in ("/v2/orders", "/v2/orders/ORD-1", "/v2/shipments", "/v2/carriers"):
        answer = api.get(f"{path}?{query}")
        assert answer.status_code in (200, 400), answer.text


def test_refusals_side_by_side_harm_no_good_request(api: Api) -> None:
    api.token()
    requests = [
        api.send("POST", "/v2/order", json={"order_id": f"A-{number}", "language": language})
        for number in range(20)
        for language in ("de", 5)
    ]

    async def together() -> list[Any]:
        return list(await asyncio.gather(*requests))

    statuses = [answer.status_code for answer in api.run(together())]
    assert statuses == [201, 400] * 20
    assert len(api.get("/v2/orders").json()) == 20


def test_a_long_key_around_many_values_costs_no_memory(api: Api) -> None:
    """Paths are written out for what is at fault only, not for every entry below a long key."""
    body = b'{"\\u0041' + b"a" * 20_000 + b'": [' + b",".join([b"0"] * 20_000) + b"]}"
    tracemalloc.start()
    answer = api.raw("POST", "/v2/token", content=body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert answer.status_code == 400
    assert peak < 50_000_000


def test_a_body_full_of_faults_names_only_some(api: Api) -> None:
    body = b"[" + b",".join([b'"\\u0000"'] * 10_000) + b"]"
    answer = api.call("POST", "/v2/order", content=body)
    assert answer.status_code == 400
    assert len(answer.json()["violations"]) == 100


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
@pytest.mark.parametrize("text", ["\\u0041", "\\ud800"])
def test_no_escape_lets_a_number_through_that_json_does_not_have(
    api: Api, number: str, text: str
) -> None:
    body = f'[{{"tracking_code": "{text}", "reference_number": {number}}}]'
    answer = api.call("POST", "/v2/carrier_updates", content=body.encode())
    assert answer.status_code == 400
    assert answer.json()["code"] == "malformed_json"
