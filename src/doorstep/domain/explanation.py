"""Why an order is where it is, as data, by the rules that decide of it."""

from collections.abc import Iterator

from doorstep.domain.decide.follow import assumed_deliveries
from doorstep.domain.order import SECOND, Instant, Order
from doorstep.domain.reasons import (
    Condition,
    DeliveryAssumed,
    Ended,
    LateSince,
    ParcelLost,
    ParcelReturnedToSender,
    Promised,
    PromiseKept,
    PromiseMissed,
    Reason,
    WaitsForBoardingComplete,
    WaitsForDeliveries,
    WaitsForFirstParcel,
)
from doorstep.domain.states import COMPLETED, OPEN, SHIPPED


def explanation(
    order: Order, now: Instant, untrackable_days: int | None = None
) -> tuple[Reason, ...]:
    """What the order waits for, in the order of telling; it must be up to `now` (`as_of_now`).

    `untrackable_days` is the account's, as for `decide`. An open order has a `Condition` at least,
    and is completed once none is left.
    """
    if order.state in OPEN:
        return (
            *_conditions(order),
            *_held_up(order),
            *_assumed(order, untrackable_days),
            *_open_promise(order, now),
        )
    return (Ended(order.state, order.history[-1].datetime), *_closed_promise(order))


def _conditions(order: Order) -> Iterator[Condition]:
    counted = order.counted_shipments
    missing = sum(not parcel.delivered for parcel in counted)
    if order.state != SHIPPED:
        yield WaitsForFirstParcel(len(order.shipments))
    elif missing:
        yield WaitsForDeliveries(missing, len(counted))
    if order.boarding_complete is False:
        yield WaitsForBoardingComplete()


def _held_up(order: Order) -> Iterator[Reason]:
    statuses = [parcel.status for parcel in order.counted_shipments]
    if lost := statuses.count("lost"):
        yield ParcelLost(lost)
    if returned := statuses.count("returned_to_sender"):
        yield ParcelReturnedToSender(returned)


def _assumed(order: Order, untrackable_days: int | None) -> Iterator[Reason]:
    if untrackable_days is None:
        return
    counted = {parcel.shipment_number for parcel in order.counted_shipments}
    due = [
        due_at
        for due_at, parcel in assumed_deliveries(order, untrackable_days)
        if parcel.shipment_number in counted
    ]
    if due:
        yield DeliveryAssumed(len(due), due[0])


def _open_promise(order: Order, now: Instant) -> Iterator[Reason]:
    if order.delayed_at is not None:
        yield LateSince(order.delayed_at, (now - order.delayed_at) // SECOND)
    elif order.promised_delivery_date is not None:
        yield Promised(order.promised_delivery_date)


def _closed_promise(order: Order) -> Iterator[Reason]:
    if order.delayed_at is not None:
        delivered_at = order.completed_at if order.state == COMPLETED else None
        late = None if delivered_at is None else (delivered_at - order.delayed_at) // SECOND
        yield PromiseMissed(order.delayed_at, late)
    elif order.promised_delivery_date is not None and order.state == COMPLETED:
        yield PromiseKept(order.promised_delivery_date)
