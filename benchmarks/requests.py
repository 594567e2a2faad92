"""The requests that are measured, as bytes."""

import itertools
import json
from collections.abc import Iterator

from benchmarks.load import Requests

ITEMS = [
    {"sku": "TSHIRT-BLU-M", "name": "T-Shirt", "quantity": 2, "item_value": 29.99, "weight": 180},
    {"sku": "TOTE-NAT-STD", "name": "Tote Bag", "quantity": 1, "item_value": 19.99, "weight": 250},
]
RECIPIENT = {
    "first_name": "John",
    "last_name": "Doe",
    "street": "Main Street",
    "house_no": "123",
    "city": "Berlin",
    "zip_code": "10115",
    "country": "DE",
}


def request(method: str, path: str, token: str = "", body: object = None) -> bytes:
    content = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    if token:
        head += f"Authorization: Bearer {token}\r\n"
    if body is not None:
        head += f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n"
    return head.encode() + b"\r\n" + content


def order(order_id: str) -> dict[str, object]:
    """An order with two items, a recipient and a promise."""
    return {
        "order_id": order_id,
        "order_date": "2026-01-15T10:30:00Z",
        "order_url": f"https://shop.example.com/orders/{order_id}",
        "language": "en",
        "promised_delivery_date": "2030-01-20T23:59:59Z",
        "recipient": RECIPIENT,
        "order_items": ITEMS,
    }


def creations(token: str, prefix: str) -> Requests:
    """Orders that are not there yet."""

    def of(connection: int) -> Iterator[bytes]:
        for number in itertools.count():
            yield request("POST", "/v2/order", token, order(f"{prefix}-{connection}-{number}"))

    return of


def same(text: bytes) -> Requests:
    """One request, again and again."""
    return lambda connection: itertools.repeat(text)


def in_turn(texts: list[bytes]) -> Requests:
    """A list of requests, from another place on each connection, over and over."""

    def of(connection: int) -> Iterator[bytes]:
        start = connection * 997 % len(texts)
        return itertools.cycle(texts[start:] + texts[:start])

    return of


def divided(texts: list[bytes], connections: int) -> Requests:
    """A list of requests, each once, divided among the connections."""
    return lambda connection: iter(texts[connection::connections])


def shipments(token: str, order_ids: list[str], prefix: str) -> list[bytes]:
    return [
        request(
            "POST",
            "/v2/shipments",
            token,
            {
                "order_id": order_id,
                "tracking_code": f"{prefix}-{order_id}",
                "carrier": {"name": "dhl", "country": "DE"},
            },
        )
        for order_id in order_ids
    ]


def carrier_updates(token: str, order_ids: list[str], prefix: str, status: str) -> list[bytes]:
    return [
        request(
            "POST",
            "/v2/carrier_updates",
            token,
            {
                "tracking_code": f"{prefix}-{order_id}",
                "status": status,
                "datetime": "2026-01-18T14:05:00Z",
                "location": "Berlin",
            },
        )
        for order_id in order_ids
    ]


def mixed(token: str, order_ids: list[str], prefix: str, connections: int) -> Requests:
    """A day at a shop: of ten requests six reads, two new orders, two updates of parcels."""
    reads = [request("GET", f"/v2/orders/{order_id}", token) for order_id in order_ids]
    updates = carrier_updates(token, order_ids, "P", "hub_scan")

    def of(connection: int) -> Iterator[bytes]:
        new = creations(token, prefix)(connection)
        read, update = in_turn(reads)(connection), in_turn(updates)(connection)
        while True:
            for source in (read, new, read, update, read, read, new, read, update, read):
                yield next(source)

    return of
