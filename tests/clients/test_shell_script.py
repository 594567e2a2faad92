"""A shell script around curl: form Content-Types, unencoded brackets, and never a second page.

It exits with success when the list begins with a bracket and each entry has its
`states_history`; it reads the `completed` entry's datetime.
"""

import json
from typing import Any

from tests.clients.conftest import Received, Wire

POST = """
    POST {path} HTTP/1.1
    User-Agent: curl/7.88.1
    Accept: */*
    authorization: bearer {token}
    Content-Length: {length}
    Content-Type: application/x-www-form-urlencoded
"""


def post(wire: Wire, path: str, body: bytes) -> Received:
    return wire.send(POST.replace("{path}", path), body)


def get(wire: Wire, target: str) -> Received:
    return wire.send(
        f"""
        GET {target} HTTP/1.1
        User-Agent: curl/7.88.1
        Accept: */*
        Authorization: Bearer {{token}}
        """
    )


def listed(answer: Received) -> list[dict[str, Any]]:
    """The script's own test of success."""
    assert answer.status == 200
    assert answer.body.startswith(b"[")
    assert answer.body.endswith(b"]")
    found: list[dict[str, Any]] = json.loads(answer.body)
    for entry in found:
        assert isinstance(entry["states_history"], list)
    return found


def test_filters_with_brackets_without_paging_give_all_that_match(wire: Wire) -> None:
    for number in range(130):
        day = 10 + number % 4
        body = f'{{"order_id": "S-{number}", "order_date": "2027-01-{day}T12:00:00Z"}}'
        assert post(wire, "/v2/order", body.encode()).status == 201
    both = "order_date[after]=2027-01-11&order_date[before]=2027-01-13"
    found = listed(get(wire, f"/v2/orders?{both}"))
    assert len(found) == 97
    assert {entry["order_date"][:10] for entry in found} == {
        "2027-01-11",
        "2027-01-12",
        "2027-01-13",
    }
    encoded = both.replace("[", "%5B").replace("]", "%5D")
    assert listed(get(wire, f"/v2/orders?{encoded}")) == found
    precise = "order_date[strictly_after]=2027-01-12T13:00:00+01:00"
    assert {entry["order_date"] for entry in listed(get(wire, f"/v2/orders?{precise}"))} == {
        "2027-01-13T12:00:00Z"
    }
    assert listed(get(wire, "/v2/orders?order_date[after]=2030-01-01")) == []
    assert len(listed(get(wire, "/v2/orders?state=new"))) == 130


def test_the_completed_entry_says_when_the_last_parcel_arrived(wire: Wire) -> None:
    assert post(wire, "/v2/order", b'{"order_id": "S-1"}').status == 201
    for code, hour in (("A", 9), ("B", 7)):
        parcel = f'{{"order_id": "S-1", "tracking_code": "{code}"}}'
        assert post(wire, "/v2/shipment", parcel.encode()).status == 201
        update = (
            f'{{"tracking_code": "{code}", "status": "Delivered", '
            f'"datetime": "2024-01-15 0{hour}:30:00.250000"}}'
        )
        assert post(wire, "/v2/carrier_updates", update.encode()).status == 201
    (entry,) = listed(get(wire, "/v2/orders?state=completed&order_id=S-1"))
    (completed,) = [one for one in entry["states_history"] if one["state"] == "completed"]
    assert completed["datetime"] == "2024-01-15T09:30:00.250Z"


def test_a_body_from_a_file_with_a_byte_order_mark(wire: Wire) -> None:
    body = b'\xef\xbb\xbf{\r\n "order_id": "S-1",\r\n "order_tags": {"a": 1}\r\n}\r\n'
    answer = post(wire, "/v2/order/", body)
    assert answer.status == 201
    assert answer.json()["order_tags"] == {"a": "1"}


def test_a_large_body_waits_for_100_continue(wire: Wire) -> None:
    """curl announces a body of more than a megabyte or so, and sends it anyway."""
    items = [{"sku": str(number), "description": "x" * 1_000} for number in range(900)]
    body = json.dumps({"order_id": "S-1", "order_items": items}).encode()
    head = POST.replace("{path}", "/v2/order") + "    Expect: 100-continue\n"
    answer = wire.send(head, body)
    assert answer.status == 201
    assert len(answer.json()["order_items"]) == 900


def test_the_token_request(wire: Wire) -> None:
    """The token's request comes without any header that HTTP does not ask for."""
    assert len(wire.token().split(".")) == 3
