"""A plain HTTP client with a token: what it is answered is not tried again, nor read."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx


@contextmanager
def signed_in(
    url: str, access_key: str, *, timeout_seconds: float = 30, **options: Any
) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, timeout=timeout_seconds, **options) as http:
        token = http.post("/v2/token", json={"access_key": access_key}).json()["token"]
        http.headers["Authorization"] = f"Bearer {token}"
        yield http


def stored_order(http: httpx.Client, order_id: str) -> dict[str, Any] | None:
    """An order as any server of its database shows it, None where there is none."""
    answer = http.get(f"/v2/orders/{order_id}")
    if answer.status_code == 404:
        return None
    assert answer.status_code == 200, answer.text
    return without_address(answer.json())


def without_address(order: dict[str, Any]) -> dict[str, Any]:
    """The order without the host and port of the server that showed it."""
    page = order["tracking_page_url"]
    return {**order, "tracking_page_url": page[page.index("/order/") :]}
