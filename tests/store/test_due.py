"""The instants that rows keep for the watch say exactly when the clock alone changes an order."""

from hypothesis import given, settings
from hypothesis import strategies as st

from doorstep.domain.decide import as_of_now
from doorstep.domain.order import Instant, Order
from doorstep.store.rows import order_row, shipment_row
from tests.domain.builders import DAY, START, Life, at
from tests.domain.test_histories import command_of, order_changes, people, timed_steps


def due_at(order: Order, untrackable_days: int | None) -> Instant | None:
    """The first instant at which something is due, by the columns that the watch reads."""
    late_after = order_row(1, order)["late_after"]
    instants = [] if late_after is None else [late_after + 1]
    if untrackable_days is not None:
        key = {"account_id": 1, "order_number": order.order_number}
        rows = [shipment_row(key, parcel) for parcel in order.shipments]
        planned = [row["delivery_assumed_from"] for row in rows]
        instants += [at + untrackable_days * DAY for at in planned if at is not None]
    return min(instants, default=None)


@settings(max_examples=100, deadline=None)
@given(order_changes, people, timed_steps, st.sampled_from([None, 0, 1]), st.data())
def test_an_order_changes_by_itself_when_its_rows_say_so(
    given_first, person, steps, untrackable_days, data
):
    life = Life(untrackable_days)
    life.create(at=START, recipient=person, **{k: v for k, v in given_first.items() if v})
    for step, pause in steps:
        life.try_(command_of(life, step), life.now + pause)
        if life.present is None:
            return
        due = due_at(life.order, untrackable_days)
        near = [due - 1, due, due + 1] if due is not None else [at(100)]
        now = data.draw(
            st.sampled_from([instant for instant in near if instant >= life.now] or [life.now])
        )
        changed = as_of_now(life.order, now, untrackable_days) != life.order
        assert changed == (due is not None and now >= due)
