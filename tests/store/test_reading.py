"""Reading: of one moment, whatever is committed in the middle of it."""

from pathlib import Path
from typing import Any

import pytest

from doorstep.store import sqlite
from doorstep.store.sqlite import connect
from tests.conftest import Api


@pytest.mark.parametrize("path", ["/v2/orders/A", "/v2/orders?order_id=A"])
def test_an_order_is_read_as_of_one_moment(
    api: Api, database: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Another connection commits between the statements that load the order."""
    number = api.order("A")["id"]
    committed: list[str] = []

    rows = sqlite.SqliteConnection.rows

    async def interrupted(self: Any, query: str, /, **values: Any) -> Any:
        if query == "load_order_states" and not committed:
            other = connect(database)
            other.execute("UPDATE orders SET state = 'paid'")
            other.execute("INSERT INTO order_states VALUES (1, ?, 2, 'paid', 0, NULL)", (number,))
            other.close()
            committed.append(query)
        return await rows(self, query, **values)

    monkeypatch.setattr(sqlite.SqliteConnection, "rows", interrupted)

    def read() -> tuple[str, list[str]]:
        answer = api.get(path).json()
        order = answer[0] if isinstance(answer, list) else answer
        return order["state"], [line["state"] for line in order["states_history"]]

    assert read() == ("new", ["new"])
    assert committed == ["load_order_states"]
    assert read() == ("paid", ["new", "paid"])
