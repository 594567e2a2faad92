"""A shop's report of an order's progress."""

from doorstep.domain import events as e
from doorstep.domain.commands import ReportState
from doorstep.domain.decide.carrier_updates import MOST_AHEAD
from doorstep.domain.decide.draft import Draft
from doorstep.domain.order import Instant, Order, StateEntry
from doorstep.domain.refusals import Refusal, conflict, invalid
from doorstep.domain.states import (
    ORDER_STATES,
    PAID,
    PAID_AFTERWARDS,
    REFUNDED,
    REPORTABLE,
    SET_BY_DOORSTEP,
)


def report(draft: Draft, command: ReportState) -> Refusal | None:
    order = draft.order
    state, moment = command.state, command.datetime
    refusal = _unfit(state, moment, draft.now)
    if refusal is not None:
        return refusal
    known = _known(order, state, moment)
    if known is not None:
        draft.replay(known)
        return None
    reported = StateEntry(0, state, draft.now if moment is None else moment, command.location)
    draft.subject = reported
    if state == PAID and order.state in PAID_AFTERWARDS:
        draft.record(e.OrderPaid(reported.datetime, reported.location, afterwards=True))
        return None
    if state not in REPORTABLE[order.state]:
        return _forbidden(order, state)
    if state == REFUNDED and order.items:
        return conflict(
            "order_has_items",
            f"Order {order.order_id} has items: it is refunded when all of them are.",
            ("state", "follows from the items of this order."),
        )
    draft.record(_event(reported))
    return None


def _unfit(state: str, moment: Instant | None, now: Instant) -> Refusal | None:
    if state in SET_BY_DOORSTEP:
        return invalid(("state", f"{state} follows from the shipments and is never reported."))
    if state not in ORDER_STATES:
        return invalid(("state", f"is none of {', '.join(ORDER_STATES)}."))
    if moment is not None and moment > now + MOST_AHEAD:
        return invalid(("datetime", "is more than 24 hours ahead of the clock."))
    return None


def _known(order: Order, state: str, moment: Instant | None) -> StateEntry | None:
    """The entry of the history that the report repeats."""
    for line in order.history:
        if line.state == state and moment in (None, line.datetime):
            return line
    if state == PAID and order.paid_at is not None and order.state in PAID_AFTERWARDS:
        return StateEntry(0, PAID, order.paid_at, None) if moment in (None, order.paid_at) else None
    return None


def _event(reported: StateEntry) -> e.Event:
    moment, location = reported.datetime, reported.location
    match reported.state:
        case "paid":
            return e.OrderPaid(moment, location, afterwards=False)
        case "cancelled":
            return e.OrderCancelled(moment, location)
        case "returned":
            return e.OrderReturned(moment, location)
        case "refunded":
            return e.OrderRefunded(moment, location)
    return e.OrderStateChanged(reported.state, moment, location)


def reportable_states(order: Order) -> list[str]:
    """What a shop may report of the order as it is."""
    allowed = sorted(REPORTABLE[order.state], key=ORDER_STATES.index)
    if order.items and REFUNDED in allowed:
        allowed.remove(REFUNDED)
    if order.state in PAID_AFTERWARDS:
        allowed.insert(0, PAID)
    return allowed


def _forbidden(order: Order, state: str) -> Refusal:
    allowed = reportable_states(order)
    then = f"allows {', '.join(allowed)}" if allowed else "is final"
    return conflict(
        "state_not_allowed",
        f"Order {order.order_id} is {order.state}, which {then}; {state} was reported.",
        ("state", f"cannot follow {order.state}."),
    )
