"""A shop on a real server, for those who look at its pages."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from doorstep.clock import now
from doorstep.times import format_time
from tests.conftest import Server, new_access_key
from tests.e2e.signed_in import signed_in
from tests.web.test_tracking_page import path_of

HOSTILE = (
    "<script>alert(1)</script>",
    "\"'><img src=x onerror=alert(1)>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}</title></style><svg onload=alert(1)>",
    "W" * 300,
)
"""What a shop, a carrier or a customer may send, and what must stay text on every page."""


class Shop:
    """`key` and `token` are its account's; `http` has the token already."""

    def __init__(self, server: Server, key: str, http: httpx.Client) -> None:
        self.server = server
        self.url = server.url
        self.key = key
        self.http = http
        self.token = http.headers["Authorization"].removeprefix("Bearer ")

    def post(self, path: str, body: Any) -> Any:
        answer = self.http.post(path, json=body)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def change(self, path: str, body: Any) -> None:
        answer = self.http.put(path, json=body)
        assert answer.status_code in (200, 201), answer.text

    def order(self, order_id: str, **fields: Any) -> str:
        """The address of the new order's tracking page."""
        order = self.post("/v2/order", {"order_id": order_id, **fields})
        return self.url + path_of(order)

    def parcel(self, order_id: str, tracking_code: str, carrier: str = "DHL") -> None:
        fields = {"tracking_code": tracking_code, "carrier": {"name": carrier, "country": "AT"}}
        self.post("/v2/shipments", {"order_id": order_id, **fields})

    def update(self, tracking_code: str, status: str, **fields: Any) -> None:
        update = {"tracking_code": tracking_code, "status": status, "datetime": format_time(now())}
        self.post("/v2/carrier_updates", {**update, **fields})


@contextmanager
def open_shop(database: Path) -> Iterator[Shop]:
    with Server(database, "--no-worker") as server, open_account(server) as opened:
        yield opened


@contextmanager
def open_account(server: Server) -> Iterator[Shop]:
    """A new one."""
    # In a thread of its own, as an open browser has taken this one's event loop.
    with ThreadPoolExecutor(1) as thread:
        key = thread.submit(new_access_key, server.path).result()
    with signed_in(server.url, key) as http:
        yield Shop(server, key, http)
