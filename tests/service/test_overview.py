"""An account's overview against its orders, read whole and counted one by one."""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from doorstep.domain import commands as c
from doorstep.domain.decide import Decision, as_of_now, decide
from doorstep.domain.order import DAY, HOUR, SECOND, Instant, Order, Shipment
from doorstep.domain.promise import delayed_at
from doorstep.domain.shipment_status import standing
from doorstep.domain.states import DELIVERED, OPEN, ORDER_STATES
from doorstep.service.overview import DAYS, Overview, overview
from doorstep.service.overview_figures import at_most
from doorstep.store import overview as stored
from doorstep.store.database import StoreUnavailable
from doorstep.store.orders import load_orders
from doorstep.store.overview import Count
from doorstep.store.working_set import WorkingSet
from doorstep.times import local_time
from tests.conftest import Api
from tests.e2e.large_database import Numbers, Step, run, write

UNTRACKABLE_DAYS = 3
ZONE = "Europe/Vienna"
ENDS = ("delivered", "delivered", "delivered", "lost", "returned_to_sender", "hub_scan", None)


def life(chance: random.Random, numbers: Numbers, until: Instant) -> Iterator[Step]:
    """An order of the last fifty days, with parcels of every kind."""
    created_at = until - chance.randrange(50 * DAY)
    promise = created_at + chance.randrange(-DAY, 20 * DAY)
    (number,) = numbers.draw()
    given = {"order_date": created_at - chance.choice((0, HOUR, 20 * DAY, -2 * DAY))}
    if chance.random() < 0.8:
        given["promised_delivery_date"] = promise
    creation = c.CreateOrder(f"O-{number}", given, None, number, (), f"t{number:030}", "h")
    steps = [Step(creation, created_at)]
    for _ in range(chance.choice((0, 1, 1, 1, 2))):
        steps += parcel(chance, numbers, created_at + chance.randrange(5 * DAY))
    if chance.random() < 0.2:
        ending = c.ReportState(chance.choice(("paid", "cancelled", "returned", "refunded")))
        steps.append(Step(ending, created_at + chance.randrange(30 * DAY)))
    return (step for step in sorted(steps, key=lambda step: step.now) if step.now <= until)


def parcel(chance: random.Random, numbers: Numbers, at: Instant) -> list[Step]:
    (number,) = numbers.draw()
    given: dict[str, Any] = {"tracking_code": f"T{number}", "return_parcel": chance.random() < 0.2}
    given["carrier_name"] = chance.choice(("DHL", "dhl", "gls", "Cargo Bike"))
    given["counted"] = chance.random() < 0.9
    if chance.random() < 0.2:
        given |= {"trackable": False, "planned_pickup_datetime": at + chance.randrange(9 * DAY)}
    steps = [Step(c.AddShipment(number, given, None, {}, 500), at)]
    for status in ("info", "pickup", chance.choice(ENDS))[: chance.choice((0, 1, 3, 3))]:
        at += chance.randrange(1, 4 * DAY)
        (update,) = numbers.draw()
        said_at = at - chance.choice((0, 0, 0, HOUR, 9 * DAY))
        said = c.RecordCarrierUpdate(number, update, status, said_at, 60, None, "x", None, 2_000)
        steps.append(Step(said, at))
        if chance.random() < 0.15:
            (retraction,) = numbers.draw()
            said = c.RecordCarrierUpdate(
                number, retraction, None, at + 1, 60, None, None, update, 2_000
            )
            steps.append(Step(said, at + 1))
    return steps


def fill(api: Api, seed: int, orders: int = 150) -> None:
    """Two accounts, the first with orders and the second with some of its own."""
    api.account()
    chance, numbers = random.Random(seed), Numbers()
    settings = {"untrackable_days": UNTRACKABLE_DAYS, "time_zone": ZONE}
    api.run(api.services.accounts.change(1, settings))
    work = WorkingSet()
    for count, account_id in ((orders, 1), (20, 2)):
        for _ in range(count):
            run(work, account_id, refused_left_out(life(chance, numbers, api.clock.now)))
    api.run(write(api.services.store.database.writer, work))


def refused_left_out(steps: Iterator[Step]) -> Iterator[Step]:
    """Those that an order accepts: a cancelled one is not paid, and the like."""
    order: Order | None = None
    for step in steps:
        decision = decide(order, step.command, step.now)
        if isinstance(decision, Decision):
            order = decision.order
            yield step


def read(api: Api, account_id: int = 1, silent_days: int = 5) -> Overview:
    async def ask() -> Overview:
        view = await api.services.accounts.current_view(account_id)
        return await overview(api.services, view, silent_days)

    found: Overview = api.run(ask())
    return found


def all_orders(api: Api, now: Instant) -> list[Order]:
    numbers = [
        row[0]
        for row in api.run(
            api.services.store.reader.text(
                "SELECT order_number FROM orders WHERE account_id = 1", {}
            )
        )
    ]
    orders = api.run(load_orders(api.services.store.reader, 1, numbers))
    return [as_of_now(order, now, UNTRACKABLE_DAYS) for order in orders]


def day_of(moment: Instant) -> date:
    return local_time(moment, ZoneInfo(ZONE)).date()


def silent_since(parcel: Shipment) -> Instant:
    return max((update.datetime for update in parcel.updates), default=parcel.created_at)


def begun_at(parcel: Shipment) -> Instant:
    scans = [
        update.datetime
        for update in standing(parcel.updates)
        if update.status not in (None, "info", "delivered")
    ]
    return min(scans, default=parcel.created_at)


@pytest.mark.parametrize("seed", [1, 2])
def test_every_figure_is_what_the_orders_say(api: Api, seed: int) -> None:
    fill(api, seed)
    found = read(api)
    now = found.as_of
    orders = all_orders(api, now)

    today = day_of(now)
    by_day = Counter(day_of(order.order_date) for order in orders)
    days = [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
    assert [(day.date, day.orders) for day in found.days] == [
        (day, Count(by_day[day])) for day in days
    ]

    by_state = Counter(order.state for order in orders)
    assert found.states == {state: Count(by_state[state]) for state in ORDER_STATES}
    assert found.delayed == Count(sum(delayed_at(o, now) is not None for o in open_of(orders)))

    passed = [
        order
        for order in orders
        if order.promised_delivery_date is not None
        and now - DAYS * DAY <= order.promised_delivery_date < now
    ]
    counted = [order for order in passed if order.state != "cancelled"]
    kept = [order for order in counted if delayed_at(order, now) is None]
    assert found.promises == stored.Promises(len(counted), len(kept), len(passed))

    silent = sorted(
        (silent_since(parcel), parcel.shipment_number, order.order_number, parcel.tracking_code)
        for order in open_of(orders)
        for parcel in order.counted_shipments
        if parcel.status not in ("delivered", "lost", "returned_to_sender")
        and silent_since(parcel) < now - 5 * DAY
    )
    assert found.silent.is_all
    assert found.silent.number == len(silent) > stored.MOST_LISTED
    assert [
        (p.silent_since, p.order_number, p.order_id, p.tracking_code) for p in found.silent.listed
    ] == [
        (since, number, f"O-{number}", code)
        for since, _, number, code in silent[: stored.MOST_LISTED]
    ]

    times = defaultdict(list)
    for order in orders:
        for parcel in order.counted_shipments:
            at = parcel.delivered_at
            is_known = parcel.status == DELIVERED and parcel.trackable
            if is_known and at and max(now - DAYS * DAY, begun_at(parcel)) <= at <= now:
                times[(parcel.carrier_name or "").lower()].append(at - begun_at(parcel))
    assert found.carriers_are_all
    assert {
        one.carrier: (one.parcels, one.median_seconds, one.nine_of_ten_seconds)
        for one in found.carriers
    } == {
        carrier: (len(took), at_most(took, 50) // SECOND, at_most(took, 90) // SECOND)
        for carrier, took in times.items()
    }
    assert len(times) == 3


def open_of(orders: list[Order]) -> list[Order]:
    return [order for order in orders if order.state in OPEN]


def test_a_figure_says_that_it_is_not_of_all(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(api, 3)
    whole = read(api)
    most_open = max(whole.states[state].number for state in OPEN)
    monkeypatch.setattr(stored, "MOST_DELAYED", most_open)
    api.clock.advance(seconds=31)
    found = read(api)
    assert found.delayed == whole.delayed, "among all that are open"
    for name in ("A_DAY", "A_STATE", "PROMISED", "DELAYED", "SHIPPED", "DELIVERED"):
        name = f"MOST_OF_{name}" if name.startswith("A_") else f"MOST_{name}"
        monkeypatch.setattr(stored, name, 4)
    api.clock.advance(seconds=31)
    found = read(api)
    assert max((day.orders for day in found.days), key=lambda c: c.number) == Count(4, False)
    assert found.states["shipped"] == Count(4, False)
    assert not found.delayed.is_all
    assert 0 < found.delayed.number < whole.delayed.number
    assert (found.promises.read, found.promises.is_all) == (4, False)
    assert not found.silent.is_all
    assert found.silent.number < whole.silent.number
    assert not found.carriers_are_all
    assert sum(one.parcels for one in found.carriers) <= 4


def test_an_account_without_orders_has_an_overview(api: Api) -> None:
    found = read(api)
    assert [day.orders for day in found.days] == [Count(0)] * DAYS
    assert set(found.states.values()) == {found.delayed} == {Count(0)}
    assert (found.promises.passed, found.silent.number, found.carriers) == (0, 0, [])


def test_an_overview_is_made_once_for_a_while(api: Api) -> None:
    other = api.run(api.services.accounts.current_view(1))

    async def twice() -> list[Overview]:
        asked = (overview(api.services, other) for _ in range(2))
        return await asyncio.gather(*asked)

    first, second = api.run(twice())
    assert first is second
    assert read(api, silent_days=6).as_of > first.as_of
    api.clock.advance(seconds=29)
    assert read(api) is first
    api.clock.advance(seconds=2)
    assert read(api).as_of > first.as_of + 30 * SECOND


def test_what_went_wrong_is_not_kept(api: Api) -> None:
    async def fail() -> Overview:
        raise StoreUnavailable("gone")

    with pytest.raises(StoreUnavailable):
        api.run(api.services.overviews.get((1, 5), fail))
    assert read(api).states["new"] == Count(0)
