"""What comes due is recorded at the watch's next look, once, dated when it became true."""

import asyncio
from typing import Any

import pytest

from doorstep.service.group import StoreUnavailable
from doorstep.service.services import Services
from doorstep.times import format_time, parse_time
from doorstep.worker import deadlines
from doorstep.worker.deadlines import RECENT, Watch
from tests.conftest import START, Api
from tests.databases import execute

SECOND = 1_000_000
HOUR = 3_600 * SECOND


def log_of(api: Api, *types: str) -> list[tuple[str, str, int]]:
    """(order_id, type, occurred_at) of all events of these types, in their order."""
    rows = execute(
        api.database, "SELECT order_id, type, occurred_at FROM events ORDER BY account_id, sequence"
    )
    return [row for row in rows if row[1] in types]


def figure(api: Api, name: str) -> float:
    lines = api.raw("GET", "/metrics").text.splitlines()
    return float(next(line for line in lines if line.startswith(name + " ")).split()[-1])


@pytest.fixture
def watch(api: Api) -> Watch:
    return Watch(api.services)


def look(api: Api, watch: Watch) -> int:
    """Looks until nothing more is due; the instant at which to look again."""
    for _ in range(20):
        now = api.clock.now
        next_at: int = api.run(watch.look())
        if next_at > now + 100:
            return next_at
    raise AssertionError("the watch spins")


def test_a_promise_passes_strictly_after_its_instant(api: Api, watch: Watch) -> None:
    promise = START + HOUR
    api.order("A", promised_delivery_date=format_time(promise))
    look(api, watch)
    api.clock.now = promise - 1_000
    assert look(api, watch) == promise + 1, "it sleeps until then"
    assert log_of(api, "order.delayed") == []
    api.clock.now = promise + 1
    look(api, watch)
    assert log_of(api, "order.delayed") == [("A", "order.delayed", promise)]
    api.clock.advance(days=3)
    look(api, watch)
    assert len(log_of(api, "order.delayed")) == 1


def test_nothing_is_due_of_what_is_final_or_delivered(api: Api, watch: Watch) -> None:
    for name, state in (("A", "cancelled"), ("B", None)):
        api.order(name, promised_delivery_date=format_time(START + HOUR))
        if state:
            api.post("/v2/order_states", {"order_id": name, "state": state})
    api.shipment("B", tracking_code="T")
    api.update(tracking_code="T", status="delivered")
    api.clock.advance(days=2)
    api.forget_tokens()
    look(api, watch)
    assert log_of(api, "order.delayed") == []
    assert figure(api, "doorstep_orders_put_aside") == 0


def test_a_parcel_that_nobody_scans_is_delivered_at_its_instant(api: Api, watch: Watch) -> None:
    """Also by days that were set, in another process, after it had become due."""
    for name, days in (("A", 1), ("B", 4)):
        api.order(name)
        pickup = format_time(START + days * 24 * HOUR)
        api.shipment(name, tracking_code=name, trackable=False, planned_pickup_datetime=pickup)
    api.clock.advance(days=3)
    look(api, watch)
    assert log_of(api, "order.completed") == []
    execute(api.database, "UPDATE accounts SET untrackable_days = 2")
    look(api, watch)
    due = START + 3 * 24 * HOUR
    assert log_of(api, "order.completed") == [("A", "order.completed", due)]
    api.clock.now = START + 6 * 24 * HOUR - 2_000
    assert look(api, watch) == START + 6 * 24 * HOUR
    api.clock.now = START + 6 * 24 * HOUR
    look(api, watch)
    assert log_of(api, "shipment.delivered")[1:] == [
        ("B", "shipment.delivered", START + 6 * 24 * HOUR)
    ]


@pytest.mark.parametrize(
    ("day", "ends_at"),
    [
        ("2027-03-28", "2027-03-28T21:59:59Z"),  # Clocks went forward this morning.
        ("2027-03-27", "2027-03-27T22:59:59Z"),
        ("2027-10-31", "2027-10-31T22:59:59Z"),  # And back.
        ("2027-10-30", "2027-10-30T21:59:59Z"),
    ],
)
def test_a_promised_day_ends_at_the_shops_midnight(
    api: Api, watch: Watch, day: str, ends_at: str
) -> None:
    api.put("/v2/account", {"time_zone": "Europe/Vienna"})
    api.order("A", promised_delivery_date=day)
    instant = parse_time(ends_at).instant
    api.clock.now = instant - 5_000
    look(api, watch)
    assert log_of(api, "order.delayed") == []
    api.clock.now = instant + SECOND
    look(api, watch)
    assert log_of(api, "order.delayed") == [("A", "order.delayed", instant)]


def test_what_was_kept_for_a_while_goes_without_a_request(api: Api, watch: Watch) -> None:
    api.order("A", promised_delivery_date=None)
    api.post("/v2/order", {"order_id": "B"}, headers={"Idempotency-Key": "k"})
    assert api.update(tracking_code="EARLY", status="info").status_code == 202
    kept = {"idempotency_keys": 1, "early_carrier_updates": 14}
    for table, days in kept.items():
        api.clock.now = START + days * 24 * HOUR - SECOND
        look(api, watch)
        assert execute(api.database, f"SELECT count(*) FROM {table}") == [(1,)], table
        api.clock.now = START + days * 24 * HOUR + SECOND
        look(api, watch)
        assert execute(api.database, f"SELECT count(*) FROM {table}") == [(0,)], table


def unfit(api: Api, name: str) -> None:
    """A row that is due for ever, as its order is marked late already."""
    execute(api.database, "UPDATE orders SET late_after = 1 WHERE order_id = ?", name)


def count_rows(api: Api, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many rows each query for what is due has read from now on."""
    counts: list[int] = []
    passed = deadlines.promises_passed

    async def counting(services: Services, *rest: Any) -> Any:
        async for part in passed(services, *rest):
            counts.append(len(part))
            yield part

    monkeypatch.setattr(deadlines, "promises_passed", counting)
    return counts


def test_rows_that_do_not_fit_are_put_aside_and_hold_up_nobody(
    api: Api, watch: Watch, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    late = {"promised_delivery_date": "2020-01-01"}
    for number in range(3):
        api.order(f"BAD-{number}", **late, order_items=[{"sku": "A"}])
        unfit(api, f"BAD-{number}")
    number = execute(api.database, "SELECT order_number FROM orders WHERE order_id = 'BAD-0'")[0][0]
    execute(api.database, "UPDATE order_items SET fields = '{' WHERE order_number = ?", number)
    api.order("GOOD", promised_delivery_date=format_time(START + HOUR))
    api.clock.now = START + HOUR + 1
    look(api, watch)
    assert ("GOOD", "order.delayed", START + HOUR) in log_of(api, "order.delayed")
    api.clock.advance(seconds=2)
    api.run(watch.look())
    api.clock.advance(seconds=61)
    look(api, watch)
    assert figure(api, "doorstep_orders_put_aside") == 3
    told = [record for record in caplog.records if "put aside" in record.message]
    assert len(told) == 3
    counts = count_rows(api, monkeypatch)
    api.forget_tokens()
    for _ in range(20):
        api.clock.advance(seconds=1)
        api.order(
            f"NEXT-{api.clock.now}", promised_delivery_date=format_time(api.clock.now + 500_000)
        )
        api.clock.advance(seconds=1)
        look(api, watch)
    assert max(counts, default=0) <= 1, "the bad ones are not read again at each look"
    assert len(log_of(api, "order.delayed")) == 24
    assert len([record for record in caplog.records if "put aside" in record.message]) == 3


def test_an_order_that_was_put_aside_is_tried_again(api: Api, watch: Watch) -> None:
    api.order("A", promised_delivery_date=format_time(START + HOUR))
    execute(api.database, "UPDATE order_states SET location = '{' WHERE state = 'new'")
    execute(api.database, "UPDATE orders SET delayed_at = promised_delivery_date")
    api.clock.now = START + HOUR + 1
    for _ in range(4):
        look(api, watch)
        api.clock.now += RECENT
    assert figure(api, "doorstep_orders_put_aside") == 1
    execute(api.database, "UPDATE orders SET delayed_at = NULL")
    for _ in range(4):
        look(api, watch)
        api.clock.now += RECENT
    assert log_of(api, "order.delayed") == [("A", "order.delayed", START + HOUR)]
    assert figure(api, "doorstep_orders_put_aside") == 0


def test_two_watches_record_everything_once(api: Api) -> None:
    for number in range(40):
        api.order(f"{number}", promised_delivery_date=format_time(START + HOUR + number * 1_000))
    api.clock.now = START + HOUR + SECOND
    watches = [Watch(api.services) for _ in range(2)]

    async def both() -> None:
        await asyncio.gather(*(watch.look() for watch in watches))

    api.run(both())
    assert log_of(api, "order.delayed") == [
        (f"{number}", "order.delayed", START + HOUR + number * 1_000) for number in range(40)
    ]


def test_the_metrics_tell_what_was_recorded_and_how_late(api: Api, watch: Watch) -> None:
    api.order("A", promised_delivery_date=format_time(START + HOUR))
    api.clock.now = START + HOUR + 3 * SECOND
    look(api, watch)
    assert figure(api, 'doorstep_deadlines_recorded_total{kind="promise"}') == 1
    assert figure(api, 'doorstep_deadline_seconds_bucket{kind="promise",le="2.5"}') == 0
    assert figure(api, 'doorstep_deadline_seconds_bucket{kind="promise",le="5.0"}') == 1


def test_a_watch_that_stands_still_is_late(api: Api) -> None:
    figures = api.services.metrics.watch
    assert figures.lag == 0
    with figures.watching(api.clock):
        api.clock.advance(seconds=30)
        assert 30 <= figures.lag < 31, "it has not looked since"
        figures.nothing_due(api.clock.now)
        assert figures.lag == 0
        figures.oldest_due(api.clock.now - 5 * SECOND)
        assert 5 <= figures.lag < 6
    assert figures.lag == 0


@pytest.mark.parametrize("failure", [StoreUnavailable("away"), ValueError("a fault")])
def test_a_watch_that_cannot_look_is_late(
    api: Api, watch: Watch, failure: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []

    async def look() -> int:
        looks.append(api.clock.now)
        raise failure

    monkeypatch.setattr(watch, "look", look)
    monkeypatch.setattr(deadlines, "SECONDS_AFTER_FAILURE", 0.001)

    async def run() -> float:
        running = asyncio.create_task(watch.run())
        await asyncio.sleep(0)
        api.clock.now += 30 * SECOND
        while len(looks) < 3 and not running.done():
            await asyncio.sleep(0.001)
        lag: float = api.services.metrics.watch.lag
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return lag

    assert 30 <= api.run(run()) < 31
    assert api.services.metrics.watch.lag == 0
