"""A warehouse system: retries with a pickup time of its own for each try, ids as numbers.

It is written in a language without `null`: fields it does not know are empty strings, and its
times have six fraction digits and no offset.
"""

import json
from typing import Any

from tests.clients.conftest import Received, Wire

HEAD = """
    {method} {path} HTTP/1.1
    Authorization: Bearer {token}
    Content-Type: text/plain; charset=ISO-8859-1
    Content-Length: {length}
"""


def send(wire: Wire, method: str, path: str, body: Any) -> Received:
    head = HEAD.replace("{method}", method).replace("{path}", path)
    return wire.send(head, body if isinstance(body, bytes) else json.dumps(body).encode())


ORDER = (
    b'{"order_id": 4711, "order_date": "2027-01-15 08:30:00.123456", "language": "", '
    b'"order_url": "", "promised_delivery_date": "2027-01-20 23:59:59.000000", '
    b'"boarding_complete": false, "order_tags": []}'
)
SHIPMENT = (
    b'{"order_id": 4711, "reference_number": 90210, "tracking_code": "", '
    b'"carrier": {"name": "", "country": ""}, "recipient_zip": 1010, '
    b'"recipient_phone": 431234567, "recipient_email": "", "cod_reference": "", '
    b'"planned_pickup_datetime": "2027-01-15 16:0%d:00.654321", "weight": 1.5}'
)


def test_a_retry_recomputes_its_pickup_time(wire: Wire) -> None:
    """Its test of success: 201 and the same id each time."""
    assert send(wire, "POST", "/v2/order", ORDER).status == 201
    answers = [send(wire, "POST", "/v2/shipments", SHIPMENT % minute) for minute in range(3)]
    assert [answer.status for answer in answers] == [201, 201, 201]
    ids = {answer.json()["id"] for answer in answers}
    assert len(ids) == 1
    body = answers[-1].json()
    assert body["planned_pickup_datetime"] == "2027-01-15T16:02:00.654Z"
    assert (body["order_id"], body["reference_number"]) == ("4711", "90210")
    assert (body["recipient_zip"], body["recipient_phone"]) == ("1010", "431234567")
    assert (body["tracking_code"], body["carrier"], body["recipient_email"]) == (None, None, None)
    update = {"reference_number": 90210, "status": "pickup", "datetime": "2024-01-15 17:00:00.5"}
    assert send(wire, "POST", "/v2/carrier_updates", update).status == 201
    late = send(wire, "POST", "/v2/shipments", SHIPMENT % 9)
    assert late.status == 201
    assert late.json()["planned_pickup_datetime"] == "2027-01-15T16:02:00.654Z"


def test_an_order_is_sent_again_with_the_same_six_digits(wire: Wire) -> None:
    first = send(wire, "POST", "/v2/order", ORDER)
    again = send(wire, "POST", "/v2/order", ORDER)
    assert (first.status, again.status) == (201, 201)
    assert first.json()["order_date"] == "2027-01-15T08:30:00.123Z"
    assert again.headers["Idempotent-Replayed"] == "true"


def test_boarding_complete_follows_the_last_parcel(wire: Wire) -> None:
    """It reads the order, changes one field and puts all of it back."""
    send(wire, "POST", "/v2/order", ORDER)
    send(wire, "POST", "/v2/shipments", SHIPMENT % 0)
    update = {"reference_number": "90210", "status": "Delivered", "datetime": "2024-01-15 17:00"}
    assert send(wire, "POST", "/v2/carrier_updates", update).status == 201
    body = send(wire, "GET", "/v2/orders/4711", b"").json()
    assert body["state"] == "shipped"
    answer = send(wire, "PUT", "/v2/orders/4711", {**body, "boarding_complete": True})
    assert answer.status == 200
    assert answer.json()["state"] == "completed"
    assert answer.json()["order_date"] == body["order_date"]
    assert answer.json()["states_history"][-1]["datetime"] == "2024-01-15T17:00:00.000Z"


def test_a_duration_where_a_time_belongs(wire: Wire) -> None:
    body = b'{"order_id": 4711, "promised_delivery_date": 172800}'
    answer = send(wire, "POST", "/v2/order", body)
    assert answer.status == 201
    assert answer.json()["promised_delivery_date"] is None
    report = b'{"shop_order_id": 4711, "state": "in_preparation", "datetime": 300}'
    assert send(wire, "POST", "/v2/order_states", report).status == 201


def test_an_item_with_empty_fields(wire: Wire) -> None:
    send(wire, "POST", "/v2/order", ORDER)
    item = (
        b'{"sku": 12, "name": "", "description": "", "sales_price": 30, "weight": "", '
        b'"shipment_id": "", "external_id": 7, "image_url": ""}'
    )
    answers = [send(wire, "POST", "/v2/orders/4711/items", item) for _ in range(2)]
    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert (answers[0].json()["sku"], answers[0].json()["sales_price"]) == ("12", 30)
    assert "name" not in answers[0].json()
