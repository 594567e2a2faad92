"""Delayed: a pure function of the promise, the deliveries and the clock."""

import pytest

from doorstep.domain import commands as c
from doorstep.domain.decide import as_of_now
from tests.domain.builders import DAY, Life, an_order, at

PROMISE = at(100)

BEFORE, AT, AFTER = PROMISE - 1, PROMISE, PROMISE + 1
"""A microsecond before, at, and a microsecond after the promised moment."""

OPEN = ("new", "paid", "in_production", "warehouse_handover", "in_preparation", "shipped")
FROZEN = ("cancelled", "returned", "refunded")


def get_to(life: Life, state: str, now: int | None = None) -> None:
    """One command that gets an order to `state`."""
    if state == "shipped":
        life.ship(at=now)
    elif state != "new":
        life.report(state, at=now)


def promised(state: str = "new") -> Life:
    life = an_order(promised_delivery_date=PROMISE)
    get_to(life, state)
    return life


class TestTheClock:
    @pytest.mark.parametrize("state", OPEN)
    @pytest.mark.parametrize(("now", "delayed_at"), [(BEFORE, None), (AT, None), (AFTER, PROMISE)])
    def test_an_open_order(self, state, now, delayed_at):
        life = promised(state)
        life.wait(now)
        assert life.order.state == state
        assert life.order.delayed_at == delayed_at
        delays = [line for line in life.dated_events if line[0] == "order.delayed"]
        assert delays == ([("order.delayed", PROMISE)] if delayed_at else [])

    @pytest.mark.parametrize("state", OPEN)
    @pytest.mark.parametrize(("now", "delayed_at"), [(BEFORE, None), (AT, None), (AFTER, PROMISE)])
    def test_every_read_shows_it_without_any_command(self, state, now, delayed_at):
        life = promised(state)
        assert as_of_now(life.order, now, None).delayed_at == delayed_at
        assert life.order.delayed_at is None

    def test_without_a_promise_never(self):
        life = an_order()
        life.wait(at(0) + 1000 * DAY)
        assert life.order.delayed_at is None
        assert life.events == ["order.created"]

    def test_the_mark_is_set_once(self):
        life = promised()
        for minutes in (101, 102, 500):
            life.wait(at(minutes))
        assert life.events == ["order.created", "order.delayed"]

    def test_created_with_a_promise_in_the_past(self):
        life = an_order(promised_delivery_date=at(-60))
        assert life.order.delayed_at == at(-60)
        assert life.dated_events[-1] == ("order.delayed", at(-60))

    def test_created_at_the_promised_instant(self):
        assert an_order(promised_delivery_date=at(0)).order.delayed_at is None


class TestCompletedOrders:
    @pytest.mark.parametrize("reported_at", [at(99), at(100), at(101), at(5000)])
    @pytest.mark.parametrize(
        ("delivered_at", "delayed_at"), [(BEFORE, None), (AT, None), (AFTER, PROMISE)]
    )
    def test_the_delivery_counts_not_its_report(self, reported_at, delivered_at, delayed_at):
        life = promised("shipped")
        number = life.order.shipments[0].shipment_number
        life.deliver(number, delivered_at, at=reported_at)
        assert life.order.state == "completed"
        assert life.order.delayed_at == delayed_at
        life.wait(at(9000))
        assert life.order.delayed_at == delayed_at

    def test_delivered_in_time_but_reported_late_the_mark_is_lifted(self):
        life = promised("shipped")
        number = life.order.shipments[0].shipment_number
        life.deliver(number, BEFORE, at=at(500))
        assert [line for line in life.dated_events if "delay" in line[0]] == [
            ("order.delayed", PROMISE),
            ("order.delay_lifted", at(500)),
        ]

    def test_the_last_counted_delivery_decides(self):
        life = an_order(promised_delivery_date=PROMISE)
        first, second = life.ship("A"), life.ship("B")
        label = life.ship("label", return_parcel=True)
        life.deliver(first, AFTER, at=at(200))
        life.deliver(label, at(190))
        life.deliver(second, BEFORE)
        assert life.order.delayed_at == PROMISE
        life.put_shipment(first, counted=False)
        assert life.order.state == "completed"
        assert life.order.delayed_at is None

    def test_an_earlier_delivery_that_arrives_late_lifts_it(self):
        life = promised("shipped")
        number = life.order.shipments[0].shipment_number
        life.deliver(number, AFTER, at=at(200))
        assert life.order.delayed_at == PROMISE
        life.deliver(number, AT)
        assert life.order.delayed_at is None

    def test_a_retracted_delivery_leaves_it_to_the_next(self):
        life = promised("shipped")
        number = life.order.shipments[0].shipment_number
        mistake = life.deliver(number, BEFORE, at=at(200))
        life.deliver(number, AFTER)
        assert life.order.delayed_at is None
        life.scan(number, None, retracts=mistake)
        assert (life.order.state, life.order.delayed_at) == ("completed", PROMISE)

    @pytest.mark.parametrize(("now", "delayed_at"), [(AT, None), (AFTER, PROMISE)])
    def test_taken_back_the_clock_counts_again(self, now, delayed_at):
        life = promised("shipped")
        life.deliver(life.order.shipments[0].shipment_number, at(10))
        life.ship("second", at=now)
        assert (life.order.state, life.order.delayed_at) == ("shipped", delayed_at)

    def test_completed_by_boarding_complete_long_after_the_delivery(self):
        life = an_order(promised_delivery_date=PROMISE, boarding_complete=False)
        life.deliver(life.ship(), BEFORE, at=at(99))
        life.wait(at(300))
        assert life.order.delayed_at == PROMISE
        life.put(boarding_complete=True)
        assert (life.order.state, life.order.delayed_at) == ("completed", None)


class TestThePromiseChanges:
    @pytest.mark.parametrize(
        ("promise", "delayed_at"),
        [(None, None), (at(300), None), (at(200), None), (at(200) - 1, at(200) - 1)],
    )
    def test_on_an_open_delayed_order(self, promise, delayed_at):
        life = promised("shipped")
        life.wait(at(150))
        assert life.order.delayed_at == PROMISE
        life.put(promised_delivery_date=promise, at=at(200))
        assert life.order.delayed_at == delayed_at
        assert life.events[-1] == ("order.delayed" if delayed_at else "order.delay_lifted")

    @pytest.mark.parametrize(("now", "delayed_at"), [(at(300), None), (at(301), at(300))])
    def test_a_later_promise_can_be_missed_too(self, now, delayed_at):
        life = promised()
        life.put(promised_delivery_date=at(300), at=at(150))
        life.wait(now)
        assert life.order.delayed_at == delayed_at

    @pytest.mark.parametrize("delivered_at", [at(50), at(150)])
    @pytest.mark.parametrize("promise", [None, at(49), at(50), at(149), at(150), at(151)])
    def test_after_completion_it_is_held_against_the_delivery(self, promise, delivered_at):
        life = promised("shipped")
        life.deliver(life.order.shipments[0].shipment_number, delivered_at, at=at(200))
        life.put(promised_delivery_date=promise, at=at(900))
        late = promise is not None and delivered_at > promise
        assert life.order.delayed_at == (promise if late else None)

    def test_a_promise_given_afterwards(self):
        life = an_order()
        life.put(promised_delivery_date=at(20), at=at(21))
        assert life.order.delayed_at == at(20)


class TestFrozen:
    """A cancelled, returned or refunded order keeps the mark with which it got there."""

    @pytest.mark.parametrize("state", FROZEN)
    @pytest.mark.parametrize(("now", "delayed_at"), [(AT, None), (AFTER, PROMISE)])
    def test_the_mark_of_that_moment_stays(self, state, now, delayed_at):
        life = an_order(promised_delivery_date=PROMISE)
        if state != "cancelled":
            life.ship()
        get_to(life, state, now)
        assert (life.order.state, life.order.delayed_at) == (state, delayed_at)
        life.wait(at(5000))
        assert life.order.delayed_at == delayed_at
        assert as_of_now(life.order, at(6000), None).delayed_at == delayed_at

    @pytest.mark.parametrize("state", FROZEN)
    @pytest.mark.parametrize("now", [AT, AFTER])
    @pytest.mark.parametrize("promise", [None, at(1), at(9000)])
    def test_whatever_becomes_of_the_promise(self, state, now, promise):
        life = an_order(promised_delivery_date=PROMISE)
        if state != "cancelled":
            life.ship()
        get_to(life, state, now)
        mark = life.order.delayed_at
        life.put(promised_delivery_date=promise)
        assert life.order.delayed_at == mark

    def test_whatever_becomes_of_the_parcels(self):
        life = an_order(promised_delivery_date=PROMISE)
        number = life.ship()
        life.report("returned", at=AFTER)
        life.deliver(number, BEFORE)
        assert life.order.delayed_at == PROMISE

    def test_refunded_by_its_items(self):
        life = an_order(promised_delivery_date=PROMISE, order_items=[{"sku": "A"}])
        life.set_item(life.order.items[0].item_number, "refunded", at=AFTER)
        assert (life.order.state, life.order.delayed_at) == ("refunded", PROMISE)

    def test_from_returned_to_refunded_it_stays(self):
        life = an_order(promised_delivery_date=PROMISE)
        life.ship()
        life.report("returned", at=BEFORE)
        life.report("refunded", at=at(900))
        assert life.order.delayed_at is None


def late_report(life: Life) -> None:
    number = life.ship(at=at(20))
    life.deliver(number, at(90), at=at(400))


def promise_moved(life: Life) -> None:
    life.put(promised_delivery_date=at(300), at=at(200))
    life.put(promised_delivery_date=at(500), at=at(600))
    life.put(promised_delivery_date=None, at=at(700))


def cancelled_late(life: Life) -> None:
    life.report("cancelled", at(50), at=at(250))


def untracked(life: Life) -> None:
    life.ship("A", trackable=False, planned_pickup_datetime=at(60) - 3 * DAY, at=at(20))
    life.ship("B", trackable=False, planned_pickup_datetime=at(150) - 3 * DAY, at=at(21))
    life.ship("C", trackable=False, planned_pickup_datetime=at(300) - 3 * DAY, at=at(22))
    life.report("paid", at=at(1000))


def untracked_while_late(life: Life) -> None:
    """Picked up so long ago that it counts as delivered before the promise passed."""
    life.ship("A", at=at(20))
    life.ship("B", trackable=False, planned_pickup_datetime=at(60) - 3 * DAY, at=at(400))


def taken_back(life: Life) -> None:
    number = life.ship(at=at(20))
    life.deliver(number, at(30))
    second = life.ship("second", at=at(50))
    life.deliver(second, at(180), at=at(800))


def refused_meanwhile(life: Life) -> None:
    life.refused(c.ReportState("returned"), at(250))
    life.report("paid", at=at(300))


LIVES = [
    late_report,
    promise_moved,
    cancelled_late,
    untracked,
    untracked_while_late,
    taken_back,
    refused_meanwhile,
]


class Watched(Life):
    """A life beside which the background watch looks in at given moments."""

    def __init__(self, looks_at: list[int]) -> None:
        super().__init__(untrackable_days=3)
        self.looks_at = sorted(looks_at)

    def try_(self, command, at=None):
        moment = self.now + 1 if at is None else at
        while self.looks_at and self.looks_at[0] <= moment:
            super().try_(c.BringUpToDate(), self.looks_at.pop(0))
        return super().try_(command, moment)


@pytest.mark.parametrize("lead", LIVES, ids=lambda lead: lead.__name__)
def test_the_log_is_the_same_whether_the_watch_was_early_late_or_off(lead):
    def log_of(*looks_at):
        life = Watched(list(looks_at))
        life.create(at=at(0), promised_delivery_date=PROMISE)
        lead(life)
        life.wait(at(2000))
        return life.dated_events, life.order.delayed_at, life.order.history

    off = log_of()
    assert len(off[0]) >= 3
    for early in (at(99), BEFORE, AT, AFTER):
        assert log_of(early) == off
    for late in (at(140), at(150), at(151), at(299), at(300), at(301), at(450), at(1500)):
        assert log_of(late) == off
    assert log_of(*(at(minutes) for minutes in range(1, 1999))) == off


def test_a_mark_is_not_lifted_by_looking_back():
    life = Watched([])
    life.create(at=at(0), promised_delivery_date=PROMISE)
    untracked_while_late(life)
    assert [kind for kind in life.events if "delay" in kind] == ["order.delayed"]
    assert (life.order.state, life.order.delayed_at) == ("shipped", PROMISE)
