"""What nobody has touched for long is deleted: by the command line, and by an account's period."""

from typing import Any

import pytest

from doorstep.service import retention
from doorstep.service.retention import purge, untouched_orders
from doorstep.worker.retention import Retention
from tests.conftest import START, Api
from tests.databases import execute

DAY = 86_400 * 1_000_000


def names(api: Api) -> list[str]:
    api.forget_tokens()
    return [order["order_id"] for order in api.get("/v2/orders?limit=1000").json()]


def purged_before(api: Api, before: int) -> Any:
    view = api.run(api.services.accounts.current_view(1))
    return api.run(purge(api.services, view, before))


@pytest.fixture
def aged(api: Api) -> Api:
    """OLD and TOUCHED were created on the first day, NEW on the last; TOUCHED was changed then."""
    for name in ("OLD", "TOUCHED"):
        api.order(name, recipient={"first_name": "Wilhelmine"}, order_items=[{"sku": "A"}])
    api.shipment("OLD", tracking_code="T", recipient_first_name="Wilhelmine")
    api.clock.advance(days=100)
    api.forget_tokens()
    api.order("NEW")
    api.put("/v2/orders/TOUCHED", {"language": "de"})
    return api


def test_only_what_nothing_happened_to_is_deleted(aged: Api) -> None:
    assert purged_before(aged, START + 50 * DAY) == (1, 0)
    assert names(aged) == ["TOUCHED", "NEW"]
    assert purged_before(aged, START + 50 * DAY) == (0, 0), "again: nothing is left to do"
    last = "SELECT order_id, type FROM events ORDER BY sequence DESC LIMIT 1"
    assert execute(aged.database, last) == [("OLD", "order.deleted")]


def test_nothing_personal_is_left(aged: Api) -> None:
    execute(
        aged.database,
        "INSERT INTO mails (account_id, order_number, kind, shipment_number, sequence, message_id, "
        "status, tries, created_at) SELECT account_id, order_number, 'shipped', 0, 1, 'm', 'sent', "
        "1, 0 FROM orders",
    )
    assert purged_before(aged, START + 50 * DAY) == (1, 0)
    (number,) = execute(aged.database, "SELECT order_number FROM orders WHERE order_id = 'TOUCHED'")
    people = "SELECT order_number FROM recipients WHERE fields IS NOT NULL"
    assert execute(aged.database, people) == [number]
    for table in ("shipments", "shipment_names", "order_items", "carrier_updates"):
        left = execute(aged.database, f"SELECT DISTINCT order_number FROM {table}")
        assert left in ([], [number]), table
    assert ("OLD",) not in execute(
        aged.database,
        "SELECT order_id FROM mails JOIN orders ON orders.order_number = mails.order_number",
    )
    assert len(execute(aged.database, "SELECT 1 FROM mails")) == 2


def test_an_order_that_is_touched_just_before_stays(
    aged: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After it was found, and before it is its turn."""
    found = retention.untouched_orders

    async def and_touched(*given: Any) -> Any:
        async for part in found(*given):
            await aged.send("PUT", "/v2/orders/OLD", json={"language": "fr"})
            yield part

    monkeypatch.setattr(retention, "untouched_orders", and_touched)
    aged.token()
    assert purged_before(aged, START + 50 * DAY) == (0, 0)
    assert "OLD" in names(aged)


def test_what_was_touched_later_is_read_once_a_pass(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "ROWS_AT_ONCE", 4)
    for number in range(10):
        api.order(f"{number}")
    api.clock.advance(days=10)
    api.forget_tokens()
    for number in range(0, 10, 2):
        api.put(f"/v2/orders/{number}", {"language": "de"})

    async def parts() -> list[int]:
        found = untouched_orders(api.services, 1, START + 5 * DAY)
        return [len(part) async for part in found]

    assert api.run(parts()) == [2, 2, 1]


def test_a_row_that_does_not_fit_holds_up_no_other(
    aged: Api, caplog: pytest.LogCaptureFixture
) -> None:
    aged.clock.advance(days=100)
    number = execute(aged.database, "SELECT order_number FROM orders WHERE order_id = 'OLD'")[0][0]
    execute(aged.database, "UPDATE order_items SET fields = '{' WHERE order_number = ?", number)
    assert purged_before(aged, START + 150 * DAY) == (2, 1)
    assert "an order cannot be deleted" in caplog.text


def test_an_accounts_own_period_is_carried_out(aged: Api) -> None:
    work = Retention(aged.services)
    aged.run(work.carry_out())
    assert names(aged) == ["OLD", "TOUCHED", "NEW"], "kept until deleted"
    other = aged.account("Other")
    aged.post("/v2/order", {"order_id": "THEIRS"}, key=other)
    assert aged.put("/v2/account", {"retention_days": 99}).status_code == 200
    aged.run(work.carry_out())
    assert names(aged) == ["TOUCHED", "NEW"]
    aged.clock.advance(days=99)
    aged.run(work.carry_out())
    assert names(aged) == []
    assert len(aged.get("/v2/orders", key=other).json()) == 1
