"""The requests that are measured, as bytes."""

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx

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


def request(
    method: str, path: str, token: str = "", body: object = None, accept: str | None = None
) -> bytes:
    content = b"" if body is None else json.dumps(body).encode()
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    if token:
        head += f"Authorization: Bearer {token}\r\n"
    if accept:
        head += f"Accept: {accept}\r\n"
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


def tracking_pages(port: int, token: str, order_ids: list[str]) -> list[bytes]:
    """The pages of orders as a browser asks for them."""
    api = httpx.Client(
        base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {token}"}
    )
    with api:
        urls = [api.get(f"/v2/orders/{name}").json()["tracking_page_url"] for name in order_ids]
    return [request("GET", httpx.URL(url).path, "", accept="text/html") for url in urls]


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


def names_of(prefix: str, connection: int, count: int) -> Iterator[str]:
    """What the first requests of one connection were called."""
    return (f"{prefix}-{connection}-{number}" for number in range(count))


def names(prefix: str, answered: list[int]) -> Iterator[str]:
    """What was made by all connections; `answered` says how many requests each got through."""
    for connection, count in enumerate(answered):
        yield from names_of(prefix, connection, count)


def shipments(token: str, order_ids: list[str], prefix: str) -> Requests:
    """Parcels that are not there yet, for the orders in turn."""

    def of(connection: int) -> Iterator[bytes]:
        for number in itertools.count():
            parcel = {
                "order_id": order_ids[(connection * 997 + number) % len(order_ids)],
                "tracking_code": f"{prefix}-{connection}-{number}",
                "carrier": {"name": "dhl", "country": "DE"},
            }
            yield request("POST", "/v2/shipments", token, parcel)

    return of


def carrier_updates(
    token: str, parcels: list[list[str]], *, of_another_day: bool = False
) -> Requests:
    """Updates that are not there yet, for the parcels of a connection in turn."""
    began = datetime(2026, 1, 19 if of_another_day else 18, tzinfo=UTC)

    def of(connection: int) -> Iterator[bytes]:
        for number in itertools.count():
            update = {
                "tracking_code": parcels[connection][number % len(parcels[connection])],
                "status": "hub_scan",
                "datetime": (began + timedelta(seconds=number)).isoformat(),
                "location": "Berlin",
            }
            yield request("POST", "/v2/carrier_updates", token, update)

    return of


def mixed(token: str, reads: Requests, updates: Requests, prefix: str) -> Requests:
    """A day at a shop: of ten requests six reads, two new orders, two updates of parcels."""

    def of(connection: int) -> Iterator[bytes]:
        new = creations(token, prefix)(connection)
        read, update = reads(connection), updates(connection)
        while True:
            for source in (read, new, read, update, read, read, new, read, update, read):
                yield next(source)

    return of
