"""Whatever is asked of an order: its log makes it again, and it is never at odds with itself."""

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from doorstep.domain import commands as c
from doorstep.domain.decide import as_of_now, decide
from doorstep.domain.events import EVENT_TYPES, OrderCreated
from doorstep.domain.evolve import evolve
from doorstep.domain.order import Order
from doorstep.domain.refusals import Refusal
from doorstep.domain.states import BY_ITSELF, REPORTABLE, SHIPMENT_STATUSES
from tests.domain.builders import DAY, MINUTE, START, Life, an_order, an_order_in, at, replayed

STATES = [
    "new", "paid", "in_production", "warehouse_handover", "in_preparation", "shipped",
    "completed", "cancelled", "returned", "refunded",
]  # fmt: skip

PERSONAL = "PERSONAL"
"""Every value that is personal holds this word."""

moments = st.integers(-5, 30).map(at)
maybe = st.one_of
nothing = st.none()
flags = st.sampled_from([None, True, False])
people = maybe(nothing, st.sampled_from("AB").map(lambda name: {"x": f"{PERSONAL} {name}"}))
some_fields = st.fixed_dictionaries(
    {}, optional={"comment": maybe(nothing, st.sampled_from("xy")), "weight": st.integers(1, 2)}
)
parcels_given = st.fixed_dictionaries(
    {"tracking_code": st.sampled_from("PQR")},
    optional={
        "reference_number": st.sampled_from("ST"),
        "return_parcel": st.booleans(),
        "counted": st.booleans(),
        "trackable": st.booleans(),
        "planned_pickup_datetime": moments,
        "local_delivery": st.booleans(),
        "comment": st.sampled_from("xy"),
    },
)
order_changes = st.fixed_dictionaries(
    {},
    optional={
        "boarding_complete": flags,
        "promised_delivery_date": maybe(nothing, moments),
        "order_tags": maybe(nothing, st.just({"a": "b"})),
        "language": maybe(nothing, st.sampled_from(["de", "fr"])),
    },
)
items_given = st.fixed_dictionaries(
    {"sku": st.sampled_from("AB")}, optional={"external_id": st.sampled_from("12")}
)
item_statuses = st.sampled_from(["new", "refunded", "refunded", "delivered"])
statuses = st.sampled_from([None, "delivered", "delivered", *SHIPMENT_STATUSES])
place = st.integers(0, 3)

# A step: what is asked for, and its values; places stand for the items, parcels and updates there.
steps = st.one_of(
    st.tuples(st.just("order"), order_changes, people),
    st.tuples(st.just("report"), st.sampled_from(STATES), maybe(nothing, moments)),
    st.tuples(st.just("add item"), items_given),
    st.tuples(st.just("item"), place, item_statuses),
    st.tuples(st.just("remove item"), place),
    st.tuples(st.just("ship"), parcels_given, people),
    st.tuples(st.just("parcel"), place, parcels_given, people),
    st.tuples(st.just("remove parcel"), place),
    st.tuples(st.just("scan"), place, statuses, moments, maybe(nothing, nothing, place)),
    st.tuples(st.just("scan"), place, statuses, moments, nothing),
    st.tuples(st.just("create"), order_changes, people),
    st.tuples(st.just("wait")),
)
timed_steps = st.lists(
    st.tuples(steps, st.sampled_from([0, 1, MINUTE, MINUTE, 10 * MINUTE])), max_size=14
)


def _number(parts: tuple, place: int, name: str) -> int:
    return getattr(parts[place % len(parts)], name) if parts else 1


def command_of(life: Life, step: tuple) -> c.Command:
    order = life.order
    match step:
        case ("order", changes, person):
            return c.UpdateOrder(changes, person if person else msgspec.UNSET)
        case ("report", state, moment):
            return c.ReportState(state, moment, "Berlin")
        case ("add item", fields):
            return c.AddItem(next(life.numbers), fields, most_items=4)
        case ("item", place, status):
            number = _number(order.items, place, "item_number")
            return c.ChangeItem(number, {"size": "M"} if place else {}, status)
        case ("remove item", place):
            return c.RemoveItem(_number(order.items, place, "item_number"))
        case ("ship", given, person):
            return life.parcel(None, recipient=person, **given)
        case ("parcel", place, changes, person):
            number = _number(order.shipments, place, "shipment_number")
            return life.shipment_change(number, recipient=person, **changes)
        case ("remove parcel", place):
            return c.RemoveShipment(_number(order.shipments, place, "shipment_number"))
        case ("scan", place, status, moment, retracted):
            number = _number(order.shipments, place, "shipment_number")
            parcel = order.shipment(number)
            updates = parcel.updates if parcel else ()
            target = _number(updates, retracted, "update_number") if retracted else None
            return life.update(number, status, moment, retracts=target)
        case ("create", given, person):
            return life.creation({k: v for k, v in given.items() if v is not None}, person)
    return c.BringUpToDate()


def assert_consistent(life: Life) -> None:
    order = life.order
    assert [line.entry for line in order.history] == list(range(1, len(order.history) + 1))
    assert order.history[0].state == "new"
    assert order.history[-1].state == order.state
    assert len(set(life.states)) == len(life.states)
    assert order.state == "refunded" or not (
        order.items and all(item.status == "refunded" for item in order.items)
    )
    if order.state not in ("cancelled", "returned", "refunded"):
        counted = [
            parcel
            for parcel in order.shipments
            if parcel.counted
            and (not parcel.return_parcel or all(other.return_parcel for other in order.shipments))
        ]
        home = [parcel.delivered_at for parcel in counted if parcel.status == "delivered"]
        promise = order.promised_delivery_date
        reference = life.now
        if not counted:
            assert order.state not in ("shipped", "completed")
        elif len(home) < len(counted) or order.boarding_complete is False:
            assert order.state == "shipped"
        else:
            assert order.state == "completed"
            reference = max(home)
            assert life.datetimes["completed"] == reference
        late = promise is not None and reference > promise
        assert order.delayed_at == (promise if late else None)
    for parcel in order.shipments:
        assert (parcel.delivered_at is None) == (parcel.status != "delivered")


def assert_moves_are_in_the_tables(life: Life) -> None:
    order: Order | None = None
    for event, recorded_at in life.log:
        before = order.state if order else None
        order = evolve(order, event, recorded_at)
        if order and before and order.state != before:
            assert order.state in REPORTABLE[before] | BY_ITSELF[before]


def without_people(order: Order) -> dict[str, Any]:
    return asdict(replace(order, recipients={}))


@settings(max_examples=300, deadline=None)
@given(order_changes, people, timed_steps, st.sampled_from([None, 0, 1]))
def test_any_sequence_of_commands(given_first, person, steps, untrackable_days):
    life = Life(untrackable_days)
    life.create(at=START, recipient=person, **{k: v for k, v in given_first.items() if v})
    for step, pause in steps:
        before, log_before, now = life.present, list(life.log), life.now + pause
        command = command_of(life, step)
        once = decide(before, command, now, untrackable_days)
        again = life.try_(command, now)
        assert once == again  # the same from the same
        if isinstance(again, Refusal):
            assert life.present is before
            assert life.log == log_before
            continue
        if not again.events:
            assert life.order == before
        assert as_of_now(life.order, now, untrackable_days) is life.order  # nothing is left to do
        assert_consistent(life)
    life.wait(life.now + 3 * DAY)
    assert_consistent(life)
    assert_moves_are_in_the_tables(life)
    assert without_people(replayed(life.log)) == without_people(life.order)
    written = msgspec.json.encode([event for event, _ in life.log]).decode()
    assert PERSONAL not in written


@settings(max_examples=100, deadline=None)
@given(order_changes, timed_steps, st.lists(st.integers(0, 200).map(at), max_size=4))
def test_the_watch_leaves_no_trace_in_the_log(given_first, steps, looks):
    """Without it, and with it at any moments, the same commands have the same log."""

    def log_of(looks):
        life = Life(untrackable_days=1)
        life.create(at=START, **{k: v for k, v in given_first.items() if v})
        clock = START
        for step, pause in steps:
            for look in sorted(looks):
                if clock < look <= clock + pause:
                    life.wait(look)
            clock += pause
            life.try_(command_of(life, step), clock)
        for look in sorted(looks):
            if look > clock:
                life.wait(look)
        life.wait(at(0) + 9 * DAY)
        return life.dated_events

    assert log_of(looks) == log_of([])


BEFORE_SHIPPING = ("new", "paid", "in_production", "warehouse_handover", "in_preparation")


def moves(life: Life) -> set[tuple[str, str]]:
    """From which state to which the order went, event by event."""
    found, order = set(), None
    for event, recorded_at in life.log:
        before, order = order, evolve(order, event, recorded_at)
        if before and order and before.state != order.state:
            found.add((before.state, order.state))
    return found


def test_every_move_that_the_tables_know_happens_and_no_other():
    happened = set()
    for state in BEFORE_SHIPPING:
        for ending in ("removed", "taken out"):
            life = an_order_in(state)
            reported = moves(life)
            number = life.ship("A")
            if ending == "removed":
                life.remove_shipment(number)
            else:
                life.deliver(number)
                life.deliver(life.ship("B"))
                for parcel in life.order.shipments:
                    life.put_shipment(parcel.shipment_number, counted=False)
            happened |= moves(life) - reported
    for state in STATES[:-1]:
        life = an_order_in(state, items=1)
        life.set_item(life.order.items[0].item_number, "refunded")
        happened.add((state, life.order.state))
    assert happened == {(state, after) for state in STATES for after in BY_ITSELF[state]}


class TestEvents:
    def test_each_type_has_its_name_once(self):
        assert len(EVENT_TYPES) == 22
        assert all(kind.type == name for name, kind in EVENT_TYPES.items())

    def test_an_order_deleted_leaves_nothing_and_takes_nothing_up(self):
        life = an_order()
        life.ship()
        log = list(life.log)
        life.do(c.DeleteOrder())
        assert replayed(life.log) is None
        assert evolve(None, log[1][0], at(9)) is None

    def test_numbers_come_back_as_they_were(self):
        life = an_order(order_items=[{"sku": "A", "weight": 180, "item_value": 29.99}])
        fields = replayed(life.log).items[0].fields
        assert (type(fields["weight"]), fields["weight"]) == (int, 180)
        assert fields["item_value"] == 29.99

    def test_the_person_is_named_by_version_only(self):
        life = an_order(recipient={"first_name": PERSONAL})
        created = life.log[0][0]
        assert isinstance(created, OrderCreated)
        assert created.recipient_version == 1
        assert life.order.recipients == {1: {"first_name": PERSONAL}}
        assert replayed(life.log).recipients == {}
