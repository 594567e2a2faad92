"""Reads that wait together: one statement for all, and to each what it asked for."""

import asyncio
from typing import Any

import pytest

from doorstep.store.postgres import reader
from tests.conftest import Api
from tests.databases import Databases


def test_each_gets_its_own_order(
    postgres_databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two accounts that call their orders alike, by name and by number, known and unknown."""
    api = Api(postgres_databases.again())
    other = api.account("Other")
    api.token(other)
    made = {
        key: [api.post("/v2/order", {"order_id": n}, key=key).json()["id"] for n in "AB"]
        for key in (api.key, other)
    }
    asked: list[str] = []
    named_query = reader.named_query

    def noted(query: str, values: dict[str, Any]) -> Any:
        asked.append(query)
        return named_query(query, values)

    monkeypatch.setattr(reader, "named_query", noted)
    paths = [(key, name) for key in made for name in ("A", "B", "A", "none", f"{made[key][1]}")]

    async def read() -> list[Any]:
        sent = (api.send("GET", f"/v2/orders/{name}", key=key) for key, name in paths)
        return await asyncio.gather(*sent)

    found = [answer.json().get("id") for answer in api.run(read())]
    a, b = made[api.key]
    c, d = made[other]
    assert found == [a, b, a, None, b, c, d, c, None, d]
    assert asked.count("load_orders_called") < len(paths), "they went together"
    api.close()
