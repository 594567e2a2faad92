"""A parcel's status is a function of the set of its updates, in whatever order they came."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from doorstep.domain.order import CarrierUpdate
from doorstep.domain.shipment_status import final_since, standing, status_of
from doorstep.domain.states import SHIPMENT_STATUSES, STATUS_OF_WORD
from tests.domain.builders import DAY, MINUTE, Life, an_order, at

# The table of the API, section 8: status, label, phase. 5 stands for final.
STATUSES = [
    ("new", "New", 0),
    ("info", "Info", 1),
    ("pickup", "Pickup", 2),
    ("hub_scan", "Hub scan at LMC", 3),
    ("out_for_delivery", "Out for delivery", 4),
    ("delivery_failed", "Carded", 4),
    ("ready_for_collection", "Ready for collection", 4),
    ("delivered", "Delivered", 5),
    ("returned_to_sender", "Returned to sender", 5),
    ("lost", "Lost", 5),
]
FROM_WEAK_TO_STRONG = [
    "new",
    "info",
    "pickup",
    "hub_scan",
    "out_for_delivery",
    "lost",
    "returned_to_sender",
    "delivered",
]


def said(number: int, status: str | None, minute: int = 0, **more) -> CarrierUpdate:
    blank = {
        "utc_offset": None,
        "location": None,
        "description": None,
        "retracts": None,
        "recorded_at": at(0),
    }
    return CarrierUpdate(
        update_number=number, status=status, datetime=at(minute), **{**blank, **more}
    )


def status_in_any_order(*updates: CarrierUpdate) -> tuple[str, int | None]:
    (found,) = {status_of(line) for line in permutations(updates)}
    return found


class TestTheTable:
    def test_of_statuses(self):
        rows = {(row.status, row.label, row.phase) for row in SHIPMENT_STATUSES.values()}
        assert rows == set(STATUSES)
        assert all(status == row.status for status, row in SHIPMENT_STATUSES.items())

    @pytest.mark.parametrize(("status", "label", "phase"), STATUSES)
    def test_of_words(self, status, label, phase):
        assert STATUS_OF_WORD[status] == STATUS_OF_WORD[label.lower()] == status


class TestWhichOneWins:
    def test_none_at_all_is_new(self):
        assert status_of(()) == ("new", None)
        assert status_of((said(1, None),)) == ("new", None)

    @pytest.mark.parametrize("weaker", FROM_WEAK_TO_STRONG)
    @pytest.mark.parametrize("stronger", FROM_WEAK_TO_STRONG)
    @pytest.mark.parametrize("minute", [-5, 0, 5])
    def test_a_final_one_else_the_highest_phase_whatever_its_datetime(
        self, weaker, stronger, minute
    ):
        rank = FROM_WEAK_TO_STRONG.index
        if rank(weaker) >= rank(stronger):
            return
        found, delivered_at = status_in_any_order(said(1, weaker), said(2, stronger, minute))
        assert found == stronger
        assert delivered_at == (at(minute) if stronger == "delivered" else None)

    @pytest.mark.parametrize("one", ["out_for_delivery", "delivery_failed", "ready_for_collection"])
    @pytest.mark.parametrize(
        "other", ["out_for_delivery", "delivery_failed", "ready_for_collection"]
    )
    def test_in_one_phase_the_latest_datetime(self, one, other):
        assert status_in_any_order(said(1, one, 1), said(2, other, 2)) == (other, None)

    def test_at_one_moment_the_later_row_of_the_table(self):
        rows = [said(1, "out_for_delivery"), said(2, "delivery_failed")]
        assert status_in_any_order(*rows) == ("delivery_failed", None)
        assert status_in_any_order(*rows, said(3, "ready_for_collection")) == (
            "ready_for_collection",
            None,
        )

    def test_the_earliest_delivery_counts(self):
        rows = said(1, "delivered", 9), said(2, "delivered", 3), said(3, "out_for_delivery", 20)
        assert status_in_any_order(*rows) == ("delivered", at(3))

    def test_what_is_said_without_a_status_moves_nothing(self):
        assert status_in_any_order(said(1, "pickup"), said(2, None, 90)) == ("pickup", None)


class TestRetractions:
    def test_take_an_update_out(self):
        rows = (said(1, "pickup"), said(2, "delivered"), said(3, None, 5, retracts=2))
        assert status_in_any_order(*rows) == ("pickup", None)

    def test_of_the_earliest_delivery_leaves_the_next(self):
        rows = (said(1, "delivered", 3), said(2, "delivered", 9), said(3, None, retracts=1))
        assert status_in_any_order(*rows) == ("delivered", at(9))

    def test_may_say_something_themselves(self):
        rows = (said(1, "delivered"), said(2, "delivery_failed", 1, retracts=1))
        assert status_in_any_order(*rows) == ("delivery_failed", None)

    def test_may_be_retracted_and_that_again(self):
        chain = [said(1, "delivered"), *(said(n, None, n, retracts=n - 1) for n in range(2, 6))]
        for length in range(1, 6):
            expected = ("delivered", at(0)) if length % 2 else ("new", None)
            assert status_in_any_order(*chain[:length]) == expected

    def test_two_of_one_update_both_have_to_be_retracted(self):
        rows = [
            said(1, "delivered"),
            said(2, None, 1, retracts=1),
            said(3, None, 2, retracts=1),
            said(4, None, 3, retracts=2),
        ]
        assert status_in_any_order(*rows) == ("new", None)
        assert status_in_any_order(*rows, said(5, None, 4, retracts=3)) == ("delivered", at(0))

    def test_what_stands(self):
        rows = (said(1, "delivered"), said(2, None, retracts=1), said(3, "lost"))
        assert [update.update_number for update in standing(rows)] == [2, 3]


class TestFinalSince:
    def test_from_the_earliest_standing_update_of_that_status(self):
        life = an_order()
        number = life.ship()
        life.scan(number, "pickup", at(5))
        assert final_since(life.parcel_of(number)) is None
        life.scan(number, "lost", at(7))
        assert final_since(life.parcel_of(number)) == at(7)
        mistake = life.deliver(number, at(6))
        life.deliver(number, at(9))
        assert final_since(life.parcel_of(number)) == at(6)
        life.scan(number, None, retracts=mistake)
        assert final_since(life.parcel_of(number)) == at(9)


class TestRecording:
    def test_the_update_is_kept_as_it_was_given(self):
        life = an_order()
        parcel = life.ship()
        said = {"utc_offset": 60, "location": "Berlin", "description": "At the hub"}
        number = life.scan(parcel, "hub_scan", at(-90), at=at(20), **said)
        (update,) = life.parcel_of(parcel).updates
        assert update == CarrierUpdate(
            number, "hub_scan", at(-90), 60, "Berlin", "At the hub", None, at(20)
        )

    def test_the_same_again_is_replayed(self):
        life = an_order()
        parcel = life.ship()
        said = {"location": "Berlin", "description": "At the hub"}
        number = life.scan(parcel, "hub_scan", at(5), **said)
        before = life.order
        again = life.do(life.update(parcel, "hub_scan", at(5), utc_offset=60, **said))
        assert (again.replayed, again.subject, again.events) == (True, number, ())
        assert life.order is before

    @pytest.mark.parametrize(
        ("status", "minute", "more"),
        [
            ("pickup", 5, {"location": "Berlin"}),
            (None, 5, {"location": "Berlin"}),
            ("hub_scan", 6, {"location": "Berlin"}),
            ("hub_scan", 5, {"location": "Wien"}),
            ("hub_scan", 5, {}),
            ("hub_scan", 5, {"location": "Berlin", "description": "x"}),
        ],
    )
    def test_anything_else_is_another_update(self, status, minute, more):
        life = an_order()
        parcel = life.ship()
        life.scan(parcel, "hub_scan", at(5), location="Berlin")
        assert not life.do(life.update(parcel, status, at(minute), **more)).replayed
        assert len(life.parcel_of(parcel).updates) == 2

    def test_what_another_parcel_was_said_is_not_the_same(self):
        life = an_order()
        first, second = life.ship("A"), life.ship("B")
        life.scan(first, "pickup", at(5))
        assert not life.do(life.update(second, "pickup", at(5))).replayed

    def test_a_repeat_of_what_was_retracted_stays_retracted(self):
        life = an_order()
        parcel = life.ship()
        mistake = life.deliver(parcel, at(5))
        life.scan(parcel, None, at(6), retracts=mistake)
        assert life.do(life.update(parcel, "delivered", at(5))).replayed
        assert life.parcel_of(parcel).status == "new"

    @pytest.mark.parametrize("ahead", [DAY, DAY + 1])
    def test_no_more_than_24_hours_ahead(self, ahead):
        life = an_order()
        parcel = life.ship()
        now = at(50)
        command = life.update(parcel, "delivered", now + ahead)
        if ahead == DAY:
            life.do(command, now)
            assert life.datetimes["completed"] == now + DAY
            return
        refusal = life.refused(command, now)
        assert refusal.kind == "invalid"
        assert [line.property_path for line in refusal.violations] == ["datetime"]
        assert life.parcel_of(parcel).updates == ()

    def test_a_retraction_names_an_update_of_the_same_parcel(self):
        life = an_order()
        first, second = life.ship("A"), life.ship("B")
        number = life.scan(first, "pickup")
        for target in (number, 1):
            refusal = life.refused(life.update(second, None, at(5), retracts=target))
            assert refusal.kind == "invalid"
            assert [line.property_path for line in refusal.violations] == ["retracts"]

    def test_for_an_unknown_parcel_it_is_missing(self):
        life = an_order()
        refusal = life.refused(life.update(1, "pickup", at(0)))
        assert (refusal.kind, refusal.code) == ("missing", "shipment_not_found")

    def test_delivered_after_returned_to_sender_wins(self):
        life = an_order()
        parcel = life.ship()
        life.scan(parcel, "returned_to_sender", at(5))
        life.deliver(parcel, at(4))
        assert life.order.state == "completed"


# Any set of updates, in any order, with any repeats.


class Told(tuple):
    """(parcel, status, minute, location, retracts): which one is its place in the list."""

    __slots__ = ()


@st.composite
def sets_of_updates(draw) -> list[Told]:
    statuses = [None, "delivered", "delivered", *(status for status, _, _ in STATUSES)]
    told: list[Told] = []
    for _ in range(draw(st.integers(1, 7))):
        parcel = draw(st.integers(0, 1))
        earlier = [place for place, line in enumerate(told) if line[0] == parcel]
        line = Told(
            (
                parcel,
                draw(st.sampled_from(statuses)),
                draw(st.integers(90, 93)),
                draw(st.sampled_from([None, "", "Berlin"])),
                draw(st.one_of(st.none(), st.sampled_from(earlier))) if earlier else None,
            )
        )
        if line not in told:  # the same is the same update
            told.append(line)
    return told


@st.composite
def arrivals(draw, told: list[Told]) -> list[int]:
    """The places of all updates, each after what it retracts, some of them repeatedly."""
    order: list[int] = []
    waiting = list(range(len(told)))
    while waiting:
        ready = [place for place in waiting if told[place][4] is None or told[place][4] in order]
        order.append(draw(st.sampled_from(ready)))
        waiting.remove(order[-1])
        if draw(st.booleans()):
            order.append(draw(st.sampled_from(order)))
    return order


def outcome(told: list[Told], order: list[int], boarding: bool | None) -> tuple:
    """What is left of it, apart from the moments at which it was recorded."""
    life = Life()
    life.create(promised_delivery_date=at(91), boarding_complete=boarding)
    parcels = life.ship("A"), life.ship("B")
    for place in order:
        parcel, status, minute, location, retracts = told[place]
        moment = at(minute)
        target = None if retracts is None else 7000 + retracts
        command = life.update(parcels[parcel], status, moment, location=location, retracts=target)
        life.do(replace(command, update_number=7000 + place))
    life.wait(at(1000))
    return (
        [(parcel.status, parcel.delivered_at) for parcel in life.order.shipments],
        life.order.state,
        [(line.entry, line.state, line.datetime) for line in life.order.history],
        life.order.delayed_at,
    )


@settings(max_examples=300, deadline=None)
@given(st.data(), st.sampled_from([None, True, False]))
def test_any_order_with_any_repeats_ends_in_the_same_order(data, boarding):
    told = data.draw(sets_of_updates())
    as_told = outcome(told, list(range(len(told))), boarding)
    assert outcome(told, data.draw(arrivals(told)), boarding) == as_told


def test_that_covers_completion_delay_and_what_is_neither():
    delivered = [Told((0, "delivered", 90, None, None)), Told((1, "delivered", 92, None, None))]
    _, state, history, delayed_at = outcome(delivered, [1, 0, 1], None)
    assert (state, delayed_at) == ("completed", at(91))
    assert history[-1] == (3, "completed", at(92))
    taken_back = [*delivered, Told((1, None, 93, None, 1))]
    assert outcome(taken_back, [0, 1, 2, 1], None)[1:] == (
        "shipped",
        [(1, "new", at(0)), (2, "shipped", at(0) + MINUTE)],
        at(91),
    )
