"""All that matches, in parts: the same whichever way it is found."""

import pytest

from doorstep.service import whole_listings
from doorstep.service.listings import Filter, Listed
from doorstep.service.whole_listings import every_order
from doorstep.store import listings
from tests.conftest import Api

NEW = Filter("state", "=", "new")
CANCELLED = Filter("state", "=", "cancelled")
LATE = Filter("delayed", "=", True)


@pytest.fixture
def filled(api: Api, monkeypatch: pytest.MonkeyPatch) -> Api:
    """Twelve orders, each third delayed, the first half cancelled."""
    for number in range(12):
        late = {"promised_delivery_date": "2027-01-01"} if number % 3 == 0 else {}
        api.order(f"{number}", **late, recipient={"last_name": f"Name {number % 2}"})
        if number < 6:
            api.post("/v2/order_states", {"order_id": f"{number}", "state": "cancelled"})
    monkeypatch.setattr(whole_listings, "ROWS_AT_ONCE", 2)
    return api


def collect(api: Api, text: str, *filters: Filter) -> list[int]:
    def show(listed: Listed) -> list[int]:
        assert len(listed.found) <= 2
        return [int(listed.orders[row.order_number].order_id) for row in listed.found]

    async def read() -> list[int]:
        view = await api.services.accounts.view(1)
        parts = every_order(api.services, view, text, list(filters), show)
        return [number async for part in parts for number in part]

    found: list[int] = api.run(read())
    return found


@pytest.mark.parametrize("longest", [4, 50_000])
def test_it_finds_all_however_broad(
    filled: Api, monkeypatch: pytest.MonkeyPatch, longest: int
) -> None:
    monkeypatch.setattr(listings, "MOST_ROWS", longest)
    assert collect(filled, "") == [*range(11, -1, -1)]
    assert collect(filled, "", NEW) == [*range(11, 5, -1)]
    assert collect(filled, "", NEW, LATE) == [9, 6]
    assert collect(filled, "", LATE, CANCELLED) == [3, 0]
    assert collect(filled, "", Filter("carrier", "=", "dhl")) == []
    assert collect(filled, "name 1") == [11, 9, 7, 5, 3, 1]
    assert collect(filled, "name", LATE) == [9, 6, 3, 0]
    # Either word may be the last name.
    assert collect(filled, "1 name", CANCELLED) == [5, 3, 1]
    assert collect(filled, "7") == [7]
