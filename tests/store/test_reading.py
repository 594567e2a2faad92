"""Reading: of one moment, whatever is committed in the middle of it."""

from pathlib import Path
from typing import Any

import pytest

from doorstep.store.sqlite import database as sqlite
from doorstep.store.sqlite.database import connect
from tests.conftest import Api


def test_a_listing_is_read_as_of_one_moment(
    sqlite_api: Api, sqlite_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another connection commits between the search and the loading of what was found."""
    number = sqlite_api.order("A")["id"]
    committed: list[str] = []

    rows = sqlite.SqliteConnection.rows

    async def interrupted(self: Any, query: str, /, **values: Any) -> Any:
        if query == "load_orders" and not committed:
            other = connect(sqlite_file)
            other.execute("UPDATE orders SET state = 'paid'")
            other.execute("INSERT INTO order_states VALUES (1, ?, 2, 'paid', 0, NULL)", (number,))
            other.close()
            committed.append(query)
        return await rows(self, query, **values)

    monkeypatch.setattr(sqlite.SqliteConnection, "rows", interrupted)

    def read(filters: str) -> list[tuple[str, list[str]]]:
        return [
            (order["state"], [line["state"] for line in order["states_history"]])
            for order in sqlite_api.get(f"/v2/orders?{filters}").json()
        ]

    assert read("state=new") == [("new", ["new"])]
    assert committed == ["load_orders"]
    assert read("state=new") == []
    assert read("state=paid") == [("paid", ["new", "paid"])]


def test_an_order_is_one_statement_and_so_of_one_moment(
    sqlite_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    sqlite_api.order("A", order_items=[{"sku": "S"}])
    sqlite_api.shipment("A", tracking_code="T")
    asked: list[str] = []
    rows = sqlite.SqliteConnection.rows

    async def noted(self: Any, query: str, /, **values: Any) -> Any:
        asked.append(query)
        return await rows(self, query, **values)

    monkeypatch.setattr(sqlite.SqliteConnection, "rows", noted)
    assert sqlite_api.get("/v2/orders/A").json()["shipments"][0]["tracking_code"] == "T"
    assert [query for query in asked if "order" in query] == ["load_orders_called"]
