"""What an order waits for: the words by hand, and that they are true by following them."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.domain import reasons as r
from doorstep.domain.explanation import explanation
from doorstep.domain.explanation_words import Telling, explanation_text, reason_text
from doorstep.domain.order import SECOND
from doorstep.domain.states import OPEN
from tests.domain.builders import DAY, HOUR, MINUTE, START, Life, an_order, an_order_in, at
from tests.domain.test_histories import command_of, order_changes, timed_steps

PROMISE = at(120)
VIENNA = ZoneInfo("Europe/Vienna")


def told(life: Life, after: int = 0) -> str:
    """The text so long after the last command, told in Vienna: at first it is 11:30 there."""
    life.wait(life.now + after)
    reasons = explanation(life.order, life.now, life.untrackable_days)
    return explanation_text(reasons, Telling(life.now, VIENNA))


def two_parcels(**given) -> tuple[Life, int, int]:
    life = an_order(**given)
    return life, life.ship("A"), life.ship("B")


class TestWhatItWaitsFor:
    def test_its_first_parcel(self):
        assert told(an_order()) == (
            "Ships with its first parcel; completes when all its parcels are delivered."
        )

    def test_its_first_parcel_and_the_boarding(self):
        assert told(an_order(boarding_complete=False)) == (
            "Ships with its first parcel; completes when all its parcels are delivered "
            "and boarding is marked complete."
        )

    def test_a_parcel_that_is_counted(self):
        life = an_order()
        life.ship(counted=False)
        assert told(life).startswith("Ships with its first parcel that is counted;")

    def test_one_parcel(self):
        assert told(an_order_in("shipped")) == "Completes when its parcel is delivered."

    def test_all_parcels(self):
        life, _, _ = two_parcels()
        assert told(life) == "Completes when its 2 parcels are delivered."

    def test_the_rest_of_the_parcels_and_the_boarding(self):
        life, first, _ = two_parcels(boarding_complete=False)
        life.deliver(first)
        assert told(life) == (
            "Completes when 1 more of 2 parcels is delivered and boarding is marked complete."
        )
        life.ship("C")
        assert told(life).startswith("Completes when 2 more of 3 parcels are delivered and")

    def test_the_boarding_alone(self):
        life = an_order(boarding_complete=False)
        life.deliver(life.ship())
        assert told(life) == "Completes when boarding is marked complete."

    def test_not_for_what_is_not_counted(self):
        life, _, second = two_parcels()
        life.ship("R", return_parcel=True)
        life.put_shipment(second, counted=False)
        assert told(life) == "Completes when its parcel is delivered."

    def test_parcels_that_went_astray(self):
        life, first, second = two_parcels()
        life.scan(first, "lost")
        life.scan(second, "returned_to_sender")
        assert told(life) == (
            "Completes when its 2 parcels are delivered. "
            "1 parcel was lost: the order waits for it as long as it is counted. "
            "1 parcel was returned to the sender: the order waits for it as long as it is counted."
        )
        life.scan(life.ship("C"), "lost")
        assert "2 parcels were lost: the order waits for them as long as they are counted." in (
            told(life)
        )


class TestParcelsWithoutTracking:
    """The first is picked up at 12:30 in Vienna; three days later it counts as delivered."""

    def parcels(self, untrackable_days: int | None) -> Life:
        life = Life(untrackable_days)
        life.create()
        for hours in (2, 1):
            life.ship(f"{hours}", trackable=False, planned_pickup_datetime=START + hours * HOUR)
        life.ship("not counted", trackable=False, counted=False, planned_pickup_datetime=START)
        return life

    def test_count_as_delivered_by_themselves(self):
        life = self.parcels(3)
        assert told(life) == (
            "Completes when its 2 parcels are delivered. "
            "2 parcels without tracking count as delivered, the first from 18 January, 12:30."
        )
        life.wait(START + 3 * DAY + HOUR)
        assert told(life) == (
            "Completes when 1 more of 2 parcels is delivered. "
            "1 parcel without tracking counts as delivered from 18 January, 13:30."
        )
        life.wait(START + 3 * DAY + 2 * HOUR)
        assert told(life) == "Completed 18 January, 13:30."

    def test_wait_like_others_where_the_account_says_nothing(self):
        assert told(self.parcels(None)) == "Completes when its 2 parcels are delivered."


class TestThePromise:
    """13:30 in Vienna, two hours after the order; a command comes a minute after another."""

    @pytest.mark.parametrize(
        ("after", "ending"),
        [
            (0, "Promised 15 January, 13:30."),
            (PROMISE - START, "Promised 15 January, 13:30."),
            (PROMISE - START + 1, "Late since less than a minute: promised 15 January, 13:30."),
            (PROMISE - START + MINUTE, "Late since 1 minute: promised 15 January, 13:30."),
            (PROMISE - START + HOUR - 1, "Late since 59 minutes: promised 15 January, 13:30."),
            (PROMISE - START + 3 * HOUR, "Late since 3 hours: promised 15 January, 13:30."),
            (PROMISE - START + 2 * DAY - 1, "Late since 47 hours: promised 15 January, 13:30."),
            (PROMISE - START + 2 * DAY, "Late since 2 days: promised 15 January, 13:30."),
            (366 * DAY, "Late since 365 days: promised 15 January 2024, 13:30."),
        ],
    )
    def test_of_an_open_order(self, after, ending):
        life = an_order(promised_delivery_date=PROMISE)
        assert told(life, after).endswith(f" {ending}")

    def test_in_the_words_of_the_issue(self):
        promise = START + 5 * DAY + 12 * HOUR + 29 * MINUTE + 59 * SECOND
        life = an_order(promised_delivery_date=promise)
        life.ship()
        life.wait(promise + 3 * HOUR)
        assert told(life) == (
            "Completes when its parcel is delivered. "
            "Late since 3 hours: promised 20 January, 23:59."
        )

    @pytest.mark.parametrize(
        ("delivered_at", "text"),
        [
            (PROMISE, "Completed 15 January, 13:30. In time: promised 15 January, 13:30."),
            (
                PROMISE + HOUR,
                "Completed 15 January, 14:30. Delivered 1 hour late: promised 15 January, 13:30.",
            ),
        ],
    )
    def test_of_a_completed_order(self, delivered_at, text):
        life = an_order(promised_delivery_date=PROMISE)
        life.deliver(life.ship(), delivered_at, at=PROMISE + DAY)
        assert told(life) == text

    @pytest.mark.parametrize("state", ["cancelled", "refunded"])
    def test_of_an_order_that_ended_otherwise(self, state):
        life = an_order(promised_delivery_date=PROMISE)
        life.report("paid")
        life.report(state, at=at(60))
        assert told(life, DAY) == f"{state.capitalize()} 15 January, 12:30."
        life = an_order(promised_delivery_date=PROMISE)
        life.report("paid")
        life.report(state, at=at(180))
        assert told(life, DAY) == (
            f"{state.capitalize()} 15 January, 14:30. "
            "It was late by then: promised 15 January, 13:30."
        )

    @pytest.mark.parametrize("state", ["completed", "cancelled", "returned", "refunded"])
    def test_without_one(self, state):
        life = an_order_in(state)
        assert explanation(life.order, life.now) == (r.Ended(state, life.datetimes[state]),)


def test_a_reason_is_a_sentence_by_itself():
    telling = Telling(START, VIENNA)
    assert reason_text(r.WaitsForFirstParcel(0), telling) == "Waits for its first parcel."
    assert reason_text(r.WaitsForDeliveries(1, 2), telling) == (
        "Waits for 1 more of 2 parcels to be delivered."
    )
    assert reason_text(r.WaitsForBoardingComplete(), telling) == (
        "Waits for boarding to be marked complete."
    )


def follow(life: Life, reason: r.Reason) -> None:
    """Does what an open order is said to wait for, and no more than that."""
    match reason:
        case r.WaitsForFirstParcel():
            life.deliver(life.ship("the first"))
        case r.WaitsForDeliveries(missing_parcels=missing, counted_parcels=counted):
            parcels = life.order.counted_shipments
            waiting = [parcel.shipment_number for parcel in parcels if not parcel.delivered_at]
            assert (len(waiting), len(parcels)) == (missing, counted)
            for number in waiting:
                life.scan(number, "delivered", description="as explained")
        case r.WaitsForBoardingComplete():
            life.put(boarding_complete=True)


@settings(max_examples=200)
@given(order_changes, timed_steps, st.integers(0, 1))
def test_doing_what_it_waits_for_completes_it_and_nothing_less(given_first, steps, place):
    life = Life()
    life.create(at=START, **{k: v for k, v in given_first.items() if v is not None})
    for step, pause in steps:
        life.try_(command_of(life, step), life.now + pause)
    reasons = explanation(life.order, life.now)
    late = any(isinstance(reason, r.LateSince) for reason in reasons)
    waits = [reason for reason in reasons if isinstance(reason, r.Condition)]
    assert bool(waits) == (life.order.state in OPEN)
    if not waits:
        return
    assert late == (life.order.delayed_at is not None)
    last = waits.pop(place % len(waits))
    for reason in waits:
        follow(life, reason)
    assert life.order.state != "completed"
    follow(life, last)
    assert life.order.state == "completed"
