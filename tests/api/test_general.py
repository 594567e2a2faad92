"""API, sections 1 and 2: what holds for every body, time, number, string and path."""

import json
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from doorstep.api.router import Router
from doorstep.domain.order import SECOND
from tests.conftest import START, Api, Server
from tests.databases import BEFORE_THE_DATABASE

PATHS = [
    ("/v2/token", "POST"),
    ("/v2/order", "POST"),
    ("/v2/orders", "GET HEAD POST"),
    ("/v2/orders/{id}", "DELETE GET HEAD PUT"),
    ("/v2/orders/{id}/items", "GET HEAD POST"),
    ("/v2/orders/{id}/items/{item_id}", "DELETE GET HEAD PUT"),
    ("/v2/order_items/{item_id}", "DELETE GET HEAD PUT"),
    ("/v2/order_states", "POST"),
    ("/v2/order-states", "POST"),
    ("/v2/shipments", "GET HEAD POST"),
    ("/v2/shipment", "POST"),
    ("/v2/shipments/{shipment_id}", "DELETE GET HEAD PUT"),
    ("/v2/shipments/{shipment_id}/events", "GET HEAD"),
    ("/v2/shipment/events/{shipment_id}", "GET HEAD"),
    ("/v2/carriers", "GET HEAD"),
    ("/v2/carriers/{code}", "DELETE PUT"),
    ("/v2/carrier_updates", "POST"),
    ("/v2/account", "GET HEAD PUT"),
    ("/v2/warehouses", "GET HEAD"),
    ("/v2/warehouses/{name}", "DELETE PUT"),
]
"""Section 2, both spellings of each."""


def names_of_everything(api: Api) -> dict[str, str]:
    order = api.order(order_items=[{"sku": "A"}])
    shipment = api.shipment(tracking_code="T-1")
    return {
        "id": "ORD-1",
        "item_id": order["order_items"][0]["id"],
        "shipment_id": str(shipment["id"]),
        "code": "mine",
        "name": "Main",
    }


def send_raw(api: Api, method: str, raw_path: bytes, query: bytes = b"") -> int:
    """The status of a request whose path no client library has tidied up."""
    scope = {
        "type": "http",
        "method": method,
        "path": raw_path.decode("latin-1"),
        "raw_path": raw_path,
        "query_string": query,
        "headers": [(b"authorization", f"Bearer {api.token()}".encode())],
        "client": ("127.0.0.1", 1),
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    api.run(api.application(scope, receive, send))
    status: int = sent[0]["status"]
    return status


@pytest.mark.parametrize(("path", "methods"), PATHS)
def test_paths_and_methods_with_and_without_trailing_slash(
    api: Api, path: str, methods: str
) -> None:
    for spelled in (path, path + "/"):
        found = Router(api.application.routes).find(spelled.encode())
        assert found is not None
        assert sorted(found[0].methods) == methods.split()


@pytest.mark.parametrize(("path", "methods"), PATHS)
def test_a_trailing_slash_answers_the_same(api: Api, path: str, methods: str) -> None:
    if "GET" not in methods:
        return
    filled = path.format(**names_of_everything(api))
    plain, with_slash = api.get(filled), api.get(filled + "/")
    assert (plain.status_code, with_slash.status_code) == (200, 200)
    assert plain.json() == with_slash.json()
    assert api.get(filled + "//").status_code == 404


def test_a_trailing_slash_is_no_redirect_for_a_post(api: Api) -> None:
    assert api.post("/v2/order/", {"order_id": "A"}).status_code == 201
    assert api.post("/v2/orders/A/items/", {"sku": "S"}).status_code == 201
    assert api.raw("POST", "/v2/token/", json={"access_key": api.key}).status_code == 200
    assert api.put("/v2/orders/A/", {"language": "de"}).json()["language"] == "de"
    assert api.delete("/v2/orders/A/").status_code == 204


def test_paths_are_told_apart_by_case(api: Api) -> None:
    assert api.get("/v2/Orders").status_code == 404
    assert api.get("/V2/orders").status_code == 404


@pytest.mark.parametrize(("path", "methods"), PATHS)
def test_head_where_get_is(api: Api, path: str, methods: str) -> None:
    filled = path.format(**names_of_everything(api))
    answer = api.call("HEAD", filled)
    if "GET" not in methods:
        assert answer.status_code == 405
        return
    wanted = api.get(filled)
    assert answer.status_code == 200
    assert answer.content == b""
    assert answer.headers.get("content-type") == wanted.headers["content-type"]
    assert answer.headers.get("content-length") == wanted.headers.get("content-length")
    assert api.call("HEAD", "/v2/orders/NONE").status_code == 404


def test_over_a_real_connection(server: Server, access_key: str) -> None:
    """What only a socket shows: HEAD without a body, raw paths, a stream, no lost connection."""
    with httpx.Client(base_url=server.url) as http:
        token = http.post("/v2/token", json={"access_key": access_key}).json()["token"]
        http.headers["Authorization"] = f"Bearer {token}"
        for name in ("2024/0001", "A/items", "ä", "100%", "..", "a b+c"):
            body = {"order_id": name, "language": "de"}
            assert http.post("/v2/order", json=body).status_code == 201
            answer = http.get(f"/v2/orders/{quote(name, safe='').replace('.', '%2E')}")
            assert answer.json()["order_id"] == name
        listed = http.get("/v2/orders?language=de")
        assert len(listed.json()) == 6
        for path in ("/v2/orders", "/v2/orders?language=de", "/v2/orders/%C3%A4", "/v2/account/"):
            head = http.head(path)
            assert head.status_code == 200
            assert head.content == b""
        assert http.get("/v2/orders/%FF").status_code == 404
        answer = http.get("/v2/account", headers={"Content-Type": "application/json"})
        assert answer.status_code == 200
        big = http.post("/v2/order", content=(b" " * 65_536 for _ in range(17)))
        assert big.status_code == 413
        assert http.get("/v2/account").status_code == 200


NAMES = ["2024/0001", "A/items", "ä", "100%", "%41", ".", "..", "../token", "a b", "a+b", "?x=1"]
NAMES += [
    "#1",
    "items",
    "new",
    "日本",
    "😀",
    "a%2Fb",
    "'; --",
    '"',
    "\\",
    "a\tb",
    "[x]",
    "{id}",
    "~",
]


@pytest.mark.parametrize("name", NAMES)
def test_any_order_id_is_reached_by_its_encoded_name(api: Api, name: str) -> None:
    order = api.order(name, order_items=[{"sku": "A"}])
    assert order["order_id"] == name
    encoded = "".join(f"%{byte:02X}" for byte in name.encode())
    path = f"/v2/orders/{encoded}"
    assert api.get(path).json() == api.get(f"/v2/orders/{order['id']}").json()
    assert api.get(path.replace("%2F", "%2f")).json()["order_id"] == name
    assert api.get(f"{path}/").json()["order_id"] == name
    assert [item["sku"] for item in api.get(f"{path}/items").json()] == ["A"]
    item = order["order_items"][0]["id"]
    assert api.get(f"{path}/items/{item}").json()["id"] == item
    assert api.put(path, {"language": "de"}).json()["language"] == "de"
    assert api.get("/v2/orders", params={"order_id": name}).json()[0]["order_id"] == name
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


def test_each_segment_is_decoded_once(api: Api) -> None:
    api.order("%41")
    assert api.get("/v2/orders/A").status_code == 404
    assert api.get("/v2/orders/%2541").json()["order_id"] == "%41"


def test_fixed_segments_may_be_encoded_too(api: Api) -> None:
    assert api.get("/v2/%6Frders").json() == []


@pytest.mark.parametrize("raw", [b".", b"..", b"../orders", b"100%", b"%zz", b"A%", b"%4"])
def test_raw_paths_are_not_tidied_up(api: Api, raw: bytes) -> None:
    if b"/" not in raw:
        api.order(raw.decode())
    expected = 404 if b"/" in raw else 200
    assert send_raw(api, "GET", b"/v2/orders/" + raw) == expected


BAD_SEGMENTS = ["%FF", "%C3", "%ED%A0%80", "%C0%AF", "%F5%80%80%80", "%80", "a%E4b", "%00", "a%00"]


@pytest.mark.parametrize("path", ["/v2/orders/{}", "/v2/orders/{}/items", "/v2/shipments/{}"])
def test_a_path_that_is_no_text_is_404(api: Api, path: str) -> None:
    for segment in BAD_SEGMENTS:
        assert api.get(path.format(segment)).status_code == 404
        assert send_raw(api, "PUT", path.format(segment).encode()) == 404
        assert api.raw("GET", path.format(segment)).status_code == 404


@pytest.mark.parametrize("raw", [b"/v2/orders/\xff", b"/v2//orders", b"", b"/v2/orders//items"])
def test_raw_bytes_that_are_no_path_are_404(api: Api, raw: bytes) -> None:
    assert send_raw(api, "GET", raw) == 404


def test_raw_utf8_in_a_path_is_understood(api: Api) -> None:
    api.order("ä")
    assert send_raw(api, "GET", "/v2/orders/ä".encode()) == 200


# Bodies


CONTENT_TYPES = [None, "application/json", "application/json; charset=utf-8", "text/plain"]
CONTENT_TYPES += ["application/x-www-form-urlencoded", "application/ld+json", "nonsense", ""]


@pytest.mark.parametrize("content_type", CONTENT_TYPES)
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_body_is_json_whatever_its_content_type(
    api: Api, content_type: str | None, mark: bytes
) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    body = mark + b' \n{"order_id": "\xc3\xa4"}\n'
    answer = api.call("POST", "/v2/order", content=body, headers=headers)
    assert answer.status_code == 201
    assert answer.json()["order_id"] == "ä"
    assert answer.headers["content-type"] == "application/json"
    change = mark + b'{"language": "de"}'
    answer = api.call("PUT", "/v2/orders/%C3%A4", content=change, headers=headers)
    assert answer.json()["language"] == "de"


def test_a_get_may_carry_a_content_type_and_an_empty_body(api: Api) -> None:
    api.order()
    headers = {"Content-Type": "application/json", "Content-Length": "0"}
    assert api.get("/v2/orders/ORD-1", headers=headers, content=b"").status_code == 200
    assert api.delete("/v2/orders/ORD-1", headers=headers, content=b"").status_code == 204


def test_a_collection_is_a_bare_array_an_object_a_bare_object(api: Api) -> None:
    names = names_of_everything(api)
    for path in ("/v2/orders", "/v2/orders?order_id=ORD-1", "/v2/orders/ORD-1/items"):
        assert len(api.get(path).json()) == 1
        assert isinstance(api.get(path).json(), list)
    for path in ("/v2/shipments", "/v2/carriers", "/v2/warehouses"):
        assert isinstance(api.get(path).json(), list)
    events = api.get(f"/v2/shipments/{names['shipment_id']}/events")
    assert events.json() == []
    assert api.get("/v2/orders/ORD-1").json()["order_id"] == "ORD-1"


READ_ONLY = {
    "id": 5,
    "iri": "/v2/orders/5",
    "state": "completed",
    "states_history": "none",
    "shipments": [{"id": 1}],
    "delayed": "no",
    "delayed_at": [],
    "paid_at": {},
    "tracking_page_url": 7,
    "created_at": "never",
    "updated_at": None,
    "unheard_of": {"deep": [1, 2, {"x": None}]},
}


def test_unknown_and_read_only_fields_are_ignored_in_an_order(api: Api) -> None:
    order = api.order(**READ_ONLY)
    assert order["state"] == "new"
    assert order["shipments"] == []
    assert order["id"] != 5
    changed = api.put("/v2/orders/ORD-1", READ_ONLY).json()
    assert {**changed, "updated_at": order["updated_at"]} == order


def test_read_change_write_of_an_order(api: Api) -> None:
    api.order(
        language="de",
        boarding_complete=False,
        order_date="2024-01-15T10:30:00.5+01:00",
        promised_delivery_date="2028-01-20",
        order_url="https://shop.example.com/1",
        order_tags={"a": "1"},
        recipient={"first_name": "Ada", "country": "GB"},
        order_items=[{"sku": "A", "weight": 180}],
    )
    api.shipment(tracking_code="T-1")
    read = api.get("/v2/orders/ORD-1").json()
    api.clock.advance(minutes=1)
    assert api.put("/v2/orders/ORD-1", read).json() == read
    read["order_tags"]["b"] = "2"
    written = api.put("/v2/orders/ORD-1", read).json()
    assert {**written, "updated_at": None} == {**read, "updated_at": None}
    assert written["updated_at"] != read["updated_at"]
    assert api.get("/v2/orders/ORD-1").json() == written


def test_read_and_write_again_leaves_an_order_without_a_date_as_it_is(api: Api) -> None:
    """`order_date` is the clock's moment then, which goes out in milliseconds."""
    api.clock.now += 123_456
    read = api.order()
    assert api.put("/v2/orders/ORD-1", read).json()["updated_at"] == read["updated_at"]
    again = api.post("/v2/order", {"order_id": "ORD-1", "order_date": read["order_date"]})
    assert again.status_code == 201


def test_read_change_write_of_an_item(api: Api) -> None:
    api.put("/v2/warehouses/Main", {"address": "Here 1"})
    api.order(order_items=[{"sku": "A", "quantity": 2, "warehouse": "Main", "returnable": False}])
    (read,) = api.get("/v2/orders/ORD-1/items").json()
    path = f"/v2/order_items/{read['id']}"
    assert api.put(path, read).json() == read
    changed = {**read, "status": "returned", "quantity": 1}
    assert api.put(path, changed).json() == changed
    assert api.get(path).json() == changed


def test_read_change_write_of_a_shipment(api: Api) -> None:
    api.order(promised_delivery_date="2028-01-20")
    read = api.shipment(
        tracking_code="T-1",
        carrier={"name": "dhl"},
        weight=2,
        planned_pickup_datetime="2027-01-16 10:00:00.123456",
        shipment_tag={"a": "b"},
        local_delivery=True,
        recipient_first_name="Ada",
        comment="Ring",
    )
    path = f"/v2/shipments/{read['id']}"
    assert api.put(path, read).json() == read
    changed = {**read, "comment": "Knock", "reference_number": "R-1"}
    assert api.put(path, changed).json() == changed
    assert api.get(path).json() == changed


# Nothing given


RECIPIENT = dict.fromkeys(
    [
        "first_name",
        "last_name",
        "street",
        "house_no",
        "city",
        "zip_code",
        "country",
        "email",
        "phone",
    ]
)
OPTIONAL = {
    "order_date": "2024-01-15T10:30:00Z",
    "order_url": "https://shop.example.com",
    "language": "de",
    "boarding_complete": False,
    "order_tags": {"a": "b"},
    "promised_delivery_date": "2028-01-20T23:59:59Z",
    "recipient": {**RECIPIENT, "first_name": "Ada"},
}
CLEARED: dict[str, Any] = {**dict.fromkeys(OPTIONAL), "order_tags": {}}


@pytest.mark.parametrize("nothing", [None, ""])
@pytest.mark.parametrize("field", OPTIONAL)
def test_null_and_empty_mean_not_given_in_a_post(api: Api, field: str, nothing: Any) -> None:
    order = api.order(**{field: nothing, "order_items": nothing})
    expected = CLEARED[field] if field != "order_date" else order["created_at"]
    assert order[field] == expected
    api.order("FULL", **OPTIONAL)
    again = api.post("/v2/order", {"order_id": "FULL", **OPTIONAL, field: nothing})
    assert again.status_code == 201
    assert again.json()[field] == OPTIONAL[field], "not given: nothing to compare"


@pytest.mark.parametrize("nothing", [None, ""])
@pytest.mark.parametrize("field", OPTIONAL)
def test_null_and_empty_clear_in_a_put(api: Api, field: str, nothing: Any) -> None:
    before = api.order(**OPTIONAL)
    changed = api.put("/v2/orders/ORD-1", {field: nothing}).json()
    expected = CLEARED[field] if field != "order_date" else before["created_at"]
    assert changed[field] == expected
    rest = {name: value for name, value in OPTIONAL.items() if name != field}
    assert {name: changed[name] for name in rest} == rest


@pytest.mark.parametrize("nothing", [None, ""])
def test_null_and_empty_in_a_recipient_and_an_item(api: Api, nothing: Any) -> None:
    order = api.order(
        recipient={"first_name": "Ada", "email": nothing},
        order_items=[{"sku": "A", "name": nothing, "weight": nothing, "returnable": nothing}],
    )
    assert order["recipient"]["email"] is None
    assert "name" not in order["order_items"][0]
    assert "weight" not in order["order_items"][0]
    answer = api.post("/v2/order", {"order_id": "B", "recipient": {"first_name": nothing}})
    assert answer.json()["recipient"] is None
    assert api.post("/v2/orders/B/items", {"sku": nothing}).status_code == 400


@pytest.mark.parametrize("nothing", [None, ""])
def test_null_and_empty_in_a_required_field_are_400(api: Api, nothing: Any) -> None:
    answer = api.post("/v2/order", {"order_id": nothing})
    assert answer.status_code == 400
    assert answer.json()["violations"][0]["propertyPath"] == "order_id"


def test_an_empty_list_is_an_empty_map(api: Api) -> None:
    assert api.order("A", order_tags=[])["order_tags"] == {}
    assert api.order("B", order_tags={"a": "b"}, recipient=[])["recipient"] is None
    assert api.put("/v2/orders/B", {"order_tags": []}).json()["order_tags"] == {}
    shipment = api.shipment("B", tracking_code="T", shipment_tag=[], carrier=[])
    assert shipment["carrier"] is None
    assert api.post("/v2/order", {"order_id": "C", "order_tags": [1]}).status_code == 400


@pytest.mark.parametrize("number", [0, 1, -5, 3600, 1.5, 1_700_000_000, 1e12, 10**20])
def test_a_number_in_an_optional_time_counts_as_not_given(api: Api, number: float) -> None:
    order = api.order(order_date=number, promised_delivery_date=number)
    assert order["order_date"] == order["created_at"]
    assert order["promised_delivery_date"] is None
    full = api.order("FULL", **OPTIONAL)
    both = {"order_date": number, "promised_delivery_date": number}
    assert api.put("/v2/orders/FULL", both).json() == full, "and does not clear"
    shipment = api.shipment(tracking_code="T", planned_pickup_datetime=number)
    assert shipment["planned_pickup_datetime"] is None
    report = {"order_id": "FULL", "state": "paid", "datetime": number}
    assert api.post("/v2/order_states", report).status_code == 201


@pytest.mark.parametrize("value", [True, [], {}, ["2024-01-15T10:30:00Z"]])
def test_other_things_are_no_time(api: Api, value: Any) -> None:
    answer = api.post("/v2/order", {"order_id": "A", "order_date": value})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("number", "text"),
    [
        *(("0", "0"), ("10115", "10115"), ("4930123456", "4930123456"), ("-7", "-7")),
        *(("1.5", "1.5"), ("12345678901234567890123",) * 2, ("1e22", "1" + "0" * 22)),
    ],
)
def test_identifiers_zip_codes_and_phones_may_be_numbers(api: Api, number: str, text: str) -> None:
    body = (
        f'{{"order_id": {number}, "order_tags": {{"a": {number}}}, "recipient": {{"zip_code": '
        f'{number}, "phone": {number}, "house_no": {number}}}, "order_items": [{{"sku": {number}, '
        f'"external_id": {number}, "hs_code": {number}, "shipment_id": {number}}}]}}'
    )
    answer = api.call("POST", "/v2/order", content=body.encode())
    assert answer.status_code == 201
    order = answer.json()
    assert order["order_id"] == text
    assert order["order_tags"] == {"a": text}
    recipient = order["recipient"]
    assert {recipient[name] for name in ("zip_code", "phone", "house_no")} == {text}
    (item,) = order["order_items"]
    assert {item[name] for name in ("sku", "external_id", "hs_code", "shipment_id")} == {text}
    parcel = f'{{"order_id": {number}, "tracking_code": {number}, "reference_number": {number}}}'
    shipment = api.call("POST", "/v2/shipments", content=parcel.encode()).json()
    assert shipment["tracking_code"] == shipment["reference_number"] == text
    assert api.get(f"/v2/orders/{text}").json()["order_id"] == text


# Times


TIMES = [
    ("2024-01-15T10:30:00Z", "2024-01-15T10:30:00Z"),
    ("2024-01-15t10:30:00z", "2024-01-15T10:30:00Z"),
    ("2024-01-15T10:30:00+00:00", "2024-01-15T10:30:00Z"),
    ("2024-01-15T10:30:00-00:00", "2024-01-15T10:30:00Z"),
    ("2024-01-15T10:30:00+01:00", "2024-01-15T09:30:00Z"),
    ("2024-01-15T10:30:00+0100", "2024-01-15T09:30:00Z"),
    ("2024-01-15T10:30:00+01", "2024-01-15T09:30:00Z"),
    ("2024-01-15T10:30:00-05:30", "2024-01-15T16:00:00Z"),
    ("2024-01-15 10:30:00", "2024-01-15T10:30:00Z"),
    ("2024-01-15 10:30", "2024-01-15T10:30:00Z"),
    ("2024-01-15T10:30", "2024-01-15T10:30:00Z"),
    ("2024-01-15T10:30Z", "2024-01-15T10:30:00Z"),
    ("2024-01-15T10:30+02:00", "2024-01-15T08:30:00Z"),
    ("2024-01-15 10:30:00+0100", "2024-01-15T09:30:00Z"),
    ("2024-01-15T23:30:00-01", "2024-01-16T00:30:00Z"),
    ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
    ("2024-01-15 10:30:00.123456", "2024-01-15T10:30:00.123Z"),
    ("2024-01-15T10:30:00.1Z", "2024-01-15T10:30:00.100Z"),
    ("2024-01-15T10:30:00.000Z", "2024-01-15T10:30:00Z"),
    ("2024-01-15T10:30:00.0009Z", "2024-01-15T10:30:00.000Z"),
    ("2024-01-15T10:30:00.0000009Z", "2024-01-15T10:30:00Z"),
    ("2024-01-15T10:30:00.999999999Z", "2024-01-15T10:30:00.999Z"),
    ("2024-01-15T10:30:00.12345678+01:00", "2024-01-15T09:30:00.123Z"),
    ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
    ("2100-12-31T23:59:59.999999Z", "2100-12-31T23:59:59.999Z"),
    ("2101-01-01T00:30:00+01:00", "2100-12-31T23:30:00Z"),
]


@pytest.mark.parametrize(("given", "expected"), TIMES)
def test_times_come_in_in_many_forms_and_go_out_in_utc(api: Api, given: str, expected: str) -> None:
    order = api.order(order_date=given, promised_delivery_date=given)
    assert order["order_date"] == expected
    assert order["promised_delivery_date"] == expected
    query = quote(given, safe="")
    listed = api.get(f"/v2/orders?order_date[after]={query}&order_date[before]={query}")
    assert [line["order_id"] for line in listed.json()] == ["ORD-1"]
    with_plus = given.replace(" ", "%20")
    listed = api.get(f"/v2/orders?order_date[after]={with_plus}&order_date[before]={with_plus}")
    assert [line["order_id"] for line in listed.json()] == ["ORD-1"], "with a plus as it is"
    assert api.get(f"/v2/orders?order_date[strictly_after]={query}").json() == []
    assert api.get(f"/v2/orders?order_date[strictly_before]={query}").json() == []


NO_TIMES = ["2024-01-15T", "2024-01-15T10", "2024-01-15T10:30:00.1234567890Z", "tomorrow", "10:30"]
NO_TIMES += [
    "2024-13-01T00:00:00Z",
    "2024-02-30T00:00:00Z",
    "2023-02-29T00:00:00Z",
    "0",
    "24-01-15",
]
NO_TIMES += [
    "2024-01-15T25:00:00Z",
    "2024-01-15T10:60:00Z",
    "2024-01-15T10:30:61Z",
    "2024-1-5T1:1Z",
]
NO_TIMES += ["2024-01-15T10:30:00+24:00", "2024-01-15T10:30:00+01:60", "2024-01-15T10:30:00+1:00"]
NO_TIMES += [
    "2024-01-15T10:30:00 01:00",
    "2024-01-15T10:30:00ZZ",
    " 2024-01-15T10:30:00Z",
    "\u0662",
]
NO_TIMES += ["1969-12-31T23:59:59Z", "2101-01-01T00:00:00Z", "1970-01-01T00:30:00+01:00"]
NO_TIMES += [
    "0000-01-01T00:00:00Z",
    "9999-12-31T23:59:59Z",
    "2100-12-31T23:30:00-01:00",
    "20240115",
]
NO_TIMES += ["٢٠٢٤-01-15T10:30:00Z", "2024-01-15T10:30:00Z\n", "2024-01-15\n10:30:00Z", "null"]


@BEFORE_THE_DATABASE
@pytest.mark.parametrize("given", NO_TIMES)
def test_what_is_no_time_is_400(api: Api, given: str) -> None:
    both = {"order_id": "A", "order_date": given, "promised_delivery_date": given}
    answer = api.post("/v2/order", both)
    assert answer.status_code == 400
    faults = [line["propertyPath"] for line in answer.json()["violations"]]
    assert faults == ["order_date", "promised_delivery_date"]


def test_an_order_date_needs_a_time_of_day(api: Api) -> None:
    assert api.post("/v2/order", {"order_id": "A", "order_date": "2024-01-15"}).status_code == 400


@pytest.mark.parametrize(
    ("micros", "plain", "of_history"),
    [(0, "08:00:00Z", "08:00:00.000Z"), (142_999, "08:00:00.142Z", "08:00:00.142Z")],
)
def test_whole_seconds_go_out_plain_and_history_always_with_milliseconds(
    api: Api, micros: int, plain: str, of_history: str
) -> None:
    api.token()
    api.clock.now = START + micros
    moments = iter([START + micros] * 9)
    api.clock.__class__ = type("Still", (type(api.clock),), {"__call__": lambda _: next(moments)})
    order = api.order()
    assert order["created_at"] == f"2027-01-15T{plain}"
    assert order["order_date"] == f"2027-01-15T{plain}"
    assert order["states_history"][0]["datetime"] == f"2027-01-15T{of_history}"


# Numbers


NUMBERS = [
    "180",
    "29.99",
    "0",
    "0.25",
    "1e2",
    "0.1",
    "1.0",
    "9007199254740992",
    "0.30000000000000004",
]
NUMBERS += ["9007199254740991", "123456789.123", "1E-7", "5e-324", "4503599627370497.5"]


AMOUNTS = ("weight", "sales_price", "item_value", "quantity")


@pytest.mark.parametrize("number", NUMBERS)
def test_numbers_come_back_equal(api: Api, number: str) -> None:
    fields = ", ".join(f'"{field}": {number}' for field in AMOUNTS)
    body = f'{{"order_id": "A", "order_items": [{{"sku": "S", {fields}}}]}}'
    answer = api.call("POST", "/v2/order", content=body.encode())
    assert answer.status_code == 201
    for text in (answer.text, api.get("/v2/orders/A").text, api.get("/v2/orders?order_id=A").text):
        found = json.loads(text)
        found = found[0] if isinstance(found, list) else found
        for field in AMOUNTS:
            value = found["order_items"][0][field]
            assert value == json.loads(number)
            assert isinstance(value, type(json.loads(number)))


BAD_NUMBERS = ["9007199254740993", "-1", "-0.01", "9007199254740994.0", "1e16", "-9007199254740993"]
BAD_NUMBERS += ["10000000000000000000000", "1e300", '"5"', "true", "[1]", "-1e300"]
NO_JSON = ["NaN", "Infinity", "-Infinity", "1e309", "-1e309", "+1", "01", ".5", "0x10", "1_000"]


@BEFORE_THE_DATABASE
@pytest.mark.parametrize("number", BAD_NUMBERS + NO_JSON)
def test_numbers_out_of_bounds_are_400(api: Api, number: str) -> None:
    api.order("A")
    for field in AMOUNTS:
        body = f'{{"sku": "S", "{field}": {number}}}'.encode()
        answer = api.call("POST", "/v2/orders/A/items", content=body)
        assert answer.status_code == 400
        if number not in NO_JSON:
            assert [line["propertyPath"] for line in answer.json()["violations"]] == [field]
    assert api.get("/v2/orders/A/items").json() == []


@pytest.mark.parametrize("field", ["goods_value", "cod_value", "weight"])
def test_a_shipments_numbers_likewise(api: Api, field: str) -> None:
    api.order()
    for number in (-1, -0.5, 2**53 + 1, 1e17):
        parcel = {"order_id": "ORD-1", "tracking_code": "T", field: number}
        assert api.post("/v2/shipments", parcel).status_code == 400
    assert api.shipment(tracking_code="T", **{field: 180})[field] == 180


def test_minus_zero_is_zero(api: Api) -> None:
    items = b'[{"sku": "S", "weight": -0.0}, {"sku": "T", "weight": -0}]'
    body = b'{"order_id": "A", "order_items": ' + items + b"}"
    answer = api.call("POST", "/v2/order", content=body)
    assert [item["weight"] for item in answer.json()["order_items"]] == [0, 0]


# Strings


AS_GIVEN = [
    "[email protected]",
    "not an address",
    " ",
    "+49 (30) 12-34/56",
    "o'Brien",
    "<b>",
    "a\nb",
]
AS_GIVEN += ["\u202eevil", "e\u0301", "😀", "null", "\ufeff", "\u0001", "%00", "\\u0000"]


@pytest.mark.parametrize("text", AS_GIVEN)
def test_personal_data_is_kept_as_given(api: Api, text: str) -> None:
    fields = ("first_name", "last_name", "street", "house_no", "city", "zip_code", "country")
    recipient = dict.fromkeys((*fields, "email", "phone"), text)
    assert api.order(recipient=recipient)["recipient"] == recipient
    assert api.get("/v2/orders/ORD-1").json()["recipient"] == recipient


BAD_TEXTS = ["\\u0000", "a\\u0000b", "\\ud800", "a\\udc00", "\\ud800\\ud800", "\\udc00\\ud800"]
PLACES = [
    ('{"order_id": "%s"}', "order_id"),
    ('{"order_id": "A", "language": "%s"}', "language"),
    ('{"order_id": "A", "language": ["%s"]}', "language[0]"),
    ('{"order_id": "A", "language": ["de", "%s"]}', "language[1]"),
    ('{"order_id": "A", "order_tags": {"k": "%s"}}', "order_tags.k"),
    ('{"order_id": "A", "order_tags": {"%s": "v"}}', None),
    ('{"order_id": "A", "recipient": {"city": "%s"}}', "recipient.city"),
    ('{"order_id": "A", "order_items": [{"sku": "B"}, {"sku": "%s"}]}', "order_items[1].sku"),
    ('{"order_id": "A", "unknown": "%s"}', "unknown"),
    ('{"order_id": "A", "unknown": [[{"deep": {"deeper": ["%s"]}}]]}', None),
    ('{"order_id": "A", "%s": 1}', None),
    ('{"order_id": "A", "order_items": [{"sku": "B", "x": {"%s": 1}}]}', None),
]


@pytest.mark.parametrize(("body", "path"), PLACES)
def test_nul_and_half_surrogates_are_400_anywhere(api: Api, body: str, path: str | None) -> None:
    for text in BAD_TEXTS:
        answer = api.call("POST", "/v2/order", content=(body % text).encode())
        assert answer.status_code == 400
        (fault,) = answer.json()["violations"]
        if path is not None:
            assert fault["propertyPath"] == path
    assert api.get("/v2/orders").json() == []


def test_nul_and_half_surrogates_in_other_bodies(api: Api) -> None:
    api.order(order_items=[{"sku": "A"}])
    (item,) = api.get("/v2/orders/ORD-1/items").json()
    for text in ("\\u0000", "\\ud800"):
        for method, path in [
            ("PUT", "/v2/orders/ORD-1"),
            ("POST", "/v2/orders/ORD-1/items"),
            ("PUT", f"/v2/order_items/{item['id']}"),
            ("POST", "/v2/order_states"),
            ("POST", "/v2/shipments"),
            ("POST", "/v2/carrier_updates"),
            ("PUT", "/v2/account"),
            ("PUT", "/v2/warehouses/A"),
            ("PUT", "/v2/carriers/a"),
        ]:
            answer = api.call(method, path, content=f'{{"x": [{{"{text}": 1}}]}}'.encode())
            assert answer.status_code == 400
            assert "NUL" in answer.text or "surrogate" in answer.text


def test_a_whole_pair_is_a_character(api: Api) -> None:
    body = b'{"order_id": "A", "language": "\\ud83d\\ude00"}'
    assert api.call("POST", "/v2/order", content=body).json()["language"] == "😀"


# Lengths


LENGTHS = [
    ("order_url", 2_048),
    ("language", 4_096),
    ("recipient.street", 4_096),
    ("order_tags[tag]", 4_096),
    ("order_items[0].sku", 4_096),
    ("order_items[0].external_id", 4_096),
    ("order_items[0].shipment_id", 4_096),
    ("order_items[0].description", 4_096),
    ("order_items[0].shop_product_url", 2_048),
    ("order_items[0].image_url", 2_048),
]


def with_value(path: str, value: str) -> dict[str, Any]:
    if path.startswith("recipient."):
        return {"recipient": {path.split(".")[1]: value}}
    if path.startswith("order_tags"):
        return {"order_tags": {"tag": value}}
    if path.startswith("order_items"):
        return {"order_items": [{"name": "N", path.split(".")[1]: value}]}
    return {path: value}


@pytest.mark.parametrize("character", ["x", "ä", "😀"])
@pytest.mark.parametrize(("path", "most"), LENGTHS)
def test_strings_have_their_longest(api: Api, path: str, most: int, character: str) -> None:
    api.order("FITS", **with_value(path, character * most))
    answer = api.post("/v2/order", {"order_id": "A", **with_value(path, character * (most + 1))})
    assert answer.status_code == 400
    assert [line["propertyPath"] for line in answer.json()["violations"]] == [path]


@pytest.mark.parametrize("character", ["x", "ä", "😀"])
def test_identifiers_have_1_to_255_characters(api: Api, character: str) -> None:
    longest, longer = character * 255, character * 256
    api.order(longest)
    assert api.get(f"/v2/orders/{quote(longest)}").json()["order_id"] == longest
    api.shipment(longest, tracking_code=longest, reference_number=longest)
    for body in (
        {"order_id": longer},
        {"order_id": longest, "tracking_code": longer},
        {"order_id": longest, "reference_number": longer},
    ):
        path = "/v2/order" if len(body) == 1 else "/v2/shipments"
        answer = api.post(path, body)
        assert answer.status_code == 400
        assert [line["propertyPath"] for line in answer.json()["violations"]] == [list(body)[-1]]
    assert api.post("/v2/order", {"order_id": ""}).status_code == 400


def test_100_tags(api: Api) -> None:
    tags = {f"tag-{number}": "x" for number in range(101)}
    answer = api.post("/v2/order", {"order_id": "A", "order_tags": tags})
    assert answer.status_code == 400
    assert answer.json()["violations"][0]["propertyPath"] == "order_tags"
    del tags["tag-0"]
    assert api.order("A", order_tags=tags)["order_tags"] == tags


def test_1000_items(api: Api) -> None:
    items = [{"sku": str(number)} for number in range(1_001)]
    answer = api.post("/v2/order", {"order_id": "A", "order_items": items})
    assert answer.status_code == 400
    assert answer.json()["violations"][0]["propertyPath"] == "order_items"
    order = api.order("A", order_items=items[1:])
    assert [item["sku"] for item in order["order_items"]] == [item["sku"] for item in items[1:]]
    answer = api.post("/v2/orders/A/items", {"sku": "one more"})
    assert answer.status_code == 409
    assert answer.json()["code"] == "too_many_items"


SETTINGS = [
    ("max_identifier_length", {"order_id": "12345"}, {"order_id": "1234"}),
    ("max_url_length", {"order_url": "12345"}, {"order_url": "1234"}),
    ("max_text_length", {"language": "x" * 101}, {"language": "x" * 100}),
    ("max_tags", {"order_tags": dict.fromkeys("abcde", "x")}, {"order_tags": {"a": "x"}}),
    ("max_items_per_order", {"order_items": [{"sku": "A"}] * 5}, {"order_items": [{"sku": "A"}]}),
]


@pytest.mark.parametrize(("setting", "too_much", "fits"), SETTINGS)
def test_each_limit_is_a_setting(
    database: str, setting: str, too_much: dict[str, Any], fits: dict[str, Any]
) -> None:
    api = Api(database, **{setting: 100 if setting == "max_text_length" else 4})
    try:
        assert api.post("/v2/order", {"order_id": "A", **too_much}).status_code == 400
        assert api.post("/v2/order", {"order_id": "A", **fits}).status_code == 201
    finally:
        api.close()


# Names of orders


def test_an_order_is_found_by_the_shops_name_first_then_by_doorsteps_number(api: Api) -> None:
    order = api.order("A")
    assert api.get(f"/v2/orders/{order['id']}").json() == api.get("/v2/orders/A").json() == order
    assert api.get(order["iri"]).json() == order


def test_internal_numbers_have_15_digits_below_2_to_the_53(api: Api) -> None:
    order = api.order(order_items=[{"sku": "A"}, {"sku": "B"}])
    shipment = api.shipment(tracking_code="T")
    numbers = [order["id"], *(int(i["id"]) for i in order["order_items"]), shipment["id"]]
    assert len(set(numbers)) == 4
    for number in numbers:
        assert len(str(number)) == 15
        assert number < 2**53


def test_an_order_id_equal_to_an_internal_number_is_409(api: Api) -> None:
    number = api.order("A")["id"]
    for spelled in (str(number), number):
        answer = api.post("/v2/order", {"order_id": spelled})
        assert answer.status_code == 409
        assert answer.json()["violations"][0]["propertyPath"] == "order_id"
    parcel = {"order": {"order_id": str(number)}, "tracking_code": "T"}
    assert api.post("/v2/shipments", parcel).status_code in (201, 409)
    assert len(api.get("/v2/orders").json()) == 1


def test_a_shops_15_digits_are_an_order_id_like_any_other(api: Api) -> None:
    api.order("123456789012345", language="de")
    assert api.get("/v2/orders/123456789012345").json()["language"] == "de"
    assert api.get("/v2/orders/123456789012346").status_code == 404
    assert api.put("/v2/orders/123456789012345", {"language": "fr"}).status_code == 200
    assert api.delete("/v2/orders/123456789012345").status_code == 204


def test_a_shop_that_counts_where_doorstep_counts_meets_nobody(api: Api) -> None:
    """The shop's next order ids are the very numbers that doorstep would draw next."""
    first = api.order("A")["id"]
    taken = [str(first + ahead) for ahead in (2, 3, 4, 6)]
    for name in taken:
        answer = api.post("/v2/order", {"order_id": name})
        assert answer.status_code in (201, 409)
        if answer.status_code == 201:
            assert api.get(f"/v2/orders/{name}").json()["order_id"] == name
    created = {api.order(f"B-{number}")["id"] for number in range(9)}
    listed = api.get("/v2/orders").json()
    names = {line["order_id"] for line in listed}
    for line in listed:
        assert api.get(f"/v2/orders/{line['order_id']}").json()["id"] == line["id"]
        assert str(line["id"]) not in names - {line["order_id"]}
    assert len(created) == 9


# Durability and the clock


def test_what_was_answered_is_there_for_the_next_process(database: str) -> None:
    first = Api(database)
    order = first.order()
    first.close()
    second = Api(database)
    try:
        again = second.access_key()
        assert second.get("/v2/orders/ORD-1", key=again).json()["id"] == order["id"]
    finally:
        second.close()


def test_the_clock_of_the_tests_stands(api: Api) -> None:
    order = api.order()
    assert order["created_at"] == "2027-01-15T08:00:00.000Z"
    assert api.clock.now - START < SECOND
