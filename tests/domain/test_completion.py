"""Shipped and completed follow the counted shipments and nothing else."""

from itertools import product
from typing import NamedTuple

import pytest

from doorstep.domain.commands import RemoveShipment, UpdateOrder
from tests.domain.builders import DAY, Life, an_order, an_order_in, at


class Parcel(NamedTuple):
    returns: bool
    delivered: bool
    counted: bool


def expected_state(boarding: bool | None, parcels: list[Parcel]) -> str:
    """The rule again, in its own words: API, section 6."""
    travelling = [parcel for parcel in parcels if not parcel.returns]
    if travelling == []:
        travelling = parcels
    on_the_way = home = 0
    for parcel in travelling:
        if parcel.counted and parcel.delivered:
            home += 1
        elif parcel.counted:
            on_the_way += 1
    if on_the_way + home == 0:
        return "new"
    return "shipped" if on_the_way or boarding is False else "completed"


def parcels_of(delivered: str, returns: str, taken_out: str) -> list[Parcel]:
    first = delivered in ("some", "all")
    second = delivered == "all"
    only = returns == "only"
    parcels = [
        Parcel(only, first, counted=taken_out != "all"),
        Parcel(only, second, counted=taken_out == "none"),
    ]
    if returns == "some":
        parcels += [Parcel(True, False, True), Parcel(True, True, True)]
    return parcels


TRUTH_TABLE = [
    (boarding, parcels_of(delivered, returns, taken_out))
    for boarding, delivered, returns, taken_out in product(
        (None, True, False),
        ("none", "some", "all"),
        ("none", "some", "only"),
        ("none", "the missing one", "all"),
    )
]


def test_the_oracle_by_hand():
    def of(boarding, *words):
        return expected_state(boarding, [Parcel("r" in w, "d" in w, "x" not in w) for w in words])

    assert of(None) == "new"
    assert of(None, "") == of(True, "d", "") == of(False, "d") == of(None, "", "rd") == "shipped"
    assert (
        of(None, "d") == of(True, "d", "d") == of(None, "d", "r") == of(True, "rd") == "completed"
    )
    assert of(None, "d", "x") == of(None, "rd", "rx") == "completed"
    assert of(None, "dx", "x") == of(None, "x", "rd") == of(None, "rdx") == "new"
    assert {expected_state(*row) for row in TRUTH_TABLE} == {"new", "shipped", "completed"}
    assert len(TRUTH_TABLE) == 81


@pytest.mark.parametrize("order_of_steps", range(4))
@pytest.mark.parametrize(("boarding", "parcels"), TRUTH_TABLE)
def test_truth_table(boarding, parcels, order_of_steps):
    """The same parcels, whatever comes first: the boarding, the counting or the deliveries."""
    board_late, count_late = order_of_steps & 1, order_of_steps & 2
    life = an_order() if board_late else an_order(boarding_complete=boarding)
    numbers = []
    for place, parcel in enumerate(parcels):
        counted = {} if count_late else {"counted": parcel.counted}
        numbers.append(life.ship(f"P{place}", return_parcel=parcel.returns, **counted))
    if board_late:
        life.put(boarding_complete=boarding)
    if count_late:
        for number, parcel in zip(numbers, parcels, strict=True):
            if not parcel.counted:
                life.put_shipment(number, counted=False)
    for number, parcel in zip(numbers, parcels, strict=True):
        if parcel.delivered:
            life.deliver(number)
    state = expected_state(boarding, parcels)
    assert life.order.state == state
    assert (
        life.states
        == {
            "new": ["new"],
            "shipped": ["new", "shipped"],
            "completed": ["new", "shipped", "completed"],
        }[state]
    )


def two_parcels(**given) -> tuple[Life, int, int]:
    """The first delivered at minute 30 and reported at 40, the second on its way."""
    life = an_order(**given)
    first = life.ship("A")
    second = life.ship("B")
    life.deliver(first, at(30), at=at(40))
    return life, first, second


def assert_completed(life: Life, moment: int) -> None:
    assert life.order.state == "completed"
    assert life.states[-1] == "completed"
    assert life.order.history[-1].datetime == moment
    assert life.dated_events[-1] == ("order.completed", moment)


def assert_back_to_shipped(life: Life) -> None:
    assert life.order.state == "shipped"
    assert life.states == ["new", "shipped"]
    assert life.events[-1] == "order.state_changed"


class TestShipped:
    def test_with_the_first_parcel_at_the_moment_it_was_handed_over(self):
        life = an_order()
        life.ship("A", at=at(7))
        life.ship("B", at=at(9))
        assert life.states == ["new", "shipped"]
        assert life.datetimes["shipped"] == at(7)
        assert life.events.count("order.shipped") == 1

    @pytest.mark.parametrize(
        "state", ["new", "paid", "in_production", "warehouse_handover", "in_preparation"]
    )
    def test_from_every_state_before(self, state):
        life = an_order_in(state)
        before = life.states
        life.ship()
        assert life.states == [*before, "shipped"]

    def test_a_parcel_that_is_not_counted_ships_nothing(self):
        life = an_order()
        number = life.ship(counted=False)
        assert life.order.state == "new"
        life.put_shipment(number, counted=True, at=at(8))
        assert life.order.state == "shipped"
        assert life.datetimes["shipped"] == at(8)

    def test_a_return_parcel_counts_while_there_is_no_outbound_one(self):
        life = an_order()
        life.ship(return_parcel=True)
        assert life.order.state == "shipped"

    @pytest.mark.parametrize("status", ["lost", "returned_to_sender", "ready_for_collection"])
    def test_what_is_not_delivered_does_not_complete(self, status):
        life = an_order()
        life.scan(life.ship(), status)
        assert life.order.state == "shipped"


class TestCompleted:
    def test_at_the_moment_of_the_last_delivery_not_of_its_report(self):
        life, _, second = two_parcels()
        life.deliver(second, at(20), at=at(50))
        assert_completed(life, at(30))

    def test_by_boarding_complete_in_that_call(self):
        life = an_order(boarding_complete=False)
        life.deliver(life.ship(), at(5), at=at(6))
        assert life.order.state == "shipped"
        life.put(boarding_complete=True, at=at(90))
        assert_completed(life, at(5))

    def test_by_clearing_boarding_complete(self):
        life = an_order(boarding_complete=False)
        life.deliver(life.ship(), at(5), at=at(6))
        life.put(boarding_complete=None)
        assert_completed(life, at(5))

    def test_by_removing_the_missing_parcel(self):
        life, _, second = two_parcels()
        life.remove_shipment(second)
        assert_completed(life, at(30))

    def test_by_taking_out_the_missing_parcel(self):
        life, _, second = two_parcels()
        life.put_shipment(second, counted=False)
        assert_completed(life, at(30))

    def test_by_taking_out_the_missing_parcel_after_its_scan(self):
        life, _, second = two_parcels()
        life.scan(second, "lost")
        life.put_shipment(second, counted=False)
        assert_completed(life, at(30))

    def test_by_calling_the_missing_parcel_a_return(self):
        life, _, second = two_parcels()
        life.put_shipment(second, return_parcel=True)
        assert_completed(life, at(30))

    def test_in_one_command_with_shipped(self):
        life = an_order()
        number = life.ship(counted=False)
        life.deliver(number, at(3), at=at(4))
        life.put_shipment(number, counted=True, at=at(10))
        assert_completed(life, at(3))
        assert life.states == ["new", "shipped", "completed"]
        assert life.datetimes["shipped"] == at(10)

    def test_older_than_the_parcel_and_the_order(self):
        life = an_order()
        life.deliver(life.ship(), at(-10 * 1440))
        assert_completed(life, at(-10 * 1440))


class TestTakenBack:
    def test_by_a_new_parcel(self):
        life = an_order_in("completed")
        life.ship("second")
        assert_back_to_shipped(life)

    def test_and_completed_again_has_one_entry_and_two_events(self):
        life = an_order_in("completed")
        second = life.ship("second")
        life.deliver(second, at(60), at=at(61))
        assert_completed(life, at(60))
        assert life.states == ["new", "shipped", "completed"]
        assert [line.entry for line in life.order.history] == [1, 2, 3]
        assert life.events.count("order.completed") == 2

    def test_by_counting_a_parcel_that_was_taken_out(self):
        life, _, second = two_parcels()
        life.put_shipment(second, counted=False)
        life.put_shipment(second, counted=True)
        assert_back_to_shipped(life)

    def test_by_a_retracted_delivery(self):
        life = an_order()
        number = life.ship()
        mistake = life.deliver(number)
        life.scan(number, None, retracts=mistake)
        assert_back_to_shipped(life)

    def test_by_the_first_outbound_parcel_beside_delivered_returns(self):
        life = an_order()
        life.deliver(life.ship("label", return_parcel=True))
        assert life.order.state == "completed"
        life.ship("outbound")
        assert_back_to_shipped(life)

    @pytest.mark.parametrize("parcel", [{"return_parcel": True}, {"counted": False}])
    def test_not_by_a_parcel_that_does_not_count(self, parcel):
        life = an_order_in("completed")
        life.ship("second", **parcel)
        assert life.states == ["new", "shipped", "completed"]
        assert life.order.state == "completed"


class TestNothingCountsAnyMore:
    """The order goes back before shipping; `shipped` is withdrawn, the log keeps it."""

    @pytest.mark.parametrize(
        "state", ["new", "paid", "in_production", "warehouse_handover", "in_preparation"]
    )
    def test_the_last_counted_parcel_removed(self, state):
        life = an_order_in(state)
        before = life.order.history
        number = life.ship()
        life.remove_shipment(number)
        assert life.order.state == state
        assert life.order.history == before
        assert life.events[-4:] == [
            "shipment.created",
            "order.shipped",
            "shipment.deleted",
            "order.state_changed",
        ]

    def test_the_last_counted_parcel_taken_out(self):
        life = an_order_in("paid")
        life.put_shipment(life.ship(), counted=False)
        assert (life.order.state, life.states) == ("paid", ["new", "paid"])

    def test_of_a_completed_order_both_entries_are_withdrawn(self):
        life = an_order_in("paid")
        number = life.ship()
        life.deliver(number)
        life.put_shipment(number, counted=False)
        assert (life.order.state, life.states) == ("paid", ["new", "paid"])

    def test_only_the_last_one(self):
        life = an_order()
        first, second = life.ship("A"), life.ship("B")
        life.remove_shipment(first)
        assert life.order.state == "shipped"
        life.remove_shipment(second)
        assert life.states == ["new"]

    def test_it_ships_again_at_the_new_moment(self):
        life = an_order()
        life.remove_shipment(life.ship("A", at=at(5)))
        life.ship("B", at=at(50))
        assert life.states == ["new", "shipped"]
        assert life.datetimes["shipped"] == at(50)

    def test_a_label_that_is_left_counts_as_the_parcel(self):
        life = an_order()
        outbound = life.ship("A")
        life.ship("label", return_parcel=True)
        life.remove_shipment(outbound)
        assert life.order.state == "shipped"

    def test_beside_an_outbound_parcel_that_was_taken_out_labels_do_not_count(self):
        life = an_order()
        outbound = life.ship("A")
        label = life.ship("label", return_parcel=True)
        life.put_shipment(outbound, counted=False)
        assert life.order.state == "new"
        life.deliver(label)
        assert life.states == ["new"]


class TestCorrections:
    def test_an_earlier_delivery_that_arrives_late_moves_the_completed_entry(self):
        life = an_order()
        number = life.ship()
        life.deliver(number, at(60), at=at(70))
        life.deliver(number, at(50), at=at(80))
        assert life.parcel_of(number).delivered_at == at(50)
        assert life.datetimes["completed"] == at(50)
        assert life.states == ["new", "shipped", "completed"]
        assert life.events[-2:] == ["shipment.delivered", "order.completion_corrected"]

    def test_a_later_one_moves_nothing(self):
        life = an_order()
        number = life.ship()
        life.deliver(number, at(50), at=at(70))
        before = life.datetimes
        life.deliver(number, at(60), at=at(80))
        assert (life.datetimes, life.parcel_of(number).delivered_at) == (before, at(50))

    def test_taking_out_the_parcel_that_came_last_moves_the_entry(self):
        life, _, second = two_parcels()
        life.deliver(second, at(45))
        assert_completed(life, at(45))
        life.put_shipment(second, counted=False)
        assert life.datetimes["completed"] == at(30)
        assert life.order.state == "completed"


class TestFinalStates:
    @pytest.mark.parametrize("state", ["cancelled", "returned", "refunded"])
    def test_a_delivery_moves_the_parcel_alone(self, state):
        life = an_order_in("new")
        number = life.ship("A", counted=state != "cancelled")
        life.report("returned" if state == "returned" else "refunded" if state == "refunded" else
                    "cancelled")  # fmt: skip
        before = life.order.history
        life.deliver(number)
        assert life.parcel_of(number).status == "delivered"
        assert (life.order.state, life.order.history) == (state, before)

    def test_a_corrected_delivery_leaves_the_entries_of_a_returned_order(self):
        life = an_order()
        number = life.ship()
        life.deliver(number, at(60), at=at(61))
        life.report("returned")
        before = life.order.history
        life.deliver(number, at(50))
        assert life.parcel_of(number).delivered_at == at(50)
        assert life.order.history == before

    @pytest.mark.parametrize("state", ["cancelled", "returned", "refunded"])
    def test_boarding_complete_false_is_accepted_without_effect(self, state):
        life = an_order_in(state)
        before = life.order.history
        life.put(boarding_complete=False)
        assert life.order.boarding_complete is False
        assert (life.order.state, life.order.history) == (state, before)

    @pytest.mark.parametrize("state", ["returned", "refunded"])
    def test_they_do_not_go_back_before_shipping(self, state):
        life = an_order()
        number = life.ship()
        life.report(state)
        life.remove_shipment(number)
        assert (life.order.state, life.states) == (state, ["new", "shipped", state])


def test_boarding_complete_false_on_a_completed_order_changes_nothing():
    life = an_order_in("completed")
    before = life.order
    refusal = life.refused(UpdateOrder({"boarding_complete": False, "language": "fr"}))
    assert (refusal.kind, refusal.code) == ("conflict", "order_completed")
    assert [line.property_path for line in refusal.violations] == ["boarding_complete"]
    assert life.order is before


def test_a_scanned_parcel_is_not_removed():
    life = an_order_in("completed")
    number = life.order.shipments[0].shipment_number
    refusal = life.refused(RemoveShipment(number))
    assert (refusal.kind, refusal.code) == ("conflict", "shipment_scanned")
    assert life.order.state == "completed"


class TestUntracked:
    """`trackable` false: delivered when reported, or so many days after its planned pickup."""

    def test_off_by_default(self):
        life = an_order()
        life.ship(trackable=False, planned_pickup_datetime=at(0))
        life.wait(at(0) + 400 * DAY)
        assert life.order.state == "shipped"

    @pytest.mark.parametrize(("late", "state"), [(-1, "shipped"), (0, "completed")])
    def test_delivered_at_that_very_moment(self, late, state):
        life = Life(untrackable_days=3)
        life.create()
        life.ship(trackable=False, planned_pickup_datetime=at(60))
        life.wait(at(60) + 3 * DAY + late)
        assert life.order.state == state

    def test_dated_when_it_was_due_not_when_it_was_noticed(self):
        life = Life(untrackable_days=3)
        life.create()
        number = life.ship(trackable=False, planned_pickup_datetime=at(60))
        life.wait(at(60) + 50 * DAY)
        due_at = at(60) + 3 * DAY
        assert_completed(life, due_at)
        assert life.parcel_of(number).delivered_at == due_at
        assert life.dated_events[-4:] == [
            ("carrier_update.recorded", due_at),
            ("shipment.status_changed", due_at),
            ("shipment.delivered", due_at),
            ("order.completed", due_at),
        ]

    @pytest.mark.parametrize(
        "parcel",
        [
            {"trackable": True, "planned_pickup_datetime": at(0)},
            {"trackable": False},
            {"planned_pickup_datetime": at(0)},
        ],
    )
    def test_only_without_tracking_and_with_a_pickup(self, parcel):
        life = Life(untrackable_days=3)
        life.create()
        life.ship(**parcel)
        life.wait(at(0) + 90 * DAY)
        assert life.order.state == "shipped"

    @pytest.mark.parametrize("status", ["lost", "returned_to_sender"])
    def test_not_what_the_carrier_says_is_final(self, status):
        life = Life(untrackable_days=3)
        life.create()
        number = life.ship(trackable=False, planned_pickup_datetime=at(0))
        life.scan(number, status)
        life.wait(at(0) + 90 * DAY)
        assert life.parcel_of(number).status == status

    def test_a_retracted_assumption_is_not_repeated(self):
        life = Life(untrackable_days=3)
        life.create()
        number = life.ship(trackable=False, planned_pickup_datetime=at(0))
        life.wait(at(0) + 4 * DAY)
        (assumed,) = life.parcel_of(number).updates
        life.scan(number, None, retracts=assumed.update_number)
        assert_back_to_shipped(life)
        life.wait(at(0) + 90 * DAY)
        assert life.order.state == "shipped"
        assert len(life.parcel_of(number).updates) == 2

    def test_an_earlier_report_counts(self):
        life = Life(untrackable_days=3)
        life.create()
        number = life.ship(trackable=False, planned_pickup_datetime=at(0))
        life.deliver(number, at(90))
        life.wait(at(0) + 9 * DAY)
        assert life.datetimes["completed"] == at(90)
        assert len(life.parcel_of(number).updates) == 1

    def test_in_the_call_that_hands_over_a_parcel_picked_up_long_ago(self):
        life = Life(untrackable_days=3)
        life.create()
        life.ship(trackable=False, planned_pickup_datetime=at(0) - 30 * DAY, at=at(5))
        assert_completed(life, at(0) - 27 * DAY)
        assert life.datetimes["shipped"] == at(5)
